"""The assignment `matrix_calculus`: honest answers of every style get all points, known mistakes exactly what is declared.

Honest answers are whole cells as students write them: graded by the real engine in its sandbox, and here for many seeds.
"""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from nabla.checks import Judge
from nabla.checks.trusted import TrustedSession
from nabla.course import Course
from nabla.grading.planting import read_source, reference_cells, untouched, with_cells
from nabla.grading.submission import Engine
from nabla.notebook.editions import Edition, keep_edition
from nabla.notebook.twin import twin_to_notebook

NAME = "matrix_calculus"
ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "nbgrader_config.py").exists())
TWIN = ROOT / "notebooks" / f"{NAME}.md"
SOURCE = ROOT / "source" / NAME / f"{NAME}.ipynb"
POINTS = {
    "linear_form_gradient": 2,
    "quadratic_form": 2,
    "quadratic_form_gradient": 2,
    "survivors": 1,
    "square_of_sum_gradient": 2,
    "factorization_loss": 1,
    "factorization_loss_gradients": 4,
    "written_6": 3,
    "factorize": 3,
}


@pytest.fixture(scope="module")
def course():
    return Course.load(ROOT)


@pytest.fixture(scope="module")
def judge():
    return Judge(ROOT / "grader_tests", NAME)


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
        return plain(function(*map(tensors, given), **named))

    return bridged


def tensors(value):
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, dict):
        return {key: tensors(item) for key, item in value.items()}
    return (lambda *given: tensors(value(*map(plain, given)))) if callable(value) else value


def plain(value):
    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    return type(value)(plain(item) for item in value) if isinstance(value, tuple | list) else value


# ---- honest answers in several styles, each a whole cell ------------------------------------------------------------

