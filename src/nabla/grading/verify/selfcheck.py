"""What is asked of a course before anybody is graded with it: its notebooks, its release, its checks, its pages."""

from __future__ import annotations

import filecmp
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from nabla.checks import Judge
from nabla.checks.collection import Check
from nabla.course import Course
from nabla.grading.coverage import coverage_problems
from nabla.grading.planting import notebooks_of, read_source
from nabla.grading.release import release_edition
from nabla.grading.submission import Engine
from nabla.grading.translations import differences
from nabla.grading.verify import lazy, mutation, solutions, trials, wrong
from nabla.grading.verify.bench import Bench
from nabla.grading.verify.report import ExerciseRecord, Report
from nabla.notebook.editions import Edition, default_edition
from nabla.notebook.twin import TwinError, check_equal

LAW_SHARE = 0.6
Watch = Callable[[int], AbstractContextManager[Callable[[str], None]]]
"""Made for a number of steps, it gives what is told of each."""


def verify(
    course: Course,
    assignments: Sequence[str],
    *,
    frameworks: Sequence[str] = (),
    mutants: bool = True,
    seed: int = 0,
    workers: int | None = None,
    watch: Watch = lambda _: nullcontext(lambda _: None),
) -> Iterator[Report]:
    """The self-check of each of ``assignments``, in their order, in each of ``frameworks``' editions.

    By default in that of the course's own framework; in another's only answers are tried: the reference solutions, the
    untouched release, the wrong answers. Another ``seed`` asks with other inputs. Raises
    `nabla.checks.CheckFileError` where a file of checks or wrong answers can't even be read, and
    `nabla.sandbox.SandboxUnavailable` where a framework has no environment.
    """
    frameworks = frameworks or [course.settings.framework]
    with Engine.for_course(course, assignments) as engine:
        engine.check_sandbox()
        for framework in frameworks:
            engine.zygote_of(framework)
        subjects = [
            _Subject(course, assignment, framework, engine.judge(assignment), mutants)
            for framework in frameworks
            for assignment in assignments
        ]
    plan = [planned for subject in subjects for planned in subject.plan]
    with watch(len(plan)) as on_step:
        todo = [planned.trial for planned in plan]
        for place, verdicts in trials.grade(course, todo, seed=seed, workers=workers):
            on_step(f"{todo[place].assignment}: {todo[place].what}")
            plan[place].verdicts = verdicts
            while subjects and subjects[0].done:
                yield subjects.pop(0).report()
    yield from (subject.report() for subject in subjects)


class _Subject:
    """One assignment in one framework's edition: what is tried with its notebooks, and what else is asked of it."""

    def __init__(self, course: Course, assignment: str, framework: str, judge: Judge | None, mutants: bool) -> None:
        self.course, self.assignment, self.judge = course, assignment, judge
        self.own = framework == course.settings.framework
        self.edition = default_edition(course.config)._replace(framework=framework)
        self.sources = {path: read_source(path) for path in notebooks_of(course, assignment)}
        self.benches = [Bench(course, assignment, source, self.edition, judge) for source in self.sources.values()]
        rooms = [solutions, *([lazy] if self.own else []), wrong, *([mutation] if self.own and mutants else [])]
        self.plan = [planned for bench in self.benches for room in rooms for planned in room.plan(bench)]

    @property
    def done(self) -> bool:
        """Whether all that is tried has its verdicts."""
        return all(planned.verdicts is not None for planned in self.plan)

    def report(self) -> Report:
        """All that is wrong, in an order that doesn't depend on which verdict came first."""
        for planned in self.plan:
            planned.conclude()
        records = [record for bench in self.benches for record in bench.records.values()]
        self._ask_the_judge({record.id: record for record in records})
        found = list(self._problems(records))
        return Report(self.assignment, records, found, self.edition.framework, only_answers=not self.own)

    def _ask_the_judge(self, records: Mapping[str, ExerciseRecord]) -> None:
        """What it can say without a trial: weights, and how clearly it tells wrong answers from the right one."""
        for name, record in records.items():
            found = self.judge.exercises.get(name) if self.judge else None
            checks = [check for check in found.checks if check.occurs_in(self.edition.framework)] if found else []
            record.checks, record.law_share = len(checks), _law_share(checks)
            if checks and record.law_share < LAW_SHARE:
                record.problems.append(
                    f"the law has {record.law_share:.0%} of the weight, at least {LAW_SHARE:.0%} are needed"
                )
        for margin in self.judge.margins() if self.judge and self.own else ():
            if margin.exercise in records:
                records[margin.exercise].margins.append(margin)

    def _problems(self, records: list[ExerciseRecord]) -> Iterator[str]:
        yield from _release_problems(self.course, self.assignment, self.edition, committed=self.own)
        if self.own:
            yield from self._problems_of_the_source(records)
        yield from (problem for bench in self.benches for problem in bench.problems)

    def _problems_of_the_source(self, records: list[ExerciseRecord]) -> Iterator[str]:
        """Those that don't depend on an edition."""
        for path, source in self.sources.items():
            yield from _twin_problems(self.course, path)
            yield from (f"{path.name}: {problem}" for problem in differences(source))
        yield from _unpaired(self.assignment, records, self.judge)
        yield from coverage_problems(self.course, self.assignment, self.sources.values(), self.judge)


def _law_share(checks: Sequence[Check]) -> float:
    total = sum(check.weight for check in checks)
    return sum(check.weight for check in checks if check.law) / total if total else 0.0


def _unpaired(assignment: str, records: list[ExerciseRecord], judge: Judge | None) -> Iterator[str]:
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


def _release_problems(course: Course, assignment: str, edition: Edition, *, committed: bool) -> Iterator[str]:
    """Leaks in any language of the release; of the ``committed`` one, also whether it is what ``source/`` gives."""
    with tempfile.TemporaryDirectory() as scratch:
        for language in ("en", "ja"):
            made = release_edition(course, [assignment], Edition(language, edition.framework), Path(scratch) / language)
            yield from (f"release ({language}): {leak}" for released in made for leak in released.leaks)
        if committed:
            yield from _stale(assignment, Path(scratch) / edition.language / assignment, course.folder("release"))


def _stale(assignment: str, fresh: Path, release: Path) -> Iterator[str]:
    """What of ``release/`` isn't ``fresh``."""
    committed = release / assignment
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
