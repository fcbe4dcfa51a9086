"""What each framework's runtime costs: start of its zygote, one submission, memory.

For each framework a zygote is started and ended again a few times, each in the framework's own environment, then the
reference solutions of one assignment in its edition are graded in one zygote: once to warm up, then measured. Medians,
lowest and highest in brackets. Memory is PSS (what is shared with others is divided): of the zygote when it is ready,
and beside it, of the child at the end of the last cell, which shares most of its pages with the zygote.

    python benchmarks/frameworks.py [--assignment NAME] [--repeat N] [--frameworks jax mxnet …]

Needs the environments (nabla runtime install tensorflow jax mxnet); one that is missing is left out, and said so.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from nabla.course import Course
from nabla.grading.planting import notebooks_of, read_source, solved
from nabla.grading.submission import Engine
from nabla.notebook.editions import FRAMEWORKS, Edition
from nabla.sandbox import SubmissionSession, Zygote, runtime_of

PROJECT = Path(__file__).parents[1]
COLUMNS = ("framework", "zygote ready, s", "submission, s", "zygote, MiB", "child beside it, MiB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="gradients")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--frameworks", nargs="+", choices=FRAMEWORKS, default=FRAMEWORKS)
    options = parser.parse_args()
    course = Course.load(PROJECT)
    load = f"{os.getloadavg()[0]:.1f} before"
    print(f"| {' | '.join(COLUMNS)} |\n|---|{'--:|' * (len(COLUMNS) - 1)}")
    for framework in options.frameworks:
        if Path(runtime_of(course, framework).python).exists():
            cells = measured(course, framework, options.assignment, options.repeat)
            print(f"| `{framework}` | {' | '.join(cells)} |", flush=True)
        else:
            print(f"| `{framework}` | no environment: nabla runtime install {framework} |{' |' * (len(COLUMNS) - 2)}")
    print(
        f"\n`{options.assignment}`, {options.repeat} times; {os.cpu_count()} cores, Python {sys.version.split()[0]}, "
        f"load {load}, {os.getloadavg()[0]:.1f} after"
    )
    return 0


def measured(course: Course, framework: str, assignment: str, repeat: int) -> tuple[str, ...]:
    """The row of ``framework``."""
    starts, ready = [], []
    for _ in range(repeat):
        before = time.perf_counter()
        with Zygote.for_runtime(course, runtime_of(course, framework, [assignment])) as zygote:
            starts.append(time.perf_counter() - before)
            ready.append(pss(zygote.pid))
    seconds, child = graded(course, framework, assignment, repeat)
    return shown(starts, "{:.1f}"), shown(seconds, "{:.2f}"), shown(ready, "{:.0f}"), shown(child, "{:.0f}")


def graded(course: Course, framework: str, assignment: str, repeat: int) -> tuple[list[float], list[float]]:
    """Seconds of each submission, and the memory of its process. The time doesn't hold the look at the memory."""
    [path] = notebooks_of(course, assignment)
    nb = solved(read_source(path), Edition("en", framework), course)
    seconds, memory = [], []
    with Engine(course, Zygote.for_runtime(course, runtime_of(course, framework, [assignment]))) as engine:
        for number in range(repeat + 1):
            with looked_at() as looks:
                before = time.perf_counter()
                verdict = engine.grade(nb, assignment=assignment, framework=framework)
                taken = time.perf_counter() - before - looks.seconds
            assert all(exercise.score == exercise.max_score for exercise in verdict.exercises), framework
            if number:
                seconds.append(taken)
                memory.append(looks.memory)
    return seconds, memory


class Looks:
    """At a child's memory when its submission ends."""

    memory = 0.0
    seconds = 0.0


@contextmanager
def looked_at() -> Iterator[Looks]:
    looks, close = Looks(), SubmissionSession.close

    def closing(session: SubmissionSession) -> None:
        before = time.perf_counter()
        looks.memory = pss(session._pid)
        looks.seconds += time.perf_counter() - before
        close(session)

    with mock.patch.object(SubmissionSession, "close", closing):
        yield looks


def pss(pid: int) -> float:
    """MiB of a process, shared pages divided among those who share them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def shown(values: Sequence[float], form: str) -> str:
    low, high = form.format(min(values)), form.format(max(values))
    return f"{form.format(statistics.median(values))} ({low} to {high})"


if __name__ == "__main__":
    sys.exit(main())
