"""A Markdown table for a job's summary: what a student reads after a push, or an instructor after grading a class."""

from __future__ import annotations

from collections.abc import Sequence

from nabla.classroom.results.harmless import markdown
from nabla.classroom.results.reading import Published, Row

LARGEST = 900_000  # GitHub takes 1 MiB a step


def summary_text(submissions: Sequence[Published], largest: int = LARGEST) -> str:
    """One table for one submission, one line each for several; what doesn't fit is said to be missing."""
    if len(submissions) == 1:
        return _bounded(_of_one(submissions[0]), largest)
    head = ["| student | assignment | points | still open | remarks |", "|---|---|--:|--:|---|"]
    return _bounded([*head, *map(_line, submissions)], largest)


def _of_one(published: Published) -> list[str]:
    lines = [f"## {markdown(published.assignment, 200)}: {_points(published.score, published.max_score)} points", ""]
    if not published.graded:
        lines += [f"Not fully graded: {markdown(published.reason)}", ""]
    lines += ["| | exercise | points | checks | hints |", "|---|---|--:|--:|---|"]
    lines += map(_exercise, published.rows)
    if published.open_points:
        lines += ["", f"{published.open_points:g} points of written answers are still to be marked."]
    if published.not_graded_points:
        lines += ["", f"{published.not_graded_points:g} points need hardware that isn't there, and don't count."]
    return lines


def _exercise(row: Row) -> str:
    mark = "❔" if row.score is None else "✅" if row.is_full else "❌"
    hints = "<br>".join(markdown(text, 600) for text in row.texts)
    checks = f"{row.passed}/{row.checks}" if row.checks else ""
    return f"| {mark} | {markdown(row.name, 200)} | {_points(row.score, row.max_score)} | {checks} | {hints} |"


def _line(published: Published) -> str:
    open_points = f"{published.open_points:g}" if published.open_points else ""
    who = f"{markdown(published.student, 200)} | {markdown(published.assignment, 200)}"
    points = _points(published.score, published.max_score)
    return f"| {who} | {points} | {open_points} | {markdown(published.reason, 600)} |"


def _points(score: float | None, most: float) -> str:
    return f"– / {most:g}" if score is None else f"{score:.6g} / {most:g}"


def _bounded(lines: Sequence[str], largest: int) -> str:
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > largest - 100:
            kept += ["", f"{len(lines) - len(kept)} more lines don't fit here: see the result file."]
            break
        kept.append(line)
    return "\n".join(kept) + "\n"
