"""The course checks itself, through the real engine: solutions full, stubs and lazy answers zero, wrong answers caught.

Knows the course and the engine. Changes nothing: no release, no grade.
"""

from __future__ import annotations

import ast
import filecmp
import math
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from nabla.checks import Judge, WrongAnswer
from nabla.checks.collection import Check
from nabla.course import Course
from nabla.grading.planting import (
    graded_cells,
    independent_cells,
    notebooks_of,
    planted,
    read_source,
    reference_cells,
    solved,
    untouched,
    with_cells,
)
from nabla.grading.release import release_edition
from nabla.grading.submission import Engine
from nabla.grading.translations import differences
from nabla.notebook.editions import Edition, default_edition, has_editions
from nabla.notebook.twin import TwinError, check_equal
from nabla.verdicts import ExerciseVerdict

LAW_SHARE = 0.6
LAZY_ANSWERS: Mapping[str, str] = {
    "always ValueError": "raise ValueError('no')",
    "always RuntimeError": "raise RuntimeError('no')",
    "the argument itself": "return given[0]",
    "the argument changed in place": "changed = given[0]; changed += 1; return changed",
    "zeros": "return given[0] * 0",
    "None": "return None",
}
"""What a function can do without knowing anything. Each must be worth nothing."""

FUNCTION = re.compile(r"^def (\w+)", re.M)
EXEMPT = "CONSTANTS"
"""Name in a file of checks: ``CONSTANTS = {"test_origin_is": "why"}``, exercises whose right answer is a constant."""


@dataclass
class ExerciseRecord:
    """What was found out about one exercise; `problems` says what is wrong."""

    id: str
    points: float
    law_share: float = 0.0
    checks: int = 0
    solution: list[float | None] = field(default_factory=list)
    untouched: list[float | None] = field(default_factory=list)
    lazy: dict[str, float | None] = field(default_factory=dict)
    wrong_caught: int = 0
    wrong_known: int = 0
    margin: float = math.inf
    problems: list[str] = field(default_factory=list)


@dataclass
class Report:
    """One assignment's self-check."""

    assignment: str
    exercises: list[ExerciseRecord] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and not any(exercise.problems for exercise in self.exercises)


def verify(course: Course, assignment: str, on_step: Callable[[str], None] = lambda _: None) -> Report:
    """The self-check of ``assignment``; ``on_step`` is told each thing that is tried.

    Raises `nabla.checks.CheckFileError` where a file of checks or wrong answers can't even be read.
    """
    report = Report(assignment)
    edition = default_edition(course.config)
    report.problems += _release_problems(course, assignment, edition)
    with Engine.for_course(course, [assignment]) as engine:
        for path in notebooks_of(course, assignment):
            source = read_source(path)
            report.problems += _twin_problems(course, path)
            report.problems += [f"{path.name}: {problem}" for problem in differences(source)]
            report.exercises += _Bench(course, assignment, source, edition, engine, on_step).examined()
        report.problems += list(_unpaired(course, assignment, report.exercises, engine.judge(assignment)))
    return report


