"""What was graded, and from what: the reason why unchanged work isn't done again.

One JSON file for each submission in ``.nabla/results``, written last, so that a run that was killed does its last
submissions again. A result counts only for the same key and while the gradebook and the autograded files are there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from nabla.course import Course
from nabla.grading.atomic import write_atomically
from nabla.grading.result import SubmissionResult
from nabla.verdicts import exercise_from_data

FOLDER = Path(".nabla", "results")


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


def _result(content: dict[str, Any]) -> SubmissionResult:
    known = {field.name for field in fields(SubmissionResult)}
    exercises = tuple(map(exercise_from_data, content["exercises"]))
    kept = {name: content[name] for name in known}
    return SubmissionResult(**{**kept, "exercises": exercises, "remarks": tuple(content["remarks"])})
