"""What the coordinator does with a paper: rows, written notebooks, what is remembered; or a sentence why not."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from nabla.gradebook import GradebookError, GradebookWriter, NotebookGrades, Submission
from nabla.grading.examiner import Paper
from nabla.grading.lean import LeanDoor
from nabla.grading.ledger import Ledger
from nabla.grading.listing import Task
from nabla.grading.record import remember_verdict
from nabla.grading.result import SubmissionResult
from nabla.grading.workers import WorkerDied


def save(door: LeanDoor, writer: GradebookWriter, task: Task, found: Paper | BaseException) -> SubmissionResult:
    """The result of ``task``, saved. A submission that can't be saved is named and the rest goes on."""
    student, assignment, _ = task
    if wrong := _why_no_id(student):
        shown = student.encode("utf-8", "backslashreplace").decode()
        reason = f"{shown}: {wrong}. Rename the folder to the student's id, then grade again."
        return SubmissionResult.failed(shown, assignment, reason)
    if isinstance(found, BaseException):
        why = f"{type(found).__name__}: {found}"
        reason = f"not graded ({why}). Grade again: nabla grade --student {student}"
        result = SubmissionResult.failed(student, assignment, reason)
        if not isinstance(found, WorkerDied):
            return result
        # What kills a worker is the work itself: it may not keep the score of what was handed in before it.
        found = Paper(student, assignment, "", result, failed=door.names)
    if found.recalled:
        return found.result
    try:
        with _in_one_piece():
            _save(door, writer, found)
    except Exception as error:  # the rest of the class is graded, whatever a database or a disk says
        why = str(error) if isinstance(error, GradebookError | OSError) else f"{type(error).__name__}: {error}"
        reason = f"graded but not saved ({why}). Make room or mend that, then grade again."
        return SubmissionResult.failed(student, assignment, reason)
    return found.result


def _save(door: LeanDoor, writer: GradebookWriter, found: Paper) -> None:
    student, assignment = found.student, found.assignment
    ledger = Ledger(door.course)
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


@contextmanager
def _in_one_piece() -> Iterator[None]:
    """Ctrl-C waits for the end of this block: it would leave rows without their notebook."""
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread hears it, and may listen.
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    heard: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: heard.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard:
            before(*heard[0])


def _why_no_id(student: str) -> str:
    """Why a folder's name can't be a student's id; empty where it can."""
    if any("\ud800" <= character <= "\udfff" for character in student):
        return "a name that is not UTF-8 text, which no gradebook can hold"
    if any(character in '<>"' for character in student):
        return 'a name with < > or " in it, which formgrader would take for markup'
    return ""
