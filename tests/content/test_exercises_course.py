"""The assignment `exercises`: honest answers of every style get all points, known mistakes exactly what is declared."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest
import torch

from nabla.checks import Judge
from nabla.checks.trusted import TrustedSession
from nabla.course import Course
from nabla.grading.planting import read_source, untouched, with_cells
from nabla.grading.submission import Engine
from nabla.notebook.editions import Edition, keep_edition
from nabla.notebook.twin import twin_to_notebook

ROOT = Path(__file__).resolve().parents[2]
TWIN = ROOT / "notebooks" / "exercises.md"
SOURCE = ROOT / "source" / "exercises" / "exercises.ipynb"
POINTS = {
    "gradient_of_f": 1,
    "gradient_of_g": 1,
    "written_1": 1,
    "norm_gradient": 3,
    "log_sum_exp_gradient": 1,
    "log_sum_exp_gradient_n": 1,
    "gradient_sum": 1,
    "gradient": 2,
    "along_diagonal": 1,
    "origin_is": 1,
    "written_4": 2,
    "is_critical": 1,
    "critical_point": 2,
    "written_5": 2,
}


@pytest.fixture(scope="module")
def judge():
    return Judge(ROOT / "grader_tests", "exercises")


@pytest.fixture
def _float32_again():
    """The torch prelude makes float64 the default: no other test should see that."""
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="module")
def notebook():
    return twin_to_notebook(TWIN)


def in_numpy(answers):
    """Those that can be called here: torch's own run in a notebook only (`tests/frameworks/test_gpu_checks.py`)."""
    return [wrong for wrong in answers if not wrong.framework]


def graded(judge, exercise, function, seed=1):
    session = TrustedSession({exercise: function})
    return judge.grade(f"test_{exercise}", session, max_score=1, seed=lambda name: seed + len(name), framework="numpy")


def in_torch(function):
    """``function`` of tensors as the judge reaches it over the wire."""

    def bridged(*given, **named):
        tensors = [torch.from_numpy(value) if isinstance(value, np.ndarray) else value for value in given]
        return plain(function(*tensors, **named))

    return bridged


def plain(value):
    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    return tuple(plain(item) for item in value) if isinstance(value, tuple) else value


# ---- honest answers in several styles -------------------------------------------------------------------------------


def autograd(function):
    """The gradient of ``function`` with respect to its only argument."""

    def gradient(x):
        x = x.clone().requires_grad_()
        function(x).backward()
        return x.grad

    return gradient


def gradient_of_f_by_autograd(beta, x):
    return autograd(lambda x: beta.flatten() @ x.flatten())(x)


def gradient_of_f_by_loop(beta, x):
    result = torch.zeros_like(x)
    for k in range(x.shape[0]):
        result.view(-1)[k] = beta.reshape(-1)[k]
    return result


def gradient_of_f_by_einsum(beta, x):
    return torch.einsum("ij,j->i", torch.eye(beta.numel(), dtype=beta.dtype), beta.flatten()).reshape(x.shape)


def gradient_of_f_in_numpy(beta, x):
    return np.reshape(beta, x.shape) + np.zeros_like(x)


def safe_norm_in_torch(v):
    largest = v.abs().max()
    if largest == 0:
        raise ValueError
    scaled = v / largest
    return scaled / torch.linalg.vector_norm(scaled)


def norm_by_autograd(v):
    if not v.any():
        raise ValueError("no gradient")
    return autograd(torch.linalg.vector_norm)(v / v.abs().max())


def norm_by_loop(v):
    largest = max(abs(number) for number in v.tolist())
    if largest == 0.0:
        raise ValueError
    total = 0.0
    for number in v.tolist():
        total += (number / largest) ** 2
    return torch.tensor([number / largest / total**0.5 for number in v.tolist()], dtype=torch.float64)


def norm_in_numpy(v):
    if np.linalg.norm(v / max(np.max(np.abs(v)), 1e-300)) == 0:
        raise ValueError
    scaled = v / np.abs(v).max()
    return scaled / np.sqrt(np.einsum("i,i", scaled, scaled))


def pair_by_softmax(x, y):
    return tuple(torch.softmax(torch.stack([x, y]), dim=0))


def pair_by_sigmoid(x, y):
    return torch.sigmoid(x - y), torch.sigmoid(y - x)


