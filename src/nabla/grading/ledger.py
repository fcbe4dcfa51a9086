"""What was graded, and from what: the reason why unchanged work isn't done again.

One JSON file for each submission in ``.nabla/results``, written last, so that a run that was killed does its last
submissions again. A result counts only for the same key and while the gradebook and the autograded files are there.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TextIO

from nabla.course import Course, CourseError
from nabla.grading.atomic import write_atomically
from nabla.grading.result import SubmissionResult
from nabla.verdicts import exercise_from_data

FOLDER = Path(".nabla", "results")
_LOCK = Path(".nabla", "grading.lock")


class Ledger:
    """The results of a course, by assignment and student."""

    def __init__(self, course: Course) -> None:
        self.root = course.root / FOLDER

    def recall(self, assignment: str, student: str, key: str) -> SubmissionResult | None:
        """The result that was given under ``key``, or ``None``."""
        try:
            entry = json.loads(self._path(assignment, student).read_text(encoding="utf-8"))
            return _result(entry["result"]) if entry["key"] == key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, key: str, result: SubmissionResult) -> None:
        """Keep ``result``, whole or not at all."""
        text = json.dumps({"key": key, "result": asdict(result)})
        write_atomically(self._path(result.assignment, result.student), text)

    def forget(self, assignment: str, student: str) -> None:
        """Have the submission graded next time, whatever its key."""
        self._path(assignment, student).unlink(missing_ok=True)

    def _path(self, assignment: str, student: str) -> Path:
        return self.root / assignment / f"{student}.json"


def digest(*parts: Any) -> str:
    """A hash of plain data and bytes, in which no two different lists of parts look the same."""
    found = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode()
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()


@contextmanager
def only_one(course: Course) -> Iterator[None]:
    """Hold the course while a class is graded. Raises `CourseError` where another command holds it."""
    with _lock_file(course.root / _LOCK) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read(20).strip() or "?"
            raise CourseError(
                f"Another nabla grade (process {owner}) is at work on {course.root}. "
                "Wait until it has finished, or stop it."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _lock_file(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="ascii")
    except OSError as error:
        hint = "Grading writes to the course's folder: let this account, or make room."
        raise CourseError(f"{path}: can't be written ({error.strerror}). {hint}") from error


def _result(content: dict[str, Any]) -> SubmissionResult:
    known = {field.name for field in fields(SubmissionResult)}
    exercises = tuple(map(exercise_from_data, content["exercises"]))
    return SubmissionResult(**{**{name: content[name] for name in known}, "exercises": exercises})
