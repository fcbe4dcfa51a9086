"""A class: submissions over worker processes, and one writer that saves each as it is found.

A worker holds an engine and turns files into verdicts; the coordinator alone touches the gradebook and ``autograded/``.
Killing anything at any time loses at most what was in flight.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.util import Finalize
from pathlib import Path

from nabla import __version__
from nabla.checks import CheckFileError
from nabla.course import Course, CourseError
from nabla.gradebook import GradebookError, GradebookWriter, NotebookGrades, Submission, saved_submissions
from nabla.grading.lean import Finished, LeanDoor, Sanitised
from nabla.grading.ledger import Ledger, digest, only_one
from nabla.grading.listing import submissions
from nabla.grading.record import remember_verdict
from nabla.grading.result import SubmissionResult
from nabla.grading.submission import Engine
from nabla.grading.workers import local_pool, run_all
from nabla.notebook.files import require_plain_folders, submission_time
from nabla.notebook.reading import UnreadableNotebook, read_bytes
from nabla.sandbox import SandboxUnavailable
from nabla.verdicts import NotebookVerdict

Task = tuple[str, str]
OnResult = Callable[[SubmissionResult], None]


@dataclass(frozen=True)
class Paper:
    """What a worker found out about one submission: data only, ready to be saved."""

    student: str
    assignment: str
    key: str
    result: SubmissionResult
    timestamp: datetime | None = None
    finished: tuple[Finished, ...] = ()
    verdicts: Mapping[str, NotebookVerdict] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    recalled: bool = False
    repeatable: bool = False


class Examiner:
    """One worker's tools: an engine, and a door for each assignment. Lives as long as its process."""

    def __init__(self, course: Course, *, force: bool, saved: frozenset[Task]) -> None:
        self.course, self.force, self.saved = course, force, saved
        self.engine = Engine.for_course(course)
        self.ledger = Ledger(course)
        self._doors: dict[str, LeanDoor] = {}

    def grade(self, task: Task) -> Paper:
        """The paper of ``(student, assignment)``. Raises only for what no submission can cause."""
        student, assignment = task
        started = time.monotonic()
        door = self._door(assignment)
        folder = self.course.folder("submitted") / student / assignment
        try:
            require_plain_folders(folder.parent, folder)
            timestamp = submission_time(folder)
            files = door.files(student)
        except UnreadableNotebook as error:
            result = SubmissionResult.failed(student, assignment, str(error))
            return Paper(student, assignment, "", result, failed=door.sources.names)
        raw, reasons = self._read(door, folder)
        key = self._key(door, assignment, raw, files, timestamp)
        if (known := self._recalled(student, assignment, key, door, raw)) is not None:
            return Paper(student, assignment, key, known, recalled=True)
        return self._fresh(door, task, key, raw, files, timestamp, reasons, started)

    def _fresh(
        self,
        door: LeanDoor,
        task: Task,
        key: str,
        raw: Mapping[str, bytes],
        files: Mapping[str, bytes],
        timestamp: datetime | None,
        reasons: list[str],
        started: float,
    ) -> Paper:
        student, assignment = task
        finished: list[Finished] = []
        verdicts: dict[str, NotebookVerdict] = {}
        open_points = 0.0
        for name, content in raw.items():
            try:
                sanitised = door.sanitise(name, content, file=self._file(student, assignment, name))
            except UnreadableNotebook as error:
                reasons.append(str(error))
                continue
            verdicts[name] = self._verdict(door, sanitised, task, files)
            done = door.finish(sanitised, verdicts[name])
            open_points += _open_points(sanitised, done.grades)
            finished.append(done)
        failed = tuple(name for name in door.sources.names if reasons and name not in verdicts)
        result = SubmissionResult.from_verdicts(
            student,
            assignment,
            verdicts.values(),
            manual_points_open=open_points,
            seconds=time.monotonic() - started,
            reasons=reasons,
        )
        return Paper(
            student,
            assignment,
            key,
            result,
            timestamp=timestamp,
            finished=tuple(finished),
            verdicts=verdicts,
            failed=failed,
            files=files,
            repeatable=result.status == "graded" and not any(verdict.lost for verdict in verdicts.values()),
        )

    def _verdict(self, door: LeanDoor, sanitised: Sanitised, task: Task, files: Mapping[str, bytes]) -> NotebookVerdict:
        student, assignment = task
        return self.engine.grade(
            sanitised.notebook,
            assignment=assignment,
            student=student,
            files=files,
            language=sanitised.edition.language,
            framework=sanitised.edition.framework,
            given=door.sources.given(sanitised.name, sanitised.edition),
        )

    def _read(self, door: LeanDoor, folder: Path) -> tuple[dict[str, bytes], list[str]]:
        """The assignment's notebooks that were handed in, and a sentence about each that wasn't."""
        raw: dict[str, bytes] = {}
        reasons: list[str] = []
        for name in door.sources.names:
            path = folder / f"{name}.ipynb"
            if not os.path.lexists(path):
                reasons.append(_missing(path, folder))
                continue
            try:
                raw[name] = read_bytes(path, limit=self.course.limits.notebook)
            except UnreadableNotebook as error:
                reasons.append(str(error))
        return raw, reasons

    def _file(self, student: str, assignment: str, name: str) -> Path:
        return self.course.folder("submitted") / student / assignment / f"{name}.ipynb"

    def _door(self, assignment: str) -> LeanDoor:
        if assignment not in self._doors:
            self._doors[assignment] = LeanDoor(self.course, assignment)
        return self._doors[assignment]

    def _key(
        self,
        door: LeanDoor,
        assignment: str,
        raw: Mapping[str, bytes],
        files: Mapping[str, bytes],
        timestamp: datetime | None,
    ) -> str:
        """A hash of everything that the grade comes from."""
        content = [item for part in (raw, files) for name in sorted(part) for item in (os.fsencode(name), part[name])]
        return digest(self._frame(assignment), str(timestamp), len(raw), *content)

    @functools.lru_cache  # noqa: B019  an examiner lives as long as its process
    def _frame(self, assignment: str) -> str:
        """What all submissions to ``assignment`` share: checks, source, configuration, runtime, engine, key."""
        engine, course, judge = self.engine, self.course, self.engine.judge(assignment)
        config = course.root / "nbgrader_config.py"
        source = sorted((course.folder("source") / assignment).glob("*.ipynb"))
        return digest(
            str(judge.digest if judge else ""),
            repr(self._door(assignment).sources.stored),
            [path.read_bytes().hex() for path in source],
            config.read_bytes() if config.exists() else b"",
            [__version__, engine.runtime, engine.sandbox, repr(engine.limits)],
            engine.key,
        )

    def _recalled(
        self, student: str, assignment: str, key: str, door: LeanDoor, raw: Mapping[str, bytes]
    ) -> SubmissionResult | None:
        """The result of the same work, where it was saved and what it left is still there."""
        autograded = self.course.folder("autograded") / student / assignment
        there = (student, assignment) in self.saved and all((autograded / f"{name}.ipynb").is_file() for name in raw)
        return self.ledger.recall(assignment, student, key) if there and not self.force else None


