"""`nabla export …`: grades into other systems' files. What the commands do is in `nabla.export`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nabla.cli.console import console
from nabla.cli.options import HERE, AssignmentsArgument, CourseOption, DbOption
from nabla.cli.tables import points
from nabla.cli.text import safe
from nabla.course import Course, CourseError

if TYPE_CHECKING:
    from nabla.export.filling import Choices, Filled, Layout
    from nabla.export.table import Table
    from nabla.export.totals import ClassGrades
    from nabla.gradebook import Participant

    LayoutOf = Callable[[Table, Path, ClassGrades, Mapping[str, str]], Layout]

export = typer.Typer(
    name="export",
    help=(
        "Grades of the gradebook, marks given by people and late penalties included, for other systems.\n\n"
        "[bold]canvas[/] and [bold]moodle[/] fill a file that you exported there; everything else in it stays as it "
        "is. Who matched and who didn't is printed. Step by step: docs/lms.md."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file that was exported there.")]
ToOption = Annotated[
    Path | None, typer.Option("--to", metavar="FILE", help="Write here; without it FILE itself is replaced.")
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="ASSIGNMENT=TITLE", help="Which column is whose ('total=…' too; repeatable)."),
]
ScaleOption = Annotated[bool, typer.Option("--scale", help="Scale grades to the points that the file says.")]
UnmarkedOption = Annotated[bool, typer.Option("--unmarked", help="Also grades to which marks are still to be added.")]
ZeroOption = Annotated[bool, typer.Option("--missing-zero", help="Write 0 for who handed nothing in.")]
RosterOption = Annotated[
    Path | None, typer.Option("--roster", metavar="FILE", help="Adds names, addresses and LMS numbers to match by.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")]


def _fills(layout: Callable[[], LayoutOf]) -> Callable[[], LayoutOf]:
    """Make a command of ``layout``, which says where things are in a file of its service."""

    @export.command(layout.__name__, help=layout.__doc__)
    def fill(
        file: FileArgument,
        assignments: AssignmentsArgument = None,
        to: ToOption = None,
        column: ColumnOption = None,
        scale: ScaleOption = False,
        unmarked: UnmarkedOption = False,
        missing_zero: ZeroOption = False,
        roster: RosterOption = None,
        db: DbOption = None,
        dry_run: DryRunOption = False,
        course: CourseOption = HERE,
    ) -> None:
        from nabla.export.filling import Choices

        choices = Choices(unmarked=unmarked, missing_zero=missing_zero, scale=scale)
        asked = _Request(Course.load(course, db_url=db), file, to, assignments or [], column or [], roster, dry_run)
        raise typer.Exit(run_fill(console(), asked, layout(), choices))

    return layout


@_fills
def canvas() -> LayoutOf:
    """Fill the gradebook that Canvas exported; import it there again.

    An assignment's column is the one of its title, with Canvas's number behind it: 'Hessians (12345)' is hessians.
    Excused students (EX) stay excused.
    """
    from nabla.export.canvas import canvas_layout

    return canvas_layout


@_fills
def moodle() -> LayoutOf:
    """Fill Moodle's grading worksheet of one assignment, or its exported gradebook; upload it there again.

    A worksheet is of one assignment: name it. Grades that Moodle has locked stay.
    """
    from nabla.export.moodle import moodle_layout

    return moodle_layout


@export.command()
def gradescope(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A folder for ASSIGNMENT/STUDENT/results.json.")],
    assignments: AssignmentsArgument = None,
    unmarked: UnmarkedOption = False,
    db: DbOption = None,
    course: CourseOption = HERE,
) -> None:
    """Write a results.json for each student and assignment, as Gradescope's autograder reads it."""
    from nabla.export.gradescope import gradescope_files
    from nabla.export.totals import ClassGrades
    from nabla.grading.atomic import write_atomically

    grades, written, left = ClassGrades.of(Course.load(course, db_url=db), assignments or []), 0, 0
    for path, student, assignment, document in gradescope_files(grades):
        grade = grades.grade(student, assignment)
        if grade is not None and grade.open_points and not unmarked:
            _say_open(console(), student, assignment, grade.open_points)
            left += 1
            continue
        write_atomically(to / path, json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
        written += 1
    console().print(safe(f"{written} results written to {to}", width=400), soft_wrap=True)
    raise typer.Exit(1 if left else 0)


@export.command()
def csv(
    assignments: AssignmentsArgument = None,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Where to.")] = Path("grades.csv"),
    db: DbOption = None,
    course: CourseOption = HERE,
) -> None:
    """Write one line a student: each assignment, the total with the lowest ones dropped, points still to be marked.

    How many are dropped says c.Nabla.drop_lowest. The file opens in any spreadsheet; no text in it is a formula.
    """
    from nabla.export.plain_csv import write_class_table
    from nabla.export.totals import ClassGrades

    grades = ClassGrades.of(Course.load(course, db_url=db), assignments or [])
    write_class_table(grades, to)
    students = grades.standings.students
    waiting = sum(grades.total(student).open_points > 0 for student in students)
    console().print(safe(f"{len(students)} students, {', '.join(grades.assignments)}: {to}", width=400), soft_wrap=True)
    if waiting:
        console().print(f"{waiting} of them have points that wait for a person (last column).", style="yellow")
    raise typer.Exit(0)


class _Request:
    """What was asked for, and the grades that it is about."""

    def __init__(
        self,
        course: Course,
        file: Path,
        to: Path | None,
        assignments: list[str],
        columns: list[str],
        roster: Path | None,
        dry_run: bool,
    ) -> None:
        from nabla.export.totals import ClassGrades

        self.file, self.to, self.dry_run, self.roster = file, to or file, dry_run, roster
        self.columns = _columns(columns)
        self.grades = ClassGrades.of(course, assignments)


def run_fill(
    screen: Console,
    asked: _Request,
    layout: LayoutOf,
    choices: Choices,
) -> int:
    """0 where every grade that there is has reached the file, 1 where one hasn't, each named."""
    from nabla.export.filling import fill, people_of
    from nabla.export.table import Table

    table = Table.read(asked.file)
    found = layout(table, asked.file, asked.grades, asked.columns)
    named = {target.name for target in found.targets}
    for name in (name for name in asked.grades.assignments if name not in named and len(named) and not asked.columns):
        screen.print(safe(f"{name}: no column of this title, so not exported.", "yellow", width=400))
    done = fill(table, found, asked.grades, choices, people_of(asked.grades, _more_about(asked.roster)))
    if not asked.dry_run:
        table.write(asked.to)
    _report(screen, done, choices)
    where = "Nothing was written." if asked.dry_run else f"{len(table.changed)} cells changed: {asked.to}"
    screen.print(safe(where, width=400), soft_wrap=True)
    return 0 if done.complete else 1


def _report(screen: Console, done: Filled, choices: Choices) -> None:
    students = len({student for student, _ in done.written})
    screen.print(f"{len(done.written)} grades of {students} students match.", markup=False)
    for student, assignment, reason in done.left:
        screen.print(safe(f"{student}, {assignment}: left as it is ({reason})", "yellow", width=400), soft_wrap=True)
    for student, assignment, waiting in done.open:
        if choices.unmarked:
            text = f"{student}, {assignment}: written, though {points(waiting)} points are still to be marked"
            screen.print(safe(text, "yellow", width=400), soft_wrap=True)
        else:
            _say_open(screen, student, assignment, waiting)
    for student in done.without_row:
        screen.print(safe(f"not matched: {student}", "red", width=400), soft_wrap=True)
    if done.without_grade:
        shown = "; ".join(done.without_grade)
        screen.print(safe(f"in the file, without a grade here: {shown}", "yellow", width=4000), soft_wrap=True)


def _say_open(screen: Console, student: str, assignment: str, waiting: float) -> None:
    text = f"{student}, {assignment}: not written, {points(waiting)} points are still to be marked (or use --unmarked)"
    screen.print(safe(text, "red", width=400), soft_wrap=True)


def _columns(given: list[str]) -> dict[str, str]:
    found = {}
    for text in given:
        name, equals, title = text.partition("=")
        if not (equals and name and title):
            raise CourseError(f"--column {text}: write it as ASSIGNMENT=TITLE, e.g. 'hessians=Homework 3 (12345)'.")
        found[name] = title
    return found


def _more_about(roster: Path | None) -> dict[str, Participant]:
    from nabla.classroom.roster import read_roster
    from nabla.gradebook import Participant

    if roster is None:
        return {}
    people = read_roster(roster)
    return {
        person.student: Participant(person.student, "", person.name, person.email, person.lms_id) for person in people
    }
