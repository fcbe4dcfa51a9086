"""The JSON of GitHub Classroom's autograding reporter, ``classroom-resources/autograding-grading-reporter`` v1.

Its console prints names and test code raw, so that a line feed in one could forge the notice ``Points X/Y``: none of
our strings has one, ``test_code`` is always empty, ``score`` and ``line_no`` are always there.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from nabla.classroom.results.harmless import one_line, points
from nabla.classroom.results.reading import Published, Row


def reporter_document(published: Published) -> dict[str, Any]:
    """``{"version": 1, "status", "max_score", "tests"}``; its points are the sum of the tests' scores."""
    status = "error" if not published.graded else "pass" if all(row.is_full for row in published.rows) else "fail"
    tests = [_test(row, published) for row in published.rows]
    if not tests:  # the reporter adds up tests: none at all would read as full marks
        reason = one_line(published.reason or "nothing could be graded")
        tests = [_entry(published.assignment, "error", 0.0, reason)]
    return {"version": 1, "status": status, "max_score": published.max_score, "tests": tests}


def reporter_output(published: Published) -> str:
    """``result=<base64>``: the line that a step appends to ``$GITHUB_OUTPUT``."""
    text = json.dumps(reporter_document(published), ensure_ascii=True, allow_nan=False)
    return f"result={base64.b64encode(text.encode()).decode()}\n"


def _test(row: Row, published: Published) -> dict[str, Any]:
    status = "error" if row.score is None else "pass" if row.is_full else "fail"
    said = "; ".join(row.texts) or ("no verdict: this is not a grade" if row.score is None else "")
    return _entry(row.name, status, points(row.score, row.max_score), said)


def _entry(name: str, status: str, score: float, message: str) -> dict[str, Any]:
    return {
        "name": one_line(name, 200) or "exercise",
        "status": status,
        "score": score,
        "message": one_line(message),
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "execution_time": "0ms",
    }