def grade_class(
    course: Course,
    assignments: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    workers: int | None = None,
    force: bool = False,
    on_result: OnResult | None = None,
) -> Iterator[SubmissionResult]:
    """The result of each submission as it is saved.

    Raises `CourseError` for what keeps any submission from being graded: nothing released, no sandbox, a check file
    that can't be read, another command at work.
    """
    tasks = [(student, assignment) for student, assignment in submissions(course, assignments, tuple(students or ()))]
    with only_one(course), _said_clearly():
        doors = _try_once(course, assignments)
        with GradebookWriter(course.db_url, course.config) as writer:
            saved = saved_submissions(course.db_url)
            for task, found in _papers(course, tasks, workers, force, saved):
                result = _saved(doors[task[1]], writer, task, found)
                if on_result is not None:
                    on_result(result)
                yield result


def _papers(
    course: Course, tasks: list[Task], workers: int | None, force: bool, saved: frozenset[Task]
) -> Iterator[tuple[Task, Paper | BaseException]]:
    workers = min(workers or os.cpu_count() or 1, len(tasks))
    make = functools.partial(local_pool, workers, _start, (course.root, course.db_url, force, saved))
    return run_all(tasks, _grade, make, workers=workers)


def _try_once(course: Course, assignments: Sequence[str]) -> dict[str, LeanDoor]:
    """The doors of the assignments; fails before the first submission where every submission would fail."""
    doors = {assignment: LeanDoor(course, assignment) for assignment in assignments}
    engine = Engine.for_course(course)
    try:
        for assignment in assignments:
            engine.judge(assignment)
        engine.check_sandbox()
        _ = engine.runtime
    finally:
        engine.close()
    return doors


