"""One notebook to one verdict: its cells run in the sandbox, and each sealed exercise is judged where its cell stands.

Knows the judge and the sandbox; knows nothing of files, students' folders or the gradebook.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from nbformat import NotebookNode

from nabla import __version__
from nabla.checks import Judge
from nabla.course import Course, Limits, changed_limits, course_key, fingerprint
from nabla.grading.second_pass import SecondPass
from nabla.notebook.given import NOTHING_GIVEN, Given, Names, is_test, unneeded
from nabla.sandbox import (
    NOT_DRAWN,
    Runtime,
    SubmissionSession,
    Zygote,
    accelerator_of,
    check_level,
    runtime_description,
    runtime_of,
)
from nabla.verdicts import CellResult, ExerciseVerdict, NotebookVerdict

NO_PROTECTION = "none (NOT SANDBOXED)"
_SAID = {"output_type": "display_data", "data": {"text/plain": NOT_DRAWN}, "metadata": {}}
NOT_RUN = CellResult(outputs=(_SAID,), status="skipped")
"""A given cell that only shows a picture, and whose names no other cell touches."""


@dataclass(frozen=True)
class Sitting:
    """One submission while it is graded: where its exercises are asked, and what all of them share."""

    session: SubmissionSession
    second: SecondPass | None
    judge: Judge | None
    assignment: str
    digest: str
    language: str
    framework: str


class Engine:
    """A zygote for each runtime and a judge for each assignment, kept for any number of submissions. Close when done.

    The zygote of the course's own framework is ``zygote``; another starts with the first submission that needs it.
    """

    def __init__(self, course: Course, zygote: Zygote | None = None) -> None:
        self.course = course
        self.key = course_key(course)
        self.zygote = zygote or Zygote.for_course(course)
        self.limits = self.zygote.limits
        for grade_id in course.settings.exercise_limits:
            self._limits_of(grade_id)  # a wrong name is said before the first submission
        self._judges: dict[str, Judge | None] = {}
        self._others: dict[Runtime, Zygote] = {}
        self._accelerated: dict[Runtime, Zygote] = {}
        self._accelerators: dict[str, str] = {}
        self._described: dict[str, str] = {}

    @classmethod
    def for_course(cls, course: Course, assignments: Sequence[str] = ()) -> Engine:
        """An engine for ``assignments`` of ``course``; its zygote starts with the first submission."""
        return cls(course, Zygote.for_course(course, assignments))

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the zygotes and everything below them."""
        for zygote in (self.zygote, *self._others.values(), *self._accelerated.values()):
            zygote.close()

    @property
    def runtime(self) -> str:
        """Interpreter and package versions of the runner of the course's own framework."""
        return self.runtime_of("")

    def runtime_of(self, framework: str) -> str:
        """Those of ``framework``'s edition. Raises `nabla.sandbox.SandboxUnavailable` where it has no interpreter."""
        if framework not in self._described:
            launch, device = self.zygote_of(framework).launch, self.accelerator_of(framework)
            described = runtime_description(launch.python, launch.preload)
            self._described[framework] = f"{described}, on {device} too" if device else described
        return self._described[framework]

    def zygote_of(self, framework: str) -> Zygote:
        """The zygote in which submissions of ``framework``'s edition run."""
        runtime = runtime_of(self.course, framework)
        if runtime == runtime_of(self.course):
            return self.zygote
        if runtime not in self._others:
            self._others[runtime] = Zygote.for_runtime(self.course, runtime)
        return self._others[runtime]

    def accelerator_of(self, framework: str) -> str:
        """The device for checks of ``framework``'s edition that need one; empty where there is none."""
        framework = framework or self.course.settings.framework
        if framework != "torch":
            return ""
        if framework not in self._accelerators:
            python = self.zygote_of(framework).launch.python
            self._accelerators[framework] = accelerator_of(python, self.course.settings.accelerator)
        return self._accelerators[framework]

    def _second_pass(self, framework: str, files: Mapping[str, bytes] | None) -> SecondPass | None:
        """The submission on the accelerator, not begun; ``None`` where there is none."""
        device = self.accelerator_of(framework)
        if not device:
            return None

        def open_session() -> SubmissionSession:
            runtime = runtime_of(self.course, framework)
            if runtime not in self._accelerated:
                self._accelerated[runtime] = Zygote.for_runtime(self.course, runtime, device)
            zygote = self._accelerated[runtime]
            return SubmissionSession(zygote, files=files, framework=framework, limits=self.limits)

        return SecondPass(device, open_session)

    @property
    def sandbox(self) -> str:
        """The level, as results show it."""
        return NO_PROTECTION if self.zygote.level == "none" else self.zygote.level

    def check_sandbox(self) -> None:
        """Raise `nabla.sandbox.SandboxUnavailable` where the sandbox can't work here, without starting it."""
        check_level(self.zygote.level)

    def judge(self, assignment: str) -> Judge | None:
        """The judge of ``assignment``'s hidden checks, or ``None`` where the course has none for it."""
        if assignment not in self._judges:
            path = self.course.grader_tests / f"test_{assignment}.py"
            reveal = self.course.settings.reveal_expected
            found = Judge(self.course.grader_tests, assignment, reveal_expected=reveal) if path.is_file() else None
            self._judges[assignment] = found
        return self._judges[assignment]

    def grade(
        self,
        nb: NotebookNode,
        *,
        assignment: str,
        student: str = "",
        files: Mapping[str, bytes] | None = None,
        language: str = "en",
        framework: str = "",
        given: Given = NOTHING_GIVEN,
    ) -> NotebookVerdict:
        """The verdict on a sanitised notebook. Never raises for what student code does.

        ``given``: the cells that every student got. Unchanged ones run, but what they draw isn't rendered; those that
        only show a picture don't run where no other cell touches a name of theirs. They took longer than everything
        else; ``c.Nabla.draw_given`` runs and draws all.

        Raises `nabla.sandbox.SandboxUnavailable` where nothing can be run, and `nabla.checks` errors for broken checks.
        """
        started = time.monotonic()
        judge = self.judge(assignment)
        digest = notebook_hash(nb)
        framework = framework or self.course.settings.framework
        zygote = self.zygote_of(framework)
        second = self._second_pass(framework, files)
        with (
            SubmissionSession(zygote, files=files, framework=framework, limits=self.limits) as session,
            contextlib.closing(second) if second else contextlib.nullcontext(),
        ):
            sitting = Sitting(session, second, judge, assignment, digest, language, framework)
            cells, exercises = self._run(nb, given, sitting)
        return NotebookVerdict(
            exercises=exercises,
            cells=cells,
            sandbox=self.sandbox,
            runtime=self.runtime_of(framework),
            engine=__version__,
            key_fingerprint=fingerprint(self.key),
            seconds=time.monotonic() - started,
            notebook_hash=digest,
            lost=(*session.lost, *(second.lost if second else ())),
        )

    def _run(
        self, nb: NotebookNode, given: Given, sitting: Sitting
    ) -> tuple[dict[int, CellResult], tuple[ExerciseVerdict, ...]]:
        """What each code cell did, and the verdicts, each given where its graded cell stands."""
        cells: dict[int, CellResult] = {}
        exercises: list[ExerciseVerdict] = []
        unneeded = self._unneeded(nb, given, sitting.session)
        for index, cell in enumerate(nb.cells):
            if cell.cell_type != "code":
                continue
            if index in unneeded:
                cells[index] = NOT_RUN
                continue
            draw = self.course.settings.draw_given or cell.source not in given.cells
            cells[index] = result = sitting.session.run_cell(index, cell.source, draw=draw)
            if sitting.second is not None and result.status != "lost":
                sitting.second.ran(index, cell.source)
            if is_test(cell):
                exercises.append(self._exercise(cell, result, sitting))
        return cells, tuple(exercises)

    def _unneeded(self, nb: NotebookNode, given: Given, session: SubmissionSession) -> set[int]:
        """Places of the cells that need not run."""
        if self.course.settings.draw_given or not given.pictures:
            return set()
        places = [index for index, cell in enumerate(nb.cells) if cell.cell_type == "code"]
        sources = [nb.cells[index].source for index in places]
        if given.pictures.isdisjoint(sources):
            return set()
        others = [source for source in sources if source not in given.names]
        theirs = {source: Names.said(told) for source, told in zip(others, session.names(others), strict=True)}
        return {places[place] for place in unneeded(sources, given, theirs)}

    def _exercise(self, cell: NotebookNode, result: CellResult, sitting: Sitting) -> ExerciseVerdict:
        judge, session = sitting.judge, sitting.session
        grade_id = cell.metadata.nbgrader.grade_id
        points = float(cell.metadata.nbgrader.points)
        if judge is None or grade_id not in judge.exercises:
            return ExerciseVerdict(grade_id, unsealed_score(result, points), points, sealed=False)
        session.limits = self._limits_of(grade_id)
        try:
            return judge.grade(
                grade_id,
                session,
                max_score=points,
                seed=self._seed(sitting.assignment, grade_id, sitting.digest),
                language=sitting.language,
                framework=sitting.framework,
                call_seconds=session.limits.call_seconds,
                accelerator=sitting.second,
            )
        finally:
            session.limits = self.limits

    def _limits_of(self, grade_id: str) -> Limits:
        """The course's limits with the exercise's own; those that the kernel holds stay as they were at the fork."""
        changes = self.course.settings.exercise_limits.get(grade_id, {})
        return changed_limits(self.limits, changes, f"c.Nabla.exercise_limits[{grade_id!r}]")

    def _seed(self, assignment: str, grade_id: str, digest: str) -> Callable[[str], int]:
        def seed(check: str) -> int:
            text = json.dumps([assignment, grade_id, check, digest]).encode()
            return int.from_bytes(hmac.new(self.key, text, hashlib.sha256).digest(), "big")

        return seed


