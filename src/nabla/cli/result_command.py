"""`nabla classroom result`: what it asks, says and returns. The work is done in `nabla.classroom.results`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nabla.cli.options import HERE, ROSTER, CourseOption, RosterOption, StudentColumnOption
from nabla.cli.text import safe
from nabla.course import Course, CourseError

if TYPE_CHECKING:
    from nabla.classroom.results.reading import Published


class Form(StrEnum):
    """What `nabla classroom result` can write."""

    REPORTER = "reporter"
    OUTPUT = "reporter-output"
    CLASSROOM50 = "classroom50"
    GRADESCOPE = "gradescope"
    JUNIT = "junit"
    SUMMARY = "summary"


def result(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What nabla grade --json wrote.")],
    form: Annotated[Form, typer.Option("--format", help="For whom.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="PATH", help="A file; with several students a folder. Without it: the screen."),
    ] = None,
    student: Annotated[
        list[str] | None, typer.Option("--student", metavar="ID", help="Whose result (repeatable).")
    ] = None,
    roster: RosterOption = None,
    student_column: StudentColumnOption = None,
    assignment: Annotated[str | None, typer.Option("--assignment", metavar="NAME", help="Of which assignment.")] = None,
    details: Annotated[
        bool, typer.Option("--details", help="With names of checks and their messages: not for students.")
    ] = False,
    course: CourseOption = HERE,
) -> None:
    """Turn the result of nabla grade into what another service reads.

    Forms: reporter (GitHub Classroom's JSON), reporter-output (the line for $GITHUB_OUTPUT), classroom50, gradescope,
    junit, summary (Markdown). The file is taken as untrusted: schema, size, and only students whom you name or who
    are in the roster.
    """
    students = student or _everybody(Course.load(course), roster, student_column)
    code = run_result(file, form, to, students, assignment, details=details)
    if not student:
        _name_strangers(file, students)
    raise typer.Exit(code)


def run_result(
    file: Path, form: Form, to: Path | None, students: Sequence[str], assignment: str | None, *, details: bool
) -> int:
    """0 where everybody asked for is in the file, 1 where somebody isn't."""
    from nabla.classroom.results.reading import read_result

    found = read_result(file, students=set(students), assignment=assignment, details=details)
    missing = sorted(set(students) - {one.student for one in found})
    texts = _texts(form, found)
    if to is None:
        for text in texts.values():
            print(text, end="")
    else:
        _write(texts, to, single=form in (Form.JUNIT, Form.SUMMARY) or len(students) == 1)
    errors = Console(stderr=True, highlight=False)
    for name in missing:
        errors.print(safe(f"{name}: no result in {file}. A missing result is no grade.", "yellow"), soft_wrap=True)
    return 1 if missing else 0


def _name_strangers(file: Path, students: Sequence[str]) -> None:
    from nabla.classroom.results.reading import strangers

    errors = Console(stderr=True, highlight=False)
    for name in strangers(file, students):
        errors.print(safe(f"{name}: in {file}, but not in the roster, so not taken.", "yellow"), soft_wrap=True)


def _everybody(course: Course, roster: Path | None, column: str | None) -> list[str]:
    """The class: identities come from the command line or the roster, never from the file."""
    from nabla.classroom.roster import read_roster

    found = roster or course.root / ROSTER
    if roster is None and not found.exists():
        raise CourseError("Say whose results: --roster FILE for the class, or --student ID.")
    return [person.student for person in read_roster(found, student_column=column)]


def _texts(form: Form, found: Sequence[Published]) -> dict[str, str]:
    """The text for each file, by file name."""
    from nabla.classroom.results.classroom50 import Run, classroom50_document
    from nabla.classroom.results.gradescope import gradescope_document
    from nabla.classroom.results.junit import junit_text
    from nabla.classroom.results.reporter import reporter_document, reporter_output
    from nabla.classroom.results.summary import summary_text

    if form is Form.JUNIT:
        return {"junit.xml": junit_text(found)}
    if form is Form.SUMMARY:
        return {"summary.md": summary_text(found)}
    if form is Form.OUTPUT:
        return {_name(one, "txt"): reporter_output(one) for one in found}
    if form is Form.CLASSROOM50:
        if len(found) > 1:
            raise CourseError("Classroom 50 takes one submission at a time. Name it: --student ID --assignment NAME")
        return {_name(one, "json"): _json(classroom50_document(one, Run.of(os.environ))) for one in found}
    make = reporter_document if form is Form.REPORTER else gradescope_document
    return {_name(one, "json"): _json(make(one)) for one in found}


def _name(one: Published, ending: str) -> str:
    from nabla.classroom.roster import why_no_id

    for part in (one.student, one.assignment):
        if problem := why_no_id(part):
            raise CourseError(f"{problem}. No file is named like this.")
    return f"{one.assignment}/{one.student}.{ending}"


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _write(texts: dict[str, str], to: Path, *, single: bool) -> None:
    from nabla.grading.atomic import write_atomically

    if single and len(texts) > 1:
        raise CourseError("There is more than one result. Name the assignment: --assignment NAME")
    for name, text in texts.items():
        write_atomically(to if single else to / name, text)
