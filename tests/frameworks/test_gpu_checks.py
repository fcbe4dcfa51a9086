"""The course's checks marked gpu, through the engine: what they find without an accelerator, and the second pass.

The second pass is tried on a device that is there, by name: `cpu`.
"""

from __future__ import annotations

import glob
from pathlib import Path

import nbformat
import numpy as np
import pytest

from nabla.answers import Outline
from nabla.checks import load_wrong_answers
from nabla.course import Course
from nabla.grading.planting import notebooks_of, planted, read_source, reference_cells, untouched, with_cells
from nabla.grading.second_pass import SecondPass
from nabla.grading.submission import Engine
from nabla.grading.verify.excerpt import excerpt
from nabla.notebook.editions import Edition
from nabla.sandbox import SandboxUnavailable, SubmissionSession, Zygote, accelerators
from nabla.sandbox.accelerators import accelerator_of
from nabla.sandbox.levels import Launch

ROOT = Path(__file__).parents[2]
EXERCISES = {
    "hessians": ("newton_step",),
    "matrix_calculus": ("quadratic_form_gradient", "factorize"),
    "exercises": ("norm_gradient", "log_sum_exp_gradient"),
}
PAIRS = [(assignment, exercise) for assignment, names in EXERCISES.items() for exercise in names]
FAULTS = {"transfer", "assignment", "numpy", "read", "cpu_array", "dtype", "loop"}


@pytest.fixture(scope="module")
def course():
    return Course.load(ROOT)


@pytest.fixture(scope="module")
def engine(course):
    with Engine.for_course(course, list(EXERCISES)) as engine:
        yield engine


def verdict_of(engine, assignment, exercise, answer=None, framework="torch"):
    """The verdict of the exercise alone, with ``answer`` in the place of the reference."""
    source, edition = read_source(notebooks_of(engine.course, assignment)[0]), Edition("en", framework)
    cells = reference_cells(source, edition)
    if answer is not None:
        text = planted(cells[exercise], answer.function, answer.source, answer.name, framework=answer.framework)
        cells[exercise] = text
    nb = excerpt(with_cells(untouched(source, edition, engine.course), cells), [f"test_{exercise}"])
    [verdict] = engine.grade(nb, assignment=assignment, framework=framework).exercises
    return verdict


def of_torch(assignment, exercise):
    return [
        wrong for wrong in load_wrong_answers(ROOT / "grader_tests", assignment)[f"test_{exercise}"] if wrong.framework
    ]


@pytest.mark.parametrize(("assignment", "exercise"), PAIRS)
def test_the_reference_stays_on_the_device_and_torchs_wrong_answers_fail_that_check_alone(engine, assignment, exercise):
    checks = verdict_of(engine, assignment, exercise).checks
    numbers = {check.name for check in checks if check.name.endswith("_on_an_accelerator")}
    assert {check.name: check.outcome for check in checks if check.outcome != "passed"} == dict.fromkeys(
        numbers, "not_graded"
    )
    assert len(numbers) == 1
    for wrong in of_torch(assignment, exercise):
        verdict = verdict_of(engine, assignment, exercise, wrong)
        failed = [check for check in verdict.checks if check.outcome not in ("passed", "not_graded")]
        assert [check.name for check in failed] == list(wrong.fails), wrong.name
        assert (failed[0].wrong_answer, failed[0].hint) == (wrong.name, wrong.hint["en"])
        assert 0.8 * verdict.max_score < verdict.score < verdict.max_score


def test_every_fault_has_a_wrong_answer_that_makes_it():
    assert {wrong.fault for pair in PAIRS for wrong in of_torch(*pair)} == FAULTS


def test_a_wrong_answer_in_plain_numpy_fails_it_too(engine):
    judge = engine.judge("exercises")
    wrong = next(answer for answer in judge.wrong_answers["test_norm_gradient"] if not answer.framework)
    failed = {c.name for c in verdict_of(engine, "exercises", "norm_gradient", wrong).checks if c.outcome == "failed"}
    assert failed == judge.exercises["test_norm_gradient"].failed_by(wrong, "torch")
    assert failed == {*wrong.fails, "test_stays_on_the_device_of_its_argument"}


