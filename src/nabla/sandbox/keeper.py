"""A zygote that starts before the process that will use it: a small process of its own keeps it meanwhile.

Sandlock's supervisor lives in threads of the process that starts a zygote, and a fork doesn't copy threads: whoever
means to fork its workers has the zygotes started by keepers.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from typing import IO, NoReturn

from nabla.sandbox import levels, watch

_PR_SET_PDEATHSIG = 1
_PATIENCE = 5.0


class Kept:
    """A running zygote below its keeper, seen from the process that had it started and from what that forks.

    Implements `nabla.sandbox.levels.Started`; `pid` is the keeper's.
    """

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self.pid = pid
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr

    def kill(self) -> None:
        """Kill the zygote and its keeper."""
        for pid in (*watch.descendants(self.pid), self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait until the keeper is gone, which ends with its zygote."""
        deadline = time.monotonic() + _PATIENCE
        while not self._is_gone() and time.monotonic() < deadline:
            time.sleep(0.001)

    def _is_gone(self) -> bool:
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
        except ChildProcessError:  # in a fork: the keeper's parent reaps it
            return not watch.alive(self.pid)


def start(launch: levels.Launch) -> Kept:
    """A zygote below a keeper, which this process forks: it must have no threads."""
    ours_in, ours_out, ours_err = os.pipe()[::-1], os.pipe(), os.pipe()
    parent = os.getpid()
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the fork is no second command to be stopped
    try:
        pid = os.fork()
        if pid == 0:
            _keep(launch, parent, (ours_in[1], ours_out[1], ours_err[1]), unblocked)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
    for _, theirs in (ours_in, ours_out, ours_err):
        os.close(theirs)
    return Kept(pid, open(ours_in[0], "wb", 0), open(ours_out[0], "rb", 0), open(ours_err[0], "rb", 0))


def _keep(
    launch: levels.Launch, parent: int, streams: tuple[int, int, int], unblocked: set[int | signal.Signals]
) -> NoReturn:
    """Be the keeper: start the zygote on ``streams``, hold nothing of the forked process, wait for the zygote's end."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as workers: what is begun is finished
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
        for number in map(int, os.listdir("/proc/self/fd")):
            if number > 2:
                with contextlib.suppress(OSError):  # the listing's own
                    os.close(number)
        started = levels.start(launch, inherit=True)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for place in range(3):  # the zygote's ends: whoever reads its answers hears when it has ended
            os.dup2(nowhere, place)
        started.wait()
    except BaseException as error:
        os.write(2, str(error).encode(errors="replace"))
    finally:
        os._exit(0)