def pair_by_autograd(x, y):
    x, y = x.clone().requires_grad_(), y.clone().requires_grad_()
    torch.logaddexp(x, y).sum().backward()
    return x.grad, y.grad


def pair_by_logarithm(x, y):
    value = np.logaddexp(x, y)
    return np.exp(x - value), np.exp(y - value)


def vector_by_loop(z):
    largest = float(z.max())
    powers = [np.exp(float(number) - largest) for number in z]
    return torch.tensor([power / sum(powers) for power in powers], dtype=torch.float64)


def gradient_by_autograd(x, y):
    x, y = x.clone().requires_grad_(), y.clone().requires_grad_()
    (x**2 * y + x * y**2).sum().backward()
    return x.grad, y.grad


def is_critical_by_norms(grad_g, grad_h, rtol=1e-6):
    left = torch.linalg.vector_norm(grad_g + grad_h)
    return left <= rtol * torch.maximum(torch.linalg.vector_norm(grad_g), torch.linalg.vector_norm(grad_h))


def is_critical_by_cases(grad_g, grad_h, rtol=1e-6):
    lengths = [float(np.linalg.norm(part)) for part in (grad_g, grad_h)]
    return True if max(lengths) == 0 else float(np.linalg.norm(grad_g + grad_h)) / max(lengths) <= rtol


def critical_by_descent(A, a, B, b):
    x = (a + b) / 2
    rate = 2 / (np.linalg.eigvalsh(A + B)[[0, -1]].sum())
    for _ in range(3000):
        x = x - rate * (A @ (x - a) + B @ (x - b))
    return x


def inverted(A, a, B, b):
    return torch.linalg.inv(A + B) @ (torch.einsum("ij,j->i", A, a) + B.mv(b))