@pytest.mark.parametrize(("assignment", "exercise"), PAIRS)
def test_no_other_edition_has_these_checks(engine, assignment, exercise):
    checks = engine.judge(assignment).exercises[f"test_{exercise}"].checks
    torchs = [check for check in checks if check.gpu]
    assert [check.needs_accelerator for check in torchs] == [False, True]
    assert not any(check.occurs_in(other) for check in torchs for other in ("numpy", "tensorflow", "jax", "mxnet"))


def test_the_numpy_edition_is_worth_all_points_without_them(engine):
    verdict = verdict_of(engine, "matrix_calculus", "quadratic_form_gradient", framework="numpy")
    assert verdict.score == verdict.max_score
    assert [check.name for check in verdict.checks if "device" in check.name or "accelerator" in check.name] == []


# ---- asking through the sandbox -----------------------------------------------------------------


def asked(session, target, *arguments):
    return session.rehearse(target, arguments, batches=(2,), dtypes=("float64",))


def test_a_rehearsal_costs_what_failed_and_leaves_nothing_behind(engine):
    source = (
        "import os, torch\n"
        "def double(v): return 2 * v\n"
        "def prints(v): print('read me'); return v\n"
        "def ends(v): os._exit(3) if v.is_meta else None; return v\n"
    )
    with SubmissionSession(engine.zygote, framework="torch") as session:
        session.run_cell(0, source)
        [run] = asked(session, "double", Outline((3,))).value
        assert run["result"] == {"device": "accelerator", "dtype": "float64", "shape": [3]}
        assert asked(session, "nowhere", Outline((3,))).error.names[0] == "NameError"
        assert asked(session, "prints", Outline((3,))).value[0]["error"] is None
        with pytest.raises(Exception, match="the process ended"):
            asked(session, "ends", Outline((3,)))
        assert session.call("ends", (np.ones(2),)).value.tolist() == [1, 1]  # in a fresh process


def test_a_rehearsal_without_torch_is_an_error_of_the_answer():
    with (
        Zygote(level="sandlock", preload=("numpy",)) as zygote,
        SubmissionSession(zygote, framework="numpy") as session,
    ):
        session.run_cell(0, "import sys\nsys.modules['torch'] = None\ndef f(v): return v")
        assert "ImportError" in asked(session, "f", Outline((3,))).error.names


# ---- the second pass ----------------------------------------------------------------------------


def test_without_device_files_nobody_is_asked_for_an_accelerator(monkeypatch):
    monkeypatch.setattr(accelerators, "nodes", list)
    monkeypatch.setattr(accelerators.levels, "said_by", lambda *_: pytest.fail("imported torch for nothing"))
    assert accelerator_of("python") == ""


@pytest.mark.parametrize(
    ("wanted", "said", "found"),
    [("auto", "cuda\n", "cuda"), ("auto", "\n", ""), ("none", "cuda\n", ""), ("cpu", "", "cpu")],
)
def test_the_interpreter_of_the_runner_says_which_accelerator_there_is(monkeypatch, wanted, said, found):
    monkeypatch.setattr(accelerators, "nodes", lambda: ["/dev/nvidia0"])
    monkeypatch.setattr(accelerators.levels, "said_by", lambda *_: said)
    assert accelerator_of("python", wanted) == found


def test_device_files_are_found_by_their_patterns(tmp_path):
    for name in ("nvidia0", "nvidiactl", "null"):
        (tmp_path / name).touch()
    assert accelerators.nodes([f"{tmp_path}/nvidia*"]) == [f"{tmp_path}/nvidia0", f"{tmp_path}/nvidiactl"]
    assert accelerators.nodes() == sorted(path for pattern in accelerators.NODES for path in glob.glob(pattern))


def launch(tmp_path, **more):
    return Launch("none", "python", ("numpy",), tmp_path, tmp_path, 4, **more)


