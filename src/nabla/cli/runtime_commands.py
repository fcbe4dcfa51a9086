"""`nabla runtime …`: which interpreter runs the submissions of each framework's edition, and how to get one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from nabla.cli.console import console
from nabla.cli.options import HERE, CourseOption
from nabla.cli.text import safe
from nabla.course import Course

runtime = typer.Typer(
    name="runtime",
    help=(
        "The interpreters that run submissions: one for each framework's edition.\n\n"
        "A framework that nabla's own environment has runs there; another gets an environment of its own. A course may "
        "name any interpreter: c.Nabla.runtimes in nbgrader_config.py."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@runtime.command("list")
def show(course: CourseOption = HERE) -> None:
    """Say for each framework which interpreter runs it, and whether it is there."""
    raise typer.Exit(run_list(console(), course))


@runtime.command()
def install(
    frameworks: Annotated[list[str], typer.Argument(metavar="FRAMEWORK…", help="tensorflow, jax, mxnet, …")],
    course: CourseOption = HERE,
) -> None:
    """Make the environment of a framework, outside of any course. What is there already is left as it is.

    Takes minutes and up to 2 GB each; stopped half-way, it starts again from nothing.
    """
    raise typer.Exit(run_install(console(), course, frameworks))


def run_list(console: Console, root: Path) -> int:
    """0: missing ones are no fault, most courses need one or two."""
    from nabla.notebook.editions import FRAMEWORKS
    from nabla.sandbox import SandboxUnavailable, runtime_description, runtime_of

    course = Course.load(root)
    table = Table("framework", "interpreter", "has")
    for framework in FRAMEWORKS:
        found = runtime_of(course, framework)
        try:
            has = runtime_description(found.python, found.preload) if Path(found.python).exists() else None
        except SandboxUnavailable as error:
            has = str(error)
        missing = f"nothing yet: nabla runtime install {framework}"
        table.add_row(
            framework, safe(found.python, width=200), safe(has or missing, "" if has else "yellow", width=200)
        )
    console.print(table)
    return 0


def run_install(console: Console, root: Path, frameworks: list[str]) -> int:
    """0 where each is there afterwards; where the course uses another, that is said."""
    from nabla.sandbox.runtimes import install, packages, runtime_of

    course = Course.load(root)
    for framework in frameworks:
        wanted = ", ".join(packages(framework))  # a wrong name is said before the first minute is spent
        with console.status(f"{framework}: installing {wanted}"):
            made = install(framework)
        console.print(safe(f"{framework}: {made.python}", width=300))
        if (used := runtime_of(course, framework).python) != made.python:
            told = (
                f"{framework}: this course runs it with {used}. To change that: c.Nabla.runtimes in nbgrader_config.py"
            )
            console.print(safe(told, "yellow", width=400), soft_wrap=True)
    return 0
