"""A submission's scratch folder: made fresh, filled with its files, taken away whatever the student did to it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath


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
    """Take the folder away, also where the student has removed permissions. Follows no link."""
    shutil.rmtree(scratch, onerror=_with_permission)


def _with_permission(function: object, path: str, error: object) -> None:
    parent = os.path.dirname(path)
    for place in (parent, path):
        if not os.path.islink(place) and os.path.isdir(place):
            os.chmod(place, stat.S_IRWXU)
    if os.path.islink(path) or not os.path.isdir(path):
        os.unlink(path)
    else:
        shutil.rmtree(path)
