"""A worker process: has a zygote, its own or one that was begun for it, and an examiner; then grades on request."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import select
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nabla.course import Course
from nabla.grading.listing import Task
from nabla.grading.workers import become_a_worker, ignore_control_c
from nabla.sandbox import SandboxUnavailable, Zygote

if TYPE_CHECKING:
    from nabla.grading.ahead import Ahead
    from nabla.grading.examiner import Examiner, Paper

_examiner: Examiner | None = None


def begin(root: Path, db_url: str, assignments: Sequence[str], environment: Mapping[str, str]) -> tuple[Course, Zygote]:
    """Make this process a worker whose zygote starts with it, and ends with it."""
    become_a_worker(environment)
    course = Course.load(root, db_url=db_url)
    zygote = Zygote.for_course(course, assignments)
    _end_together(zygote)
    with contextlib.suppress(SandboxUnavailable):  # said again, and then heard, when there is something to grade
        zygote.begin()
    return course, zygote


def start(root: Path, db_url: str, force: bool, assignments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Begin a worker that grades submissions."""
    try:
        course, zygote = begin(root, db_url, assignments, environment)
    except SandboxUnavailable:
        return  # the coordinator meets it too, says it, and sends nothing here
    from nabla.checks import CheckFileError  # the coordinator knows this module, and imports it without these
    from nabla.gradebook import GradebookError
    from nabla.grading.examiner import Examiner

    examiner = Examiner(course, force=force, zygote=zygote)
    with contextlib.suppress(GradebookError, CheckFileError):  # said by the coordinator
        examiner.prepare(assignments)
    _be_ready(examiner)


def start_forked(ahead: Ahead, examiner: Examiner, lock: TextIO) -> None:
    """Begin a worker that the coordinator has forked, with the ``examiner`` that it has made ready."""
    ignore_control_c()
    lock.close()
    examiner.engine.zygote = ahead.take()
    _end_together(examiner.engine.zygote, ahead.coordinator)
    _be_ready(examiner)


def _be_ready(examiner: Examiner) -> None:
    global _examiner
    _examiner = examiner
    Finalize(None, examiner.engine.close, exitpriority=10)  # other frameworks' zygotes too
    gc.freeze()  # none of it goes away before the worker does


def _end_together(zygote: Zygote, coordinator: int = 0) -> None:
    """End the zygote with this worker, and the worker with the coordinator, whose child it is where that is given."""
    Finalize(None, zygote.close, exitpriority=10)
    threading.Thread(target=_end_with_the_coordinator, args=(zygote, coordinator), daemon=True).start()


def _end_with_the_coordinator(zygote: Zygote, coordinator: int = 0) -> None:
    """End this worker when the coordinator is gone: one that was killed can't tell anybody."""
    if not _outlived(coordinator):
        return
    try:
        zygote.close()
    finally:  # whatever the main thread was just doing with it
        os._exit(1)


def _outlived(coordinator: int) -> bool:
    """True once the coordinator is gone; False where there is none, since this process is the coordinator itself.

    By its number where it is this process's parent: forks hold open what `multiprocessing` would watch.
    """
    if coordinator:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(coordinator)
            if os.getppid() == coordinator:
                select.select([descriptor], [], [])
        return True
    process = multiprocessing.parent_process()
    if process is not None:
        process.join()
    return process is not None


def grade(task: Task) -> Paper:
    """The paper of one submission, made in this process."""
    assert _examiner is not None
    return _examiner.grade(task)