HONEST = {
    "gradient_of_f": [
        in_torch(gradient_of_f_by_autograd),
        in_torch(gradient_of_f_by_loop),
        in_torch(gradient_of_f_by_einsum),
        gradient_of_f_in_numpy,
    ],
    "gradient_of_g": [
        in_torch(gradient_of_f_by_autograd),
        in_torch(gradient_of_f_by_loop),
        in_torch(gradient_of_f_by_einsum),
        gradient_of_f_in_numpy,
    ],
    "norm_gradient": [in_torch(safe_norm_in_torch), in_torch(norm_by_autograd), in_torch(norm_by_loop), norm_in_numpy],
    "log_sum_exp_gradient": [
        in_torch(pair_by_softmax),
        in_torch(pair_by_sigmoid),
        in_torch(pair_by_autograd),
        pair_by_logarithm,
        lambda x, y: [*pair_by_logarithm(x, y)],
    ],
    "log_sum_exp_gradient_n": [
        in_torch(lambda z: torch.softmax(z, 0)),
        in_torch(autograd(lambda z: torch.logsumexp(z, 0))),
        in_torch(vector_by_loop),
        lambda z: np.exp(z - np.logaddexp.reduce(z)),
    ],
    "gradient_sum": [
        in_torch(lambda x, y: torch.ones_like(x)),
        in_torch(lambda x, y: sum(pair_by_softmax(x, y))),
        lambda x, y: sum(pair_by_logarithm(x, y)),
        lambda x, y: 1.0 if np.ndim(x) == 0 else np.ones(x.shape),
        lambda x, y: 1 if np.ndim(x) == 0 else np.ones(x.shape, dtype=int),
    ],
    "gradient": [
        in_torch(gradient_by_autograd),
        in_torch(lambda x, y: (y * (2 * x + y), x * (x + 2 * y))),
        lambda x, y: (x * y + y * (x + y), x * y + x * (x + y)),
        lambda x, y: [2 * x * y + np.power(y, 2), np.square(x) + 2 * x * y],
    ],
    "along_diagonal": [
        in_torch(lambda x: 2 * torch.pow(x, 3)),
        in_torch(lambda x: x**2 * x + x * x**2),
        lambda x: np.einsum(",,->", x, x, x + x) if x.ndim == 0 else 2 * np.power(x, 3),
        lambda x: float(2 * x**3) if x.ndim == 0 else x * x * x * 2,
    ],
    "origin_is": [lambda: "neither", lambda: "saddle", lambda: ["minimum", "maximum", "neither"][-1]],
    "is_critical": [
        in_torch(is_critical_by_norms),
        is_critical_by_cases,
        lambda g, h, rtol=1e-6: np.linalg.norm(g + h) <= rtol * max(np.linalg.norm(g), np.linalg.norm(h)),
        lambda g, h, rtol=1e-6: sum((g + h) ** 2) <= rtol**2 * max(sum(g**2), sum(h**2)),
    ],
    "critical_point": [
        in_torch(inverted),
        lambda A, a, B, b: a + np.linalg.solve(A + B, B @ (b - a)),
        lambda A, a, B, b: np.linalg.lstsq(A + B, A @ a + B @ b, rcond=None)[0],
        critical_by_descent,
    ],
}
ARGUMENTS = {
    "gradient_of_f": "beta, x", "gradient_of_g": "beta, x", "norm_gradient": "v", "log_sum_exp_gradient": "x, y",
    "log_sum_exp_gradient_n": "z", "gradient_sum": "x, y", "gradient": "x, y", "along_diagonal": "x", "origin_is": "",
    "is_critical": "grad_g, grad_h, rtol=1e-6", "critical_point": "A, a, B, b",
}  # fmt: skip
LINEAR_FORM = [
    "return beta.flatten().reshape(x.shape).clone()",
    "return beta.view_as(x)",
    "x = x.clone().requires_grad_()\n(beta.flatten() * x.flatten()).sum().backward()\nreturn x.grad",
]
NO_ZEROS = "if not v.any():\n    raise ValueError('no gradient')\n"
IN_A_NOTEBOOK = {
    "gradient_of_f": LINEAR_FORM,
    "gradient_of_g": LINEAR_FORM[::-1],
    "norm_gradient": [
        f"{NO_ZEROS}v = v / abs(v).max()\nreturn torch.nn.functional.normalize(v, dim=0)",
        f"{NO_ZEROS}return torch.stack([entry / length(v) for entry in v])",
        f"{NO_ZEROS}return torch.func.grad(length)(v)",
        f"{NO_ZEROS}import math\nreturn v / math.hypot(*v.tolist())",
    ],
    "log_sum_exp_gradient": [
        "share = torch.sigmoid(x - y)\nreturn share, torch.sigmoid(y - x)",
        "total = torch.logaddexp(x, y)\nreturn [exp(x - total), exp(y - total)]",
        "return 1 / (1 + exp(y - x)), 1 / (1 + exp(x - y))",
    ],
    "log_sum_exp_gradient_n": [
        "return z.softmax(0)",
        "return exp(z - torch.logsumexp(z, 0))",
        "return torch.func.grad(lambda z: torch.logsumexp(z, 0))(z)",
        "return array([1 / sum(exp(other - one) for other in z) for one in z])",
    ],
    "gradient_sum": [
        "return torch.ones_like(x)",
        "return sum(log_sum_exp_gradient(x, y))",
        "return torch.softmax(torch.stack([x, y]), 0).sum(0)",
    ],
    "gradient": [
        "return y * (2 * x + y), x * (x + 2 * y)",
        "return (x + y) ** 2 - x**2, (x + y) ** 2 - y**2",
        "x, y = x.clone().requires_grad_(), y.clone().requires_grad_()\n"
        "return torch.autograd.grad((x * y * (x + y)).sum(), [x, y])",
    ],
    "along_diagonal": ["return x**2 * x + x * x**2", "return 2 * x.pow(3)", "y = x\nreturn x * y * (x + y)"],
    "origin_is": ["return 'neither'", "return 'saddle'", "answer = 'neither'\nreturn answer"],
    "is_critical": [
        "size = torch.linalg.norm\nreturn size(grad_g + grad_h) <= rtol * max(size(grad_g), size(grad_h))",
        "squares = [(v * v).sum() for v in (grad_g + grad_h, grad_g, grad_h)]\n"
        "return bool(squares[0] ** 0.5 <= rtol * max(squares[1:]) ** 0.5)",
        "longest = max(length(grad_g), length(grad_h))\n"
        "if longest == 0:\n    return True\nreturn (length(grad_g + grad_h) / longest <= rtol).item()",
    ],
    "critical_point": [
        "return a + torch.linalg.solve(A + B, B @ (b - a))",
        "return torch.linalg.inv(A + B) @ (A @ a + B @ b)",
        "factor = torch.linalg.cholesky(A + B)\nreturn torch.cholesky_solve((A @ a + B @ b)[:, None], factor)[:, 0]",
        "return torch.linalg.lstsq(A + B, (A @ a + B @ b)[:, None]).solution.squeeze(1)",
    ],
}
"""Bodies as students write them into the torch edition."""


