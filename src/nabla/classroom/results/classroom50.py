"""Classroom 50's ``result.json``, schema ``classroom50/result/v1``: integers (points times 100), no key of our own.

Who and what was graded comes from the runner's environment, never from the payload.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nabla.classroom.results.harmless import one_line, points
from nabla.classroom.results.reading import Published
from nabla.course import CourseError

SCALE = 100
_VARIABLES = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


@dataclass(frozen=True)
class Run:
    """What Classroom 50's runner says about a submission."""

    classroom: str
    assignment: str
    assignment_type: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Run:
        """The run that the environment describes. Raises `CourseError` for what is missing or can't be."""
        given = {"ASSIGNMENT_TYPE": "individual", **environment}
        given.setdefault("OWNER", given.get("USERNAME", ""))
        missing = [name for name in _VARIABLES.values() if name not in given]
        if missing:
            raise CourseError(f"Classroom 50's runner sets {', '.join(missing)}; here they aren't. Run it there.")
        values = {field: one_line(given[name], 500) for field, name in _VARIABLES.items()}
        if values["assignment_type"] not in ("individual", "group"):
            raise CourseError(f"ASSIGNMENT_TYPE is {values['assignment_type']!r}: individual or group.")
        if not re.match(r"submit/", values["submission"]):
            raise CourseError(f"SUBMISSION_TAG is {values['submission']!r}: it has to begin with submit/.")
        return cls(**values)


def classroom50_document(published: Published, run: Run, now: datetime | None = None) -> dict[str, Any]:
    """The document for one submission. No verdict is a score of 0 there: the schema has no other way to say it."""
    tests = [
        {
            "test-name": one_line(row.name, 200) or "exercise",
            "passed": row.is_full,
            "score": _scaled(row.score, row.max_score),
            "max-score": _scaled(row.max_score, row.max_score),
        }
        for row in published.rows
    ]
    return {
        "schema": "classroom50/result/v1",
        **{field: getattr(run, field) for field in _VARIABLES},
        "datetime": (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _scaled(score: float | None, most: float) -> int:
    return round(SCALE * points(score, most))
