"""Reads a canonical result as what it is: a file that came from a job in which student code ran.

Size, JSON, schema, and who may be in it are checked here; identities come from the roster and never from the payload.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from nabla.classroom.results.harmless import one_line, points
from nabla.course import CourseError
from nabla.grading.result import schema
from nabla.notebook.reading import UnreadableNotebook, read_bytes

LIMIT = 256 * 2**20
_AGAIN = "Make it again: nabla grade --json FILE"


@dataclass(frozen=True)
class Row:
    """What is published of one exercise: its points and, where something failed, hints for the student.

    ``score`` is ``None`` where there is no verdict. Texts are as they came: each adapter makes them harmless.
    """

    name: str
    score: float | None
    max_score: float
    texts: tuple[str, ...] = ()
    passed: int = 0
    checks: int = 0

    @property
    def is_full(self) -> bool:
        """Whether all points were given."""
        return self.score is not None and self.score >= self.max_score


@dataclass(frozen=True)
class Published:
    """One submission as it may leave the course: no hidden source, no expected value, no traceback of a check."""

    student: str
    assignment: str
    graded: bool
    reason: str
    score: float | None
    max_score: float
    open_points: float
    not_graded_points: float
    seconds: float
    rows: tuple[Row, ...]


def read_result(
    path: Path, *, students: Collection[str] | None, assignment: str | None = None, details: bool = False
) -> list[Published]:
    """The submissions in ``path`` by ``students`` (``None``: whoever is in it), with check names if ``details``.

    Raises `CourseError` for a file that is too large, no JSON, no result of version 1, or has a student twice.
    """
    document = _document(path)
    chosen = [
        found
        for found in document["submissions"]
        if (students is None or found["student"] in students) and assignment in (None, found["assignment"])
    ]
    keys = [(found["student"], found["assignment"]) for found in chosen]
    if len(set(keys)) < len(keys):
        raise CourseError(f"{path}: a submission is there twice. {_AGAIN}")
    return [_published(found, details=details) for found in chosen]


def strangers(path: Path, students: Collection[str]) -> list[str]:
    """Names in ``path`` that aren't ``students``, fit to be shown."""
    found = {submission["student"] for submission in _document(path)["submissions"]}
    return sorted(one_line(name, 80) for name in found - set(students))


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(read_bytes(path, limit=LIMIT).decode("utf-8"), parse_constant=_refuse)
    except UnreadableNotebook as error:
        raise CourseError(f"{error.file}: {error.wrong}. {_AGAIN}") from error
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path}: is no JSON ({one_line(str(error), 200)}). {_AGAIN}") from error
    problem = next(_validator().iter_errors(document), None)
    if problem is not None:
        where = "/".join(map(str, problem.absolute_path)) or "the document"
        raise CourseError(f"{path}: no result of version 1 ({where} breaks '{problem.validator}'). {_AGAIN}")
    checked: dict[str, Any] = document
    return checked


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


@cache
def _validator() -> Any:
    return Draft202012Validator(schema())


def _published(found: dict[str, Any], *, details: bool) -> Published:
    rows = tuple(_row(exercise, details=details) for exercise in found["exercises"] if not _is_not_graded(exercise))
    most = points(found["max_score"], 1e9)
    return Published(
        student=found["student"],
        assignment=found["assignment"],
        graded=found["status"] == "graded",
        reason=_without_folders(found),
        score=None if found["score"] is None else points(found["score"], most),
        max_score=most,
        open_points=points(found["manual_points_open"], 1e9),
        not_graded_points=points(found["not_graded_points"], 1e9),
        seconds=points(found["seconds"], 1e9),
        rows=rows,
    )


def _without_folders(found: dict[str, Any]) -> str:
    """The reason, in which files are called by their names: where they lie on the grader's disk is nobody's affair."""
    place = re.escape(f"{found['student']}/{found['assignment']}/")
    return re.sub(rf"(^|\. )(?:(?!\. )[^:])*?{place}", r"\1", found["reason"])


def _row(exercise: dict[str, Any], *, details: bool) -> Row:
    most = points(exercise["max_score"], 1e9)
    checks = exercise["checks"]
    failed = [check for check in checks if check["outcome"] in ("failed", "error")]
    texts = [_detail(check) for check in failed] if details else [check["hint"] for check in failed]
    return Row(
        name=exercise["id"].removeprefix("test_") or exercise["id"],
        score=None if exercise["score"] is None else points(exercise["score"], most),
        max_score=most,
        texts=tuple(dict.fromkeys(filter(None, texts))),
        passed=sum(check["outcome"] == "passed" for check in checks),
        checks=sum(check["outcome"] != "not_graded" for check in checks),
    )


def _detail(check: dict[str, Any]) -> str:
    known = f" ({check['wrong_answer']})" if check["wrong_answer"] else ""
    return " ".join(filter(None, [f"{check['name']}{known}:", check["message"], check["hint"]]))


def _is_not_graded(exercise: dict[str, Any]) -> bool:
    """Whether it needed hardware that wasn't there: such points are no part of ``max_score``."""
    checks = exercise["checks"]
    return bool(checks) and all(check["outcome"] == "not_graded" for check in checks)
