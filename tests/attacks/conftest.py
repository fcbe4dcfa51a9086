"""A course to attack: secrets marked with canaries, three exercises, and a judge that grades hostile notebooks.

Every attack is one cell of Python in a notebook whose other exercises are solved. `attack` grades it and then looks
whether anything has happened that must not: a canary in what the student gets to see, a process or a file left behind,
a file of the course or the zygote's limits, priority or processors changed.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest

from nabla.course import Course
from nabla.grading.submission import Engine
from nabla.sandbox import watch
from nabla.verdicts import NotebookVerdict

CHECKS_CANARY = "canary-of-the-checks-6b1f"
ENVIRONMENT_CANARY = "canary-of-the-environment-9c2e"
NEIGHBOUR_CANARY = "canary-of-the-neighbour-41da"
GRADEBOOK_CANARY = "canary-of-the-gradebook-e07b"
KEY = "5ec2e7" * 10 + "beef"
CANARIES = (CHECKS_CANARY, ENVIRONMENT_CANARY, NEIGHBOUR_CANARY, GRADEBOOK_CANARY, KEY)

CONFIG = """
c = get_config()
c.Nabla.preload = ["numpy"]
c.Nabla.framework = "numpy"
c.Nabla.limits = {limits!r}
"""
LIMITS = {
    "cell_seconds": 2.5,
    "call_seconds": 1.0,
    "cpu_seconds": 20.0,
    "submission_seconds": 40.0,
    "memory": 192 * 2**20,
    "processes": 16,
    "open_files": 256,
    "output": 32 * 1024,
    "disk": 4 * 2**20,
    "answer": 4 * 2**20,
    "callbacks": 2000,
    "replays": 8,
}
CHECK_FILE = f'''
import numpy as np
import pytest
from nabla.checks import assert_close, assert_dtype, assert_equal

SECRET = "{CHECKS_CANARY}"

class TestHonest:
    @pytest.mark.law
    def test_adds_one(self, submission, rng):
        n = int(rng.integers(1000))
        assert_equal(submission.honest(n), n + 1)

class TestSquare:
    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_x_times_x(self, submission, rng):
        x = rng.standard_normal(4)
        assert_close(submission.square(x), x * x, tolerance=1e-12)

    @pytest.mark.claim
    def test_is_double(self, submission, rng):
        assert_dtype(submission.square(rng.standard_normal(3)), "float64")

class TestSlope:
    @pytest.mark.law
    def test_is_the_difference_quotient(self, submission, rng):
        a, x = rng.uniform(1, 2, 2)
        assert_close(submission.slope(lambda t: a * t, float(x)), a, tolerance=1e-6)
'''

HONEST = "def honest(n):\n    return n + 1"
SQUARE = "import numpy as np\ndef square(x):\n    return np.asarray(x) ** 2"
SLOPE = "def slope(f, x):\n    return (f(x + 1e-3) - f(x - 1e-3)) / 2e-3"
POINTS = {"test_honest": 1.0, "test_square": 4.0, "test_slope": 2.0}


@dataclass(frozen=True)
class Outcome:
    """A graded attack."""

    verdict: NotebookVerdict
    seconds: float
    judge_memory: int
    """How far the judge's peak of memory has risen, in bytes."""

    def score(self, exercise: str) -> float | None:
        """The score of ``test_<exercise>``."""
        (found,) = [known for known in self.verdict.exercises if known.id == f"test_{exercise}"]
        return found.score

    @property
    def scores(self) -> tuple[float | None, ...]:
        """Scores of ``honest`` (of 1), ``square`` (of 4) and ``slope`` (of 2)."""
        return self.score("honest"), self.score("square"), self.score("slope")

    @property
    def shown(self) -> str:
        """All that the student may get to see: outputs, messages, hints."""
        outputs = [list(cell.outputs) for cell in self.verdict.cells.values()]
        checks = [[check.message, check.hint] for known in self.verdict.exercises for check in known.checks]
        return json.dumps([outputs, checks], default=str)

    @property
    def printed(self) -> str:
        """What the first cell printed."""
        return "".join(str(output.get("text", "")) for output in self.verdict.cells[0].outputs)


