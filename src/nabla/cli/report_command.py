"""`nabla report`: what it asks, says and returns. The work is done in `nabla.report`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from nabla.cli.console import console
from nabla.cli.options import HERE, AssignmentsArgument, CourseOption, DbOption
from nabla.cli.text import safe
from nabla.course import Course


def report(
    assignments: AssignmentsArgument = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Where to; without it report.html in the course.")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", help="The class, to know who handed in nothing.")
    ] = None,
    names: Annotated[bool, typer.Option("--names/--no-names", help="Name who is missing or has no verdict.")] = True,
    title: Annotated[str, typer.Option("--title", help="What stands above it.")] = "Multivariable Calculus",
    db: DbOption = None,
    course: CourseOption = HERE,
) -> None:
    """Write one HTML page about the class: scores, each exercise and check, the commonest wrong answers.

    It needs nothing but a browser, and holds no script. Without names it can be shown to anybody.
    """
    from nabla.classroom.roster import read_roster
    from nabla.grading.atomic import write_atomically
    from nabla.report.facts import class_report, class_size
    from nabla.report.page import page

    found = Course.load(course, db_url=db)
    people = [person.student for person in read_roster(roster)] if roster else []
    reports = class_report(found, assignments or [], people)
    day = datetime.now().astimezone().date()
    path = to or found.root / "report.html"
    write_atomically(path, page(title, reports, people=class_size(reports), day=day, with_names=names))
    for one in reports:
        counts = f"{one.handed_in} handed in, {len(one.missing)} missing, {len(one.ungraded)} without a full verdict"
        console().print(safe(f"{one.name}: {counts}"))
    console().print(safe(f"Report: {path}", width=400), soft_wrap=True)
    raise typer.Exit(0)
