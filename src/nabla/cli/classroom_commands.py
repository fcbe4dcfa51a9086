"""`nabla classroom …`: from a course to repositories and back. What the commands do is in `nabla.classroom`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nabla.cli.console import console
from nabla.cli.course_commands import name_the_edition
from nabla.cli.options import HERE, CourseOption, FrameworkOption, LanguageOption
from nabla.cli.text import safe
from nabla.course import Course, CourseError

classroom = typer.Typer(
    name="classroom",
    help=(
        "A class whose work lies in git repositories, or comes as a zip from an LMS.\n\n"
        "The usual order: [bold]template[/] → students accept and push → [bold]collect[/] → nabla grade → "
        "[bold]publish[/]. Step by step: docs/github.md."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@classroom.command()
def template(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="An empty folder, or one that this command made.")],
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="ASSIGNMENT", help="Which assignments; for all of them say --all.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every assignment of the course.")] = False,
    language: LanguageOption = None,
    framework: FrameworkOption = None,
    course: CourseOption = HERE,
) -> None:
    """Make the repository that students get: notebooks, visible checks, workflow, dev container.

    Its checks run with plain pytest; nabla isn't needed there. Nothing hidden lies in it: checked on the bytes.
    """
    if bool(assignments) == every:
        raise CourseError("Name the assignments of the repository, or take all of them with --all.")
    raise typer.Exit(run_template(console(), course, assignments or [], language, framework, to))


def run_template(
    console: Console, root: Path, names: list[str], language: str | None, framework: str | None, to: Path
) -> int:
    """0 where the repository is made, of all assignments where none is named, and nothing leaks."""
    from nabla.classroom.template import make_template
    from nabla.grading.listing import named_assignments
    from nabla.grading.release import chosen_edition

    course = Course.load(root)
    edition = chosen_edition(course, language, framework)
    made = make_template(course, named_assignments(course, names), edition, to)
    for path in made.files:
        console.print(safe(f"{to / path}"))
    for leak in made.leaks:
        console.print(safe(leak, "red"))
    if made.leaks:
        console.print("Don't hand this out: it gives answers away. Correct source/ and try again.", style="red")
        return 1
    name_the_edition(console, course, edition)
    console.print("Nothing hidden is in it. Push it to a repository of its own, a template: docs/github.md.")
    return 0
