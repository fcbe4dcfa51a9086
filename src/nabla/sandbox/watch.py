"""Looking at a submission's processes from outside: finding all of them, what they use, and killing them.

Works on /proc of the judge's side, which student code can neither see nor change.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def descendants(pid: int) -> Iterator[int]:
    """Every process below ``pid``, parents first."""
    for child in children(pid):
        yield child
        yield from descendants(child)


def children(pid: int) -> list[int]:
    """The direct children of ``pid``, of all its threads."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    except (OSError, ValueError):
        pass
    return found


def calm(pids: list[int]) -> None:
    """Give way: all threads of ``pids`` but the first one's main thread run only where nobody else wants to.

    So that sixty busy processes of one submission don't slow down the submission beside it.
    """
    for place, pid in enumerate(pids):
        for thread in _listed(f"/proc/{pid}/task"):
            if place or int(thread) != pid:
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, int(thread), 19)


def alive(pid: int) -> bool:
    """Whether ``pid`` runs: a process that is dead but not yet reaped doesn't."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


def resident(pids: list[int]) -> int:
    """Bytes of memory that ``pids`` hold together, what they share with their zygote not counted."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/statm").read_text().split()
            shared_file = int(fields[2])
            total += max(0, int(fields[1]) - shared_file) * _PAGE + _shared_memory(pid)
        except (OSError, ValueError, IndexError):
            continue
    return total


def proportional(pids: list[int]) -> int:
    """Bytes of memory that ``pids`` hold together, each page shared out among those that share it.

    A hundred times slower than `resident`, which counts what forks share once for each: ask where that is too much.
    """
    return sum(map(_proportional, pids))


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # gone, or hidden by its owner
        return resident([pid])
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))


def _shared_memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssShmem:"):
            return int(line.split()[1]) * 1024
    return 0


def private_data(pid: int) -> int:
    """VmData of ``pid`` in bytes: what ``RLIMIT_DATA`` counts."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def disk_use(folder: Path, stop_above: int, pids: list[int]) -> int:
    """Bytes below ``folder``, and in deleted files that ``pids`` still hold open; stops counting above ``stop_above``.

    A folder that can't be looked into counts as too much. Follows no link.
    """
    total, pending = deleted(pids), [str(folder)]
    while pending and total <= stop_above:
        try:
            entries = os.scandir(pending.pop())
        except FileNotFoundError:
            continue
        except OSError:  # its permissions taken away, or nested deeper than any path reaches
            return stop_above + 1
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                total += 4096 + _blocks(entry.path)
                if total > stop_above:
                    break
    return total


def _blocks(path: str) -> int:
    try:
        return os.lstat(path).st_blocks * 512
    except OSError:  # gone meanwhile
        return 0


def deleted(pids: list[int]) -> int:
    """Bytes in files that have no name any more and that ``pids`` hold open."""
    found = {}
    for pid in pids:
        for descriptor in _listed(f"/proc/{pid}/fd"):
            try:
                about = os.stat(f"/proc/{pid}/fd/{descriptor}")
            except OSError:
                continue
            if about.st_nlink == 0 and stat.S_ISREG(about.st_mode):
                found[about.st_dev, about.st_ino] = about.st_blocks * 512
    return sum(found.values())


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:  # gone, or hidden by its owner
        return []


def limit(pid: int, *, memory: int, cpu_seconds: float, file_size: int, open_files: int) -> None:
    """Set the kernel's limits on ``pid`` from outside, before its first student cell."""
    wanted = {
        resource.RLIMIT_DATA: private_data(pid) + memory,
        resource.RLIMIT_CPU: int(cpu_seconds) + 1,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_NOFILE: open_files,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        hard = resource.prlimit(pid, kind)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.prlimit(pid, kind, (allowed, allowed))


def kill_all(zygote: int, *, patience: float = 5.0) -> bool:
    """Kill everything below ``zygote`` and wait until it is gone; False where something refuses to die.

    Stops each process first, so that a fork bomb can't outrun the killing.
    """
    deadline = time.monotonic() + patience
    pause = 0.0002
    while True:
        alive = list(descendants(zygote))
        if not alive:
            return True
        if time.monotonic() > deadline:
            return False
        for number in (signal.SIGSTOP, signal.SIGKILL) if len(alive) > 1 else (signal.SIGKILL,):
            for pid in alive:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    continue
        time.sleep(pause)
        pause = min(pause * 2, 0.02)
