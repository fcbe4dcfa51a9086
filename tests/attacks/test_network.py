"""Attempts to reach anybody: a listener on every kind of address hears nothing, and no name is looked up.

The listeners are the test's own, outside the sandbox, on the loopback interface and on Unix sockets.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .conftest import Attacker

PLACES = ("tcp", "udp", "tcp6", "udp6", "unix", "unix_datagram", "abstract")
ABSTRACT = "\0nabla-attack-listener"


@dataclass
class Listeners:
    """Sockets that note whoever connects or sends."""

    sockets: dict[str, socket.socket] = field(default_factory=dict)

    def open(self, name: str, family: int, kind: int, address: object) -> None:
        made = self.sockets[name] = socket.socket(family, kind)
        made.setblocking(False)
        made.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            made.listen()

    def heard(self) -> list[str]:
        """Names of the sockets at which somebody waits."""
        with selectors.DefaultSelector() as selector:
            for name, made in self.sockets.items():
                selector.register(made, selectors.EVENT_READ, name)
            return [key.data for key, _ in selector.select(0.05)]

    def addresses(self) -> str:
        """The addresses as Python source."""
        return "".join(f"{name.upper()} = {made.getsockname()!r}\n" for name, made in self.sockets.items())


@pytest.fixture
def listeners(tmp_path: Path) -> Iterator[Listeners]:
    found = Listeners()
    loopback: dict[int, object] = {socket.AF_INET: ("127.0.0.1", 0), socket.AF_INET6: ("::1", 0)}
    for family, suffix in ((socket.AF_INET, ""), (socket.AF_INET6, "6")):
        if family == socket.AF_INET6 and not _has_ipv6():
            found.sockets["tcp6"], found.sockets["udp6"] = found.sockets["tcp"].dup(), found.sockets["udp"].dup()
            continue
        found.open(f"tcp{suffix}", family, socket.SOCK_STREAM, loopback[family])
        found.open(f"udp{suffix}", family, socket.SOCK_DGRAM, loopback[family])
    found.open("unix", socket.AF_UNIX, socket.SOCK_STREAM, str(tmp_path / "s"))
    found.open("unix_datagram", socket.AF_UNIX, socket.SOCK_DGRAM, str(tmp_path / "d"))
    found.open("abstract", socket.AF_UNIX, socket.SOCK_STREAM, ABSTRACT)
    yield found
    for made in found.sockets.values():
        made.close()


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as made:
            made.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(TCP, timeout=1)",
        "socket.socket().connect(TCP)",
        "s = socket.socket(); s.setblocking(False); s.connect_ex(TCP) and s.fileno() + socket.socket().connect(TCP)",
        "socket.socket(socket.AF_INET6).connect(TCP6)",
        "socket.socket().sendto(b'canary', 0x20000000, TCP)  # TCP Fast Open: connects without connect",
        "socket.socket().sendmsg([b'canary'], [], 0x20000000, TCP)",
        "s = socket.socket(); s.setsockopt(6, 30, 1); s.connect(TCP); s.send(b'canary')",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(TCP)  # multipath TCP",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'canary', UDP)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'canary'], [], 0, UDP)",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'canary', UDP6)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).sendto(b'canary', UDP)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1).sendto(b'canary', UDP)  # ping",
        "socket.socket(socket.AF_UNIX).connect(UNIX)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'canary', UNIX_DATAGRAM)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendmsg([b'canary'], [], 0, UNIX_DATAGRAM)",
        "os.symlink(UNIX, 'link'); socket.socket(socket.AF_UNIX).connect('link')",
        "socket.socket(socket.AF_UNIX).connect(ABSTRACT)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'canary', ABSTRACT)",
        "socket.socket().bind(('127.0.0.1', 0))",
        "socket.socket().listen()",
        "s = socket.socket(socket.AF_UNIX); s.bind('here'); s.listen()",
        "socket.getaddrinfo('example.org', 80)",
        "import urllib.request; urllib.request.urlopen('http://%s:%d/canary' % TCP, timeout=1)",
        "import subprocess; subprocess.run(['bash', '-c', 'echo canary > /dev/tcp/%s/%d' % TCP], check=True)",
        "import asyncio; asyncio.run(asyncio.open_connection(*TCP))",
        "call(425, 8, ctypes.create_string_buffer(120))  # io_uring: the ring makes calls that no filter sees",
        "socket.socket(16, 3, 0)  # netlink: names and addresses of the machine",
        "socket.socket(40, 1, 0)  # vsock",
        "socket.socket(38, 5, 0)  # the kernel's cryptography",
        "socket.socket(17, 3, 0)  # raw packets",
        "socket.socket(44, 3, 0)  # XDP",
        "socket.socket(31, 3, 1)  # Bluetooth",
        "socket.socket(29, 3, 1)  # CAN",
    ],
)
def test_a_submission_reaches_nobody(attack: Attacker, listeners: Listeners, code: str) -> None:
    assert attack.tried(listeners.addresses() + code) != "worked"
    assert listeners.heard() == []


def test_the_listeners_would_have_heard(listeners: Listeners) -> None:
    with socket.create_connection(listeners.sockets["tcp"].getsockname()):
        assert listeners.heard() == ["tcp"]


def test_processes_of_one_submission_may_talk_to_each_other(attack: Attacker) -> None:
    code = """
    a, b = socket.socketpair()
    if os.fork() == 0:
        b.send(b"hello"); os._exit(0)
    assert a.recv(9) == b"hello"
    import asyncio
    assert asyncio.run(asyncio.to_thread(abs, -1)) == 1
    """
    assert attack.tried(code) == "worked"
