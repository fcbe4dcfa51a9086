"""The bytecode of an interpreter's modules in one file: 1,800 of them are opened, read and closed at once.

Python itself decides what it takes from there: the bytes of a ``.pyc`` are handed out only where the file still has
the size and the time that it had, and are checked against their source as ever. What is damaged, or another's, is read
one by one.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import tempfile
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

_SUFFIX = ".pyc"
_READ = 1 << 20
_LENGTH = 8
_OTHERS_MAY_WRITE = 0o022
_MOST = 256 << 20
"""Bytes that the file may have."""


class _Entry(NamedTuple):
    """What a module's file held, and by what it is known to be so still."""

    data: Any
    size: int
    time: int
    checksum: int

    @classmethod
    def of(cls, data: bytes, about: os.stat_result) -> _Entry:
        """What was just read."""
        return cls(data, about.st_size, about.st_mtime_ns, _sum(data))

    def is_of(self, about: os.stat_result) -> bool:
        """Whether the file still is so, and what is held of it undamaged."""
        return (self.size, self.time) == (about.st_size, about.st_mtime_ns) and _sum(self.data) == self.checksum


class Bytecode:
    """What lies in the file ``place``; `read` says what a module's file holds, `save` adds what was not there."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._known: dict[str, _Entry] = {}
        self._new: dict[str, _Entry] = {}
        self._version = _version(place)
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            self._known = _entries(place)

    def read(self, path: str) -> Any:
        """The bytes of the file at ``path``. Raises OSError."""
        if not path.endswith(_SUFFIX):
            return _read_at_once(path)
        about = os.stat(path)
        kept = self._known.get(path)
        if kept and kept.is_of(about):
            return kept.data
        data = _read_at_once(path)
        if len(data) == about.st_size:
            self._new[path] = _Entry.of(data, about)
        return data

    def save(self) -> None:
        """Write the file anew where something was read that it lacks; what lay in it stays, if it still is so.

        Not where another zygote has done so meanwhile: that one read the same.
        """
        if not self._new or _version(self._place) != self._version:
            return
        still = {path: kept for path, kept in self._known.items() if path not in self._new and _is_so(path, kept)}
        index, parts, at = {}, [], 0
        for path, entry in {**self._new, **still}.items():
            if at + entry.size <= _MOST:
                index[path] = [at, *entry[1:]]
                parts.append(entry.data)
                at += entry.size
        head = json.dumps(index).encode()
        write_whole(self._place, [len(head).to_bytes(_LENGTH, "little"), head, *parts])


def write_whole(place: str, parts: Iterable[Any]) -> None:
    """Replace the file in one step, or leave it where there is no room: several zygotes write it, others read it."""
    fresh = ""
    try:
        folder, name = os.path.split(place)
        descriptor, fresh = tempfile.mkstemp(prefix=f"{name}.", dir=folder)
        with open(descriptor, "wb") as file:
            file.writelines(parts)
        os.replace(fresh, place)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(fresh)


def _version(place: str) -> tuple[int, int] | None:
    try:
        about = os.stat(place)
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns


def _entries(place: str) -> dict[str, _Entry]:
    """What is in the file. It is code, so nobody else may have written it."""
    with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as file:
        about = os.fstat(file.fileno())
        if about.st_uid != os.getuid() or about.st_mode & _OTHERS_MAY_WRITE:
            return {}
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    start = _LENGTH + int.from_bytes(whole[:_LENGTH], "little")
    index = json.loads(bytes(whole[_LENGTH:start]))
    return {
        path: _Entry(whole[start + at : start + at + size], size, time, checksum)
        for path, (at, size, time, checksum) in index.items()
    }


def _sum(data: Any) -> int:
    """Tells damage, which could end the interpreter; not forgery."""
    return zlib.adler32(data)


def _is_so(path: str, kept: _Entry) -> bool:
    try:
        return kept.is_of(os.stat(path))
    except OSError:
        return False


def _read_at_once(path: str) -> bytes:
    """The bytes of a module's file, without asking for its size first."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(descriptor, _READ):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)