class _Bench:
    """One notebook on the bench: graded again and again with other answers in it."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        source: NotebookNode,
        edition: Edition,
        engine: Engine,
        on_step: Callable[[str], None],
    ) -> None:
        self.course, self.assignment, self.source, self.edition = course, assignment, source, edition
        self.engine, self.on_step = engine, on_step
        self.judge = engine.judge(assignment)
        self.untouched = untouched(source, edition, course)
        self.reference = reference_cells(source, edition)
        tests = course.grader_tests / f"test_{assignment}.py"
        self.exempt = exempt_exercises(tests) if tests.is_file() else {}
        self.wrong = self.judge.wrong_answers if self.judge else {}
        self.records = {name: ExerciseRecord(name, points) for name, points in graded_cells(self.untouched).items()}

    def examined(self) -> list[ExerciseRecord]:
        """A record of every graded cell."""
        self._weights()
        self._solutions_and_stubs()
        self._lazy_answers()
        self._wrong_answers()
        self._margins()
        return list(self.records.values())

    def _checks(self, grade_id: str) -> tuple[Check, ...]:
        found = self.judge.exercises.get(grade_id) if self.judge else None
        return found.checks if found else ()

    def _grade(self, nb: NotebookNode, what: str, language: str) -> Mapping[str, ExerciseVerdict]:
        self.on_step(what)
        framework = self.edition.framework
        verdict = self.engine.grade(nb, assignment=self.assignment, language=language, framework=framework)
        return {exercise.id: exercise for exercise in verdict.exercises}

    def _weights(self) -> None:
        for name, record in self.records.items():
            checks = self._checks(name)
            record.checks, record.law_share = len(checks), _law_share(checks)
            if checks and record.law_share < LAW_SHARE:
                record.problems.append(
                    f"the law has {record.law_share:.0%} of the weight, at least {LAW_SHARE:.0%} are needed"
                )

    def _solutions_and_stubs(self) -> None:
        for language in ("en", "ja") if has_editions(self.source) else (self.edition.language,):
            edition = Edition(language, self.edition.framework)
            full = self._grade(solved(self.source, edition, self.course), f"reference solutions ({language})", language)
            stub = self._grade(
                untouched(self.source, edition, self.course), f"untouched release ({language})", language
            )
            for name, record in self.records.items():
                record.solution.append(full[name].score)
                record.untouched.append(stub[name].score)
                if full[name].score != record.points:
                    record.problems.append(f"the reference solution ({language}) {_failures(full[name])}")
                if stub[name].score != 0:
                    record.problems.append(f"the untouched release ({language}) gets {stub[name].score}")

    def _lazy_answers(self) -> None:
        for name, body in LAZY_ANSWERS.items():
            cells = {grade_id: lazy_cell(text, body) for grade_id, text in self.reference.items()}
            found = self._grade(with_cells(self.untouched, cells), name, self.edition.language)
            for grade_id, record in self.records.items():
                record.lazy[name] = score = found[grade_id].score
                if score != 0 and grade_id not in self.exempt:
                    passed = [check.name for check in found[grade_id].checks if check.outcome == "passed"]
                    record.problems.append(
                        f"{name!r} gets {score} of {record.points} points (passes {', '.join(passed)})"
                    )

    def _wrong_answers(self) -> None:
        """One wrong answer of each exercise at a time: solutions are independent, so they don't meet."""
        todo = {name: [a for a in self.wrong.get(name, ()) if self._can_stand(name, a)] for name in self.records}
        for name, record in self.records.items():
            record.wrong_known = len(todo[name])
            if not self.wrong.get(name):
                record.problems.append("no wrong answer is known: write one, so that its checks are tested")
        for number in range(max(map(len, todo.values()), default=0)):
            chosen = {name: answers[number] for name, answers in todo.items() if number < len(answers)}
            self._wrong_answers_at_once(chosen, f"wrong answers, round {number + 1}")

    def _can_stand(self, grade_id: str, answer: WrongAnswer) -> bool:
        """Whether ``answer`` can occur in this edition; one without a solution cell to stand in is a problem."""
        if grade_id.removeprefix("test_") not in self.reference:
            self.records[grade_id].problems.append(f"wrong answer {answer.name}: there is no solution cell for it")
            return False
        return answer.occurs_in(self.edition.framework)

    def _wrong_answers_at_once(self, chosen: Mapping[str, WrongAnswer], what: str) -> None:
        cells = independent_cells(self.reference)
        for grade_id, answer in chosen.items():
            cell = grade_id.removeprefix("test_")
            cells[cell] = planted(cells[cell], answer.function, answer.source, answer.name)
        found = self._grade(with_cells(self.untouched, cells), what, self.edition.language)
        for grade_id, answer in chosen.items():
            problem = _unlike_declared(answer, found[grade_id])
            self.records[grade_id].problems += [f"wrong answer {answer.name} {problem}"] if problem else []
            self.records[grade_id].wrong_caught += not problem

    def _margins(self) -> None:
        """The smallest distance, in tolerances, at which a check of values tells a wrong answer from the right one."""
        for margin in self.judge.margins() if self.judge else ():
            if margin.exercise in self.records and margin.distance > 0:
                record = self.records[margin.exercise]
                record.margin = min(record.margin, margin.distance)


