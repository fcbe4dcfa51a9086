"""`nabla classroom collect` and `result`: what they ask, say and return. The work is done in `nabla.classroom`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console

from nabla.cli.console import console
from nabla.cli.options import HERE, CourseOption
from nabla.cli.progress import progress
from nabla.cli.text import plain, safe
from nabla.course import Course, CourseError

if TYPE_CHECKING:
    from nabla.classroom.collect import Line, Plan
    from nabla.classroom.results.reading import Published
    from nabla.classroom.roster import Person
    from nabla.classroom.work import Source, Wanted
    from nabla.grading.sources import Sources

STYLES = {"collected": "green", "unchanged": "", "kept": "yellow", "missing": "yellow", "failed": "red"}

RosterOption = Annotated[
    Path,
    typer.Option("--roster", metavar="FILE", help="The class: a CSV of Classroom (50), Moodle, Canvas, or your own."),
]
ColumnOption = Annotated[
    str | None, typer.Option("--student-column", metavar="NAME", help="Which column of the roster is the student's id.")
]


def collect(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT")],
    roster: RosterOption,
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", help="Folder of cloned repositories, or a zip of Moodle's or Canvas's."),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="URL", help="Where repositories are, with {username} in it."),
    ] = None,
    deadline: Annotated[
        str | None,
        typer.Option("--deadline", metavar="TIME", help="2026-10-01T23:59; without it the gradebook's due date."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Take late work up to this time ('end': any).")
    ] = None,
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="NAME", help="Of times without one, e.g. Asia/Tokyo.")
    ] = "UTC",
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="PATTERN", help="The last tag like this counts, e.g. 'submit/*'.")
    ] = None,
    branch: Annotated[str | None, typer.Option("--branch", help="Another branch than the default one.")] = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="What stands before the user name in a folder's name.")
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="DIR", help="The repository that students got, to compare."),
    ] = None,
    student_column: ColumnOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what may be newer, too.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the lines as JSON.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be collected.")] = False,
    course: CourseOption = HERE,
) -> None:
    """Collect a class's notebooks into submitted/: a line for each student of the roster.

    From git: the last commit at or before the deadline on the default branch. Only the assignment's notebooks are kept.
    Run it as often as you like: a newer submission is never replaced.

        nabla classroom collect hessians --roster roster.csv --from hessians-submissions
        nabla classroom collect hessians --roster roster.csv --address 'https://github.com/ORG/hessians-{username}'
        nabla classroom collect hessians --roster worksheet.csv --from submissions.zip
    """
    from nabla.classroom.repositories import Selection

    selection = Selection(branch, tag, template)
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CourseError(f"--timezone {timezone}: no such time zone. Write it like Asia/Tokyo or UTC.") from error
    found = Course.load(course)
    with_sources = _sources(found, assignment)
    wanted = _wanted(found, assignment)
    people = _roster(roster, student_column)
    plan = _plan(found, wanted, with_sources, (deadline, until, zone), dry_run=dry_run, force=force)
    source = _source(people, wanted, selection, from_, address, prefix, zone)
    raise typer.Exit(run_collect(console(), found, source, people, plan, with_sources, json_file))


def run_collect(
    screen: Console,
    course: Course,
    source: Source,
    people: Sequence[Person],
    plan: Plan,
    sources: Sources | None,
    json_file: Path | None,
) -> int:
    """0 where everything that there is was collected, 1 where something couldn't be, each named."""
    from nabla.classroom.collect import collect as collect_class
    from nabla.grading.atomic import write_atomically

    with progress(screen, "collecting", len(people)) as step:
        lines = collect_class(course, source, people, plan, sources=sources, on_line=lambda line: step(line.student))
    strangers = source.strangers(people)
    for line in lines:
        screen.print(safe(_said(line), STYLES[line.state], width=600), soft_wrap=True)
    for name in strangers:
        text = f"{plain(name)}: of nobody in the roster, so not collected. Correct the roster if it should be."
        screen.print(safe(text, "red", width=400), soft_wrap=True)
    counts = {state: sum(line.state == state for line in lines) for state in STYLES}
    screen.print(", ".join(f"{count} {state}" for state, count in counts.items() if count), markup=False)
    if sources is None:
        screen.print("Locked cells weren't compared: nothing is released yet (nabla release).", style="yellow")
    if plan.window.due is None:
        text = "No deadline: none given (--deadline), none in the gradebook. The last version counts."
        screen.print(text, style="yellow")
    if plan.dry_run:
        screen.print("Nothing was written.")
    if json_file:
        write_atomically(json_file, json.dumps([_data(line) for line in lines], ensure_ascii=True, indent=1) + "\n")
    return 1 if counts["failed"] or strangers else 0


