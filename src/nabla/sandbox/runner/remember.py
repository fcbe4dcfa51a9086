"""Remembers `stat` of the interpreter's own files while the zygote imports.

Under seccomp notification a stat costs 0.1 ms, and importing torch makes 18,000 of them, most of them again and again.
The files of an installed package don't change while it is imported; nothing of this is left when a submission runs.
"""

from __future__ import annotations

import os
import posix
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def remembered_stats(folders: list[str]) -> Iterator[None]:
    """Within this block, `os.stat` and `os.lstat` ask the kernel once for each path below ``folders``."""
    roots = tuple(folder.rstrip("/") for folder in folders)
    places = [(module, name, getattr(module, name)) for module in (os, posix) for name in ("stat", "lstat")]
    known: dict[tuple[str, Any], Any] = {}
    for module, name, original in places:
        setattr(module, name, _remembering(original, name, roots, known))
    try:
        yield
    finally:
        for module, name, original in places:
            setattr(module, name, original)


def _remembering(original: Any, name: str, roots: tuple[str, ...], known: dict) -> Any:
    parents = {root[:place] for root in roots for place in range(1, len(root)) if root[place] == "/"}

    def ask(path: Any, *arguments: Any, **keywords: Any) -> Any:
        if arguments or keywords or type(path) is not str or not (path in parents or path.startswith(roots)):
            return original(path, *arguments, **keywords)
        key = (name, path)
        if key not in known:
            try:
                known[key] = original(path)
            except OSError as error:
                known[key] = error
        found = known[key]
        if isinstance(found, OSError):
            raise found.with_traceback(None)
        return found

    return ask
