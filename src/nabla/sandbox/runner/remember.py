"""Spares the zygote file calls while it imports: each costs 0.1 ms under seccomp notification, and there are 20,000.

What the judge has looked up already (`nabla.sandbox.file_facts`) is not asked at all, the rest once for each path, and
bytecode comes from one file (`bytecode.py`). The files of an installed package don't change while it is
imported; nothing of this is left when a submission runs.
"""

from __future__ import annotations

import json
import os
import posix
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import SourceFileLoader
from typing import Any

from .bytecode import Bytecode, write_whole

QUESTIONS = ("stat", "lstat", "listdir")
_Facts = dict[str, dict[str, Any]]


@contextmanager
def spared_calls(folders: list[str], facts: str, asked: str, bytecode: str) -> Iterator[None]:
    """Within this block, questions about ``folders`` are answered from the file ``facts`` or from memory.

    What was asked is written to the file ``asked``, for the judge to look up before the next zygote starts; the
    bytecode that was read, to the file ``bytecode``.
    """
    roots = tuple(folder.rstrip("/") for folder in folders)
    known, new = _read(facts), {question: [] for question in QUESTIONS}  # type: dict[str, dict], dict[str, list[str]]
    originals = {question: getattr(os, question) for question in QUESTIONS}
    modules = Bytecode(bytecode)
    changed: list[tuple[Any, str, Any, Any]] = [(SourceFileLoader, "get_data", SourceFileLoader.get_data, modules.read)]
    for question, original in originals.items():
        ask = _remembering(original, roots, known[question], new[question])
        changed += [(module, question, original, ask) for module in (os, posix)]
    for place, name, _, other in changed:
        setattr(place, name, other)
    try:
        yield
    finally:
        for place, name, original, _ in changed:
            setattr(place, name, original)
    modules.save()
    if any(new.values()):
        write_whole(asked, [json.dumps({question: sorted(known[question]) for question in QUESTIONS}).encode()])


def _read(facts: str) -> _Facts:
    with suppress(OSError, ValueError), open(facts, encoding="utf-8") as file:
        found = json.load(file)
        return {
            "stat": {path: _stat_result(numbers) for path, numbers in found["stat"].items()},
            "lstat": {path: _stat_result(numbers) for path, numbers in found["lstat"].items()},
            "listdir": found["listdir"],
        }
    return {question: {} for question in QUESTIONS}


def _stat_result(numbers: list[int] | None) -> os.stat_result | OSError:
    if numbers is None:
        return FileNotFoundError(2, "No such file or directory")
    times = dict(zip(("st_atime_ns", "st_mtime_ns", "st_ctime_ns"), numbers[7:], strict=True))
    seconds = {name.removesuffix("_ns"): value // 10**9 + value % 10**9 * 1e-9 for name, value in times.items()}
    return os.stat_result([*numbers[:7], *(value // 10**9 for value in times.values())], {**times, **seconds})


def _remembering(
    original: Callable[..., Any], roots: tuple[str, ...], known: dict[str, Any], new: list[str]
) -> Callable[..., Any]:
    parents = {root[:place] for root in roots for place in range(1, len(root)) if root[place] == "/"}

    def ask(path: Any = ".", *arguments: Any, **keywords: Any) -> Any:
        if arguments or keywords or type(path) is not str or not (path in parents or path.startswith(roots)):
            return original(path, *arguments, **keywords)
        if path not in known:
            new.append(path)
            try:
                known[path] = original(path)
            except OSError as error:
                known[path] = error
        found = known[path]
        if isinstance(found, OSError):
            raise found.with_traceback(None)
        return list(found) if type(found) is list else found

    return ask
