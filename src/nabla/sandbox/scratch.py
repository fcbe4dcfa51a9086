"""Folders for a while: a submission's scratch, made fresh and taken away whatever the student did to it.

And what its maker holds by a lock: when the maker was killed, the next one sweeps it.
"""

from __future__ import annotations

import fcntl
import glob
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

log = logging.getLogger(__name__)


def make_scratch(parent: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """``parent/name`` with ``home``, ``tmp`` and ``work``; ``files`` (relative names) lie in ``work``."""
    scratch = parent / name
    scratch.mkdir(mode=0o700)
    for folder in ("home", "tmp", "work"):
        (scratch / folder).mkdir(mode=0o700)
    for relative, content in files.items():
        place = scratch / "work" / safe_relative(relative)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return scratch


def safe_relative(name: str) -> PurePosixPath:
    """``name`` as a relative path that stays inside. Raises ValueError."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{name!r} leaves the folder of the submission")
    return path


def remove_scratch(scratch: Path) -> None:
    """Take the folder away, also where the student has removed permissions or nested without end. Follows no link.

    Never raises: what can't be taken away (the log says so) must cost no submission its grade.
    """
    try:
        shutil.rmtree(scratch)
    except (OSError, RecursionError):
        _remove_stubborn(scratch)


def _remove_stubborn(scratch: Path) -> None:
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):  # neither recurses, follows links or minds long paths
        subprocess.run([*command, str(scratch)], check=False, capture_output=True)
    if scratch.exists():
        log.warning("%s: could not be taken away; delete it by hand.", scratch)


def sweep(prefix: str, is_ours: Callable[[Path], bool], within: Path | None = None) -> None:
    """Take away what was left by killed processes: folders of ``prefix`` that nobody holds any more.

    They lie ``within`` a folder, the one for temporary files where none is given. By a lock and not by a process
    number, which means nothing in another container that shares the folder.
    """
    for folder in Path(within or tempfile.gettempdir()).glob(f"{glob.escape(prefix)}*"):
        with suppress(OSError):
            if folder.stat().st_uid == os.getuid() and is_ours(folder) and (lock := hold(folder)) is not None:
                try:
                    remove_scratch(folder)
                finally:
                    os.close(lock)


def hold(folder: Path) -> int | None:
    """A descriptor that holds ``folder`` for as long as it is open, or ``None`` where another process has one."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """``folder`` is held for as long as the block lasts."""
    lock = hold(folder)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)