def notebook(
    *cells: str, honest: str = HONEST, square: str | None = SQUARE, slope: str = SLOPE
) -> nbformat.NotebookNode:
    """A notebook that begins with ``cells`` and answers the three exercises (``square=None``: the cells do that)."""
    found = [nbformat.v4.new_code_cell(source) for source in cells]
    for name, answer in (("honest", honest), ("square", square), ("slope", slope)):
        if answer is not None:
            found.append(nbformat.v4.new_code_cell(answer))
        graded = nbformat.v4.new_code_cell("assert True")
        grade_id = f"test_{name}"
        marks = {"grade": True, "solution": False, "locked": True, "task": False, "points": POINTS[grade_id]}
        graded.metadata.nbgrader = {"grade_id": grade_id, "schema_version": 3, "cell_type": "code", **marks}
        found.append(graded)
    return nbformat.v4.new_notebook(cells=found)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with a canary in everything that students must not read."""
    root = tmp_path_factory.mktemp("course")
    files = {
        "nbgrader_config.py": CONFIG.format(limits=LIMITS),
        "grader_tests/test_tiny.py": CHECK_FILE,
        "nabla.key": KEY + "\n",
        "submitted/neighbour/tiny/tiny.ipynb": nbformat.writes(notebook(f"# {NEIGHBOUR_CANARY}")),
        "autograded/neighbour/tiny/tiny.ipynb": nbformat.writes(notebook(f"# {NEIGHBOUR_CANARY}")),
        "source/tiny/tiny.ipynb": nbformat.writes(notebook(f"# {CHECKS_CANARY}")),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "nabla.key").chmod(0o600)
    gradebook = sqlite3.connect(root / "gradebook.db")
    gradebook.execute("create table grade (secret text)")
    gradebook.execute("insert into grade values (?)", (GRADEBOOK_CANARY,))
    gradebook.commit()
    gradebook.close()
    return Course.load(root)


@pytest.fixture(scope="session")
def engine(course: Course) -> Iterator[Engine]:
    """One engine, one zygote for the whole suite: what an attack leaves behind meets the next one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NABLA_TEST_SECRET", ENVIRONMENT_CANARY)
        with Engine.for_course(course) as engine:
            engine.zygote.ensure()
            yield engine


@dataclass
class Attacker:
    """Grades hostile notebooks with one engine and looks at the damage."""

    engine: Engine
    root: Path
    before: dict[str, object] = field(default_factory=dict)

    def __call__(self, *cells: str, files: dict[str, bytes] | None = None, **answers: str | None) -> Outcome:
        """The outcome for a notebook that begins with ``cells``. Fails where anything was damaged."""
        self.engine.zygote.ensure()
        before, started, peak = state(self.engine, self.root), time.monotonic(), _peak()
        nb = notebook(*map(textwrap.dedent, cells), **answers)  # type: ignore[arg-type]
        verdict = self.engine.grade(nb, assignment="tiny", framework="numpy", files=files)
        outcome = Outcome(verdict, time.monotonic() - started, _peak() - peak)
        self.engine.zygote.ensure()  # given up where too many processes had to be killed below it
        assert state(self.engine, self.root) == before
        assert [canary for canary in CANARIES if canary in outcome.shown] == []
        return outcome

    def tried(self, code: str, **answers: str | None) -> str:
        """``worked``, or the name of the exception: what an honest notebook saw that tried ``code`` first."""
        attempt = textwrap.indent(textwrap.dedent(code), "    ")
        cell = f"{TOOLS}\ntry:\n{attempt}\nexcept BaseException as error:\n    print(type(error).__name__)\nelse:\n    print('worked')"
        outcome = self(cell, **answers)
        assert outcome.scores == (1, 4, 2)
        return outcome.printed.strip()


TOOLS = """
import ctypes, os, signal, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    found = libc.syscall(number, *arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found
"""


@pytest.fixture
def attack(engine: Engine, course: Course) -> Attacker:
    """Grades a hostile notebook; see `Attacker`."""
    return Attacker(engine, course.root)


def state(engine: Engine, root: Path) -> dict[str, object]:
    """All that must be the same before and after a submission."""
    zygote = engine.zygote
    kinds = (
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_DATA,
        resource.RLIMIT_CPU,
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_NPROC,
    )
    return {
        "processes": list(watch.descendants(zygote.pid)),
        "leftovers": sorted(str(path) for path in zygote.work.rglob("*")),
        "cache": _tree(zygote.launch.cache),
        "course": _tree(root),
        "limits": [resource.prlimit(zygote.pid, kind) for kind in kinds],
        "nice": os.getpriority(os.PRIO_PROCESS, zygote.pid),
        "processors": os.sched_getaffinity(zygote.pid),
        "policy": os.sched_getscheduler(zygote.pid),
        "stopped": Path(f"/proc/{zygote.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T",
    }


def _tree(folder: Path) -> list[tuple[object, ...]]:
    found = []
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        names = tuple(os.listxattr(path, follow_symlinks=False))
        found.append((str(path), about.st_mode, about.st_uid, about.st_size, about.st_mtime_ns, about.st_nlink, names))
    return found


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


Grade = Callable[..., Outcome]
