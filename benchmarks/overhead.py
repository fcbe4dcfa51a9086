"""What grading a submission costs beside the student's own cells and the checks: user and system time, part by part.

Makes a sample class of the course in a temporary folder, grades each submission once to warm up and once measured, in
one process, and prints the median of each part in milliseconds with the quartiles.

    python benchmarks/overhead.py [--students N]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from nabla.course import Course
from nabla.gradebook import GradebookWriter
from nabla.grading import saving
from nabla.grading.examiner import Examiner
from nabla.grading.listing import Task, submissions
from nabla.grading.release import release
from nabla.sandbox.session import SubmissionSession
from nabla.simulate.sample import make_sample

PROJECT = Path(__file__).parents[1]
PARTS = ("read and harden", "run (judge's side)", "fork and set-up (runner)", "write notebook", "save rows", "publish")


class Meter:
    """CPU milliseconds by part and submission."""

    def __init__(self) -> None:
        self.parts: dict[str, list[float]] = defaultdict(list)
        self.now: dict[str, float] = defaultdict(float)

    @contextmanager
    def part(self, name: str, sign: int = 1) -> Iterator[None]:
        before = time.process_time()
        yield
        self.now[name] += sign * 1000 * (time.process_time() - before)

    def add(self, name: str, milliseconds: float) -> None:
        self.now[name] += milliseconds

    def submission_ends(self) -> None:
        for name in PARTS:
            self.parts[name].append(self.now[name])
        self.now = defaultdict(float)


def cpu_of(pid: int) -> float:
    """CPU milliseconds of a process with one thread so far."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--assignment", default="exercises")
    options = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # nbgrader calls `alembic` by name
    with tempfile.TemporaryDirectory() as folder:
        course = make_course(Path(folder), options.students)
        meter = measured(course, options.assignment)
    width = max(map(len, PARTS))
    total = [sum(values) for values in zip(*(meter.parts[name] for name in PARTS), strict=True)]
    for name, values in [*((name, meter.parts[name]) for name in PARTS), ("overhead in all", total)]:
        low, middle, high = statistics.quantiles(values, n=4)
        print(f"{name:{width}}  {middle:7.1f} ms   (quartiles {low:.1f} to {high:.1f})")
    print(f"{len(total)} submissions, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    return 0


def make_course(folder: Path, students: int) -> Course:
    """The project's course with a sample class, in ``folder``."""
    shutil.copy(PROJECT / "nbgrader_config.py", folder)
    for name in ("source", "grader_tests"):
        shutil.copytree(PROJECT / name, folder / name)
    course = Course.load(folder)
    release(course, course.assignments())
    make_sample(course, students, seed=0)
    return course


def measured(course: Course, assignment: str) -> Meter:
    """Every submission graded and saved, each part metered."""
    meter = Meter()
    examiner = Examiner(course, force=True)
    try:
        tasks = [Task(*names) for names in submissions(course, [assignment])]
        with GradebookWriter(course.db_url, course.config) as writer:
            for task in tasks:
                examiner.grade(task)
            for task in tasks:
                _one(examiner, writer, task, meter)
    finally:
        examiner.engine.close()
    return meter


def _one(examiner: Examiner, writer: GradebookWriter, task: Task, meter: Meter) -> None:
    door = examiner.door(task[1])
    judge = examiner.engine.judge(task[1])
    assert judge is not None
    settle = SubmissionSession._settle

    def settled(session: SubmissionSession, channel: object) -> None:
        settle(session, channel)  # type: ignore[arg-type]
        meter.add("fork and set-up (runner)", cpu_of(session._pid))

    def timed(target: object, name: str, part: str, sign: int = 1) -> mock._patch:
        original = getattr(target, name)

        def wrapped(*arguments: object, **keywords: object) -> object:
            with meter.part(part, sign):
                return original(*arguments, **keywords)

        return mock.patch.object(target, name, wrapped)

    with (
        mock.patch.object(SubmissionSession, "_settle", settled),
        timed(door, "sanitise", "read and harden"),
        timed(door, "finish", "write notebook"),
        timed(examiner.engine, "grade", "run (judge's side)"),
        timed(judge, "grade", "run (judge's side)", sign=-1),  # the check bodies
        timed(writer, "save", "save rows"),
        timed(door, "publish", "publish"),
    ):
        paper = examiner.grade(task)
        saving.save(door, writer, task, paper)
    if paper.verdicts:
        meter.submission_ends()
    else:
        meter.now.clear()


if __name__ == "__main__":
    sys.exit(main())
