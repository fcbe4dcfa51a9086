"""`nabla classroom collect`: what it asks, says and returns. The work is done in `nabla.classroom`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console

from nabla.cli.console import console
from nabla.cli.options import HERE, ROSTER, CourseOption, DbOption, RosterOption, StudentColumnOption
from nabla.cli.progress import progress
from nabla.cli.text import plain, safe
from nabla.course import Course, CourseError

if TYPE_CHECKING:
    from nabla.classroom.collect import Line, Plan
    from nabla.classroom.repositories import Selection
    from nabla.classroom.roster import Person
    from nabla.classroom.work import Source, Wanted
    from nabla.grading.sources import Sources

STYLES = {"collected": "green", "unchanged": "", "kept": "yellow", "missing": "yellow", "failed": "red"}


def collect(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The name of its folder in source/.")],
    roster: RosterOption = None,
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
    student_column: StudentColumnOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what may be newer, too.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the lines as JSON.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be collected.")] = False,
    db: DbOption = None,
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
    from nabla.classroom.roster import read_roster

    selection = Selection(branch, tag, template)
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CourseError(f"--timezone {timezone}: no such time zone. Write it like Asia/Tokyo or UTC.") from error
    found = Course.load(course, db_url=db)
    with_sources = _sources(found, assignment)
    wanted = _wanted(found, assignment)
    people = read_roster(roster or found.root / ROSTER, student_column=student_column)
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
    selection: Selection,
    place: Path | None,
    address: str | None,
    prefix: str | None,
    zone: ZoneInfo,
) -> Source:
    from nabla.classroom.archive import Archive
    from nabla.classroom.repositories import GitClass

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