def cell(name, body):
    """The source of a solution cell."""
    return f"def {name}({ARGUMENTS[name]}):\n{indent(body, '    ')}"


RAISING = {"refuses_a_zero_entry", "refuses_a_zero_sum", "refuses_short_vectors", "refuses_tiny_vectors"}
"""Wrong answers that fail by an exception: its own text says what happened, no value can be compared."""
STYLES = [(exercise, place) for exercise, answers in HONEST.items() for place in range(len(answers))]


@pytest.mark.parametrize(("exercise", "place"), STYLES)
def test_an_honest_answer_of_any_style_gets_all_points(judge, exercise, place):
    for seed in range(8):
        verdict = graded(judge, exercise, HONEST[exercise][place], seed)
        assert [(check.name, check.message) for check in verdict.checks if check.outcome != "passed"] == []
        assert verdict.score == 1


def test_every_exercise_is_answered_in_three_styles_at_least(judge):
    assert {f"test_{exercise}" for exercise in HONEST} == set(judge.exercises)
    assert {f"test_{exercise}" for exercise in IN_A_NOTEBOOK} == set(judge.exercises)
    assert min(map(len, [*HONEST.values(), *IN_A_NOTEBOOK.values()])) >= 3


def test_honest_answers_get_all_points_in_the_sandbox():
    course, edition = Course.load(ROOT), Edition("en", "torch")
    released = untouched(read_source(SOURCE), edition, course)
    with Engine.for_course(course) as engine:
        for place in range(max(map(len, IN_A_NOTEBOOK.values()))):
            answers = {name: cell(name, styles[place % len(styles)]) for name, styles in IN_A_NOTEBOOK.items()}
            verdict = engine.grade(with_cells(released, answers), assignment="exercises")
            failed = [
                check.name
                for exercise in verdict.exercises
                for check in exercise.checks
                if check.outcome not in ("passed", "not_graded")
            ]
            # `math.hypot(*v.tolist())` is right, but not on v's device.
            assert failed == (["test_stays_on_the_device_of_its_argument"] if place == 3 else [])
            found = {exercise.id.removeprefix("test_"): exercise.score for exercise in verdict.exercises}
            all_points = {name: points for name, points in POINTS.items() if not name.startswith("written")}
            assert {name for name in found if found[name] != all_points[name]} == (
                {"norm_gradient"} if failed else set()
            )


# ---- wrong answers --------------------------------------------------------------------------------------------------


