"""The zygote: imports the framework once, then forks one process for each submission. Never reads a submission.

Commands come on descriptor 0, 40 bytes each: ``F`` and the name of a channel, to fork; ``D``, to warm what figures use.
The answer on descriptor 1 is 16 bytes: the child's pid, or ``warm``. End of file ends the zygote and its children.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from . import privileges, torch_start, wire

if TYPE_CHECKING:
    from . import shell

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def prepare(settings: dict) -> shell.Shell:
    """Import what submissions will use, and warm it."""
    os.umask(0o077)
    preload(settings["preload"], autograd=not settings["accelerator"])
    from . import shell  # IPython, which frameworks don't need

    ipython = shell.make_shell()
    shell.warm(ipython)
    importlib.import_module(f"{__package__}.child")
    return ipython


def serve(settings: dict, ipython: shell.Shell) -> NoReturn:
    """Say that it is ready, then fork on command."""
    from . import shell  # imported already, by `prepare`

    confine = confiner(settings)
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    os.register_at_fork(after_in_child=be_noticed)
    signal.signal(signal.SIGTERM, end)
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)  # and not SIGKILL: what submissions left must go first
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel; they take the default back
    if settings["level"] != "none":
        privileges.give_up()
    gc.freeze()
    gc.enable()
    answer(f"ready {os.getpid()}")
    while True:
        command = read_command()
        if command.startswith(b"D"):
            shell.warm_drawing(ipython)
            answer("warm")
            continue
        name = command[1:].decode("ascii").strip()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            become(ipython, settings["channels"], name, confine)
        answer(str(pid))


def be_noticed() -> None:
    """Make a call that sandlock sees: it frees the slot of a killed process only if it has seen it alive."""
    os.path.exists("/")


def become(ipython: shell.Shell, channels: str, name: str, confine: Callable[[str], None]) -> NoReturn:
    """Run the child's part; whatever happens, this process never returns to the zygote's loop."""
    from . import child

    try:
        child.start(ipython, channels, name, confine)
    except BaseException as error:
        os.write(2, f"runner: {type(error).__name__}: {error}\n".encode(errors="replace"))
    finally:
        os._exit(70)


def read_command() -> bytes:
    """Exactly one command; ends the process at end of file."""
    data = b""
    while len(data) < wire.COMMAND_BYTES:
        part = os.read(0, wire.COMMAND_BYTES - len(data))
        if not part:
            end()
        data += part
    return data


def end(*_: object) -> NoReturn:
    """End this process and whatever submissions have left in its process group: the judge may have been killed."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def answer(text: str) -> None:
    """Write one fixed-size answer."""
    os.write(1, text.encode("ascii").ljust(wire.ANSWER_BYTES))


def prctl(option: int, value: int) -> None:
    """Set a process option of the kernel's."""
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def preload(names: list[str], *, autograd: bool) -> None:
    """Import ``names``, and pay for the first uses of what they are."""
    for name in names:
        importlib.import_module(name)
        if name == "torch":
            torch_start.put_off_compiler(sys.modules[name])
    if "torch" in sys.modules:
        torch_start.warm(sys.modules["torch"], autograd=autograd, functions="torch.func" in names)


def confiner(settings: dict) -> Callable[[str], None]:
    """The function that shuts a child into its scratch folder; does nothing at level ``none``."""
    if settings["level"] == "none":
        return lambda scratch: None
    import sandlock

    nodes = settings["nodes"]

    def confine(scratch: str) -> None:
        writable = [scratch, "/dev/null", *nodes]
        devices: list[int] | None = [] if nodes else None  # all of them
        sandlock.confine(sandlock.Sandbox(fs_readable=settings["readable"], fs_writable=writable, gpu_devices=devices))

    return confine