def lazy_cell(reference: str, body: str) -> str:
    """A solution cell whose every function has this one line as its body."""
    return "\n".join(f"def {name}(*given, **named):\n    {body}" for name in FUNCTION.findall(reference))


def exempt_exercises(tests: Path) -> dict[str, str]:
    """The exercises that ``tests`` names in `EXEMPT`, with the reason of each."""
    for node in ast.parse(tests.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == EXEMPT for t in node.targets):
            return dict(ast.literal_eval(node.value))
    return {}


def _law_share(checks: tuple[Check, ...]) -> float:
    total = sum(check.weight for check in checks)
    return sum(check.weight for check in checks if check.law) / total if total else 0.0


def _failures(verdict: ExerciseVerdict) -> str:
    failed = [f"{check.name}: {check.message}" for check in verdict.checks if check.outcome in ("failed", "error")]
    return f"gets {verdict.score} of {verdict.max_score} points ({'; '.join(failed) or 'no check failed'})"


def _unlike_declared(answer: WrongAnswer, verdict: ExerciseVerdict) -> str:
    """What the checks did with ``answer`` other than it declares; empty where nothing."""
    failed = {check.name for check in verdict.checks if check.outcome in ("failed", "error")}
    missed = sorted(set(answer.fails) - failed)
    parts = [f"passes {', '.join(missed)}"] if missed else []
    parts += [f"fails {c.name} too ({c.message})" for c in verdict.checks if c.name in failed - set(answer.fails)]
    return "; ".join(parts)


def _unpaired(course: Course, assignment: str, records: list[ExerciseRecord], judge: Judge | None) -> Iterator[str]:
    """Graded cells without a class of checks, and the reverse."""
    tests = f"grader_tests/test_{assignment}.py"
    classes = set(judge.exercises) if judge else set()
    cells = {record.id for record in records}
    yield from (f"{name}: a graded cell without a class of checks in {tests}" for name in sorted(cells - classes))
    yield from (f"{name}: a class of checks in {tests} without a graded cell" for name in sorted(classes - cells))


def _twin_problems(course: Course, notebook: Path) -> list[str]:
    """What is wrong with the text twin of a source notebook; a course without a folder of twins needs none."""
    if not (course.root / "notebooks").is_dir():
        return []
    try:
        check_equal(course.root / "notebooks" / f"{notebook.stem}.md", notebook)
    except (TwinError, FileNotFoundError) as error:
        return [str(error)]
    return []


def _release_problems(course: Course, assignment: str, edition: Edition) -> Iterator[str]:
    """Leaks in any language of the release, and whether ``release/`` is what ``source/`` gives."""
    with tempfile.TemporaryDirectory() as scratch:
        for language in ("en", "ja"):
            made = release_edition(course, [assignment], Edition(language, edition.framework), Path(scratch) / language)
            yield from (f"release ({language}): {leak}" for released in made for leak in released.leaks)
        fresh = Path(scratch) / edition.language / assignment
        committed = course.folder("release") / assignment
        if not committed.is_dir():
            yield f"release/{assignment} is missing: nabla release {assignment}"
            return
        for name in sorted(_files(fresh) | _files(committed)):
            if not _same(fresh / name, committed / name):
                yield f"release/{assignment}/{name} isn't what source/ gives: nabla release {assignment}"


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)