@contextmanager
def _said_clearly() -> Iterator[None]:
    """Turns what is wrong with a course into `CourseError`, as commands show it."""
    try:
        yield
    except (GradebookError, SandboxUnavailable, CheckFileError) as error:
        raise CourseError(str(error)) from error


_examiner: Examiner | None = None


def _start(root: Path, db_url: str, force: bool, saved: frozenset[Task]) -> None:
    """Begin a worker: Ctrl-C is the coordinator's to handle; the engine ends with the process."""
    global _examiner
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _examiner = Examiner(Course.load(root, db_url=db_url), force=force, saved=saved)
    Finalize(None, _examiner.engine.close, exitpriority=10)
    threading.Thread(target=_end_with_the_coordinator, daemon=True).start()


def _end_with_the_coordinator() -> None:
    """End this worker when the coordinator is gone: one that was killed can't tell anybody."""
    coordinator = multiprocessing.parent_process()
    if coordinator is not None and _examiner is not None:
        coordinator.join()
        _examiner.engine.close()
        os._exit(1)


def _grade(task: Task) -> Paper:
    assert _examiner is not None
    return _examiner.grade(task)


def _saved(door: LeanDoor, writer: GradebookWriter, task: Task, found: Paper | BaseException) -> SubmissionResult:
    """Save what was found; a submission that can't be saved is named and the rest goes on."""
    student, assignment = task
    if wrong := _why_no_id(student):
        shown = student.encode("utf-8", "backslashreplace").decode()
        reason = f"{shown}: {wrong}. Rename the folder to the student's id, then grade again."
        return SubmissionResult.failed(shown, assignment, reason)
    if isinstance(found, BaseException):
        why = f"{type(found).__name__}: {found}"
        reason = f"{student}, {assignment}: not graded ({why}). Grade again: nabla grade --student {student}"
        return SubmissionResult.failed(student, assignment, reason)
    if found.recalled:
        return found.result
    ledger = Ledger(door.course)
    try:
        ledger.forget(assignment, student)
        grades: dict[str, NotebookGrades] = {done.name: done.grades for done in found.finished}
        writer.save(Submission(assignment, student, found.timestamp, grades, found.failed))
        if found.finished:
            notebooks = {done.name: done.content for done in found.finished}
            door.publish(student, notebooks, found.files)
        else:
            door.withdraw(student)
        for name, verdict in found.verdicts.items():
            remember_verdict(door.course.root, assignment, student, name, verdict)
        if found.repeatable:
            ledger.remember(found.key, found.result)
    except Exception as error:  # the rest of the class is graded, whatever a database or a disk says
        why = str(error) if isinstance(error, GradebookError | OSError) else f"{type(error).__name__}: {error}"
        reason = f"{student}, {assignment}: graded but not saved ({why}). Make room or mend that, then grade again."
        return SubmissionResult.failed(student, assignment, reason)
    return found.result


def _why_no_id(student: str) -> str:
    """Why a folder's name can't be a student's id; empty where it can."""
    if any("\ud800" <= character <= "\udfff" for character in student):
        return "a name that is not UTF-8 text, which no gradebook can hold"
    if any(character in '<>"' for character in student):
        return 'a name with < > or " in it, which formgrader would take for markup'
    return ""


def _missing(path: Path, folder: Path) -> str:
    others = sorted(other.name for other in folder.glob("*.ipynb"))
    if not others:
        return f"{path}: not handed in, so nothing is graded. Grade again when it is there."
    found = ", ".join(others[:3])
    return f"{path}: not handed in; there is {found}. If that is it, rename it to {path.name} and grade again."


def _open_points(sanitised: Sanitised, grades: NotebookGrades) -> float:
    """Points of the written answers that wait for a person."""
    total = 0.0
    for cell in sanitised.notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("grade") and nbgrader.get("solution") and grades.scores.get(nbgrader["grade_id"]) is None:
            total += float(nbgrader["points"])
    return total