def test_only_a_second_pass_sees_the_devices(tmp_path, monkeypatch):
    assert launch(tmp_path).environment()["CUDA_VISIBLE_DEVICES"] == ""
    assert "CUDA_VISIBLE_DEVICES" not in launch(tmp_path, accelerator="cuda").environment()
    monkeypatch.setattr("nabla.sandbox.zygote.nodes", lambda: ["/dev/nvidia0"])
    for accelerator, seen in (("", ()), ("cpu", ()), ("cuda", ("/dev/nvidia0",))):
        zygote = Zygote(level="none", accelerator=accelerator)
        zygote.close()
        assert (zygote.launch.accelerator, zygote.launch.nodes) == (accelerator, seen)


class Counted:
    """A session that writes down what it is asked."""

    lost = ("memory",)

    def __init__(self):
        self.ran, self.closed = [], False

    def run_cell(self, index, source, *, draw):
        assert not draw
        self.ran.append((index, source))

    def close(self):
        self.closed = True


def test_a_second_pass_begins_when_it_is_asked_and_runs_each_cell_once():
    opened = []
    second = SecondPass("cuda", lambda: opened.append(Counted()) or opened[-1])
    second.ran(0, "a = 1")
    assert (opened, second.lost) == ([], [])
    second.close()
    second.session()
    second.ran(2, "b = 2")
    assert second.session().ran == [(0, "a = 1"), (2, "b = 2")]
    second.close()
    assert (len(opened), opened[0].closed, second.lost) == (1, True, ("memory",))


def test_a_device_on_which_no_sandbox_runs_says_how_to_grade_without():
    class Broken(Counted):
        def run_cell(self, *arguments, **keywords):
            raise SandboxUnavailable("the runner did not start")

    second = SecondPass("cuda", Broken)
    second.ran(0, "a = 1")
    with pytest.raises(
        SandboxUnavailable, match=r"on cuda \(the runner did not start\)\. .* c\.Nabla\.accelerator = 'none'"
    ):
        second.session()


WHERE = """
import pytest
from nabla.checks import assert_close, assert_dtype, assert_on_device

import numpy as np


class TestWhere:
    @pytest.mark.law
    def test_first_pass(self, submission):
        assert_close(submission.where(np.ones(2)), np.ones(2), tolerance=0)

    @pytest.mark.gpu
    def test_second_pass(self, submission, accelerator, rng):
        for dtype in (np.float32, np.float64):
            answer = submission.where(rng.standard_normal(3).astype(dtype))
            assert_on_device(answer, accelerator)
            assert_dtype(answer, np.dtype(dtype).name)
        assert_close(submission.where(np.ones(2)), np.ones(2), tolerance=0)
"""


@pytest.mark.parametrize(("accelerator", "outcome"), [("cpu", "passed"), ("meta", "failed"), ("none", "not_graded")])
def test_numbers_are_asked_for_where_the_arrays_of_the_second_pass_lie(tmp_path, accelerator, outcome):
    """torch's own ``meta`` is a device that is there, and whose numbers nobody can have."""
    (tmp_path / "grader_tests").mkdir()
    (tmp_path / "grader_tests" / "test_where.py").write_text(WHERE)
    settings = f"c.Nabla.accelerator = '{accelerator}'\nc.Nabla.preload = ['numpy', 'torch']\n"
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{settings}")
    mark = {
        "grade": True,
        "grade_id": "test_where",
        "points": 1,
        "locked": True,
        "schema_version": 3,
        "solution": False,
    }
    test = nbformat.v4.new_code_cell("where(1)", metadata={"nbgrader": mark})
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def where(v):\n    return v"), test])
    with Engine(Course.load(tmp_path)) as engine:
        verdict = engine.grade(nb, assignment="where")
        assert (", on " in verdict.runtime) == (accelerator != "none")
    [exercise] = verdict.exercises
    assert [check.outcome for check in exercise.checks] == ["passed", outcome]
    assert exercise.score == (0.5 if outcome == "failed" else 1)
