"""Gradescope's ``results.json``. Every test is visible: a single hidden one would hide the student's total."""

from __future__ import annotations

from typing import Any

from nabla.classroom.results.harmless import one_line, points
from nabla.classroom.results.reading import Published, Row


def gradescope_document(published: Published) -> dict[str, Any]:
    """Score, tests and a word on what is still open. Without any verdict there is no score: Gradescope then says so."""
    document: dict[str, Any] = {
        "execution_time": points(published.seconds, 1e6),
        "output": one_line(" ".join(_remarks(published))),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(number, row) for number, row in enumerate(published.rows, 1)],
    }
    if published.score is not None:
        document["score"] = points(published.score, published.max_score)
    return document


def _test(number: int, row: Row) -> dict[str, Any]:
    said = one_line("; ".join(row.texts)) or ("no verdict yet: this is not a grade" if row.score is None else "")
    return {
        "score": points(row.score, row.max_score),
        "max_score": points(row.max_score, row.max_score),
        "status": "passed" if row.is_full else "failed",
        "name": one_line(row.name, 200) or "exercise",
        "number": str(number),
        "output": said,
        "output_format": "text",
        "visibility": "visible",
    }


def _remarks(published: Published) -> list[str]:
    remarks = [] if published.graded else [f"Not fully graded: {published.reason}"]
    if published.open_points:
        remarks.append(f"{published.open_points:g} points of written answers are still to be marked.")
    if published.not_graded_points:
        remarks.append(f"{published.not_graded_points:g} points need hardware that isn't there, and don't count.")
    return remarks
