"""Stock ``nbgrader autograde`` against ``nabla grade``: the same submissions, the same checks, in one run.

    python benchmarks/compare.py [--students 20] [--workers 2] [--repeat 3] [--assignment exercises]

Each grades every submission again each time. Times include everything: start of the command, imports, gradebook.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from hidden_checks import with_hidden_tests
from nbgrader.api import Gradebook

from nabla.checks import Judge
from nabla.course import Course
from nabla.grading.planting import notebooks_of, read_source
from nabla.notebook.editions import default_edition, keep_edition
from nabla.simulate.sample import make_sample

HERE = Path(__file__).resolve().parent.parent
RESULT = "result.json"
HONEST = {"good", "wrong", "several", "blank", "partial"}


@dataclass(frozen=True)
class Run:
    """Seconds on the clock, and seconds that the machine's processors worked meanwhile, for this or for anything else.

    Of the machine, since a worker's zygote is nobody's child that a parent's account would hold.
    """

    wall: float
    cpu: float


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="nabla-benchmark-") as scratch:
        ours = _our_course(Path(scratch) / "nabla", options.assignment, options.students)
        stock = _stock_course(Path(scratch) / "stock", ours, options.assignment)
        commands = {
            "nbgrader autograde": (stock, ["nbgrader", "autograde", options.assignment, "--force"]),
            "nabla grade": (
                ours,
                ["nabla", "grade", options.assignment, "--force", f"--workers={options.workers}", f"--json={RESULT}"],
            ),
        }
        runs: dict[str, list[Run]] = {name: [] for name in commands}
        for _ in range(options.repeat):  # in turn, so that what else the machine does meets both
            for name, (folder, command) in commands.items():
                runs[name].append(_timed(command, folder))
        _report(options, runs)
        _compare_scores(ours, stock, options.assignment)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--assignment", default="exercises")
    return parser.parse_args()


def _our_course(root: Path, assignment: str, students: int) -> Path:
    """A copy of this course with submissions that stock nbgrader can read too: none broken, none dishonest."""
    for name in ("source", "grader_tests", "notebooks"):
        shutil.copytree(HERE / name, root / name)
    shutil.copy(HERE / "nbgrader_config.py", root)
    _run(["nabla", "release", assignment], root)
    papers = make_sample(Course.load(root), 4 * students, seed=1)
    honest = [paper.student.name for paper in papers if paper.student.character in HONEST][:students]
    for folder in (root / "submitted").iterdir():
        if folder.name not in honest:
            shutil.rmtree(folder)
    return root


def _stock_course(root: Path, ours: Path, assignment: str) -> Path:
    """The same assignment and submissions as an ordinary nbgrader course, without any configuration of ours."""
    course = Course.load(ours)
    checks = (ours / "grader_tests" / f"test_{assignment}.py").read_text(encoding="utf-8")
    for path in notebooks_of(course, assignment):
        source = keep_edition(read_source(path), default_edition(course.config))
        target = root / "source" / assignment / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(with_hidden_tests(source, checks), target)
    shutil.copytree(ours / "submitted", root / "submitted")
    (root / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    _run(["nbgrader", "generate_assignment", assignment], root)
    return root


def _timed(command: Sequence[str], folder: Path) -> Run:
    before, started = _worked(), time.perf_counter()
    _run(command, folder, allowed=(0, 1))
    return Run(time.perf_counter() - started, _worked() - before)


def _worked() -> float:
    """Seconds of processor time since the machine started."""
    user, nice, system = map(int, Path("/proc/stat").read_text(encoding="ascii").split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def _run(command: Sequence[str], folder: Path, allowed: tuple[int, ...] = (0,)) -> None:
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    found = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if found.returncode not in allowed:
        sys.exit(f"{' '.join(command)} failed ({found.returncode}):\n{found.stdout[-2000:]}\n{found.stderr[-4000:]}")


def _report(options: argparse.Namespace, runs: dict[str, list[Run]]) -> None:
    machine = f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {machine}")
    what = f"{options.students} submissions to {options.assignment}, {options.repeat} runs"
    print(f"{what}, {options.workers} workers for nabla\n")
    print(f"{'':20} {'median s':>9} {'min':>8} {'max':>8} {'s each':>8} {'cpu s each':>11}")
    for name, found in runs.items():
        walls = [run.wall for run in found]
        median, cpu = statistics.median(walls), statistics.median(run.cpu for run in found)
        each = f"{median / options.students:8.3f} {cpu / options.students:11.3f}"
        print(f"{name:20} {median:9.2f} {min(walls):8.2f} {max(walls):8.2f} {each}")
    ratios = [slow.wall / fast.wall for slow, fast in zip(*runs.values(), strict=True)]
    print(f"\nnabla is {statistics.median(ratios):.1f} times as fast (from {min(ratios):.1f} to {max(ratios):.1f})")


def _compare_scores(ours: Path, stock: Path, assignment: str) -> None:
    """Stock nbgrader gives a cell all or nothing: all exactly where nabla's checks, but those marked gpu, all pass."""
    passed, full = _passed(ours, assignment), _full_marks(stock, assignment)
    differ = [key for key in passed if passed[key] != full[key]]
    print(f"full marks agree for {len(passed) - len(differ)} of {len(passed)} graded cells")
    for key in differ:
        print(f"  {', '.join(key)}: {'full' if full[key] else 'not full'} marks from nbgrader alone")


def _passed(root: Path, assignment: str) -> dict[tuple[str, str], bool]:
    judge = Judge(root / "grader_tests", assignment)
    left_out = {(name, check.name) for name, found in judge.exercises.items() for check in found.checks if check.gpu}
    document = json.loads((root / RESULT).read_text(encoding="utf-8"))
    return {
        (submission["student"], exercise["id"]): all(
            check["outcome"] == "passed" or (exercise["id"], check["name"]) in left_out for check in exercise["checks"]
        )
        for submission in document["submissions"]
        for exercise in submission["exercises"]
    }


def _full_marks(root: Path, assignment: str) -> dict[tuple[str, str], bool]:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score == grade.max_score
            for submission in gradebook.assignment_submissions(assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell.cell_type == "code"
        }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
