"""The tables that commands end with. Names and reasons may come from students, so all text goes through `safe`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nabla.cli.text import plain, safe
from nabla.grading.result import SubmissionResult

_ANY_WIDTH = 10_000
_MOST_SHOWN = 10
"""Submissions whose remarks stand below the table."""
MARKS = {"graded": "green", "failed": "red"}


def print_class(
    console: Console,
    results: Sequence[SubmissionResult],
    true_scores: Mapping[tuple[str, str], float | None] | None = None,
) -> None:
    """One table for each assignment: student, score, per exercise, status; for a sample class the true score too."""
    for assignment in sorted({result.assignment for result in results}):
        rows = sorted((r for r in results if r.assignment == assignment), key=lambda result: result.student)
        if console.is_terminal:
            _print_table(console, assignment, rows, true_scores)
        else:
            _print_plainly(console, assignment, rows, true_scores)
    ordered = sorted(results, key=lambda result: (result.assignment, result.student))
    for result in ordered:
        if result.status == "failed":
            line = safe(f"{result.student}, {result.assignment}: {result.reason}", "red", width=400)
            console.print(line, soft_wrap=True)
    _print_remarks(console, [result for result in ordered if result.remarks])


def _print_remarks(console: Console, results: Sequence[SubmissionResult]) -> None:
    """What was put right before grading, of the first few submissions."""
    for result in results[:_MOST_SHOWN]:
        said = "; ".join(result.remarks)
        line = safe(f"{result.student}, {result.assignment}: put right before grading: {said}", "yellow", width=400)
        console.print(line, soft_wrap=True)
    if len(results) > _MOST_SHOWN:
        more = len(results) - _MOST_SHOWN
        console.print(f"Put right in {more} more submissions; --json FILE tells all of it.", style="yellow")


def points(value: float | None) -> str:
    """A score as people write it: ``7``, ``2.67``, ``–`` for none."""
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _out_of(row: SubmissionResult) -> str:
    """``7/15``; a dash alone where there is nothing to divide by."""
    return f"{points(row.score)}/{points(row.max_score)}" if row.max_score else points(row.score)


def _exercise_ids(rows: Sequence[SubmissionResult]) -> list[str]:
    return list(dict.fromkeys(exercise.id for row in rows for exercise in row.exercises))


def _print_table(
    console: Console,
    assignment: str,
    rows: Sequence[SubmissionResult],
    true_scores: Mapping[tuple[str, str], float | None] | None,
) -> None:
    """The table; where it is too wide, with numbers over its columns and their names below."""
    names = [plain(name.removeprefix("test_")) for name in _exercise_ids(rows)]
    table = _class_table(assignment, rows, true_scores, names)
    wide = console.measure(table, options=console.options.update(width=_ANY_WIDTH)).maximum
    if wide <= console.width:
        console.print(table)
        return
    numbers = [str(number) for number in range(1, len(names) + 1)]
    console.print(_class_table(assignment, rows, true_scores, numbers))
    console.print(", ".join(map(" ".join, zip(numbers, names, strict=True))), markup=False, highlight=False)


def _class_table(
    assignment: str,
    rows: Sequence[SubmissionResult],
    true_scores: Mapping[tuple[str, str], float | None] | None,
    headings: Sequence[str],
) -> Table:
    ids = _exercise_ids(rows)
    table = Table(title=safe(assignment), caption=_caption(rows))
    table.add_column("student", overflow="fold")
    table.add_column("score", justify="right")
    if true_scores is not None:
        table.add_column("true", justify="right")
    for heading in headings:
        table.add_column(safe(heading), justify="right", overflow="fold")
    table.add_column("status")
    for row in rows:
        cells = [safe(row.student), safe(_out_of(row))]
        if true_scores is not None:
            cells.append(_true_cell(row, true_scores))
        by_id = {exercise.id: points(exercise.score) for exercise in row.exercises}
        table.add_row(*cells, *(safe(by_id.get(name, "–")) for name in ids), safe(row.status, MARKS[row.status]))
    return table


def _true_cell(row: SubmissionResult, true_scores: Mapping[tuple[str, str], float | None]) -> Text:
    key = (row.student, row.assignment)
    if key not in true_scores:
        return safe("?")
    same = agrees(row.score, true_scores[key])
    return safe(points(true_scores[key]), "green" if same else "bold red")


def agrees(given: float | None, true: float | None) -> bool:
    """Whether a given score is the true one, up to the rounding of a score; none agrees only with none."""
    if given is None or true is None:
        return given is true
    return abs(given - true) <= 1e-5


def _print_plainly(
    console: Console,
    assignment: str,
    rows: Sequence[SubmissionResult],
    true_scores: Mapping[tuple[str, str], float | None] | None,
) -> None:
    """Columns by spaces and never folded, for logs and for other programs."""
    ids = _exercise_ids(rows)
    head = ["student", "score", *([] if true_scores is None else ["true"])]
    lines = [[*head, *(name.removeprefix("test_") for name in ids), "status"]]
    for row in rows:
        by_id = {exercise.id: points(exercise.score) for exercise in row.exercises}
        true = [] if true_scores is None else [points(true_scores.get((row.student, row.assignment)))]
        lines.append([plain(row.student, 40), _out_of(row), *true, *(by_id.get(name, "–") for name in ids), row.status])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    console.print(f"{plain(assignment)}: {_caption(rows)}", markup=False, highlight=False, soft_wrap=True)
    for line in lines:
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        console.print(text, markup=False, highlight=False, soft_wrap=True)


def _caption(rows: Sequence[SubmissionResult]) -> str:
    scores = [row.score for row in rows if row.score is not None]
    mean = points(sum(scores) / len(scores)) if scores else "–"
    failed = sum(row.status == "failed" for row in rows)
    open_points = max((row.manual_points_open for row in rows), default=0.0)
    sandbox = ", ".join(sorted({row.sandbox for row in rows if row.sandbox})) or "–"
    parts = [f"{len(rows)} submissions", f"mean {mean}", f"sandbox: {plain(sandbox)}"]
    parts += [f"{failed} without a full verdict"] if failed else []
    parts += [f"{points(open_points)} points of written answers to be marked in formgrader"] if open_points else []
    return " · ".join(parts)
