"""The bytecode of an interpreter's modules in one file: 1,800 of them are opened, read and closed at once.

Python itself decides what it takes from there: the bytes of a ``.pyc`` are handed out only where the file still has
the size and the time that it had, and are checked against their source as ever. A file that is damaged, or has another
interpreter's modules, only means that everything is read one by one.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
from typing import Any

_SUFFIX = ".pyc"
_READ = 1 << 20
_LENGTH = 8
_MOST = 256 << 20
"""Bytes that the file may have."""


class Bytecode:
    """What lies in the file ``place``; `read` says what a module's file holds, `save` adds what was not there."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._known: dict[str, tuple[Any, list[int]]] = {}
        self._new: dict[str, tuple[Any, list[int]]] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            self._known = _entries(place)

    def read(self, path: str) -> Any:
        """The bytes of the file at ``path``. Raises OSError."""
        if not path.endswith(_SUFFIX):
            return _read_at_once(path)
        about = os.stat(path)
        as_it_is = [about.st_size, about.st_mtime_ns]
        kept = self._known.get(path)
        if kept is not None and kept[1] == as_it_is:
            return kept[0]
        data = _read_at_once(path)
        if len(data) == as_it_is[0]:
            self._new[path] = data, as_it_is
        return data

    def save(self) -> None:
        """Write the file anew where something was read that it lacks; what lay in it stays, if it still is so."""
        if not self._new:
            return
        entries = {**{path: entry for path, entry in self._known.items() if _is_so(path, entry[1])}, **self._new}
        index, at = {}, 0
        for path, (data, as_it_is) in entries.items():
            if at + len(data) <= _MOST:
                index[path] = [at, len(data), *as_it_is]
                at += len(data)
        head = json.dumps(index).encode()
        fresh = f"{self._place}.{os.getpid()}"
        try:
            with open(fresh, "wb") as file:
                file.write(len(head).to_bytes(_LENGTH, "little") + head)
                for path in index:
                    file.write(entries[path][0])
            os.replace(fresh, self._place)  # in one step: several zygotes may write it, and others read the old one
        except OSError:  # a full disk: the next start reads one by one
            with contextlib.suppress(OSError):
                os.unlink(fresh)


def _entries(place: str) -> dict[str, tuple[Any, list[int]]]:
    with open(place, "rb") as file:
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    start = _LENGTH + int.from_bytes(whole[:_LENGTH], "little")
    index = json.loads(bytes(whole[_LENGTH:start]))
    return {
        path: (whole[start + at : start + at + length], [size, time])
        for path, (at, length, size, time) in index.items()
        if start + at + length <= len(whole)
    }


def _is_so(path: str, as_it_is: list[int]) -> bool:
    try:
        about = os.stat(path)
    except OSError:
        return False
    return [about.st_size, about.st_mtime_ns] == as_it_is


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
