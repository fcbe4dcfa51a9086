"""One worker's part: a submission's folder in, its paper out. Saves nothing but the verdicts it may recall later.

Knows files, the engine and the door; knows neither the other workers nor the gradebook's rows.
"""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nabla import __version__
from nabla.course import Course
from nabla.gradebook import NotebookGrades
from nabla.grading.lean import Finished, LeanDoor, Sanitised
from nabla.grading.ledger import Ledger, digest
from nabla.grading.listing import Task
from nabla.grading.result import SubmissionResult
from nabla.grading.submission import Engine
from nabla.notebook.editions import FRAMEWORKS
from nabla.notebook.files import require_plain_folders, submission_time
from nabla.notebook.hardening import alterations
from nabla.notebook.reading import UnreadableNotebook, read_bytes
from nabla.sandbox import SandboxUnavailable, Zygote
from nabla.verdicts import NotebookVerdict


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


@dataclass(frozen=True)
class _Work:
    """What lies in a submission's folder, and a sentence about each notebook that doesn't."""

    timestamp: datetime | None
    notebooks: Mapping[str, bytes]
    files: Mapping[str, bytes]
    reasons: Sequence[str]


class Examiner:
    """One worker's tools: an engine, and a door for each assignment. Lives as long as its process."""

    def __init__(self, course: Course, *, force: bool, zygote: Zygote | None = None) -> None:
        self.course, self.force = course, force
        self.engine = Engine(course, zygote)
        self.ledger = Ledger(course)
        self._doors: dict[str, LeanDoor] = {}

    def prepare(self, assignments: Sequence[str]) -> None:
        """Load what the first submission would wait for.

        Raises for what is wrong with the course: `nabla.gradebook.GradebookError`, `nabla.checks.CheckFileError`. A
        source that can't be read is said of each submission that needs it.
        """
        for assignment in assignments:
            door = self.door(assignment)
            with contextlib.suppress(UnreadableNotebook):
                door.sources.read()
            self.engine.judge(assignment)

    def grade(self, task: Task) -> Paper:
        """The paper of ``(student, assignment)``. Raises only for what no submission can cause."""
        student, assignment, _ = task
        started = time.monotonic()
        door = self.door(assignment)
        try:
            work = self._work(door, task)
        except UnreadableNotebook as error:
            result = SubmissionResult.failed(student, assignment, str(error))
            return Paper(student, assignment, "", result, failed=door.sources.names)
        key = self._key(assignment, work)
        if (known := self._recalled(task, key, work)) is not None:
            return Paper(student, assignment, key, known, recalled=True)
        return self._fresh(door, task, key, work, started)

    def _fresh(self, door: LeanDoor, task: Task, key: str, work: _Work, started: float) -> Paper:
        student, assignment, _ = task
        finished: list[Finished] = []
        verdicts: dict[str, NotebookVerdict] = {}
        reasons, remarks, open_points = [*work.reasons], [], 0.0
        for name, content in work.notebooks.items():
            try:
                sanitised = door.sanitise(name, content, file=self._file(student, assignment, name))
            except UnreadableNotebook as error:
                reasons.append(str(error))
                continue
            remarks += alterations(sanitised.remarks)
            verdicts[name] = self._verdict(door, sanitised, task, work.files)
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
            remarks=remarks,
        )
        return Paper(
            student,
            assignment,
            key,
            result,
            timestamp=work.timestamp,
            finished=tuple(finished),
            verdicts=verdicts,
            failed=failed,
            files=work.files,
            repeatable=result.status == "graded" and not any(verdict.lost for verdict in verdicts.values()),
        )

    def _verdict(self, door: LeanDoor, sanitised: Sanitised, task: Task, files: Mapping[str, bytes]) -> NotebookVerdict:
        student, assignment, _ = task
        return self.engine.grade(
            sanitised.notebook,
            assignment=assignment,
            student=student,
            files=files,
            language=sanitised.edition.language,
            framework=sanitised.edition.framework,
            given=door.sources.given(sanitised.name, sanitised.edition),
        )

    def _work(self, door: LeanDoor, task: Task) -> _Work:
        """What was handed in. Raises `UnreadableNotebook` where nothing of it can be used."""
        folder = self.course.folder("submitted") / task.student / task.assignment
        require_plain_folders(folder.parent, folder)
        timestamp, files = submission_time(folder), door.files(task.student)
        notebooks: dict[str, bytes] = {}
        reasons: list[str] = []
        for name in door.sources.names:
            path = folder / f"{name}.ipynb"
            if not os.path.lexists(path):
                reasons.append(_missing(path, folder))
                continue
            try:
                notebooks[name] = read_bytes(path, limit=self.course.limits.notebook)
            except UnreadableNotebook as error:
                reasons.append(str(error))
        return _Work(timestamp, notebooks, files, reasons)

    def _file(self, student: str, assignment: str, name: str) -> Path:
        return self.course.folder("submitted") / student / assignment / f"{name}.ipynb"

    def door(self, assignment: str) -> LeanDoor:
        """The way of ``assignment``'s files, loaded once. Raises `GradebookError` where it was never released."""
        if assignment not in self._doors:
            self._doors[assignment] = LeanDoor(self.course, assignment)
        return self._doors[assignment]

    def _key(self, assignment: str, work: _Work) -> str:
        """A hash of everything that the grade comes from."""
        raw, files = work.notebooks, work.files
        content = [item for part in (raw, files) for name in sorted(part) for item in (os.fsencode(name), part[name])]
        runtimes = [
            self._runtime(name) for name in FRAMEWORKS if any(f'"{name}"'.encode() in part for part in raw.values())
        ]
        return digest(self._frame(assignment), runtimes, str(work.timestamp), len(raw), *content)

    def _runtime(self, framework: str) -> str:
        """The versions of what runs ``framework``'s edition, which a notebook may name; why there are none, if so."""
        try:
            return self.engine.runtime_of(framework)
        except SandboxUnavailable as error:
            return str(error)

    @functools.lru_cache  # noqa: B019  an examiner lives as long as its process
    def _frame(self, assignment: str) -> str:
        """What all submissions to ``assignment`` share: checks, source, configuration, runtime, engine, key."""
        engine, course, judge = self.engine, self.course, self.engine.judge(assignment)
        config = course.root / "nbgrader_config.py"
        source = sorted((course.folder("source") / assignment).glob("*.ipynb"))
        return digest(
            str(judge.digest if judge else ""),
            repr(self.door(assignment).sources.stored),
            [path.read_bytes().hex() for path in source],
            config.read_bytes() if config.exists() else b"",
            [__version__, engine.runtime, engine.sandbox, repr(engine.limits)],
            engine.key,
        )

    def _recalled(self, task: Task, key: str, work: _Work) -> SubmissionResult | None:
        """The result of the same work, where it was saved and what it left is still there."""
        if self.force or not task.saved:
            return None
        autograded = self.course.folder("autograded") / task.student / task.assignment
        there = all((autograded / f"{name}.ipynb").is_file() for name in work.notebooks)
        return self.ledger.recall(task.assignment, task.student, key) if there else None


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
