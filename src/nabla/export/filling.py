"""Fills the grade columns of somebody else's table: finds each student's row, writes numbers, says what it left alone.

How a Canvas or a Moodle file looks is told by a `Layout`; the rules here are the same for both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from nabla.course import CourseError
from nabla.export.table import Table
from nabla.export.totals import TOTAL, ClassGrades, ExportedGrade
from nabla.gradebook import Participant

_SAME = 1e-9


@dataclass(frozen=True)
class Target:
    """The column of an assignment (or of the total), and the points it is out of there, where the file says so."""

    name: str
    column: int
    max_score: Mapping[int, float | None] | float | None = None

    def points(self, row: int) -> float | None:
        """What the grade in ``row`` is out of."""
        return self.max_score.get(row) if isinstance(self.max_score, Mapping) else self.max_score


@dataclass(frozen=True)
class Layout:
    """Where things are in a table."""

    targets: Sequence[Target]
    students: Sequence[int]
    """The rows that are students."""
    keys: Sequence[tuple[int, Callable[[Participant], Sequence[str]]]]
    """Columns that name a student for certain, and what stands there for a student."""
    name: Callable[[int], str]
    """How the file calls the student in a row."""
    untouched: Callable[[int, int], str] = lambda row, column: ""
    """Why a cell may not be written; empty where it may."""
    decimal_comma: bool = False


@dataclass(frozen=True)
class Choices:
    """What may be exported beyond final grades of submitted work."""

    unmarked: bool = False
    """Grades to which marks of written answers are still to be added."""
    missing_zero: bool = False
    """Zero for who handed nothing in."""
    scale: bool = False
    """Grades scaled to the points that the file says."""


@dataclass
class Filled:
    """What was done, for a person to read."""

    written: list[tuple[str, str]] = field(default_factory=list)
    """(student, assignment) whose cell holds the grade now."""
    open: list[tuple[str, str, float]] = field(default_factory=list)
    """(student, assignment, points that wait for a person): not written, unless asked for."""
    without_row: list[str] = field(default_factory=list)
    """Students with a grade whom the file doesn't have, or has more than once, with the reason."""
    without_grade: list[str] = field(default_factory=list)
    """Names in the file for whom there is nothing to export."""
    left: list[tuple[str, str, str]] = field(default_factory=list)
    """(student, assignment, reason): cells that belong to somebody else."""

    @property
    def complete(self) -> bool:
        """Whether every grade that there is has reached the file."""
        return not (self.open or self.without_row)


def fill(
    table: Table, layout: Layout, grades: ClassGrades, choices: Choices, people: Mapping[str, Participant]
) -> Filled:
    """Writes grades into ``table``. Raises `CourseError` where points differ and nobody asked to scale."""
    done = Filled()
    rows = _rows(table, layout, people, done, lambda student: _has_grade(grades, layout, student))
    if not choices.scale:
        _check_points(layout, grades)
    for student, row in rows.items():
        for target in layout.targets:
            _fill_cell(table, layout, target, (student, row), grades, choices, done)
    graded = {row for student, row in rows.items() if _has_grade(grades, layout, student)}
    done.without_grade += [layout.name(row) for row in layout.students if row not in graded]
    return done


def people_of(grades: ClassGrades, roster: Mapping[str, Participant] | None = None) -> dict[str, Participant]:
    """Everybody in the gradebook, with what a roster adds about them."""
    known = dict(grades.standings.students)
    for student, more in (roster or {}).items():
        mine = known.get(student, Participant(student))
        merged = {name: getattr(mine, name) or getattr(more, name) for name in mine.__dataclass_fields__}
        known[student] = Participant(**merged)
    return known


def same(text: str) -> str:
    """Text as it is compared: spaces and capitals don't matter.

    >>> same(" Ito,  Aiko ") == same("ito, aiko")
    True
    """
    return " ".join(text.split()).casefold()


def title_of(name: str) -> str:
    """A title or an assignment's name as they are compared: ``matrix_calculus`` is ``Matrix Calculus``."""
    return same(re.sub(r"[-_]+", " ", name))


def targets(
    titles: Mapping[int, str], named: Mapping[str, str], assignments: Sequence[str], header: Sequence[str]
) -> list[tuple[str, int]]:
    """(assignment, column) for each assignment with a column of its title, or of the title in ``named``.

    Raises `CourseError` for a title that isn't there or is there twice, a column that two assignments fit, and where
    nothing is left to fill.
    """
    found: list[tuple[str, int]] = []
    for name, title in named.items():
        if name not in (*assignments, TOTAL):
            raise CourseError(
                f"--column {name}=…: no such assignment here. There are: {', '.join(assignments)}, total."
            )
        found.append((name, only_column(header, title)))
    for name in (name for name in assignments if name not in named):
        fitting = [at for at, text in titles.items() if title_of(text) == title_of(name)]
        found += [(name, _only(fitting, name, header))] if fitting else []
    for column in (column for column, times in Counter(at for _, at in found).items() if times > 1):
        names = " and ".join(name for name, at in found if at == column)
        raise CourseError(
            f"Column '{header[column]}' would be filled twice, with {names}. "
            "Name the one that it is of (nabla export … ASSIGNMENT), or another column: --column 'ASSIGNMENT=TITLE'"
        )
    if not found:
        columns = "; ".join(titles.values()) or "none"
        raise CourseError(
            f"No column for {', '.join(assignments)}. Columns with grades: {columns}. "
            f"Say which is which: --column '{assignments[0]}=TITLE'"
        )
    return found