HONEST = {
    "linear_form_gradient": [
        """
def linear_form_gradient(beta, x):
    moving = x.clone().requires_grad_()
    (beta.flatten() @ moving.flatten()).backward()
    return moving.grad
""",
        """
def linear_form_gradient(beta, x):
    result = torch.zeros_like(x)
    for k in range(x.shape[0]):
        result[k] = beta[k]
    return result
""",
        """
def linear_form_gradient(beta, x):
    b, flat = to_numpy(beta).reshape(-1), to_numpy(x).reshape(-1)
    moved = [(b @ (flat + e) - b @ (flat - e)) / 2 for e in np.eye(len(flat))]
    return np.array(moved).reshape(x.shape)
""",
        """
def linear_form_gradient(beta, x):
    return torch.zeros_like(x) + beta.view_as(x)
""",
        """
def linear_form_gradient(beta, x):
    n = beta.numel()
    return torch.einsum("ij,j->i", torch.eye(n), beta.flatten()).reshape(x.shape)
""",
        """
def linear_form_gradient(beta, x):
    numbers = [float(number) for number in beta.flatten()]
    return array(numbers if x.ndim == 1 else [[number] for number in numbers])
""",
    ],
    "quadratic_form": [
        """
def quadratic_form(A, x):
    return x @ (A @ x)
""",
        """
def quadratic_form(A, x):
    total = 0
    for i in range(len(x)):
        for j in range(len(x)):
            total = total + x[i] * A[i, j] * x[j]
    return total
""",
        """
def quadratic_form(A, x):
    if len(x) == 0:
        return 0.0
    last = x[-1] * (A[-1] @ x + A[:-1, -1] @ x[:-1])
    return float(last + quadratic_form(A[:-1, :-1], x[:-1]))
""",
        """
def quadratic_form(A, x):
    A, x = A.numpy(), x.numpy()
    return float(np.sum(A * np.outer(x, x)))
""",
        """
def quadratic_form(A, x):
    return (x[None, :] @ A @ x[:, None])[0, 0]
""",
        """
def quadratic_form(A, x):
    return x @ ((A + A.T) / 2) @ x
""",
        """
def quadratic_form(A, x):
    rows, numbers = A.tolist(), x.tolist()
    return sum(s * a * t for s, row in zip(numbers, rows) for a, t in zip(row, numbers))
""",
    ],
    "quadratic_form_gradient": [
        """
def quadratic_form_gradient(A, x):
    x = x.clone().requires_grad_()
    (x @ A @ x).backward()
    return x.grad
""",
        """
def quadratic_form_gradient(A, x):
    n = len(x)
    result = torch.zeros(n, dtype=x.dtype)
    for k in range(n):
        for i in range(n):
            result[k] += A[k, i] * x[i] + x[i] * A[i, k]
    return result
""",
        """
def quadratic_form_gradient(A, x):
    return torch.einsum("ki,i->k", A, x) + torch.einsum("ik,i->k", A, x)
""",
        """
def quadratic_form_gradient(A, x):
    return A @ x + x @ A
""",
        """
def quadratic_form_gradient(A, x):
    A, x = A.numpy(), x.numpy()
    return ((A + A.T) @ x[:, None])[:, 0]
""",
        """
def quadratic_form_gradient(A, x):
    return torch.func.grad(lambda y: quadratic_form(A, y))(x)
""",
    ],
    "survivors": [
        """
def survivors(candidates):
    rng = np.random.default_rng(0)
    names = []
    for name, formula in candidates.items():
        fits = True
        for n in (1, 2, 5):
            A, x = array(rng.standard_normal((n, n))), array(rng.standard_normal((n, 1)))
            value = formula(A, x)
            fits = fits and value.shape == x.shape and (n > 1 or np.allclose(to_numpy(value), to_numpy(2 * A * x)))
        if fits:
            names.append(name)
    return names
""",
        """
def survivors(candidates):
    a, x = torch.tensor([[0.7]]), torch.tensor([[-1.3]])
    A, column = torch.rand(4, 4), torch.rand(4, 1)
    right = [name for name, formula in candidates.items() if abs(formula(a, x).item() + 2 * 0.7 * 1.3) < 1e-8]
    return [name for name in right if candidates[name](A, column).shape == column.shape]
""",
        """
def survivors(candidates):
    # Integers times float32: exact.
    a, x = torch.tensor([[3.0]], dtype=torch.float32), torch.tensor([[5.0]], dtype=torch.float32)
    A, column = torch.ones(2, 2, dtype=torch.float32), torch.ones(2, 1, dtype=torch.float32)
    return [
        name
        for name, formula in candidates.items()
        if float(formula(a, x)[0, 0]) == 30 and tuple(formula(A, column).shape) == (2, 1)
    ]
""",
        """
def survives(formula):
    for a, x in ((3.0, -7.0), (0.5, 11.0), (-4.0, 1.5)):
        if abs(float(formula(array([[a]]), array([[x]]))[0, 0]) - 2 * a * x) > 1e-9:
            return False
    return all(formula(array(np.eye(n)), array(np.ones((n, 1)))).shape == (n, 1) for n in (2, 3, 4))


def survivors(candidates):
    return list(filter(lambda name: survives(candidates[name]), candidates))
""",
    ],
    "square_of_sum_gradient": [
        """
def square_of_sum_gradient(x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(x.sum() ** 2, x)[0]
""",
        """
def square_of_sum_gradient(x):
    return 2 * x.sum() * torch.ones_like(x)
""",
        """
def square_of_sum_gradient(x):
    return np.array([2 * sum(float(x[i]) for i in range(len(x))) for _ in x])
""",
        """
def square_of_sum_gradient(x):
    return 2 * torch.ones(len(x), len(x)) @ x
""",
        """
def square_of_sum_gradient(x):
    return torch.full((len(x),), float(x.sum() + x.sum()))
""",
        """
def square_of_sum_gradient(x):
    return quadratic_form_gradient(torch.ones(len(x), len(x)), x)
""",
    ],
    "factorization_loss": [
        """
def factorization_loss(X, U, V):
    return torch.linalg.matrix_norm(X - U @ V) ** 2
""",
        """
def factorization_loss(X, U, V):
    return torch.einsum("ij,ij", X - U @ V, X - U @ V)
""",
        """
def factorization_loss(X, U, V):
    total = 0.0
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            total += float(X[i, j] - sum(U[i, k] * V[k, j] for k in range(U.shape[1]))) ** 2
    return total
""",
        """
def factorization_loss(X, U, V):
    return torch.trace((X - U @ V).T @ (X - U @ V))
""",
        """
def factorization_loss(X, U, V):
    return np.sum(np.linalg.svd(X.numpy() - U.numpy() @ V.numpy(), compute_uv=False) ** 2)
""",
        """
def factorization_loss(X, U, V):
    return torch.nn.functional.mse_loss(U @ V, X, reduction="sum")
""",
    ],
    "factorization_loss_gradients": [
        """
def factorization_loss_gradients(X, U, V):
    U, V = U.clone().requires_grad_(), V.clone().requires_grad_()
    ((X - U @ V) ** 2).sum().backward()
    return U.grad, V.grad
""",
        """
def factorization_loss_gradients(X, U, V):
    rest = torch.einsum("ik,kj->ij", U, V) - X
    return 2 * torch.einsum("ij,kj->ik", rest, V), 2 * torch.einsum("ij,ik->kj", rest, U)
""",
        """
def factorization_loss_gradients(X, U, V):
    rest = X - U @ V
    (n, m), r = X.shape, U.shape[1]
    for_U, for_V = torch.zeros(n, r), torch.zeros(r, m)
    for i in range(n):
        for j in range(m):
            for k in range(r):
                for_U[i, k] -= 2 * rest[i, j] * V[k, j]
                for_V[k, j] -= 2 * rest[i, j] * U[i, k]
    return for_U, for_V
""",
        """
def factorization_loss_gradients(X, U, V):
    return [2 * (U @ (V @ V.T) - X @ V.T), 2 * ((U.T @ U) @ V - U.T @ X)]
""",
        """
def factorization_loss_gradients(X, U, V):
    X, U, V = X.numpy(), U.numpy(), V.numpy()
    return 2 * (U @ V - X) @ V.T, 2 * ((U @ V - X).T @ U).T
""",
        """
def factorization_loss_gradients(X, U, V):
    def for_right_factor(X, U, V):
        r, m = V.shape
        return array([[entry_for_V(X, U, V, a, b) for b in range(m)] for a in range(r)])

    # The loss is the same for the transposes, which change the places of the factors.
    return for_right_factor(X.T, V.T, U.T).T, for_right_factor(X, U, V)
""",
    ],
    "factorize": [
        """
def factorize(X, U0, V0, learning_rate, num_steps):
    U, V = U0.clone(), V0.clone()
    losses = torch.zeros(num_steps + 1, dtype=X.dtype)
    for step in range(num_steps):
        rest = X - U @ V
        losses[step] = (rest**2).sum()
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
    losses[num_steps] = ((X - U @ V) ** 2).sum()
    return U, V, losses
""",
        """
def factorize(X, U0, V0, learning_rate, num_steps):
    X, U, V = X.numpy(), U0.numpy().copy(), V0.numpy().copy()
    losses = [np.linalg.norm(X - U @ V) ** 2]
    for _ in range(num_steps):
        U -= learning_rate * (-2 * (X - U @ V) @ V.T)
        V -= learning_rate * (-2 * U.T @ (X - U @ V))
        losses.append(np.linalg.norm(X - U @ V) ** 2)
    return U, V, np.array(losses)
""",
        """
def factorize(X, U0, V0, learning_rate, num_steps):
    U, V, losses = U0, V0, [factorization_loss(X, U0, V0)]
    for _ in range(num_steps):
        V = V - learning_rate * torch.as_tensor(factorization_loss_gradients(X, U, V)[1])
        U = U - learning_rate * torch.as_tensor(factorization_loss_gradients(X, U, V)[0])
        losses.append(factorization_loss(X, U, V))
    return [U, V, stack(losses)]
""",
        """
def factorize(X, U0, V0, learning_rate, num_steps):
    here = ((X - U0 @ V0) ** 2).sum()[None]
    if num_steps == 0:
        return U0, V0, here
    rest = X - U0 @ V0
    U1, V1 = U0 + 2 * learning_rate * rest @ V0.T, V0 + 2 * learning_rate * U0.T @ rest
    U, V, losses = factorize(X, U1, V1, learning_rate, num_steps - 1)
    return U, V, torch.cat([here, losses])
""",
        """
def factorize(X, U0, V0, learning_rate, num_steps):
    U, V = U0.clone().requires_grad_(), V0.clone().requires_grad_()
    optimiser = torch.optim.SGD([U, V], lr=learning_rate)
    losses = []
    for _ in range(num_steps):
        optimiser.zero_grad()
        loss = ((X - U @ V) ** 2).sum()
        losses.append(loss.detach())
        loss.backward()
        optimiser.step()
    losses.append(((X - U @ V) ** 2).sum().detach())
    return U, V, torch.stack(losses)
""",
        """
def factorize(X, U0, V0, learning_rate, num_steps):
    pairs = [(U0, V0)]
    while len(pairs) <= num_steps:
        U, V = pairs[-1]
        for_U, _ = factorization_loss_gradients(X, U, V)
        U = U - learning_rate * torch.as_tensor(for_U)
        _, for_V = factorization_loss_gradients(X, U, V)
        pairs.append((U, V - learning_rate * torch.as_tensor(for_V)))
    return *pairs[-1], array([float(factorization_loss(X, *pair)) for pair in pairs])
""",
    ],
}
RAISING = {"order_of_the_numbers"}
"""Wrong answers that fail by an exception: its own text says what happened, no value can be compared."""
OFF_THE_DEVICE = {("quadratic_form_gradient", 1), ("quadratic_form_gradient", 4)} | {
    ("factorize", place) for place in (0, 1, 2, 5)
}
"""Right values, but not on the device of the arguments: that check alone is lost."""
STYLES = [(exercise, place) for exercise, answers in HONEST.items() for place in range(len(answers))]


