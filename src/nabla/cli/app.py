"""The command `nabla`: one function for each of its commands, options only; what they do is in the other rooms."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nabla.cli.classroom_commands import classroom
from nabla.cli.collect_command import collect
from nabla.cli.console import console
from nabla.cli.export_commands import export
from nabla.cli.options import HERE, AssignmentsArgument, CourseOption, DbOption, FrameworkOption, LanguageOption
from nabla.cli.publish_command import publish
from nabla.cli.report_command import report
from nabla.cli.result_command import result
from nabla.cli.runtime_commands import runtime

INTERRUPTED = 130

app = typer.Typer(
    name="nabla",
    help=(
        "An auto-graded course, and a grader that never trusts what it grades.\n\n"
        "The usual order: [bold]release[/] → students work → [bold]grade[/] → mark the written answers in formgrader → "
        "[bold]feedback[/]. Every nbgrader command works on the same folders and the same gradebook.\n\n"
        "Exit codes: 0 done; 1 something couldn't be graded or the course has a fault, each named; "
        "2 wrong usage or set-up."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


classroom.command()(collect)
classroom.command()(result)
classroom.command()(publish)
app.add_typer(classroom, rich_help_panel="A class")
app.add_typer(export, rich_help_panel="A class")
app.command(rich_help_panel="A class")(report)
app.add_typer(runtime, rich_help_panel="A course")


@app.command(rich_help_panel="A course")
def release(
    assignments: AssignmentsArgument = None,
    language: LanguageOption = None,
    framework: FrameworkOption = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Another folder than release/.")] = None,
    db: DbOption = None,
    course: CourseOption = HERE,
) -> None:
    """Make what students get: notebooks without solutions.

    The default edition goes to release/ and into the gradebook. Another needs --to, and leaves the gradebook alone:

        nabla release exercises --lang ja --to release-ja
    """
    from nabla.cli.course_commands import run_release

    raise typer.Exit(run_release(console(), course, db, assignments or [], language, framework, to))


@app.command(rich_help_panel="A course")
def verify(
    assignments: AssignmentsArgument = None,
    framework: Annotated[
        str | None,
        typer.Option("--framework", help="The edition: torch, numpy, tensorflow, jax, mxnet, or all."),
    ] = None,
    mutants: Annotated[
        bool,
        typer.Option("--mutants/--no-mutants", help="Also make slips in the reference solutions (most of the time)."),
    ] = True,
    margins: Annotated[
        bool, typer.Option("--margins", help="Print the margin of each wrong answer in each check that it fails.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, other random inputs.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Worker processes; 0: one per core.")] = 0,
    course: CourseOption = HERE,
) -> None:
    """Let the course check itself: solutions full, stubs zero, wrong answers and mutants caught, nothing leaks.

    Run it after each change of a notebook, a check or a wrong answer. It grades through the real engine.
    A mutant is the reference solution with one slip: an operator, a sign, a constant, an index, a transpose, the order
    of arguments, a dropped term, a loop's bound. docs/writing-exercises.md says what to do with one that survives.

    The editions of other frameworks share checks, texts and wrong answers with the course's own. With --framework the
    answers are tried in theirs, each in its own environment: solutions full, stubs zero, wrong answers caught, no leak.

        nabla verify exercises --framework jax

        nabla verify --framework all
    """
    from nabla.cli.verify_command import run_verify

    raise typer.Exit(
        run_verify(
            console(),
            course,
            assignments or [],
            framework=framework,
            mutants=mutants,
            margins=margins,
            seed=seed,
            workers=workers,
        )
    )


@app.command(rich_help_panel="A course")
def simulate(
    students: Annotated[int, typer.Option("--students", min=1, max=100_000, help="How many students.")] = 20,
    seed: Annotated[
        int, typer.Option("--seed", help="Another seed, another class; the same seed, the same class.")
    ] = 0,
    framework: Annotated[
        str | None,
        typer.Option("--framework", help="Whose edition they hand in; all: in turn those of c.Nabla.frameworks too."),
    ] = None,
    course: CourseOption = HERE,
) -> None:
    """Make a sample class with known true scores in submitted/, to try everything on.

    Good students, wrong answers, blank and broken notebooks, cheats. Refuses a folder that holds anybody else's work.
    """
    from nabla.cli.course_commands import run_simulate

    raise typer.Exit(run_simulate(console(), course, students, seed, framework))


@app.command(rich_help_panel="A class")
def grade(
    assignments: AssignmentsArgument = None,
    student: Annotated[
        list[str] | None, typer.Option("--student", metavar="ID", help="Only this student (repeatable).")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Worker processes; 0: one per core.")] = 0,
    db: DbOption = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is unchanged since its last grade.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the canonical result.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be graded.")] = False,
    course: CourseOption = HERE,
) -> None:
    """Grade what lies in submitted/ with the hidden checks, and save each grade as it is found.

    May be killed at any time: the next run goes on from there. Unchanged submissions aren't graded again.
    Written answers stay open; mark them in formgrader. A sample class (nabla simulate) shows given against true score.
    """
    from nabla.cli.class_commands import GradeOptions, run_grade

    options = GradeOptions(tuple(assignments or ()), tuple(student or ()), workers, force, json_file, dry_run)
    raise typer.Exit(run_grade(console(), course, db, options))


@app.command(rich_help_panel="A class")
def feedback(assignments: AssignmentsArgument = None, db: DbOption = None, course: CourseOption = HERE) -> None:
    """Write one HTML page for each graded notebook into feedback/: scores, messages, hints, your comments."""
    from nabla.cli.class_commands import run_feedback

    raise typer.Exit(run_feedback(console(), course, db, assignments or []))


@app.command(rich_help_panel="A class")
def replay(
    student: Annotated[str, typer.Argument(metavar="STUDENT", help="The name of the folder in submitted/.")],
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The name of its folder in source/.")],
    exercise: Annotated[
        str, typer.Argument(metavar="EXERCISE", help="grade_id of the exercise, with or without test_.")
    ],
    db: DbOption = None,
    course: CourseOption = HERE,
) -> None:
    """Run one exercise of one submission again and show every call, answer and verdict. Changes no grade.

    For instructors: expected values are shown.
    """
    from nabla.cli.class_commands import run_replay

    raise typer.Exit(run_replay(console(), course, db, student, assignment, exercise))


def main() -> None:
    """Run `nabla`. A fault of usage or set-up ends with a sentence and code 2; only a bug of ours shows a traceback."""
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = scripts + os.pathsep + os.environ.get("PATH", "")  # nbgrader calls `alembic` by name
    try:
        app()
    except _expected_errors() as error:
        _complain(str(error))
        sys.exit(2)
    except OSError as error:
        if error.filename is None and error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        _complain(f"{error}. Make room there, or let this account write; then run the same command again.")
        sys.exit(2)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # typer has made this of Ctrl-C
            _complain("Stopped. What was graded is saved; the same command goes on from there.")
        raise


def _expected_errors() -> tuple[type[Exception], ...]:
    """Errors whose message says what is wrong and what to do next. Imported only when something has gone wrong."""
    from nabla.checks import CheckFileError
    from nabla.course import CourseError
    from nabla.gradebook import GradebookError
    from nabla.notebook import UnreadableNotebook
    from nabla.sandbox import SandboxUnavailable

    return CourseError, CheckFileError, GradebookError, SandboxUnavailable, UnreadableNotebook


def _complain(sentence: str) -> None:
    Console(stderr=True, highlight=False).print(sentence, markup=False, style="red", soft_wrap=True)
