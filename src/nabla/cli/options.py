"""Options that several commands share, and the course that they name."""

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
HERE = Path()