def _sources(course: Course, assignment: str) -> Sources | None:
    from nabla.gradebook import GradebookError
    from nabla.grading.listing import named_assignments
    from nabla.grading.sources import Sources

    named_assignments(course, [assignment])
    try:
        return Sources.load(course.db_url, assignment, course.folder("source") / assignment, course.config)
    except GradebookError:
        return None


def _wanted(course: Course, assignment: str) -> Wanted:
    from nabla.classroom.work import Wanted

    names = sorted(path.stem for path in (course.folder("source") / assignment).glob("*.ipynb"))
    if not names:
        raise CourseError(f"{course.folder('source') / assignment}: no notebook there. Make it first (nabla release).")
    return Wanted(assignment, tuple(names), course.limits.notebook)


def _roster(path: Path, column: str | None) -> list[Person]:
    from nabla.classroom.roster import read_roster

    return read_roster(path, student_column=column)


def _plan(
    course: Course,
    wanted: Wanted,
    sources: Sources | None,
    times: tuple[str | None, str | None, ZoneInfo],
    *,
    dry_run: bool,
    force: bool,
) -> Plan:
    from nabla.classroom.collect import Plan
    from nabla.classroom.work import Window

    deadline, until, zone = times
    due = _time("--deadline", deadline, zone) if deadline else (sources.stored.duedate if sources else None)
    last = None if until == "end" else _time("--until", until, zone) if until else due
    if last is not None and due is not None and last < due:
        raise CourseError("--until lies before the deadline. Give a later time, or leave it out.")
    longer = _extensions(course, wanted.assignment, known=sources is not None)
    return Plan(wanted, Window(due, last), dry_run, force, longer)


def _extensions(course: Course, assignment: str, *, known: bool) -> Callable[[str], timedelta | None]:
    """More time for a student: by the configuration, else by the gradebook."""
    from nabla.gradebook import class_standings
    from nabla.gradebook.late import Extensions

    configured = Extensions.from_config(course.config)
    stored = class_standings(course.db_url).submissions if known else {}

    def extension(student: str) -> timedelta | None:
        found = configured.of(student, assignment)
        if found is None and (student, assignment) in stored:
            found = stored[student, assignment].extension
        return found

    return extension


def _time(option: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise CourseError(
            f"{option} {text}: no time. Write it like 2026-10-01T23:59 or 2026-10-01T23:59+09:00."
        ) from error
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC).replace(tzinfo=None)


def _source(
    people: Sequence[Person],
    wanted: Wanted,
    selection: object,
    place: Path | None,
    address: str | None,
    prefix: str | None,
    zone: ZoneInfo,
) -> Source:
    from nabla.classroom.archive import Archive
    from nabla.classroom.repositories import GitClass, Selection

    assert isinstance(selection, Selection)
    if place is None:
        return GitClass.at_addresses(people, wanted, selection, address)
    if address is not None:
        raise CourseError("Give either --from (a folder or a zip that is here) or --address, not both.")
    if place.is_file():
        return Archive(place, wanted, zone)
    return GitClass.in_folder(place, people, wanted, selection, prefix)


def _said(line: Line) -> str:
    when = f" {line.time:%Y-%m-%d %H:%M:%S} UTC" if line.time and line.state != "missing" else ""
    late = f", late by {_length(line.late_by)}" if line.late_by else ""
    remarks = "".join(f"; {remark}" for remark in line.remarks)
    return f"{line.student}: {line.state}{when}{late}{remarks}"


def _length(late: timedelta) -> str:
    minutes = max(1, int(late.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    return " ".join(f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (rest, "min")) if count)


def _data(line: Line) -> dict[str, object]:
    return {
        "student": line.student,
        "state": line.state,
        "time": line.time and f"{line.time:%Y-%m-%dT%H:%M:%SZ}",
        "late_seconds": int(line.late_by.total_seconds()),
        "remarks": [plain(remark, 600) for remark in line.remarks],
    }


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
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", help="The class; others aren't taken.")
    ] = None,
    student_column: ColumnOption = None,
    assignment: Annotated[str | None, typer.Option("--assignment", metavar="NAME", help="Of which assignment.")] = None,
    details: Annotated[
        bool, typer.Option("--details", help="With names of checks and their messages: not for students.")
    ] = False,
) -> None:
    """Turn the result of nabla grade into what another service reads.

    Forms: reporter (GitHub Classroom's JSON), reporter-output (the line for $GITHUB_OUTPUT), classroom50, gradescope,
    junit, summary (Markdown). The file is taken as untrusted: schema, size, and only students whom you name or who
    are in the roster.
    """
    students = _students(student, roster, student_column)
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


def _students(names: Sequence[str] | None, roster: Path | None, column: str | None) -> list[str]:
    """Whose results are wanted: identities come from the command line or the roster, never from the file."""
    if names:
        return list(names)
    if roster is None:
        raise CourseError("Say whose results: --roster FILE for the class, or --student ID.")
    return [person.student for person in _roster(roster, column)]


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
