"""The assignment `hessians`: honest answers of every style get all points, known mistakes exactly what is declared.

Honest answers are whole cells as students write them: graded by the real engine in its sandbox, and here for many seeds.
"""

from __future__ import annotations

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

NAME = "hessians"
ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "nbgrader_config.py").exists())
TWIN = ROOT / "notebooks" / f"{NAME}.md"
SOURCE = ROOT / "source" / NAME / f"{NAME}.ipynb"
POINTS = {
    "quadratic_parts": 1,
    "bump_hessian": 2,
    "mixed_partial": 1,
    "hessian": 2,
    "quadratic_approximation": 3,
    "classify_critical_point": 2,
    "newton_step": 3,
    "newton": 3,
    "written_newton": 3,
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


# ---- the judge's way to a function --------------------------------------------------------------


SHAPES = {
    "cube": lambda t: t**3,
    "quartic": lambda t: t**4,
    "bell": lambda t: 1 / (1 + t**2),
    "root": lambda t: (1 + t**2) ** 0.5,
}


def make_function(A, a, c, names):
    """The notebook's function of this name: the same code for arrays and tensors."""

    def f(x):
        total = x @ (A @ x) / 2
        for direction, factor, name in zip(a, c, names, strict=True):
            total = total + factor * SHAPES[name](direction @ x)
        return total

    return f


def numpy_session(exercise, function):
    """What the notebook's graded cells define beside the answer, in plain numpy."""

    def value_after_arrays_have_moved(value, gradient, hessian, x0, x):
        q = function(value, gradient, hessian, x0)
        for part in (value, gradient, hessian, x0):
            part += 1
        return q(x)

    given = {"make_function": make_function, "value_after_arrays_have_moved": value_after_arrays_have_moved}
    return TrustedSession({exercise: function, **given})


def torch_session(exercise, function):
    """The same for an answer that gets and gives tensors."""

    def value_after_arrays_have_moved(value, gradient, hessian, x0, x):
        q = function(value, gradient, hessian, x0)
        for part in (value, gradient, hessian, x0):
            part += 1
        return q(x)

    given = {"make_function": make_function, "value_after_arrays_have_moved": value_after_arrays_have_moved}
    return TrustedSession({name: in_torch(one) for name, one in {exercise: function, **given}.items()})


def in_torch(function):
    """``function`` of tensors as the judge reaches it over the wire."""

    def bridged(*given, **named):
        return plain(function(*map(tensors, given), **named))

    return bridged


def tensors(value):
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if not callable(value) or isinstance(value, Local):
        return value.function if isinstance(value, Local) else value
    return lambda *given: tensors(value(*map(plain, given)))


class Local:
    """A function that stays with the student's process: the judge hands it back as it is."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *given):
        return plain(self.function(*map(tensors, given)))


def plain(value):
    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    if isinstance(value, tuple | list):
        return type(value)(plain(item) for item in value)
    return Local(value) if callable(value) else value


def in_numpy(answers):
    """Those that can be called here: torch's own run in a notebook only (`tests/frameworks/test_gpu_checks.py`)."""
    return [wrong for wrong in answers if not wrong.framework]


def graded(judge, exercise, session, seed=1):
    return judge.grade(
        f"test_{exercise}", session, max_score=1, seed=lambda name: 1000 * seed + len(name), framework="numpy"
    )


# ---- honest answers in several styles, each a whole cell ----------------------------------------


HONEST = {
    "quadratic_parts": [
        """
def quadratic_parts(a, b1, b2, c11, c12, c22):
    def f(x, y):
        return a + b1 * x + b2 * y + c11 * x * x + c12 * x * y + c22 * y * y

    gradient = [(f(1, 0) - f(-1, 0)) / 2, (f(0, 1) - f(0, -1)) / 2]
    mixed = (f(1, 1) - f(1, -1) - f(-1, 1) + f(-1, -1)) / 4
    hessian = [[f(1, 0) - 2 * f(0, 0) + f(-1, 0), mixed], [mixed, f(0, 1) - 2 * f(0, 0) + f(0, -1)]]
    return f(0, 0), np.array(gradient), np.array(hessian)
""",
        """
def quadratic_parts(a, b1, b2, c11, c12, c22):
    half = torch.tensor([[c11, c12 / 2], [c12 / 2, c22]], dtype=torch.float32)
    return torch.tensor(a, dtype=torch.float32), torch.tensor([b1, b2], dtype=torch.float32), half + half.T
""",
        """
def quadratic_parts(a, b1, b2, c11, c12, c22):
    def f(x):
        return a + b1 * x[0] + b2 * x[1] + c11 * x[0] ** 2 + c12 * x[0] * x[1] + c22 * x[1] ** 2

    origin = array([0.0, 0.0])
    return [f(origin), torch.func.grad(f)(origin), torch.func.hessian(f)(origin)]
""",
        """
def quadratic_parts(a, b1, b2, *c):
    lower = np.array([[c[0], 0], [c[1], c[2]]])
    return np.float64(a), np.array((b1, b2)), lower + lower.T
""",
        """
def quadratic_parts(a, b1, b2, c11, c12, c22):
    H = torch.zeros(2, 2)
    for (i, j), c in {(0, 0): c11, (0, 1): c12, (1, 1): c22}.items():
        H[i, j] += c
        H[j, i] += c
    return a, torch.tensor([b1, b2]), H
""",
    ],
    "bump_hessian": [
        """
def bump_hessian(x, y):
    return torch.autograd.functional.hessian(lambda point: bump(point[0], point[1]), torch.stack([x, y]))
""",
        """
import math


def bump_hessian(x, y):
    x, y = float(x), float(y)
    H = np.zeros((2, 2))
    H[0, 0] = (x * (4 * x**2 - 6)) * np.exp(-(x**2)) * np.exp(-(y**2))
    H[0, 1] = H[1, 0] = -2 * y * (1 - 2 * x * x) / np.exp(x * x + y * y)
    H[1, 1] = 2 * x * (2 * y * y - 1) * math.exp(-(x**2) - y**2)
    return H
""",
        """
def bump_hessian(x, y):
    v = torch.stack([x, y])
    value = x * torch.exp(-v @ v)
    e1 = torch.tensor([1.0, 0.0])
    bend = 4 * torch.outer(v, v) * value - 2 * value * torch.eye(2)
    return bend - 2 * (torch.outer(v, e1) + torch.outer(e1, v)) * torch.exp(-v @ v)
""",
        """
def bump_hessian(x, y):
    first, second = bump_gradient(x, y)
    decay = exp(-(x**2) - y**2)
    along_x = [-2 * x * first - 4 * x * decay, -2 * y * first]
    return array([along_x, [-2 * x * second - 2 * y * decay, -2 * y * second - 2 * x * decay]])
""",
        """
def bump_hessian(x, y):
    p = torch.stack([x, y]).requires_grad_()
    rows = []
    for part in bump_gradient(p[0], p[1]):
        rows += torch.autograd.grad(part, p, retain_graph=True)
    return torch.stack(rows)
""",
    ],
    "mixed_partial": [
        """
def mixed_partial(f, w, i, j, h=1e-4):
    e = h * torch.eye(len(w))
    return (f(w + e[i] + e[j]) - f(w + e[i] - e[j]) - f(w - e[i] + e[j]) + f(w - e[i] - e[j])) / (2 * h) ** 2
""",
        """
def mixed_partial(f, w, i, j, h=1e-4):
    def slope(point):
        return (f(point + h * unit(len(w), j)) - f(point - h * unit(len(w), j))) / (2 * h)

    return (slope(w + h * unit(len(w), i)) - slope(w - h * unit(len(w), i))) / (2 * h)
""",
        """
def mixed_partial(f, w, i, j, h=1e-4):
    total = 0.0
    for s in (1, -1):
        for t in (1, -1):
            point = w.clone()
            point[i] += s * h
            point[j] += t * h
            total += s * t * float(f(point))
    return total / 4 / h / h
""",
        """
def mixed_partial(f, w, i, j, h=1e-4):
    a, b = h * unit(len(w), i), h * unit(len(w), j)
    if i == j:
        return (f(w + 2 * a) - 2 * f(w) + f(w - 2 * a)) / (4 * h**2)
    return sum(s * t * f(w + s * a + t * b) for s in (-1, 1) for t in (-1, 1)) / (4 * h**2)
""",
        """
def mixed_partial(f, w, i, j, h=1e-4):
    def difference(point, directions):
        if not directions:
            return f(array(point))
        first, *rest = directions
        ahead, behind = list(point), list(point)
        ahead[first] += h
        behind[first] -= h
        return (difference(ahead, rest) - difference(behind, rest)) / (2 * h)

    return difference([float(number) for number in w], [i, j])
""",
        """
def mixed_partial(f, w, i, j, h=1e-4):
    n, signs = len(w), np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    points = w.detach().numpy() + h * signs @ np.eye(n)[[i, j]]
    return np.dot(signs.prod(1), [float(f(torch.from_numpy(point))) for point in points]) / (4 * h**2)
""",
    ],
    "hessian": [
        """
def hessian(f, x):
    return torch.func.hessian(f)(x)
""",
        """
def hessian(f, x):
    return torch.func.jacrev(torch.func.grad(f))(x)
""",
        """
def hessian(f, x):
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.stack([torch.autograd.grad(entry, x, retain_graph=True)[0] for entry in gradient])
""",
        """
def hessian(f, x):
    x = x.detach().clone().requires_grad_(True)
    gradient = torch.autograd.grad(f(x), x, create_graph=True)[0]
    rows = []
    for entry in gradient:
        x.grad = None
        entry.backward(retain_graph=True)
        rows.append(x.grad.clone())
    return torch.stack(rows)
""",
        """
def hessian(f, x):
    # By differences, in spite of the framework: 1e-4 is what the docstring asks for.
    n = len(x)
    return array([[mixed_partial(f, x, i, j) for j in range(n)] for i in range(n)])
""",
        """
def hessian(f, x):
    # The step of first derivatives: 7e-6 off, and still within the promise.
    n, e = len(x), 1e-5 * torch.eye(len(x))
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            corners = f(x + e[i] + e[j]) - f(x + e[i] - e[j]) - f(x - e[i] + e[j]) + f(x - e[i] - e[j])
            H[i, j] = H[j, i] = float(corners) / 4e-10
    return H
""",
        """
def hessian(f, x):
    def gradient(point):
        return torch.autograd.functional.jacobian(f, point, create_graph=True)

    return torch.autograd.functional.jacobian(gradient, x)
""",
    ],
    "quadratic_approximation": [
        """
def quadratic_approximation(value, gradient, hessian, x0):
    value, gradient, hessian, x0 = value.clone(), gradient.clone(), hessian.clone(), x0.clone()

    def q(x):
        d = x - x0
        return value + torch.einsum("i,...i->...", gradient, d) + torch.einsum("...i,ij,...j->...", d, hessian, d) / 2

    return q
""",
        """
def quadratic_approximation(value, gradient, hessian, x0):
    a, b, H, centre = float(value), gradient.tolist(), hessian.tolist(), x0.tolist()

    def one(point):
        d = [float(number) - c for number, c in zip(point, centre, strict=True)]
        total = a + sum(slope * step for slope, step in zip(b, d, strict=True))
        return total + 0.5 * sum(H[i][j] * d[i] * d[j] for i in range(len(d)) for j in range(len(d)))

    return lambda x: one(x) if x.ndim == 1 else np.array([one(point) for point in x])
""",
        """
def quadratic_approximation(value, gradient, hessian, x0):
    # Multiplied out, with the constants gathered: cancels a little.
    b = gradient - hessian @ x0
    a = value - gradient @ x0 + x0 @ hessian @ x0 / 2
    H = hessian + 0
    return lambda x: a + x @ b + 0.5 * torch.sum((x @ H) * x, dim=-1)
""",
        """
class Model:
    def __init__(self, *parts):
        self.parts = [part.clone() for part in parts]

    def __call__(self, x):
        value, gradient, hessian, x0 = self.parts
        rows = torch.atleast_2d(x - x0)
        result = value + rows @ gradient + 0.5 * torch.diagonal(rows @ hessian @ rows.T)
        return result[0] if x.ndim == 1 else result


quadratic_approximation = Model
""",
        """
def quadratic_approximation(value, gradient, hessian, x0):
    v, g, H, c = (to_numpy(part).copy() for part in (value, gradient, hessian, x0))

    def q(x):
        if x.ndim == 2:
            return np.array([q(row) for row in x])
        d = x.numpy() - c
        return v + g @ d + d @ H @ d / 2

    return q
""",
        """
def quadratic_approximation(value, gradient, hessian, x0):
    import copy

    value, gradient, hessian, x0 = copy.deepcopy((value, gradient, hessian, x0))

    def change(x):
        return (gradient + hessian @ (x - x0) / 2) @ (x - x0)

    return lambda x: value + (change(x) if x.ndim == 1 else torch.vmap(change)(x))
""",
    ],
    "classify_critical_point": [
        """
def classify_critical_point(hessian):
    eigenvalues = torch.linalg.eigvalsh(hessian)
    bound = 1e-8 * eigenvalues.abs().max()
    up, down = int((eigenvalues > bound).sum()), int((eigenvalues < -bound).sum())
    if up and down:
        return "saddle"
    return {(len(eigenvalues), 0): "minimum", (0, len(eigenvalues)): "maximum"}.get((up, down), "inconclusive")
""",
        """
def classify_critical_point(hessian):
    eigenvalues = np.linalg.eigvalsh(hessian.numpy())
    low, high = eigenvalues[0], eigenvalues[-1]
    bound = 1e-8 * max(abs(low), abs(high))
    if low < -bound and high > bound:
        return "saddle"
    return "minimum" if low > bound else "maximum" if high < -bound else "inconclusive"
""",
        """
def classify_critical_point(hessian):
    eigenvalues = torch.linalg.eigvals(hessian).real.tolist()
    largest = max(map(abs, eigenvalues))
    signs = {0 if abs(v) <= 1e-8 * largest else 1 if v > 0 else -1 for v in eigenvalues}
    if {1, -1} <= signs:
        return "saddle"
    return "minimum" if signs == {1} else "maximum" if signs == {-1} else "inconclusive"
""",
        """
def classify_critical_point(hessian):
    eigenvalues, _ = torch.linalg.eigh(hessian)
    scale = eigenvalues.abs().max()
    scaled = eigenvalues / scale if scale > 0 else eigenvalues
    up, down = (scaled > 1e-8), (scaled < -1e-8)
    kind = "saddle" if up.any() and down.any() else "minimum" if up.all() else "maximum" if down.all() else None
    return kind or "inconclusive"
""",
        """
def classify_critical_point(hessian):
    ups = downs = zeros = 0
    eigenvalues = torch.linalg.eigvalsh(hessian)
    for eigenvalue in eigenvalues:
        if abs(eigenvalue) <= 1e-8 * max(abs(eigenvalues)):
            zeros += 1
        elif eigenvalue > 0:
            ups += 1
        else:
            downs += 1
    if ups > 0 and downs > 0:
        return "saddle"
    if zeros > 0:
        return "inconclusive"
    return "minimum" if ups else "maximum"
""",
    ],
    "newton_step": [
        """
def newton_step(gradient, hessian, x):
    return x - torch.linalg.solve(hessian, gradient)
""",
        """
def newton_step(gradient, hessian, x):
    if gradient.ndim == 1:
        return x - torch.linalg.solve(hessian, gradient)
    return torch.stack([newton_step(*one) for one in zip(gradient, hessian, x, strict=True)])
""",
        """
def newton_step(gradient, hessian, x):
    try:
        step = torch.linalg.solve(hessian, -gradient.unsqueeze(-1)).squeeze(-1)
    except RuntimeError as error:
        raise ValueError("the Hessian is singular") from error
    if not torch.isfinite(step).all():
        raise ValueError("the Hessian is singular")
    return x + step
""",
        """
def newton_step(gradient, hessian, x):
    eigenvalues, vectors = np.linalg.eigh(hessian.numpy())
    if np.any(np.abs(eigenvalues).min(-1) <= 1e-14 * np.abs(eigenvalues).max(-1)):
        raise ValueError("singular")
    inside = np.einsum("...ji,...j->...i", vectors, gradient.numpy()) / eigenvalues
    return x - torch.from_numpy(np.einsum("...ij,...j->...i", vectors, inside))
""",
        """
def newton_step(gradient, hessian, x):
    # Gauss-Jordan with row pivots, in Python floats.
    if gradient.ndim == 2:
        return torch.stack([newton_step(*one) for one in zip(gradient, hessian, x, strict=True)])
    rows = [[*row, right] for row, right in zip(hessian.tolist(), gradient.tolist(), strict=True)]
    n = len(rows)
    for k in range(n):
        best = max(range(k, n), key=lambda r: abs(rows[r][k]))
        rows[k], rows[best] = rows[best], rows[k]
        if rows[k][k] == 0:
            raise ValueError("singular")
        rows[k] = [number / rows[k][k] for number in rows[k]]
        for r in range(n):
            if r != k:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[k], strict=True)]
    return x - array([row[-1] for row in rows])
""",
        """
def newton_step(gradient, hessian, x):
    LU, pivots, info = torch.linalg.lu_factor_ex(hessian)
    if info.any():
        raise ValueError("singular")
    return x - torch.linalg.lu_solve(LU, pivots, gradient[..., None])[..., 0]
""",
        """
def newton_step(gradient, hessian, x):
    Q, R = torch.linalg.qr(hessian)
    if R.diagonal(dim1=-2, dim2=-1).abs().min() < 1e-15:
        raise ValueError("singular")
    inside = Q.transpose(-2, -1) @ gradient[..., None]
    return x - torch.linalg.solve_triangular(R, inside, upper=True)[..., 0]
""",
        """
def newton_step(gradient, hessian, x):
    p = np.linalg.solve(hessian.numpy(), gradient.numpy()[..., np.newaxis])
    return x - torch.from_numpy(p.squeeze(-1))
""",
    ],
    "newton": [
        """
def newton(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    x, steps = x0.clone(), 0
    while torch.linalg.vector_norm(grad_f(x)) > tol:
        if steps == max_steps:
            raise RuntimeError
        x, steps = x - torch.linalg.solve(hess_f(x), grad_f(x)), steps + 1
    return x, steps
""",
        """
def newton(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    gradient = grad_f(x0)
    if gradient.norm() <= tol:
        return x0, 0
    if max_steps == 0:
        raise RuntimeError("no critical point found")
    x, steps = newton(grad_f, hess_f, newton_step(gradient, hess_f(x0), x0), tol, max_steps - 1)
    return x, steps + 1
""",
        """
def newton(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    # Asks for the Hessian before it knows whether it is needed, and returns a list.
    x = 1 * x0
    for steps in range(max_steps + 1):
        gradient, H = grad_f(x), hess_f(x)
        if float(sum(gradient**2)) <= tol**2:
            return [x, steps]
        x = newton_step(gradient, H, x)
    raise RuntimeError("50 steps were not enough")
""",
        """
import math


def newton(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    x = x0.numpy().copy()
    gradient, steps = np.asarray(grad_f(array(x.copy()))), 0
    while math.hypot(*gradient) > tol and steps < max_steps:
        x -= np.linalg.solve(np.asarray(hess_f(array(x.copy()))), gradient)
        gradient, steps = np.asarray(grad_f(array(x.copy()))), steps + 1
    if math.hypot(*gradient) > tol:
        raise RuntimeError(f"still {gradient} after {steps} steps")
    return x, np.int64(steps)
""",
        """
def newton(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    points = [x0]
    while True:
        g = grad_f(points[-1])
        if torch.sqrt(g @ g) <= tol:
            return points[-1], len(points) - 1
        if len(points) > max_steps:
            raise RuntimeError("too many steps")
        points.append(points[-1] + torch.linalg.solve(hess_f(points[-1]), -g))
""",
    ],
}
RAISING = {
    "both_orders", "inverts", "positive_definite_only", "pseudoinverse", "refuses_small_determinants", "rows_as_one_matrix",
    "hessian_kept_from_the_start", "wrong_sign", "diagonal_only", "last_point_not_tested",
}  # fmt: skip
"""Fail by an exception or by a check's own sentence: that says what happened, no value can be compared."""
THROUGH_A_HANDLE = {"bound_late", "copies_x0_alone"}
"""Fail in a call of a function that the graded cell defines: not the function that the wrong answer stands for."""
LIKE_ANOTHER = {"no_tolerance", "signs_of_the_diagonal"}
"""Answer with a word: rounding, or the draw, decides whether another mistake gives the same one."""
OFF_THE_DEVICE = {("newton_step", 1), ("newton_step", 3), ("newton_step", 4), ("newton_step", 7)}
"""Right values, but not on the device of the arguments: that check alone is lost."""
STYLES = [(exercise, place) for exercise, answers in HONEST.items() for place in range(len(answers))]


@pytest.fixture(scope="module")
def given(notebook):
    """The names that a student has, the references among them."""
    return names_of(notebook, "torch")


@pytest.mark.usefixtures("_float32_again")
@pytest.mark.parametrize(("exercise", "place"), STYLES)
def test_an_honest_answer_of_any_style_gets_all_points(judge, notebook, given, exercise, place):
    torch.set_default_dtype(torch.float64)
    names = dict(given)
    exec(compile(HONEST[exercise][place], exercise, "exec"), names)
    for seed in range(8):
        verdict = graded(judge, exercise, torch_session(exercise, names[exercise]), seed)
        assert [(check.name, check.message) for check in verdict.checks if check.outcome != "passed"] == []
        assert verdict.score == 1
    run_visible_asserts(notebook, exercise, names)


def run_visible_asserts(notebook, exercise, names):
    cells = {cell.id: cell.source for cell in notebook.cells}
    matrices, _, _ = cells["picture-classes"].partition("figure,")
    exec(compile(f"{matrices}\n{cells[f'test_{exercise}']}", exercise, "exec"), names)


def test_honest_cells_get_all_points_in_the_sandbox(course):
    source, edition = read_source(SOURCE), Edition("en", "torch")
    released, reference = untouched(source, edition, course), reference_cells(source, edition)
    # Pictures take ten times as long as all the rest, and `nabla verify` draws them.
    released.cells = [cell for cell in released.cells if "plt.subplots" not in cell.source]
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


def test_every_exercise_is_answered_in_three_styles_at_least(judge):
    assert {f"test_{exercise}" for exercise in HONEST} == set(judge.exercises)
    assert min(map(len, HONEST.values())) >= 3


# ---- wrong answers ------------------------------------------------------------------------------


def test_every_wrong_answer_fails_exactly_its_declared_checks_whatever_the_seed(judge):
    for grade_id, answers in judge.wrong_answers.items():
        exercise = grade_id.removeprefix("test_")
        for wrong in in_numpy(answers):
            for seed in range(12):
                checks = graded(judge, exercise, numpy_session(exercise, wrong), seed).checks
                failed = {check.name for check in checks if check.outcome != "passed"}
                assert failed == set(wrong.fails), (grade_id, wrong.name, seed)
                assert not any(check.outcome == "error" for check in checks), (grade_id, wrong.name, seed)


def test_a_recognised_wrong_answer_is_recognised_as_itself_in_the_first_check_that_it_fails(judge):
    silent = RAISING | THROUGH_A_HANDLE | LIKE_ANOTHER
    for grade_id, answers in judge.wrong_answers.items():
        exercise = grade_id.removeprefix("test_")
        if exercise == "hessian":  # its f is a function of the notebook's, which no wrong answer can be given
            continue
        for wrong in (answer for answer in in_numpy(answers) if answer.name not in silent):
            for seed in range(3):
                checks = graded(judge, exercise, numpy_session(exercise, wrong), seed).checks
                first = next(check for check in checks if check.outcome != "passed")
                assert first.wrong_answer == wrong.name, (grade_id, first.name, first.message)


WORTH_NOTHING = {
    "quadratic_parts": [lambda *given: (5.0, np.zeros(2), np.diag([2.0, 0.0])), lambda *given: (0.0, np.zeros(2), np.zeros((2, 2)))],
    "bump_hessian": [lambda x, y: 2 / np.e * np.eye(2), lambda x, y: np.zeros((2, 2))],
    "mixed_partial": [lambda f, w, i, j, h: 3.0, lambda f, w, i, j, h: 0.0, lambda f, w, i, j, h: 1.0],
    "hessian": [lambda f, x: np.zeros((len(x), len(x))), lambda f, x: np.eye(len(x)), lambda f, x: 7 * np.ones((len(x), len(x)))],
    "quadratic_approximation": [lambda *given: lambda x: 13.0, lambda v, g, H, x0: lambda x: v + 0 * x.sum(-1)],
    "classify_critical_point": [
        lambda H: "minimum", lambda H: "maximum", lambda H: "saddle", lambda H: "inconclusive", lambda H: "neither",
    ],
    "newton_step": [lambda g, H, x: 0 * x, lambda g, H, x: x, lambda g, H, x: np.array([1.0, -1.0]), lambda g, H, x: 0 * x + 1.7e308],
    "newton": [
        lambda g, H, x0, tol=0, max_steps=0: (x0, 0), lambda g, H, x0, tol=0, max_steps=0: (0 * x0, 1),
        lambda g, H, x0, tol=0, max_steps=0: (x0, 1),
    ],
}  # fmt: skip


@pytest.mark.parametrize("exercise", WORTH_NOTHING)
def test_constants_and_memorised_examples_are_worth_nothing(judge, exercise):
    for function in WORTH_NOTHING[exercise]:
        for seed in range(3):
            assert graded(judge, exercise, numpy_session(exercise, function), seed).score == 0


# ---- mutants of the reference: one slip each ----------------------------------------------------


MUTANTS = {
    "quadratic_parts": [("[b1, b2]", "[b2, b1]"), ("2 * c11, c12]", "2 * c11, -c12]"), ("2 * c22", "c22"), ("return a,", "return -a,")],
    "bump_hessian": [
        ("4 * x**3 - 6 * x", "4 * x**3 + 6 * x"), ("6 * x)", "4 * x)"), ("4 * x**3", "4 * x**2"), ("- 2 * y)", "- y)"),
        ("4 * x**2 * y", "4 * x * y"), ("4 * x * y**2", "4 * x**2 * y**2"), ("- 2 * x)", "+ 2 * x)"), ("- y**2)", "+ y**2)"),
        ("[mixed, along_y]", "[-mixed, along_y]"), ("[[along_x, mixed]", "[[along_x, along_y]"),
    ],
    "mixed_partial": [
        ("f(w + to_i - to_j)", "f(w - to_i - to_j)"), ("4 * h**2", "2 * h**2"), ("ahead - behind", "ahead + behind"),
        ("ahead - behind", "behind - ahead"), ("unit(len(w), j)", "unit(len(w), i)"), ("w - to_i + to_j", "w + to_j"),
    ],
    "hessian": [("range(n)] for i", "range(i + 1)] + [0.0] * (n - 1 - i) for i"), ("x, i, j)", "x, i, i)"), ("array([[", "-array([[")],
    "quadratic_approximation": [
        ("x - x0", "x + x0"), ("/ 2", ""), ("value + step", "value - step"), (".sum(-1)", ".sum()"), ("x0 + 0", "x0"),
        ("value + step @", "step @"), ("hessian * step", "hessian * x"), ("/ 2", "/ 3"), ("x - x0", "x0 - x"),
    ],
    "classify_critical_point": [
        ("1e-8", "1e-6"), ("1e-8", "1e-10"), ("up.all()", "up.any()"), ("up.any() and down.any()", "up.any() or down.any()"),
        ("down.all()", "down.any()"), ("eigenvalues > zero", "eigenvalues >= -zero"), ("abs(eigenvalues).max()", "1"),
        ("up.any() and down.any()", "up.all() and down.any()"), ("abs(eigenvalues).max()", "abs(eigenvalues).min()"),
    ],
    "newton_step": [("x - step", "x + step"), ("x - step", "-step"), ("x - step", "x - step / 2"), ("gradient[..., None])[..., 0]", "gradient)")],
    "newton": [
        ("max_steps + 1", "max_steps"), ("<= tol", "< tol"), ("** 0.5", ""), ("x, steps", "x, steps + 1"), ("hess_f(x)", "hess_f(x0)"),
        (".sum() ** 0.5", ".max() ** 0.5"), ("<= tol", "<= 1e-10"), ("raise RuntimeError", "return x, steps #"),
        ("x, steps", "x0, steps"), ("steps < max_steps", "steps < max_steps - 1"), ("<= tol", "<= 2 * tol"),
    ],
}  # fmt: skip
MUTATIONS = [(exercise, place) for exercise, slips in MUTANTS.items() for place in range(len(slips))]


def names_of(notebook, framework, exercise="", change=("", "")):
    """The names of an edition with all references, one of them with a slip."""
    names = {"np": np}
    for cell in keep_edition(notebook, Edition("en", framework)).cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or "plt." in cell.source or cell.id in ("singular", "symmetry-fails", "example"):
            continue
        source = cell.source
        if marks.get("grade"):
            source = source[: source.index("\nresult")] if "def make_function" in source else ""
        if marks.get("grade_id") == exercise:
            body = source.index("### BEGIN SOLUTION")
            assert change[0] in source[body:], (exercise, change)
            source = source[:body] + source[body:].replace(*change, 1)
        exec(compile(source, cell.id, "exec"), names)
    return names


@pytest.mark.parametrize(("exercise", "place"), MUTATIONS)
def test_one_slip_in_the_reference_is_noticed_whatever_the_seed(judge, notebook, exercise, place):
    function = names_of(notebook, "numpy", exercise, MUTANTS[exercise][place])[exercise]
    for seed in range(4):
        assert graded(judge, exercise, numpy_session(exercise, function), seed).score < 1, MUTANTS[exercise][place]


# ---- the notebook -------------------------------------------------------------------------------


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
        if cell.cell_type == "code" and "plt.subplots" not in cell.source:
            exec(compile(cell.source.replace("%matplotlib inline", ""), cell.id, "exec"), names)
        if cell.id == "picture-classes":
            dictionary = cell.source[: cell.source.index("figure,")]
            exec(compile(dictionary, cell.id, "exec"), names)
    for grade_id in judge.exercises:
        exercise = grade_id.removeprefix("test_")
        session = (torch_session if framework == "torch" else numpy_session)(exercise, names[exercise])
        assert judge.grade(grade_id, session, max_score=1, seed=lambda name: 5, framework="numpy").score == 1, grade_id
