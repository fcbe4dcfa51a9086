"""The zygote: imports the framework once, then forks one process for each submission. Never reads a submission.

Commands come on descriptor 0, 40 bytes each: ``F`` and the name of a channel. The answer on descriptor 1 is the child's
pid in 16 bytes. End of file ends the zygote and its children.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from . import privileges, wire
from .remember import spared_calls

if TYPE_CHECKING:
    from . import shell

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def main(arguments: list[str]) -> NoReturn:
    """Import, warm, say so, fork on command."""
    settings = json.loads(arguments[0])
    os.umask(0o077)
    sys.dont_write_bytecode = True
    with spared_calls(settings["packages"], settings["facts"], settings["asked"]):
        for name in settings["preload"]:
            importlib.import_module(name)
        one_thread(settings["preload"], warm=not settings["accelerator"])
        from . import shell  # IPython: among the imports that are spared their file calls

        ipython = shell.make_shell()
        shell.warm(ipython)
        importlib.import_module(f"{__package__}.child")
    confine = confiner(settings)
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    os.register_at_fork(after_in_child=be_noticed)
    signal.signal(signal.SIGTERM, end)
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)  # and not SIGKILL: what submissions left must go first
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel; they take the default back
    if settings["level"] != "none":
        privileges.give_up()
    gc.collect()
    gc.freeze()
    answer(f"ready {os.getpid()}")
    while True:
        command = read_command()
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


def one_thread(preload: list[str], *, warm: bool) -> None:
    """Keep the process single-threaded: a fork copies one thread only.

    Where there is an accelerator autograd stays cold: it would start a thread for it, and a context.
    """
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    if "torch" in sys.modules and warm:
        warm_torch(sys.modules["torch"], functions="torch.func" in preload)


def warm_torch(torch: object, *, functions: bool) -> None:
    """Pay once for the first use of autograd, and of `torch.func`, which imports a thousand modules.

    On the main thread: a CPU backward pass starts no other.
    """
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)  # type: ignore[attr-defined]
    (x * x).sum().backward()
    if functions:
        torch.func.hessian(lambda t: (t**3).sum())(x.detach())  # type: ignore[attr-defined]
        torch.ones(2, device="meta") + 1  # type: ignore[attr-defined]  # the same modules, for rehearsals
    torch.linalg.solve(torch.eye(2), torch.ones(2))  # type: ignore[attr-defined]


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
