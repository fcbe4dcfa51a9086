"""Notebooks graded for the self-check, over worker processes: each has an engine of its own.

Knows the engine and executors; what a notebook is there to show, it doesn't know.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path

from nbformat import NotebookNode

from nabla.course import Course, CourseError, changed_limits
from nabla.grading import worker
from nabla.grading.submission import Engine
from nabla.grading.workers import Crew, WorkerDied, get_ready, local_pool, run_all
from nabla.verdicts import ExerciseVerdict

HURRY = {"call_seconds": 5.0, "cell_seconds": 10.0}
"""Limits of a mutant: some never end. The reference solution has to be fast enough for them too."""

Verdicts = Mapping[str, ExerciseVerdict]


@dataclass(frozen=True)
class Trial:
    """A notebook to grade as a submission of one assignment."""

    what: str
    assignment: str
    notebook: NotebookNode
    language: str
    framework: str
    hurried: bool = False


def grade(course: Course, trials: Sequence[Trial], *, seed: int, workers: int | None) -> Iterator[tuple[int, Verdicts]]:
    """(place in ``trials``, its verdicts by grade_id) as they come.

    Inputs depend on ``seed`` and not on the course's key, so that everybody who checks a course finds the same.
    Raises `CourseError` where a trial can't be graded, `nabla.sandbox.SandboxUnavailable` where none can.
    """
    count = min(workers or os.cpu_count() or 1, len(trials))
    assignments = tuple(dict.fromkeys(trial.assignment for trial in trials))
    arguments = (course.root, course.db_url, assignments, dict(os.environ), seed)
    get_ready([__name__])
    with Crew(functools.partial(local_pool, count, _start, arguments), count) as crew:
        for (place, trial), found in run_all(list(enumerate(trials)), _grade, crew.executor, workers=count):
            if isinstance(found, WorkerDied):
                raise CourseError(f"{trial.assignment}, {trial.what}: {found}") from found
            if isinstance(found, BaseException):
                raise found
            yield place, found


_engines: dict[bool, Engine] = {}
"""Of this worker process: for trials that aren't hurried, and for those that are."""


def _start(root: Path, db_url: str, assignments: Sequence[str], environment: Mapping[str, str], seed: int) -> None:
    course, zygote = worker.begin(root, db_url, assignments, environment)
    for hurried in (False, True):
        _engines[hurried] = engine = Engine(course, zygote)
        Finalize(None, engine.close, exitpriority=10)  # other frameworks' zygotes too
        engine.key = hashlib.sha256(f"nabla verify {seed}".encode()).digest()
    _engines[True].limits = changed_limits(course.limits, HURRY, "HURRY")


def _grade(task: tuple[int, Trial]) -> Verdicts:
    _, trial = task
    verdict = _engines[trial.hurried].grade(
        trial.notebook,
        assignment=trial.assignment,
        language=trial.language,
        framework=trial.framework,
    )
    return {exercise.id: exercise for exercise in verdict.exercises}
