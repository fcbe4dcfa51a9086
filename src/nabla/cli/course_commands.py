"""What `nabla release`, `verify` and `simulate` say and return. The work is done in other rooms."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from nabla.cli.tables import points
from nabla.cli.text import safe
from nabla.course import Course, CourseError

if TYPE_CHECKING:
    from nabla.grading.verify import Report


def run_release(
    console: Console, root: Path, names: Sequence[str], language: str | None, framework: str | None, to: Path | None
) -> int:
    """0 where everything is released and nothing leaks."""
    from nabla.grading.listing import named_assignments
    from nabla.grading.release import chosen_edition, release, release_edition

    course = Course.load(root)
    assignments = named_assignments(course, names)
    edition = chosen_edition(course, language, framework)
    if to is None and edition != chosen_edition(course, None, None):
        raise CourseError(
            f"release/ holds the default edition; say where the {edition.language}, {edition.framework} edition goes: "
            f"nabla release {' '.join(names)} --lang {edition.language} --framework {edition.framework} --to DIR"
        )
    made = release(course, assignments) if to is None else release_edition(course, assignments, edition, to)
    for released in made:
        console.print(safe(f"{released.assignment} ({edition.language}, {edition.framework}): {released.folder}"))
        for leak in released.leaks:
            console.print(safe(f"  {leak}", "red"))
    if any(released.leaks for released in made):
        console.print("Don't hand this out: it gives answers away. Correct source/ and release again.", style="red")
        return 1
    return 0


def run_simulate(console: Console, root: Path, size: int, seed: int) -> int:
    """0 where the class is made."""
    from nabla.simulate.sample import make_sample

    course = Course.load(root)
    papers = make_sample(course, size, seed)
    kinds = Counter(paper.student.character for paper in papers)
    described = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    console.print(safe(f"A sample class of {size} in {course.folder('submitted')}: {described}."))
    console.print("Grade it: nabla grade", markup=False)
    return 0


def run_verify(console: Console, root: Path, names: Sequence[str]) -> int:
    """0 where the course is sound."""
    from nabla.grading.listing import named_assignments
    from nabla.grading.verify import verify

    course = Course.load(root)
    sound = True
    for assignment in named_assignments(course, names):
        with _watched(console, assignment) as on_step:
            report = verify(course, assignment, on_step)
        console.print(_verify_table(report))
        for problem in report.problems:
            console.print(safe(problem, "red", width=500), soft_wrap=True)
        for exercise in report.exercises:
            for problem in exercise.problems:
                console.print(safe(f"{exercise.id}: {problem}", "red", width=500), soft_wrap=True)
        sound = sound and report.sound
    console.print(
        "The course is sound." if sound else "The course has faults, see above.", style="" if sound else "red"
    )
    return 0 if sound else 1


@contextmanager
def _watched(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    """Something to call with each step: shown while it runs, where somebody watches."""
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(safe(title)) as status:
        yield lambda what: status.update(safe(f"{title}: {what}"))


def _verify_table(report: Report) -> Table:
    table = Table(title=safe(report.assignment))
    for title in (
        "exercise",
        "points",
        "checks",
        "law",
        "solution",
        "untouched",
        "lazy, at most",
        "wrong answers",
        "margin",
    ):
        table.add_column(title, justify="left" if title == "exercise" else "right", overflow="fold")
    table.add_column("sound")
    for record in report.exercises:
        lazy = max((score or 0.0 for score in record.lazy.values()), default=0.0)
        margin = "–" if math.isinf(record.margin) else f"{record.margin:.0e}"
        table.add_row(
            safe(record.id.removeprefix("test_")),
            points(record.points),
            str(record.checks),
            f"{record.law_share:.0%}",
            " ".join(points(score) for score in record.solution),
            " ".join(points(score) for score in record.untouched),
            points(lazy),
            f"{record.wrong_caught}/{record.wrong_known}",
            margin,
            safe("no" if record.problems else "yes", "red" if record.problems else "green"),
        )
    table.caption = (
        "law: share of the weight · margin: smallest distance of a wrong answer from the right one, in tolerances"
    )
    return table
