"""A plain CSV, quoted properly, in which no text becomes a formula: one line a student, or nbgrader's own columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin

from nabla.course import Nabla
from nabla.export.table import number_text, text_cell
from nabla.export.totals import ClassGrades
from nabla.gradebook import class_standings
from nabla.grading.atomic import write_atomically

_BOM = "\ufeff"  # without it, spreadsheets take Japanese names for Latin-1
_NBGRADERS_COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def class_table(grades: ClassGrades) -> str:
    """One line a student: names, a score for each assignment (empty: nothing handed in), the total, what is open."""
    header: list[str] = ["student_id", "last_name", "first_name", "email"]
    header += [text for name in grades.assignments for text in (name, f"{name} out of")]
    header += ["total", "total out of", "dropped", "unmarked points"]
    return _written([header, *(_student_line(grades, student) for student in grades.standings.students)])


def write_class_table(grades: ClassGrades, path: Path) -> None:
    """Write `class_table` to ``path``, whole or not at all."""
    write_atomically(path.resolve(), _BOM + class_table(grades))


class SafeCsvExport(ExportPlugin):  # type: ignore[misc]  # nbgrader ships no types
    """`nbgrader export` with nbgrader's columns, quoted, and what is unmarked or dropped behind them.

    ``c.ExportApp.plugin_class = "nabla.export.plain_csv.SafeCsvExport"``
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write ``grades.csv``, or where ``--to`` says."""
        standings = class_standings(str(gradebook.engine.url.render_as_string(hide_password=False)))
        wanted = {str(name) for name in self.assignment} or set(standings.assignments)
        chosen = tuple(name for name in standings.assignments if name in wanted)
        grades = ClassGrades(standings, chosen, Nabla(config=self.config).drop_lowest)
        students = {str(student) for student in self.student} or set(standings.students)
        path = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", path)
        lines = [line for student in standings.students if student in students for line in _lines(grades, student)]
        header = [*_NBGRADERS_COLUMNS, "unmarked_points", "dropped"]
        write_atomically(path.resolve(), _BOM + _written([header, *lines]))


def _student_line(grades: ClassGrades, student: str) -> list[str]:
    person, total = grades.standings.students[student], grades.total(student)
    line = [text_cell(text) for text in (person.id, person.last_name, person.first_name, person.email)]
    for name in grades.assignments:
        grade = grades.grade(student, name)
        line += [number_text(grade.score) if grade else "", number_text(grades.max_score(name))]
    dropped = text_cell(" ".join(total.dropped))
    return [*line, number_text(total.score), number_text(total.max_score), dropped, number_text(total.open_points)]


def _lines(grades: ClassGrades, student: str) -> Iterator[list[str]]:
    person, dropped = grades.standings.students[student], grades.total(student).dropped
    for name in grades.assignments:
        facts, standing = grades.standings.assignments[name], grades.standings.submissions.get((student, name))
        texts = [name, facts.duedate, standing and standing.timestamp, person.id, person.last_name, person.first_name]
        raw, penalty, score, unmarked = (
            (standing.raw_score, standing.penalty, standing.score, standing.open_points) if standing else (0.0,) * 4
        )
        numbers = [number_text(value) for value in (raw, penalty, score, facts.max_score, unmarked)]
        yield [*map(_text, [*texts, person.email]), *numbers, "yes" if name in dropped else ""]


def _text(value: Any) -> str:
    return "" if value is None else text_cell(str(value))


def _written(lines: Iterable[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue()