def test_every_wrong_answer_fails_exactly_its_declared_checks_whatever_the_seed(judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in in_numpy(answers):
            for seed in range(12):
                checks = graded(judge, grade_id.removeprefix("test_"), wrong, seed).checks
                failed = {check.name for check in checks if check.outcome != "passed"}
                assert failed == set(wrong.fails), (grade_id, wrong.name, seed)


def test_a_recognised_wrong_answer_is_named_with_its_hint_in_the_students_language(judge):
    wrong = {answer.name: answer for answer in judge.wrong_answers["test_norm_gradient"]}["gradient_of_the_square"]
    session = TrustedSession({"norm_gradient": lambda v: v + v})
    verdict = judge.grade(
        "test_norm_gradient", session, max_score=3, seed=lambda name: 3, language="ja", framework="numpy"
    )
    assert {check.wrong_answer for check in verdict.checks if check.outcome == "failed" and not check.claim} == {
        wrong.name
    }
    assert verdict.checks[0].hint == wrong.hint["ja"]


def test_a_wrong_answer_is_recognised_as_itself_in_the_first_check_that_it_fails(judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in (answer for answer in in_numpy(answers) if answer.name not in RAISING):
            for seed in range(3):
                checks = graded(judge, grade_id.removeprefix("test_"), wrong, seed).checks
                first = next(check for check in checks if check.outcome != "passed")
                assert first.wrong_answer == wrong.name, (grade_id, first.name, first.message)


def direction(v):
    largest = max(abs(v))
    return v / (largest * ((v / largest) ** 2).sum() ** 0.5)


EXTREMES = {
    "test_norm_gradient": (0, 0.2),
    "test_log_sum_exp_gradient": (0.4, 0.5),
    "test_log_sum_exp_gradient_n": (0.4, 0.5),
    "test_gradient_sum": (0, 0.2),
}


@pytest.mark.parametrize("grade_id", EXTREMES)
def test_extreme_numbers_come_last_and_weigh_what_the_text_says_of_them(judge, grade_id):
    checks = judge.exercises[grade_id].checks
    low, high = EXTREMES[grade_id]
    assert "overflow" in checks[-1].name or "1000" in checks[-1].name
    assert low <= checks[-1].weight / sum(check.weight for check in checks) <= high


def test_a_slip_in_one_component_of_the_gradient_costs_half(judge):
    verdict = graded(judge, "gradient", lambda x, y: (2 * x * y + y**2, x**2 + 3 * x * y))
    assert verdict.score == 0.5


@pytest.mark.parametrize("divide", [lambda v: v / np.linalg.norm(v), lambda v: v / sum(v**2) ** 0.5, direction])
def test_each_way_to_divide_in_place_is_recognised(judge, divide):
    def norm_gradient(v):
        v[...] = divide(v)
        return v

    verdict = graded(judge, "norm_gradient", norm_gradient)
    check = next(check for check in verdict.checks if check.name == "test_leaves_its_argument_as_it_is")
    assert check.wrong_answer == "normalises_in_place"


# ---- the notebook ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_twenty_points_in_every_edition(notebook, language, framework):
    cells = keep_edition(notebook, Edition(language, framework)).cells
    marks = [cell.metadata.nbgrader for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert {mark.grade_id.removeprefix("test_"): mark.points for mark in marks} == POINTS
    assert len(marks) == len(POINTS)
    assert sum(POINTS.values()) == 20


@pytest.mark.usefixtures("_float32_again")
@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_reference_solutions_pass_visible_asserts_and_hidden_checks(notebook, judge, framework):
    names = {}
    for cell in keep_edition(notebook, Edition("en", framework)).cells:
        if cell.cell_type == "code" and "plt." not in cell.source:
            exec(compile(cell.source, cell.id, "exec"), names)
        if "import numpy" in cell.source:
            names["np"] = np
    for grade_id in judge.exercises:
        exercise = grade_id.removeprefix("test_")
        answer = names[exercise] if framework == "numpy" else in_torch(names[exercise])
        session = TrustedSession({exercise: answer})
        assert judge.grade(grade_id, session, max_score=1, seed=lambda name: 5, framework="numpy").score == 1, grade_id


PASSED_THE_FORMER_EXAMPLES = {
    "norm_gradient": [lambda v: v.__itruediv__(sum(v**2) ** 0.5)],
    "log_sum_exp_gradient_n": [lambda z: (z == z.max()) / (z == z.max()).sum()],
    "gradient": [lambda x, y: (2 * x * y + 2 * y, x**2 + 2 * x * y), lambda x, y: (2 * x * y + y**2, x + 2 * x * y)],
    "along_diagonal": [lambda x: 6 * x**2, lambda x: 18 * x],
    "origin_is": [lambda: "Neither"],
}


def run_visible_asserts(notebook, exercise, function):
    cells = {cell.id: cell.source for cell in keep_edition(notebook, Edition("en", "numpy")).cells}
    names = {"np": np}
    for cell in ("prelude-numpy", "length"):
        exec(compile(cells[cell], cell, "exec"), names)
    exec(compile(cells[f"test_{exercise}"], exercise, "exec"), names | {exercise: function})


@pytest.mark.parametrize("exercise", PASSED_THE_FORMER_EXAMPLES)
def test_visible_asserts_refuse_what_only_fits_a_special_point(notebook, exercise):
    for function in PASSED_THE_FORMER_EXAMPLES[exercise]:
        with pytest.raises(AssertionError, match=r"\w"):
            run_visible_asserts(notebook, exercise, function)


def test_a_list_of_two_is_a_pair_for_visible_asserts_and_hidden_checks(notebook):
    run_visible_asserts(notebook, "gradient", HONEST["gradient"][-1])
    run_visible_asserts(notebook, "log_sum_exp_gradient", HONEST["log_sum_exp_gradient"][-1])


def test_what_students_read_gives_no_written_answer_away(notebook):
    shown = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("solution")]
    text = "\n".join(cell.source for cell in shown) + "".join(cell.id for cell in notebook.cells)
    found = r"equals its transpose|転置と等しい|level[ _]sets?[ _](of \$g\$ and \$h\$ )?touch|接して|touching"
    assert re.findall(found, text) == []
