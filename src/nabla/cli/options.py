"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CourseOption = Annotated[
    Path, typer.Option("--course", metavar="DIR", help="Folder of the course (it holds source/ and submitted/).")
]
AssignmentsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ASSIGNMENT", help="Which assignments; all of them where none is named."),
]
LanguageOption = Annotated[str | None, typer.Option("--lang", help="en or ja.")]
FrameworkOption = Annotated[str | None, typer.Option("--framework", help="torch, numpy, tensorflow, jax or mxnet.")]
DbOption = Annotated[str | None, typer.Option("--db", metavar="URL", help="Another gradebook than the course's.")]
RosterOption = Annotated[
    Path | None,
    typer.Option(
        "--roster",
        metavar="FILE",
        help="The class: a CSV of Classroom (50), Moodle, Canvas, or your own; without it classroom/roster.csv.",
    ),
]
StudentColumnOption = Annotated[
    str | None, typer.Option("--student-column", metavar="NAME", help="Which column of the roster is the student's id.")
]
HERE = Path()
ALL = "all"
"""In the place of a framework's name: each of them."""
ROSTER = Path("classroom", "roster.csv")
"""In the course; beside it lies ``assignments.csv``."""
