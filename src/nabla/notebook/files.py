"""What lies beside the notebooks of a submission: data files and the time of submission, read without following links.

Knows folders and nbgrader's ignore patterns; knows nothing of grades.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from nabla.notebook.reading import UnreadableNotebook, read_bytes

IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")
_MAX_FILES = 1000


def files_beside(
    submitted: Path,
    source: Path,
    *,
    limit: int,
    ignored: Collection[str] = IGNORED,
    kept: Collection[str] = (),
) -> dict[str, bytes]:
    """Contents of the files beside a submission's notebooks, by relative path; at most ``limit`` bytes in all.

    The source's files replace a student's of the same name, except those named in ``kept``. Links are left out.
    Raises `UnreadableNotebook` where there is too much.
    """
    theirs, ours = dict(_plain_files(submitted, ignored)), dict(_plain_files(source, ignored))
    ours = {name: path for name, path in ours.items() if name not in kept or name not in theirs}
    found = {name: path for name, path in theirs.items() if not _in_the_way(name, ours)} | ours
    contents: dict[str, bytes] = {}
    left = limit
    for name, path in sorted(found.items()):
        contents[name] = read_bytes(path, limit=left)
        left -= len(contents[name])
    return contents


def links_in(folder: Path) -> list[Path]:
    """Everything below ``folder`` that is neither a plain file nor a folder, relative to it."""
    odd = []
    for root, folders, names in os.walk(folder):
        paths = [Path(root, name) for name in (*folders, *names)]
        odd += [path for path in paths if path.is_symlink() or not (path.is_file() or path.is_dir())]
    return sorted(path.relative_to(folder) for path in odd)


def require_plain_folders(*folders: Path) -> None:
    """Nothing, where these can be looked into and none is a link: it might lead to the source or to a neighbour's work.

    Raises `UnreadableNotebook`.
    """
    for folder in folders:
        if folder.is_symlink():
            raise UnreadableNotebook(folder, "is a link, not a folder", "Put the files themselves in its place")
        try:
            os.scandir(folder).close()
        except OSError as error:
            wrong, remedy = f"can't be opened as a folder ({error.strerror})", "Let the account that grades read it"
            raise UnreadableNotebook(folder, wrong, remedy) from error


def submission_time(folder: Path) -> datetime | None:
    """The time in ``timestamp.txt`` as nbgrader reads it, or ``None`` without one. Raises `UnreadableNotebook`."""
    path = folder / "timestamp.txt"
    if not os.path.lexists(path):
        return None
    text = read_bytes(path, limit=1000).decode("utf-8", "replace").strip()
    if not text:
        return None
    try:
        time: datetime = parse_utc(text)
    except (ValueError, OverflowError) as error:
        raise UnreadableNotebook(path, "holds no time", "Write the time of submission there, or delete it") from error
    return time


def _plain_files(folder: Path, ignored: Collection[str]) -> Iterator[tuple[str, Path]]:
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _matches(name, ignored))
        for name in sorted(names):
            path = Path(root, name)
            if name.endswith(".ipynb") or _matches(name, ignored) or path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > _MAX_FILES:
                raise UnreadableNotebook(folder, f"holds more than {_MAX_FILES} files", "Delete the needless ones")
            yield str(path.relative_to(folder)), path


def _in_the_way(name: str, ours: Collection[str]) -> bool:
    """Whether a student's file is called as a folder of the source, or lies in a folder called as a file of it."""
    return any(own.startswith(f"{name}/") or name.startswith(f"{own}/") for own in ours)


def _matches(name: str, patterns: Collection[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
