"""`nabla classroom publish`: what it asks, says and returns. The work is done in `nabla.classroom.publish`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nabla.cli.console import console
from nabla.cli.options import HERE, ROSTER, CourseOption, RosterOption, StudentColumnOption
from nabla.cli.text import safe
from nabla.course import Course

if TYPE_CHECKING:
    from nabla.classroom.roster import Person

STYLES = {"published": "green", "unchanged": "", "no repository": "yellow", "failed": "red"}


def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What nabla grade --json wrote.")],
    roster: RosterOption = None,
    assignments: Annotated[
        Path | None,
        typer.Option(
            "--assignments",
            metavar="FILE",
            help="A CSV: assignment,deadline,address (with {username}); without it classroom/assignments.csv.",
        ),
    ] = None,
    student_column: StudentColumnOption = None,
    course: CourseOption = HERE,
) -> None:
    """Put each student's result into their repository, on the branch grades: points, checks passed, hints.

    The file is taken as untrusted: with a name in it that isn't in the roster, nothing is published at all.
    Run it as often as you like: what hasn't changed isn't written again.
    """
    from nabla.classroom.roster import read_roster

    root = Course.load(course).root
    people = read_roster(roster or root / ROSTER, student_column=student_column)
    raise typer.Exit(run_publish(console(), file, people, assignments or root / ROSTER.with_name("assignments.csv")))


def run_publish(screen: Console, file: Path, people: Sequence[Person], assignments: Path) -> int:
    """0 where every result has arrived, 1 where one hasn't, each named."""
    from nabla.classroom.publish import publish as publish_results
    from nabla.classroom.publish import read_addresses

    copies = publish_results(file, people, read_addresses(assignments))
    for copy in copies:
        reason = f"; {copy.reason}" if copy.reason else ""
        text = f"{copy.student}, {copy.assignment}: {copy.state}{reason}"
        screen.print(safe(text, STYLES[copy.state], width=600), soft_wrap=True)
    graded = {copy.student for copy in copies}
    silent = [person.student for person in people if person.student not in graded]
    if silent:
        screen.print(safe(f"No result, so nothing published, for: {', '.join(silent)}", "yellow", width=2000))
    return 1 if any(copy.state == "failed" for copy in copies) else 0