def names_of(notebook, framework):
    """What a student of this edition has after all cells, the references among it."""
    names = {"np": np}
    for cell in keep_edition(notebook, Edition("en", framework)).cells:
        if cell.cell_type == "code" and cell.id != "pictures" and not cell.metadata.get("nbgrader", {}).get("grade"):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(without_pictures(cell.source), cell.id, "exec"), names)
    return names


@pytest.fixture(scope="module")
def given(notebook):
    names = names_of(notebook, "torch")
    torch.set_default_dtype(torch.float32)
    return names


@pytest.mark.usefixtures("_float32_again")
@pytest.mark.parametrize(("exercise", "place"), STYLES)
def test_an_honest_answer_of_any_style_gets_all_points(judge, notebook, given, exercise, place):
    torch.set_default_dtype(torch.float64)
    names = dict(given)
    exec(compile(HONEST[exercise][place], exercise, "exec"), names)
    for seed in range(8):
        verdict = graded(judge, exercise, in_torch(names[exercise]), seed)
        assert [(check.name, check.message) for check in verdict.checks if check.outcome != "passed"] == []
        assert verdict.score == 1
    visible = {cell.id: cell.source for cell in notebook.cells}[f"test_{exercise}"]
    exec(compile(visible, f"test_{exercise}", "exec"), names)


