"""A worker process: starts its zygote, loads the checks while that imports the framework, then grades on request."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING

from nabla.course import Course
from nabla.grading.listing import Task
from nabla.grading.workers import become_a_worker
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
    from nabla.notebook.reading import UnreadableNotebook

    examiner = Examiner(course, force=force, zygote=zygote)
    with contextlib.suppress(GradebookError, CheckFileError, UnreadableNotebook):  # said by the coordinator
        examiner.prepare(assignments)
    _be_ready(examiner)


def start_forked(ahead: Ahead) -> None:
    """Begin a worker that was forked by the coordinator, with what lies ready there."""
    become_a_worker(dict(os.environ))
    examiner = ahead.take()
    _end_together(examiner.engine.zygote)
    _be_ready(examiner)


def _be_ready(examiner: Examiner) -> None:
    global _examiner
    _examiner = examiner
    Finalize(None, examiner.engine.close, exitpriority=10)  # other frameworks' zygotes too
    gc.freeze()  # none of it goes away before the worker does


def _end_together(zygote: Zygote) -> None:
    """End the zygote with this worker, and the worker with the coordinator."""
    Finalize(None, zygote.close, exitpriority=10)
    threading.Thread(target=_end_with_the_coordinator, args=(zygote,), daemon=True).start()


def _end_with_the_coordinator(zygote: Zygote) -> None:
    """End this worker when the coordinator is gone: one that was killed can't tell anybody."""
    coordinator = multiprocessing.parent_process()
    if coordinator is not None:
        coordinator.join()
        try:
            zygote.close()
        finally:  # whatever the main thread was just doing with it
            os._exit(1)


def grade(task: Task) -> Paper:
    """The paper of one submission, made in this process."""
    assert _examiner is not None
    return _examiner.grade(task)
