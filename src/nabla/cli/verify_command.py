"""What `nabla verify` says and returns. The work is done in other rooms."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nabla.cli.options import ALL
from nabla.cli.progress import progress
from nabla.cli.tables import points
from nabla.cli.text import safe
from nabla.course import Course, CourseError

if TYPE_CHECKING:
    from nabla.checks import Margin
    from nabla.grading.verify import ExerciseRecord, MutantCount, Report

NO_HINT = 100.0
"""Tolerances: feedback names a wrong answer only where it is further than that from the right one."""


def run_verify(
    console: Console,
    root: Path,
    names: Sequence[str],
    *,
    framework: str | None = None,
    mutants: bool,
    margins: bool,
    seed: int,
    workers: int,
) -> int:
    """0 where the course is sound."""
    from nabla.grading.listing import named_assignments
    from nabla.grading.verify import MutantCount, verify

    course = Course.load(root)
    assignments = named_assignments(course, names)
    frameworks = _frameworks(course, framework)
    sound, count = True, MutantCount()
    watch = functools.partial(progress, console, "verify")
    for report in verify(
        course, assignments, frameworks=frameworks, mutants=mutants, seed=seed, workers=workers or None, watch=watch
    ):
        _print_report(console, report, margins=margins)
        sound, count = sound and report.sound, count + report.mutants
    if mutants and course.settings.framework in frameworks:
        sound = _print_mutants(console, count, whole=set(assignments) == set(course.assignments())) and sound
    console.print(
        "The course is sound." if sound else "The course has faults, see above.", style="" if sound else "red"
    )
    return 0 if sound else 1


def _frameworks(course: Course, framework: str | None) -> tuple[str, ...]:
    """The course's own where none is named. Raises `CourseError` for one that no notebook can have."""
    from nabla.notebook.editions import FRAMEWORKS

    if framework not in (None, ALL, *FRAMEWORKS):
        raise CourseError(f"No framework {framework!r}. There are: {', '.join(FRAMEWORKS)}, and {ALL} of them.")
    return FRAMEWORKS if framework == ALL else (framework or course.settings.framework,)


def _print_report(console: Console, report: Report, *, margins: bool) -> None:
    console.print(_answers(report) if report.only_answers else _exercises(report))
    found = [margin for exercise in report.exercises for margin in exercise.margins]
    if margins:
        console.print(_margins(f"{report.assignment}: margins", found))
    elif small := [margin for margin in found if 0 < margin.distance < NO_HINT]:
        console.print(_margins(f"{report.assignment}: margins below {NO_HINT:g}, where no hint is given", small))
    for problem in report.problems:
        console.print(safe(problem, "red", width=500), soft_wrap=True)
    for exercise in report.exercises:
        for problem in exercise.problems:
            console.print(safe(f"{exercise.id}: {problem}", "red", width=500), soft_wrap=True)


def _print_mutants(console: Console, count: MutantCount, *, whole: bool) -> bool:
    """The figures; whether no more are excused than may be, which is said of the ``whole`` course only."""
    from nabla.grading.verify import MOST_EQUIVALENT

    share = count.equivalent / count.made if count.made else 0.0
    console.print(
        f"Mutants of reference solutions: {count.made} made, {count.caught} caught, "
        f"{count.equivalent} equivalent ({share:.1%}), {count.made - count.caught - count.equivalent} unexplained."
    )
    too_many = whole and count.too_many_equivalent
    if too_many:
        console.print(f"At most {MOST_EQUIVALENT:.0%} may be equivalent: better checks are needed.", style="red")
    return not too_many


def _answers(report: Report) -> Table:
    """What is tried in an edition that isn't of the course's own framework."""
    columns = ("exercise", "points", "checks", "law", "solution", "untouched", "wrong")
    table = _table(f"{report.assignment}, {report.framework} edition", columns)
    for record in report.exercises:
        cells = _cells(record)
        table.add_row(*cells[:6], cells[7], _sound(record))
    table.caption = "law: share of the weight · wrong: wrong answers caught, of those that can occur in this edition"
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=safe(title))
    for name in columns:
        table.add_column(name, justify="left" if name == "exercise" else "right", overflow="fold")
    table.add_column("sound")
    return table


def _sound(record: ExerciseRecord) -> Text:
    return safe("no" if record.problems else "yes", "red" if record.problems else "green")


def _exercises(report: Report) -> Table:
    columns = ("exercise", "points", "checks", "law", "solution", "untouched", "lazy", "wrong", "mutants", "margin")
    table = _table(report.assignment, columns)
    for record in report.exercises:
        table.add_row(*_cells(record), _sound(record))
    table.caption = (
        "law: share of the weight · lazy: most that an answer without knowledge gets · wrong: wrong answers caught · "
        "mutants: caught + equivalent of all · margin: smallest distance of a wrong answer from the right one, in "
        "tolerances"
    )
    return table


def _cells(record: ExerciseRecord) -> list[str]:
    count = record.mutants
    excused = f" + {count.equivalent}" if count.equivalent else ""
    return [
        record.id.removeprefix("test_"),
        points(record.points),
        str(record.checks),
        f"{record.law_share:.0%}",
        " ".join(points(score) for score in record.solution),
        " ".join(points(score) for score in record.untouched),
        points(max((score or 0.0 for score in record.lazy.values()), default=0.0)),
        f"{record.wrong_caught}/{record.wrong_known}",
        f"{count.caught}{excused}/{count.made}" if count.made else "–",
        _distance(record.margin),
    ]


def _margins(title: str, margins: Iterable[Margin]) -> Table:
    table = Table(title=safe(title), caption="in tolerances; –: another shape or kind, or no values are compared")
    for name in ("exercise", "wrong answer", "check"):
        table.add_column(name, overflow="fold")
    table.add_column("margin", justify="right")
    for margin in margins:
        exercise = margin.exercise.removeprefix("test_")
        names = (exercise, margin.wrong_answer, margin.check.removeprefix("test_"))
        table.add_row(*map(safe, names), _distance(margin.distance))
    return table


def _distance(tolerances: float) -> str:
    return f"{tolerances:.0e}" if tolerances and math.isfinite(tolerances) else "–"