def notebook_hash(nb: NotebookNode) -> str:
    """A hash of what can change a grade: each cell's type, source and place in the marking. Outputs don't count."""
    parts = [[cell.cell_type, cell.source, _marking(cell)] for cell in nb.cells]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _marking(cell: NotebookNode) -> dict[str, Any]:
    nbgrader = cell.metadata.get("nbgrader", {})
    return {name: nbgrader.get(name) for name in ("grade_id", "grade", "solution", "task", "points")}


def unsealed_score(result: CellResult, points: float) -> float | None:
    """nbgrader's rule for a test cell without hidden checks, failing closed.

    An error: 0. A number as the cell's result: that many points, where it lies in 0..points. Another result: ``None``,
    a person looks. No result: all points, unless outputs were cut off and it may be among them. Text on stderr costs
    nothing.
    """
    if result.status != "ok" or any(output.get("output_type") == "error" for output in result.outputs):
        return 0.0
    shown = [output for output in result.outputs if output.get("output_type") == "execute_result"]
    if not shown:
        return None if result.cut else points
    try:
        score = float(str(dict(shown[-1].get("data") or {}).get("text/plain")))
    except (ValueError, TypeError):  # a forged result need not even be a bundle
        return None
    return score if math.isfinite(score) and 0 <= score <= points else None
