"""What the zygote will ask about the interpreter's files, looked up before it starts: it costs nothing outside.

A zygote leaves the list of what it asked in its cache; the next start looks the same things up afresh.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

_BYTECODE_SECONDS = 90 * 24 * 3600.0
_HALF_WRITTEN_SECONDS = 3600.0


def asked_file(cache: Path, python: str, preload: tuple[str, ...]) -> Path:
    """Where zygotes of this interpreter and these modules leave what they asked."""
    name = hashlib.sha256(json.dumps([python, preload]).encode()).hexdigest()[:16]
    return cache / f"asked-{name}.json"


def bytecode_file(cache: Path, python: str) -> Path:
    """Where zygotes of this interpreter leave the bytecode that they read."""
    return cache / f"bytecode-{hashlib.sha256(python.encode()).hexdigest()[:16]}.bin"


def forget_old_bytecode(cache: Path) -> None:
    """Take away what was written months ago: its interpreter may be gone, and if not, the next start writes it anew.

    And what killed zygotes have left half written.
    """
    for file in cache.glob("bytecode-*"):
        kept = _BYTECODE_SECONDS if file.suffix == ".bin" else _HALF_WRITTEN_SECONDS
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < time.time() - kept:
                file.unlink()


def write_facts(asked: Path, facts: Path, roots: list[str]) -> None:
    """Look up what ``asked`` lists, as far as it lies at, above or below ``roots``, and write it to ``facts``."""
    below = tuple(f"{root}/" for root in roots)
    found: dict[str, dict[str, Any]] = {"stat": {}, "lstat": {}, "listdir": {}}
    try:
        questions = json.loads(asked.read_text(encoding="utf-8"))
        for question, look_up in (("stat", _stat), ("lstat", _lstat), ("listdir", os.listdir)):
            for path in questions[question]:
                if path.startswith(below) or any(root.startswith(path) for root in roots):
                    _answer(found[question], path, look_up)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ):  # the first start, or damaged: all is asked
        pass
    with contextlib.suppress(OSError):  # a full disk only means that all is asked
        facts.unlink(missing_ok=True)
        facts.write_text(json.dumps(found), encoding="utf-8")


def _answer(found: dict[str, Any], path: str, look_up: Any) -> None:
    """Leave out what can't be said in a word: the zygote asks that itself."""
    try:
        found[path] = look_up(path)
    except FileNotFoundError:
        if look_up is not os.listdir:
            found[path] = None
    except OSError:
        pass


def _stat(path: str) -> list[int]:
    return _numbers(os.stat(path))


def _lstat(path: str) -> list[int]:
    return _numbers(os.lstat(path))


def _numbers(found: os.stat_result) -> list[int]:
    return [*found[:7], found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns]