def only_column(header: Sequence[str], title: str) -> int:
    """The one column with this title. Raises `CourseError`."""
    return _only([at for at, text in enumerate(header) if same(text) == same(title)], title, header)


def number_in(text: str) -> float | None:
    """The number that a cell holds, with a decimal point or comma; ``None`` for anything else."""
    found = re.fullmatch(r"\s*(\d+)(?:[.,](\d+))?\s*", text)
    return float(f"{found[1]}.{found[2] or 0}") if found else None


def _only(fitting: list[int], title: str, header: Sequence[str]) -> int:
    if len(fitting) != 1:
        what = "is there more than once" if fitting else "is not there"
        raise CourseError(f"Column '{title}' {what}. The header has: {'; '.join(header)}.")
    return fitting[0]


def _has_grade(grades: ClassGrades, layout: Layout, student: str) -> bool:
    names = [target.name for target in layout.targets if target.name != TOTAL] or grades.assignments
    return any((student, name) in grades.standings.submissions for name in names)


def _rows(
    table: Table,
    layout: Layout,
    people: Mapping[str, Participant],
    done: Filled,
    has_grade: Callable[[str], bool],
) -> dict[str, int]:
    """The one row of each student. Who fits several rows, or shares one with another, gets none and is reported."""
    found = _by_keys(table, layout, people)
    taken = {row for rows in found.values() for row in rows}
    names = _index(layout.students, layout.name)
    for student, person in people.items():
        if not found[student]:
            rows = {row for called in _called(person) for row in names.get(called, ())}
            found[student] = rows - taken
    shared = Counter(row for rows in found.values() if len(rows) == 1 for row in rows)
    single: dict[str, int] = {}
    for student, rows in sorted(found.items()):
        if len(rows) == 1 and shared[min(rows)] == 1:
            single[student] = min(rows)
        elif has_grade(student):
            done.without_row.append(f"{student} ({_why_no_row(layout, rows)})")
    return single


def _by_keys(table: Table, layout: Layout, people: Mapping[str, Participant]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {student: set() for student in people}
    for column, names in layout.keys:
        rows = _index(layout.students, partial(table.value, column=column))
        for student, person in people.items():
            found[student] |= {row for name in names(person) if same(name) for row in rows.get(same(name), ())}
    return found


def _index(rows: Iterable[int], text: Callable[[int], str]) -> dict[str, set[int]]:
    index: dict[str, set[int]] = {}
    for row in rows:
        index.setdefault(same(text(row)), set()).add(row)
    return index


def _called(person: Participant) -> set[str]:
    """How an LMS may write a person's name."""
    first, last = person.first_name, person.last_name
    if not (first and last):
        return {same(first or last)} - {""}
    return {same(f"{last}, {first}"), same(f"{first} {last}"), same(f"{last} {first}")}


def _why_no_row(layout: Layout, rows: set[int]) -> str:
    if not rows:
        return "no such student in the file"
    if len(rows) > 1:
        return "fits more than one row: " + "; ".join(layout.name(row) for row in sorted(rows))
    return f"another student fits the row of {layout.name(min(rows))} too"


def _check_points(layout: Layout, grades: ClassGrades) -> None:
    for target in (target for target in layout.targets if target.name != TOTAL):
        ours = grades.max_score(target.name)
        for row in layout.students:
            theirs = target.points(row)
            if theirs is not None and abs(theirs - ours) > _SAME:
                raise CourseError(
                    f"{target.name} has {ours:g} points here and {theirs:g} in the file. "
                    "Correct one of them, or let the grades be scaled: --scale"
                )


def _fill_cell(
    table: Table,
    layout: Layout,
    target: Target,
    place: tuple[str, int],
    grades: ClassGrades,
    choices: Choices,
    done: Filled,
) -> None:
    student, row = place
    grade = grades.grade(student, target.name)
    if grade is None and choices.missing_zero:
        grade = ExportedGrade(0.0, grades.max_score(target.name))
    if grade is None or (target.name == TOTAL and not _has_grade(grades, layout, student) and not choices.missing_zero):
        return
    if reason := layout.untouched(row, target.column):
        done.left.append((student, target.name, reason))
        return
    if grade.open_points:
        done.open.append((student, target.name, grade.open_points))
        if not choices.unmarked:
            return
    score = grade.score
    theirs = target.points(row)
    if choices.scale and theirs is not None and grade.max_score:
        score = score * theirs / grade.max_score
    table.set_number(row, target.column, score, decimal_comma=layout.decimal_comma)
    done.written.append((student, target.name))