def test_honest_cells_get_all_points_in_the_sandbox(course):
    source, edition = read_source(SOURCE), Edition("en", "torch")
    released, reference = untouched(source, edition, course), reference_cells(source, edition)
    # Pictures take ten times as long as all the rest, and `nabla verify` draws them.
    released.cells = [
        cell for cell in released.cells if "plt.subplot" not in cell.source or "def slopes" in cell.source
    ]
    with Engine.for_course(course) as engine:
        for place in range(max(map(len, HONEST.values()))):
            cells = {exercise: answers[place] for exercise, answers in HONEST.items() if place < len(answers)}
            verdict = engine.grade(with_cells(released, reference | cells), assignment=NAME)
            for exercise in verdict.exercises:
                name = exercise.id.removeprefix("test_")
                failed = [check.name for check in exercise.checks if check.outcome not in ("passed", "not_graded")]
                expected = ["test_stays_on_the_device_of_its_arguments"] if (name, place) in OFF_THE_DEVICE else []
                assert failed == expected, (name, place, exercise.checks)
                assert (exercise.score == POINTS[name]) == (not failed)


def test_a_tuple_of_survivors_is_as_good_as_a_list(judge, given):
    def in_a_tuple(candidates):
        return tuple(given["survivors"](candidates))

    assert graded(judge, "survivors", in_torch(in_a_tuple)).score == 1


def test_every_exercise_is_answered_in_three_styles_at_least(judge):
    assert {f"test_{exercise}" for exercise in HONEST} == set(judge.exercises)
    assert min(map(len, HONEST.values())) >= 3


# ---- wrong answers --------------------------------------------------------------------------------------------------


