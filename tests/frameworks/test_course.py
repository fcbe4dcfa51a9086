"""The whole course in each framework's edition, through the real engine, in the framework's own environment.

Reference solutions get all points, the untouched release none, and each wrong answer fails exactly its checks.
"""

from __future__ import annotations

import ast
import functools
import shutil
from pathlib import Path

import pytest

from nabla.checks import load_wrong_answers
from nabla.course import Course
from nabla.grading.planting import graded_cells, notebooks_of, read_source, solved, with_cells
from nabla.grading.pool import grade_class
from nabla.grading.release import release
from nabla.grading.submission import Engine
from nabla.grading.verify import wrong
from nabla.grading.verify.bench import Bench
from nabla.grading.verify.excerpt import excerpt
from nabla.notebook.editions import FRAMEWORKS, Edition
from nabla.sandbox import SubmissionSession, Zygote
from nabla.simulate.sample import make_sample, true_scores

from .environments import needed_runtime

pytestmark = pytest.mark.frameworks

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = ("chain_rule", "critical_points", "exercises", "gradients", "hessians", "matrix_calculus")
OTHERS = [framework for framework in FRAMEWORKS if framework != "torch"]
PLAIN_NUMPY = {"derivative", "critical_points", "call_twice"}
"""What gives NumPy's arrays in every edition: coefficients of polynomials, and numbers that a given cell unpacks."""


class Room:
    """One framework's edition: an engine whose only zygote is its own, and what each assignment's bench is."""

    def __init__(self, course: Course, framework: str) -> None:
        self.course, self.framework = course, framework
        self.engine = Engine(course, Zygote.for_runtime(course, needed_runtime(course, framework)))
        self.engine.key = bytes(32)  # the same inputs whenever the tests run
        self.bench = functools.cache(self.bench)

    def bench(self, assignment: str) -> Bench:
        """Its notebook and records."""
        [path] = notebooks_of(self.course, assignment)
        edition = Edition("en", self.framework)
        return Bench(self.course, assignment, read_source(path), edition, self.engine.judge(assignment))

    def grade(self, nb, assignment):
        return self.engine.grade(nb, assignment=assignment, framework=self.framework)


@pytest.fixture(scope="module")
def course():
    return Course.load(ROOT)


@pytest.fixture(scope="module", params=FRAMEWORKS)
def room(request, course):
    found = Room(course, request.param)
    with found.engine:
        yield found


def frameworks_in(claims):
    """Whose arrays a reply holds, its items' included."""
    yield from filter(None, [claims.get("framework")])
    for item in claims.get("items", ()):
        yield from frameworks_in(item)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_reference_solutions_get_all_points_in_the_frameworks_own_arrays(room, assignment, monkeypatch):
    call, given_back = SubmissionSession.call, set()

    def listening(self, target, *arguments, **keywords):
        reply = call(self, target, *arguments, **keywords)
        given_back.update((str(target), name) for name in frameworks_in(reply.claims) if target not in PLAIN_NUMPY)
        return reply

    monkeypatch.setattr(SubmissionSession, "call", listening)
    bench = room.bench(assignment)
    verdict = room.grade(solved(bench.source, bench.edition, room.course), assignment)
    assert {exercise.id: exercise.score for exercise in verdict.exercises} == graded_cells(bench.untouched)
    assert {cell.status for cell in verdict.cells.values()} == {"ok"}, "a worked example fails"
    assert {name for _, name in given_back} == (set() if assignment == "critical_points" else {room.framework})


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_an_edition_imports_no_other_framework(room, assignment):
    bench = room.bench(assignment)
    nb = with_cells(bench.untouched, bench.reference)
    sources = [cell.source.replace("%matplotlib inline", "") for cell in nb.cells if cell.cell_type == "code"]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    imported = {name.partition(".")[0] for name in names}
    others = set(FRAMEWORKS) - {room.framework, "numpy"}
    assert not imported & others
    assert room.framework in imported or assignment == "critical_points"


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_untouched_release_gets_nothing(room, assignment):
    bench = room.bench(assignment)
    verdict = room.grade(excerpt(bench.untouched, bench.records), assignment)
    assert {exercise.id: exercise.score for exercise in verdict.exercises} == dict.fromkeys(bench.records, 0)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_wrong_answer_that_can_occur_fails_exactly_its_checks(room, assignment):
    bench = room.bench(assignment)
    for planned in wrong.plan(bench):
        found = room.grade(planned.trial.notebook, assignment)
        planned.verdicts = {exercise.id: exercise for exercise in found.exercises}
        planned.conclude()
    assert [problem for record in bench.records.values() for problem in record.problems] == []
    declared = load_wrong_answers(ROOT / "grader_tests", assignment)
    possible = {name: sum(answer.occurs_in(room.framework) for answer in group) for name, group in declared.items()}
    assert {name: record.wrong_caught for name, record in bench.records.items()} == possible


FOREIGN = """
def quadratic_form_gradient(A, x):
    import numpy as np
    A, x = np.asarray(to_numpy(A)), np.asarray(to_numpy(x))
    return {answer}
"""


@pytest.mark.parametrize(("answer", "points"), [("(A + A.T) @ x", 2), ("2 * A @ x", 0)])
@pytest.mark.parametrize("room", OTHERS, indirect=True, scope="module")
def test_an_answer_in_another_frameworks_arrays_is_graded_on_its_values(room, answer, points):
    if room.framework == "numpy":
        answer = f"__import__('torch').from_numpy({answer})"
    bench = room.bench("matrix_calculus")
    cells = {"quadratic_form_gradient": FOREIGN.format(answer=answer)}
    nb = excerpt(with_cells(bench.untouched, cells), ["test_quadratic_form_gradient"])
    [verdict] = room.grade(nb, "matrix_calculus").exercises
    assert (verdict.score, verdict.max_score) == (points, 2), verdict.checks


# ---- a class that mixes frameworks and languages ------------------------------------------------

STUDENTS = 15


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The true scores of a mixed class for `exercises`, and what one `grade_class` gave."""
    root = tmp_path_factory.mktemp("mixed")
    for name in FRAMEWORKS:
        needed_runtime(Course.load(ROOT), name)
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (root / "nbgrader_config.py").write_text(f"{config}\nc.Nabla.frameworks = {OTHERS}\n", encoding="utf-8")
    for part in ("source/exercises", "grader_tests"):
        shutil.copytree(ROOT / part, root / part)
    course = Course.load(root)
    release(course, ["exercises"])
    papers = make_sample(course, STUDENTS, 0, FRAMEWORKS)
    return course, papers, {found.student: found for found in grade_class(course, ["exercises"], workers=1)}


def test_a_mixed_class_gets_its_true_scores_in_one_run(graded):
    course, papers, results = graded
    true = true_scores(course)
    assert {(name, "exercises"): found.score for name, found in results.items()} == pytest.approx(true, nan_ok=True)
    assert len({(paper.student.framework, paper.student.language) for paper in papers}) >= 8


def test_each_submission_of_a_mixed_class_ran_in_its_own_frameworks_environment(graded):
    _, papers, results = graded
    ran = {paper.student.framework: results[paper.student.name].runtime for paper in papers if paper.score is not None}
    assert set(ran) == set(FRAMEWORKS)
    for framework in ("tensorflow", "jax", "mxnet"):
        assert [name for name, runtime in ran.items() if f"{framework} " in runtime] == [framework]
