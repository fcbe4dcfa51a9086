"""What `nabla grade`, `feedback` and `replay` say and return. The work is done in other rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from nabla.cli.progress import progress
from nabla.cli.tables import agrees, points, print_class
from nabla.cli.text import plain, safe
from nabla.course import Course, CourseError

if TYPE_CHECKING:
    from nabla.grading.replay import Question
    from nabla.grading.result import SubmissionResult

OUTCOMES = {"passed": "green", "failed": "red", "error": "bold red", "not_graded": "yellow"}


@dataclass(frozen=True)
class GradeOptions:
    """What `nabla grade` was asked for."""

    assignments: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    workers: int = 0
    force: bool = False
    json_file: Path | None = None
    dry_run: bool = False


def run_grade(console: Console, root: Path, db_url: str | None, options: GradeOptions) -> int:
    """0 where everything has a verdict (in a sample class: the true one), 1 where something hasn't."""
    from nabla.grading.listing import named_assignments, submissions
    from nabla.grading.pool import grading

    course = Course.load(root, db_url=db_url)
    assignments = named_assignments(course, options.assignments)
    todo = submissions(course, assignments, options.students)
    if options.dry_run:
        for student, assignment in todo:
            console.print(safe(f"{student}, {assignment}"))
        console.print(f"{len(todo)} submissions would be graded. Nothing was run or written.")
        return 0
    if options.json_file and not options.json_file.resolve().parent.is_dir():
        raise CourseError(f"{options.json_file.parent}: no such folder for --json. Make it first.")
    graded = grading(
        course,
        sorted({assignment for _, assignment in todo}),
        students=options.students or None,
        workers=options.workers or course.settings.workers or None,
        force=options.force,
    )
    results = []
    with graded as found, progress(console, "grading", len(todo)) as step:  # in this order: the bar is a thread
        for one in found:
            results.append(one)
            step(f"{one.student}, {one.assignment}")
    from nabla.grading import result
    from nabla.simulate.sample import true_scores

    if options.json_file:
        result.write(results, options.json_file)
    true = _of_these(results, true_scores(course))
    print_class(console, results, true)
    if true is not None:
        return _compared(console, results, true)
    failed = sum(found.status == "failed" for found in results)
    if failed:
        console.print(f"{failed} of {len(results)} have no full verdict, see above. All others are saved.", style="red")
    return 1 if failed else 0


def run_feedback(console: Console, root: Path, db_url: str | None, names: Sequence[str]) -> int:
    """0 where everybody who is graded has a page."""
    from nabla.grading.feedback import graded_students, make_feedback
    from nabla.grading.listing import named_assignments

    course = Course.load(root, db_url=db_url)
    assignments = [name for name in named_assignments(course, names) if graded_students(course, name)]
    if not assignments:
        raise CourseError("Nothing is graded yet. Grade first: nabla grade")
    failures = []
    for assignment in assignments:
        with progress(console, f"feedback {assignment}", len(graded_students(course, assignment))) as step:
            made = make_feedback(course, assignment, step)
        console.print(safe(f"{assignment}: {len(made.pages)} pages in {course.folder('feedback')}"))
        failures += [f"{assignment}: {why}" for why in made.failures]
    for why in failures:
        console.print(safe(why, "red", width=400))
    return 1 if failures else 0


def run_replay(console: Console, root: Path, db_url: str | None, student: str, assignment: str, exercise: str) -> int:
    """0 where the exercise could be run again."""
    from nabla.grading.listing import named_assignments
    from nabla.grading.replay import replay

    course = Course.load(root, db_url=db_url)
    named_assignments(course, [assignment])
    found = replay(course, student, assignment, exercise)
    for remark in found.remarks:
        console.print(safe(f"put right before running: {remark}", "yellow"))
    for check in found.verdict.checks:
        console.print(safe(f"{check.outcome}: {check.name} (weight {points(check.weight)})", OUTCOMES[check.outcome]))
        for question in found.questions.get(check.name, ()):
            console.print(_indented(4, _call(question)))
            console.print(_indented(6, f"→ {_answer(question)}"))
        for label, text in (("", check.message), ("hint: ", check.hint), ("wrong answer: ", check.wrong_answer)):
            if text:
                console.print(_indented(4, f"{label}{text}", "yellow" if label else "red"))
    score = f"{found.verdict.id}: {points(found.verdict.score)} of {points(found.verdict.max_score)} points"
    console.print(safe(score, "bold"))
    if not found.verdict.sealed:
        console.print("This exercise has no hidden checks; its own asserts decide.")
    return 0


def _of_these(
    results: Sequence[SubmissionResult], true: Mapping[tuple[str, str], float | None] | None
) -> Mapping[tuple[str, str], float | None] | None:
    """The true scores of the submissions that were graded; ``None`` where none of them is a sample."""
    keys = [(found.student, found.assignment) for found in results]
    return {key: true[key] for key in keys if true and key in true} or None


def _compared(
    console: Console, results: Sequence[SubmissionResult], true: Mapping[tuple[str, str], float | None]
) -> int:
    """Given against true scores of a sample class, whose failures are part of it: 1 where one differs."""
    known = [found for found in results if (found.student, found.assignment) in true]
    others = [found for found in results if (found.student, found.assignment) not in true]
    differ = [found for found in known if not agrees(found.score, true[found.student, found.assignment])]
    lost = [found for found in differ if found.status == "failed"]
    wrong = [found for found in differ if found not in lost]
    for found in wrong:
        text = f"{found.student}, {found.assignment}: given {points(found.score)}, true "
        console.print(safe(text + points(true[found.student, found.assignment]), "bold red"))
    if wrong:
        console.print(
            f"Sample class: {len(wrong)} of {len(known)} given scores aren't the true ones. Either the engine or a "
            "check is wrong, or the course has changed since the class was made (nabla simulate makes another).",
            style="red",
        )
    if lost:
        console.print(
            f"Sample class: {len(lost)} of {len(known)} should have a score and have none or not all of it; why stands "
            "above.",
            style="red",
        )
    if not differ:
        console.print(f"Sample class: given = true for all {len(known)}.", style="green")
    return 1 if differ or any(found.status == "failed" for found in others) else 0


def _indented(spaces: int, text: str, style: str = "") -> Text:
    return Text(" " * spaces).append_text(safe(text, style, width=800))


def _call(question: Question) -> str:
    keywords = [f"{name}={_short(value)}" for name, value in question.keywords.items()]
    return f"{question.target}({', '.join([*map(_short, question.arguments), *keywords])})"


def _answer(question: Question) -> str:
    if question.reply is None:
        return f"no answer ({question.lost})"
    if question.reply.error is not None:
        return f"{question.reply.error.names[0]}: {question.reply.error.message}"
    return _short(question.reply.value)


def _short(value: Any) -> str:
    import numpy as np

    if callable(value):
        return f"<function {getattr(value, '__name__', '')}>"
    with np.printoptions(threshold=20, precision=6):
        return plain(repr(value), 160)
