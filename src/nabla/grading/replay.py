"""One exercise of one submission again, with every question and answer kept. For instructors; changes no grade.

The same cells, inputs and checks as when it was graded (the seeds depend on the notebook alone).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from nbformat import NotebookNode

from nabla.answers import Handle, QuestionLost, Reply
from nabla.course import Course, CourseError, Limits, Nabla
from nabla.grading.lean import LeanDoor, Sanitised
from nabla.grading.submission import Engine, Sitting
from nabla.notebook.reading import read_bytes
from nabla.sandbox import SubmissionSession
from nabla.verdicts import CellResult, ExerciseVerdict


@dataclass(frozen=True)
class Question:
    """One call of a student's function, in words, and what came of it: a reply, or why there was none."""

    target: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    reply: Reply | None
    lost: str = ""


@dataclass(frozen=True)
class Replayed:
    """What happened: the questions of each check by its name, and the verdict."""

    questions: Mapping[str, tuple[Question, ...]]
    verdict: ExerciseVerdict
    remarks: tuple[str, ...] = ()


def replay(course: Course, student: str, assignment: str, exercise: str) -> Replayed:
    """The replay of ``exercise`` (a grade_id, with or without ``test_``). Raises `CourseError`."""
    door = LeanDoor(course, assignment)
    sanitised = _submitted(course, door, student, assignment, exercise)
    course = replace(course, settings=Nabla(config=course.config, reveal_expected=True))
    engine = _Watched(course, _grade_id(exercise))
    with engine:
        verdict = engine.grade(
            sanitised.notebook,
            assignment=assignment,
            student=student,
            files=door.files(student),
            language=sanitised.edition.language,
            framework=sanitised.edition.framework,
        )
    found = next(item for item in verdict.exercises if item.id == _grade_id(exercise))
    kept = {name: tuple(questions) for name, questions in engine.questions.items()}
    return Replayed(kept, found, sanitised.remarks)


def _submitted(course: Course, door: LeanDoor, student: str, assignment: str, exercise: str) -> Sanitised:
    """The student's notebook that has this exercise."""
    folder = course.folder("submitted") / student / assignment
    if not folder.is_dir():
        raise CourseError(f"{student} handed in nothing for {assignment}: there is no {folder}.")
    known: list[str] = []
    for name in door.sources.names:
        path = folder / f"{name}.ipynb"
        sanitised = door.sanitise(name, read_bytes(path, limit=course.limits.notebook), file=path)
        here = [cell.metadata.nbgrader.grade_id for cell in sanitised.notebook.cells if _is_sealable(cell)]
        if _grade_id(exercise) in here:
            return sanitised
        known += here
    raise CourseError(f"No exercise {exercise!r} in {assignment}. It has: {', '.join(known)}.")


def _is_sealable(cell: Any) -> bool:
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _grade_id(exercise: str) -> str:
    return exercise if exercise.startswith("test_") else f"test_{exercise}"


class _Watched(Engine):
    """An engine that judges one exercise only and keeps its questions."""

    def __init__(self, course: Course, wanted: str) -> None:
        super().__init__(course)
        self.wanted = wanted
        self.questions: dict[str, list[Question]] = {}

    def _exercise(self, cell: NotebookNode, result: CellResult, sitting: Sitting) -> ExerciseVerdict:
        grade_id = cell.metadata.nbgrader.grade_id
        if grade_id != self.wanted:
            return ExerciseVerdict(grade_id, None, float(cell.metadata.nbgrader.points), sealed=False)
        recorded = cast("SubmissionSession", _Recorded(sitting.session, self._keep))
        return super()._exercise(cell, result, replace(sitting, session=recorded))

    def _seed(self, *parts: str) -> Callable[[str], int]:
        seed = super()._seed(*parts)

        def begun(check: str) -> int:
            self.questions[check.rpartition(":")[2]] = []
            return seed(check)

        return begun

    def _keep(self, question: Question) -> None:
        self.questions[next(reversed(self.questions))].append(question)


class _Recorded:
    """A session that hands on every question and tells ``keep`` of it; implements `nabla.answers.Session`."""

    def __init__(self, session: SubmissionSession, keep: Callable[[Question], None]) -> None:
        self._session, self._keep = session, keep

    @property
    def limits(self) -> Limits:
        """The session's own, which the exercise may change."""
        return self._session.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._session.limits = limits

    def call(
        self,
        target: str | Handle,
        arguments: tuple[Any, ...] = (),
        keywords: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
    ) -> Reply:
        """The reply of the session."""
        name = target if isinstance(target, str) else f"the returned {target.type_name}"
        asked = Question(name, arguments, keywords or {}, None)
        return self._told(asked, lambda: self._session.call(target, arguments, keywords, seconds=seconds))

    def rehearse(self, target: str, arguments: tuple[Any, ...], **others: Any) -> Reply:
        """What the session's rehearsal says."""
        asked = Question(f"rehearsal of {target}", arguments, {}, None)
        return self._told(asked, lambda: self._session.rehearse(target, arguments, **others))

    def _told(self, asked: Question, ask: Callable[[], Reply]) -> Reply:
        try:
            reply = ask()
        except QuestionLost as lost:
            self._keep(replace(asked, lost=f"{lost.kind}: {lost}"))
            raise
        self._keep(replace(asked, reply=reply))
        return reply