def test_every_wrong_answer_fails_exactly_its_declared_checks_whatever_the_seed(judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in in_numpy(answers):
            for seed in range(12):
                checks = graded(judge, grade_id.removeprefix("test_"), wrong, seed).checks
                failed = {check.name for check in checks if check.outcome != "passed"}
                assert failed == set(wrong.fails), (grade_id, wrong.name, seed)


def test_a_wrong_answer_is_recognised_as_itself_in_the_first_check_that_it_fails(judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in (answer for answer in in_numpy(answers) if answer.name not in RAISING):
            for seed in range(3):
                checks = graded(judge, grade_id.removeprefix("test_"), wrong, seed).checks
                first = next(check for check in checks if check.outcome != "passed")
                assert first.wrong_answer == wrong.name, (grade_id, wrong.name, first.name, first.message)


def right_gradients(X, U, V):
    return -2 * (X - U @ V) @ V.T, -2 * U.T @ (X - U @ V)


def test_a_slip_in_one_of_the_two_gradients_costs_half(judge):
    for slip in ((1, -1), (0.5, 1)):

        def gradients(X, U, V, slip=slip):
            return tuple(factor * part for factor, part in zip(slip, right_gradients(X, U, V), strict=True))

        assert graded(judge, "factorization_loss_gradients", gradients).score == 0.5


def first_U_then_V(X, U0, V0, learning_rate, num_steps):
    U, V, losses = U0.copy(), V0.copy(), [np.linalg.norm(X - U0 @ V0) ** 2]
    for _ in range(num_steps):
        U -= learning_rate * (-2 * (X - U @ V) @ V.T)
        V -= learning_rate * (-2 * U.T @ (X - U @ V))
        losses.append(np.linalg.norm(X - U @ V) ** 2)
    return U, V, np.array(losses)


def test_wrong_losses_leave_the_points_of_right_factors(judge):
    def factorize(X, U0, V0, learning_rate, num_steps):
        U, V, losses = first_U_then_V(X, U0, V0, learning_rate, num_steps)
        return U, V, losses / X.size

    assert graded(judge, "factorize", factorize).score >= 0.5


NONSENSE = [
    lambda *given: None,
    lambda *given: 0.0,
    lambda *given: given[0],
    lambda *given: given[-1],
    lambda *given: given[1:3],
    lambda *given: [],
    lambda *given: (np.zeros((2, 2)),) * 3,
    lambda *given: {"U": 1.0},
    lambda *given: np.array([np.nan, 1.0]),
    lambda *given: ("a", None, [[1.0]]),
]


@pytest.mark.parametrize("exercise", HONEST)
def test_nonsense_earns_nothing_and_breaks_no_check(judge, exercise):
    for answer in NONSENSE:
        verdict = graded(judge, exercise, answer)
        assert verdict.score == 0
        assert {check.outcome for check in verdict.checks} <= {"failed", "passed"}, verdict.checks


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
    names = {"np": np}
    for cell in keep_edition(notebook, Edition("en", framework)).cells:
        if cell.cell_type == "code" and cell.id != "pictures":
            exec(compile(without_pictures(cell.source), cell.id, "exec"), names)
    for grade_id in judge.exercises:
        exercise = grade_id.removeprefix("test_")
        answer = names[exercise] if framework == "numpy" else in_torch(names[exercise])
        session = TrustedSession({exercise: answer})
        assert judge.grade(grade_id, session, max_score=1, seed=lambda name: 5, framework="numpy").score == 1, grade_id


def without_pictures(source):
    """What a cell does apart from drawing: its functions and its asserts."""
    if "plt." not in source:
        return source
    return source.partition("\n\n\n")[0] if source.startswith("def slopes") else ""


def run_visible_asserts(notebook, exercise, function):
    cells = {cell.id: cell.source for cell in keep_edition(notebook, Edition("en", "numpy")).cells}
    names = {"np": np}
    for cell in ("prelude-numpy", "slopes", "six-formulas"):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(without_pictures(cells[cell]), cell, "exec"), names)
    exec(compile(cells[f"test_{exercise}"], exercise, "exec"), names | {exercise: function})


def refused(notebook, exercise, function):
    try:
        run_visible_asserts(notebook, exercise, function)
    except (AssertionError, ValueError) as refusal:
        return isinstance(refusal, AssertionError) or function.name in RAISING
    return False


def test_visible_asserts_refuse_every_known_wrong_answer(notebook, judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in in_numpy(answers):
            with np.errstate(all="ignore"):
                assert refused(notebook, grade_id.removeprefix("test_"), wrong), (grade_id, wrong.name)


def test_what_students_read_gives_no_written_answer_away(notebook):
    shown = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("solution")]
    text = "\n".join(cell.source for cell in shown) + "".join(cell.id for cell in notebook.cells)
    found = r"mathbf\{U\}\^\\top ?\(\\mathbf\{X\}|mathbf\{V\}\^\\top|A is square|正方行列なので|on the left|左から掛け"
    assert re.findall(found, text) == []
