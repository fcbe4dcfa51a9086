"""The assignment `gradients`: honest answers of every style get all points, known mistakes exactly what is declared."""

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

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "notebooks" / "gradients.md").is_file())
TWIN = ROOT / "notebooks" / "gradients.md"
SOURCE = ROOT / "source" / "gradients" / "gradients.ipynb"
POINTS = {
    "partial_derivative": 3,
    "numerical_gradient": 2,
    "linear_approximation": 2,
    "approximation_error": 2,
    "directional_derivative": 2,
    "steepest_descent_direction": 2,
    "written_5": 3,
    "gradient_descent": 4,
}


@pytest.fixture(scope="module")
def judge():
    return Judge(ROOT / "grader_tests", "gradients")


@pytest.fixture
def _float32_again():
    """The torch prelude makes float64 the default: no other test should see that."""
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="module")
def notebook():
    return twin_to_notebook(TWIN)


def graded(judge, exercise, function, seed=1):
    session = TrustedSession({exercise: function})
    return judge.grade(f"test_{exercise}", session, max_score=1, seed=lambda name: seed + len(name))


def in_torch(function):
    """``function`` of tensors as the judge reaches it over the wire; given functions take and give tensors, too."""

    def bridged(*given, **named):
        return plain(function(*map(tensor, given), **named))

    return bridged


def tensor(value):
    if isinstance(value, np.ndarray | np.generic):
        return torch.from_numpy(np.asarray(value))
    return (lambda *given: tensor(value(*map(plain, given)))) if callable(value) else value


def plain(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


# ---- honest answers in several styles -------------------------------------------------------------------------------


def partial_by_unit_vector(f, w, i, h=1e-5):
    step = torch.zeros_like(w)
    step[i] = h
    return (f(w + step) - f(w - step)) / (2 * h)


def partial_by_copies(f, w, i, h=1e-5):
    right, left = w.clone(), w.clone()
    right[i] += h
    left[i] -= h
    return (0.5 / h) * (f(right) - f(left))


def partial_put_back(f, w, i, h=1e-5):
    """Moves the caller's own weight and puts the old number back: allowed, since w is left as it is."""
    old = w[i].item()
    w[i] = old - h
    left = float(f(w))
    w[i] = old + h
    right = float(f(w))
    w[i] = old
    return right / (2 * h) - left / (2 * h)


def partial_in_python(f, w, i, h=1e-5):
    numbers = w.tolist()
    right = f(torch.tensor([*numbers[:i], numbers[i] + h, *numbers[i + 1 :]], dtype=torch.float64))
    left = f(torch.tensor([*numbers[:i], numbers[i] - h, *numbers[i + 1 :]], dtype=torch.float64))
    return (right.item() - left.item()) / h / 2


def partial_by_where(f, w, i, h=1e-5):
    return (f(np.where(np.arange(len(w)) == i, w + h, w)) - f(np.where(np.arange(len(w)) == i, w - h, w))) / h * 0.5


def gradient_by_rows_of_eye(f, w, h=1e-5):
    return torch.stack([(f(w + row) - f(w - row)) / (2 * h) for row in h * torch.eye(len(w), dtype=w.dtype)])


def gradient_by_filling(f, w, h=1e-5):
    result = np.zeros_like(w)
    for i in range(w.size):
        moved = w.copy()
        moved[i] = w[i] + h
        result[i] += f(moved)
        moved[i] = w[i] - h
        result[i] -= f(moved)
    return result / (2 * h)


def gradient_all_pluses_first(f, w, h=1e-5):
    steps = h * np.eye(len(w))
    right = np.array([f(w + step) for step in steps])
    left = np.array([f(w - step) for step in steps[::-1]])[::-1]
    return (right - left) / (h + h)


def gradient_by_drifting_copy(f, w, h=1e-5):
    """Adds and subtracts h on one copy of its own: w_i drifts by a rounding, which is no mistake."""
    moved, result = w.clone(), []
    for i in range(len(w)):
        moved[i] += h
        right = f(moved)
        moved[i] -= 2 * h
        left = f(moved)
        moved[i] += h
        result.append(((right - left) / (2 * h)).item())
    return torch.tensor(result, dtype=torch.float64)


def gradient_by_recursion(f, w, h=1e-5, i=0):
    if i == len(w):
        return np.zeros(0)
    return np.concatenate([[partial_by_where(f, w, i, h)], gradient_by_recursion(f, w, h, i + 1)])


def approximation_by_loop(value, gradient, epsilon):
    total = float(value)
    for slope, move in zip(gradient.tolist(), epsilon.tolist(), strict=True):
        total += move * slope
    return total


def error_by_cases(f, grad_f, w, epsilon):
    apart = float(f(w + epsilon)) - float(f(w)) - sum(a * b for a, b in zip(epsilon, grad_f(w), strict=True))
    return -apart if apart < 0 else apart


def slope_by_angle(gradient, v):
    if np.linalg.norm(v) == 0:
        raise ValueError("v has no direction")
    if np.linalg.norm(gradient) == 0:
        return 0.0
    unit = v / np.linalg.norm(v)
    cosine = unit @ (gradient / np.linalg.norm(gradient))
    return np.linalg.norm(gradient) * cosine


def slope_by_loop(gradient, v):
    length = sum(number**2 for number in v.tolist()) ** 0.5
    if not length:
        raise ValueError
    return sum(a * b for a, b in zip(gradient.tolist(), v.tolist(), strict=True)) / length


def slope_in_torch(gradient, v):
    if not v.any():
        raise ValueError("zero")
    return torch.dot(gradient, torch.nn.functional.normalize(v, dim=0))


def steepest_in_torch(gradient):
    norm = torch.linalg.vector_norm(gradient)
    if norm == 0:
        raise ValueError("flat")
    return gradient / -norm


def steepest_by_loop(gradient):
    length = sum(number * number for number in gradient.tolist()) ** 0.5
    if length == 0.0:
        raise ValueError
    return torch.tensor([-number / length for number in gradient.tolist()], dtype=torch.float64)


def steepest_by_largest(gradient):
    largest = np.abs(gradient).max()
    if largest == 0:
        raise ValueError
    scaled = -gradient / largest
    return scaled * np.einsum("i,i", scaled, scaled) ** -0.5


def steepest_finite_or_not(gradient):
    with np.errstate(all="ignore"):
        result = -gradient / np.linalg.norm(gradient)
    if not np.isfinite(result).all():
        raise ValueError
    return result


def descent_in_place_on_a_copy(grad_f, w0, learning_rate, num_steps):
    w = w0.clone()
    points = [w.clone()]
    for _ in range(num_steps):
        w -= learning_rate * grad_f(w)
        points.append(w.clone())
    return torch.stack(points)


def descent_fills_an_array(grad_f, w0, learning_rate, num_steps):
    points = np.empty((num_steps + 1, w0.size))
    points[0] = w0
    for k in range(num_steps):
        points[k + 1] = points[k] - learning_rate * grad_f(points[k])
    return points


def descent_grows_an_array(grad_f, w0, learning_rate, num_steps):
    path = w0[None, :]
    while len(path) <= num_steps:
        path = np.vstack([path, path[-1] + -learning_rate * grad_f(path[-1])])
    return path


def descent_by_recursion(grad_f, w0, learning_rate, num_steps):
    if num_steps == 0:
        return w0.reshape(1, -1)
    rest = descent_by_recursion(grad_f, w0 - grad_f(w0) * learning_rate, learning_rate, num_steps - 1)
    return torch.cat([w0.reshape(1, -1), rest])


def descent_in_python(grad_f, w0, learning_rate, num_steps):
    points = [w0.tolist()]
    for _ in range(num_steps):
        slopes = grad_f(np.array(points[-1])).tolist()
        points.append([weight - learning_rate * slope for weight, slope in zip(points[-1], slopes, strict=True)])
    return np.array(points)


HONEST = {
    "partial_derivative": [
        in_torch(partial_by_unit_vector),
        in_torch(partial_by_copies),
        in_torch(partial_put_back),
        in_torch(partial_in_python),
        partial_put_back,
        partial_by_where,
    ],
    "numerical_gradient": [
        in_torch(gradient_by_rows_of_eye),
        in_torch(gradient_by_drifting_copy),
        gradient_by_filling,
        gradient_all_pluses_first,
        gradient_by_recursion,
    ],
    "linear_approximation": [
        in_torch(lambda value, gradient, epsilon: value + epsilon @ gradient),
        in_torch(approximation_by_loop),
        in_torch(lambda value, gradient, epsilon: torch.einsum("i,i->", gradient, epsilon) + value),
        lambda value, gradient, epsilon: value + np.dot(gradient, epsilon),
        lambda value, gradient, epsilon: np.sum(np.append(epsilon * gradient, value)),
        lambda value, gradient, epsilon: float(value) + (epsilon[None, :] @ gradient[:, None]).item(),
    ],
    "approximation_error": [
        in_torch(lambda f, grad_f, w, epsilon: torch.abs(f(w + epsilon) - f(w) - epsilon @ grad_f(w))),
        in_torch(lambda f, grad_f, w, epsilon: (epsilon.dot(grad_f(w)) - (f(epsilon + w) - f(w))).abs().item()),
        lambda f, grad_f, w, epsilon: np.abs(f(w) + grad_f(w) @ epsilon - f(w + epsilon)),
        lambda f, grad_f, w, epsilon: np.sqrt((f(w) + sum(grad_f(w) * epsilon) - f(w + epsilon)) ** 2),
        error_by_cases,
    ],
    "directional_derivative": [
        in_torch(slope_in_torch),
        in_torch(slope_by_loop),
        in_torch(lambda gradient, v: slope_in_torch(gradient, v).item()),
        slope_by_angle,
        slope_by_loop,
    ],
    "steepest_descent_direction": [
        in_torch(steepest_in_torch),
        in_torch(steepest_by_loop),
        steepest_by_largest,
        steepest_finite_or_not,
    ],
    "gradient_descent": [
        in_torch(descent_in_place_on_a_copy),
        in_torch(descent_by_recursion),
        descent_fills_an_array,
        descent_grows_an_array,
        descent_in_python,
    ],
}
ARGUMENTS = {
    "partial_derivative": "f, w, i, h=1e-5", "numerical_gradient": "f, w, h=1e-5",
    "linear_approximation": "value, gradient, epsilon", "approximation_error": "f, grad_f, w, epsilon",
    "directional_derivative": "gradient, v", "steepest_descent_direction": "gradient",
    "gradient_descent": "grad_f, w0, learning_rate, num_steps",
}  # fmt: skip
NO_LENGTH = "if not {}.any():\n    raise ValueError('no direction')\n"
IN_A_NOTEBOOK = {
    "partial_derivative": [
        "right, left = w.clone(), w.clone()\nright[i] += h\nleft[i] -= h\nreturn (f(right) - f(left)) / h / 2",
        "steps = h * np.eye(len(w))  # NumPy arrays, in the torch edition too\n"
        "return float(f(w.numpy() + steps[i]) - f(w.numpy() - steps[i])) / (2 * h)",
        "numbers = w.tolist()\n"
        "sides = [[x + s * h * (k == i) for k, x in enumerate(numbers)] for s in (1, -1)]\n"
        "return (f(torch.tensor(sides[0])) - f(torch.tensor(sides[1]))) / (2 * h)",
        "at = lambda t: f(torch.where(torch.arange(len(w)) == i, w + t, w))\nreturn at(h) / (2 * h) - at(-h) / (2 * h)",
    ],
    "numerical_gradient": [
        "return stack([partial_derivative(f, w, i, h) for i in range(len(w))])",
        "result = torch.zeros_like(w)\nfor i, row in enumerate(h * torch.eye(len(w))):\n"
        "    result[i] = (f(w + row) - f(w - row)) / (2 * h)\nreturn result",
        "w = w.numpy()\nreturn np.array([float(f(w + e) - f(w - e)) for e in h * np.eye(len(w))]) / (2 * h)",
        "def onwards(i):\n    if i == len(w):\n        return []\n"
        "    step = h * unit_vector(len(w), i)\n"
        "    return [float((f(w + step) - f(w - step)) / (2 * h)), *onwards(i + 1)]\n\nreturn array(onwards(0))",
    ],
    "linear_approximation": [
        "return value + gradient @ epsilon",
        "total = float(value)\nfor slope, move in zip(gradient, epsilon):\n    total += float(slope * move)\nreturn total",
        "return torch.einsum('i,i->', epsilon, gradient) + value",
        "return np.dot(gradient.numpy(), epsilon.numpy()) + value.item()",
    ],
    "approximation_error": [
        "return abs(f(w + epsilon) - linear_approximation(f(w), grad_f(w), epsilon))",
        "apart = (f(w + epsilon) - f(w)).item() - sum((epsilon * grad_f(w)).tolist())\nreturn max(apart, -apart)",
        "return ((f(w) - f(w + epsilon) + torch.dot(epsilon, grad_f(w))) ** 2).sqrt()",
        "before, slopes, after = f(w), grad_f(w), f(w + epsilon)\n"
        "return np.abs(float(after) - float(before) - np.einsum('i,i', slopes, epsilon))",
    ],
    "directional_derivative": [
        NO_LENGTH.format("v") + "return gradient @ (v / torch.linalg.norm(v))",
        NO_LENGTH.format("v") + "return torch.dot(gradient, torch.nn.functional.normalize(v, dim=0))",
        "import math\nlength = math.hypot(*v.tolist())\nif length == 0.0:\n    raise ValueError\n"
        "return sum(a * b for a, b in zip(gradient.tolist(), v.tolist())) / length",
        NO_LENGTH.format("v") + "gradient, v = gradient.numpy(), v.numpy()\n"
        "return np.einsum('i,i', gradient, v) / np.sqrt(np.einsum('i,i', v, v))",
    ],
    "steepest_descent_direction": [
        NO_LENGTH.format("gradient") + "return -gradient / gradient.norm()",
        NO_LENGTH.format("gradient") + "return torch.nn.functional.normalize(-gradient, dim=0)",
        "result = -gradient.numpy() / np.linalg.norm(gradient.numpy())\n"
        "if not np.isfinite(result).all():\n    raise ValueError\nreturn result",
        "length = sum(x * x for x in gradient.tolist()) ** 0.5\nif not length:\n    raise ValueError\n"
        "return array([-x / length for x in gradient.tolist()])",
    ],
    "gradient_descent": [
        "w = w0.clone()\npoints = [w.clone()]\nfor _ in range(num_steps):\n"
        "    w -= learning_rate * grad_f(w)\n    points.append(w.clone())\nreturn torch.stack(points)",
        "points = torch.zeros(num_steps + 1, len(w0))\npoints[0] = w0\nfor k in range(num_steps):\n"
        "    points[k + 1] = points[k] - learning_rate * grad_f(points[k])\nreturn points",
        "path = w0.numpy()[None]\nwhile len(path) <= num_steps:\n"
        "    path = np.vstack([path, path[-1] - learning_rate * np.asarray(grad_f(path[-1]))])\nreturn path",
        "if num_steps == 0:\n    return w0.reshape(1, -1)\n"
        "rest = gradient_descent(grad_f, w0 - learning_rate * grad_f(w0), learning_rate, num_steps - 1)\n"
        "return torch.cat([w0[None], rest])",
    ],
}
"""Bodies as students write them into the torch edition."""


def cell(name, body):
    """The source of a solution cell."""
    return f"def {name}({ARGUMENTS[name]}):\n{indent(body, '    ')}"


UNNAMED = {
    "refuses_a_zero_entry",
    "refuses_a_zero_sum",
    "refuses_a_zero_gradient",
    "asks_at_the_start_too",
    "asks_twice_a_step",
}
"""Wrong answers that fail by an exception or by a count of calls: that text says what happened, no value can be compared."""
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
            verdict = engine.grade(with_cells(released, answers), assignment="gradients")
            messages = [c.message for exercise in verdict.exercises for c in exercise.checks if c.outcome != "passed"]
            assert messages == []
            found = {exercise.id.removeprefix("test_"): exercise.score for exercise in verdict.exercises}
            assert found == {name: points for name, points in POINTS.items() if not name.startswith("written")}


# ---- wrong answers --------------------------------------------------------------------------------------------------


def test_every_wrong_answer_fails_exactly_its_declared_checks_whatever_the_seed(judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in answers:
            for seed in range(8):
                checks = graded(judge, grade_id.removeprefix("test_"), wrong, seed).checks
                failed = {check.name for check in checks if check.outcome != "passed"}
                assert failed == set(wrong.fails), (grade_id, wrong.name, seed)


def test_a_wrong_answer_is_recognised_as_itself_in_the_first_check_that_it_fails(judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in (answer for answer in answers if answer.name not in UNNAMED):
            for seed in range(3):
                checks = graded(judge, grade_id.removeprefix("test_"), wrong, seed).checks
                first = next(check for check in checks if check.outcome != "passed")
                assert first.wrong_answer == wrong.name, (grade_id, first.name, first.message)


def test_a_hint_in_english_ends_with_its_question(judge):
    for answers in judge.wrong_answers.values():
        assert [wrong.name for wrong in answers if not wrong.hint["en"].endswith("?")] == []


# Small slips in the reference, each of which must cost points: (exercise, what it is, function).
def descent(step, rows=lambda points: np.stack(points), count=lambda n: n):
    def gradient_descent(grad_f, w0, learning_rate, num_steps):
        points = [w0]
        for k in range(count(num_steps)):
            points.append(step(points, grad_f, learning_rate, k))
        return rows(points)

    return gradient_descent


def central(right=1, left=-1, width=2, at=lambda i, n: i, power=1, round_to=np.float64):
    def partial_derivative(f, w, i, h=1e-5):
        unit = np.eye(len(w))[at(i, len(w))]
        points = [(w + side * h * unit).astype(round_to) for side in (right, left)]
        return (f(points[0]) - f(points[1])) / (width * h**power)

    return partial_derivative


MUTANTS = [
    ("partial_derivative", "step 2h", central(2, -2, 4)),
    ("partial_derivative", "step h/2", central(0.5, -0.5, 1)),
    ("partial_derivative", "from the end", central(at=lambda i, n: n - 1 - i)),
    ("partial_derivative", "next weight", central(at=lambda i, n: (i + 1) % n)),
    ("partial_derivative", "h squared", central(power=2)),
    ("partial_derivative", "uneven", central(2, -1, 3)),
    ("partial_derivative", "h ignored", lambda f, w, i, h=1e-5: central()(f, w, i, 1e-5)),
    ("partial_derivative", "other default", lambda f, w, i, h=1e-3: central()(f, w, i, h)),
    ("partial_derivative", "too small a default", lambda f, w, i, h=1e-10: central()(f, w, i, h)),
    ("partial_derivative", "absolute", lambda f, w, i, h=1e-5: abs(central()(f, w, i, h))),
    ("partial_derivative", "float32", central(round_to=np.float32)),
    ("numerical_gradient", "reversed", lambda f, w, h=1e-5: gradient_by_filling(f, w, h)[::-1]),
    ("numerical_gradient", "negative", lambda f, w, h=1e-5: -gradient_by_filling(f, w, h)),
    ("numerical_gradient", "h ignored", lambda f, w, h=1e-5: gradient_by_filling(f, w)),
    ("numerical_gradient", "other default", lambda f, w, h=1e-3: gradient_by_filling(f, w, h)),
    ("numerical_gradient", "first two only", lambda f, w, h=1e-5: np.append(gradient_by_filling(f, w, h)[:2], 0 * w[2:])),
    ("numerical_gradient", "unit length", lambda f, w, h=1e-5: (g := gradient_by_filling(f, w, h)) / np.linalg.norm(g)),
    ("linear_approximation", "half", lambda value, gradient, epsilon: value + epsilon @ gradient / 2),
    ("linear_approximation", "step twice", lambda value, gradient, epsilon: value + (epsilon * epsilon) @ gradient),
    ("linear_approximation", "first entry", lambda value, gradient, epsilon: value + epsilon[0] * gradient[0]),
    ("linear_approximation", "reversed", lambda value, gradient, epsilon: value + epsilon[::-1] @ gradient),
    ("linear_approximation", "absolute", lambda value, gradient, epsilon: value + abs(epsilon) @ abs(gradient)),
    ("linear_approximation", "value twice", lambda value, gradient, epsilon: 2 * value + epsilon @ gradient),
    ("approximation_error", "sum", lambda f, g, w, e: abs(f(w + e) - f(w) + e @ g(w))),
    ("approximation_error", "other side", lambda f, g, w, e: abs(f(w - e) - f(w) - e @ g(w))),
    ("approximation_error", "other side of both", lambda f, g, w, e: abs(f(w - e) - f(w) + e @ g(w))),
    ("approximation_error", "middle", lambda f, g, w, e: abs(f(w + e) - f(w) - e @ g(w + e / 2))),
    ("approximation_error", "mean slope", lambda f, g, w, e: abs(f(w + e) - f(w) - e @ (g(w) + g(w + e)) / 2)),
    ("approximation_error", "positive part", lambda f, g, w, e: max(f(w + e) - f(w) - e @ g(w), 0.0)),
    ("directional_derivative", "minus", lambda g, v: -slope_by_loop(g, v)),
    ("directional_derivative", "reversed", lambda g, v: slope_by_loop(g, v[::-1])),
    ("directional_derivative", "mean square", lambda g, v: slope_by_loop(g, v) * len(v) ** 0.5),
    ("directional_derivative", "one more", lambda g, v: g @ v / (1e-8 + np.linalg.norm(v))),
    ("directional_derivative", "largest", lambda g, v: g @ v / np.abs(v).max()),
    ("steepest_descent_direction", "reversed", lambda g: steepest_by_largest(g)[::-1]),
    ("steepest_descent_direction", "one more", lambda g: -g / (1e-8 + np.linalg.norm(g))),
    ("steepest_descent_direction", "absolute", lambda g: -abs(steepest_by_largest(g))),
    ("steepest_descent_direction", "minus first", lambda g: steepest_by_largest(g) * np.sign(g[0])),
    ("steepest_descent_direction", "across", lambda g: np.roll(steepest_by_largest(g), 1)),
    ("gradient_descent", "rate twice", descent(lambda p, g, r, k: p[-1] - r * r * g(p[-1]))),
    ("gradient_descent", "double", descent(lambda p, g, r, k: p[-1] - 2 * r * g(p[-1]))),
    ("gradient_descent", "gradient at zero", descent(lambda p, g, r, k: p[-1] - r * g(0 * p[-1]))),
    ("gradient_descent", "from the start", descent(lambda p, g, r, k: p[0] - r * g(p[-1]))),
    ("gradient_descent", "gradient one late", descent(lambda p, g, r, k: p[-1] - r * g(p[max(k - 1, 0)]))),
    ("gradient_descent", "momentum", descent(lambda p, g, r, k: p[-1] - r * g(p[-1]) + 0.1 * (p[-1] - p[max(k - 1, 0)]))),
    ("gradient_descent", "signs", descent(lambda p, g, r, k: p[-1] - r * np.sign(g(p[-1])))),
    ("gradient_descent", "clipped", descent(lambda p, g, r, k: p[-1] - r * np.clip(g(p[-1]), -1, 1))),
    ("gradient_descent", "backwards", descent(lambda p, g, r, k: p[-1] - r * g(p[-1]), rows=lambda p: np.stack(p[::-1]))),
    ("gradient_descent", "weights reversed", descent(lambda p, g, r, k: p[-1] - r * g(p[-1])[::-1])),
    ("gradient_descent", "one step at least", descent(lambda p, g, r, k: p[-1] - r * g(p[-1]), count=lambda n: max(n, 1))),
    ("gradient_descent", "stops early", descent(lambda p, g, r, k: p[-1] - r * (s := g(p[-1])) * (abs(s).max() > 1e-6))),
    ("gradient_descent", "the start again", descent(lambda p, g, r, k: p[0], count=lambda n: n)),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "slip", "function"), MUTANTS, ids=[f"{one[0]}-{one[1]}" for one in MUTANTS])
def test_a_small_slip_costs_points_whatever_the_seed(judge, exercise, slip, function):
    for seed in range(8):
        assert graded(judge, exercise, function, seed).score < 1, slip


MEMORISED = {
    "partial_derivative": [lambda f, w, i, h=1e-5: 65.0, lambda f, w, i, h=1e-5: 2 / 3],
    "numerical_gradient": [lambda f, w, h=1e-5: np.array([8.0, 3.0]), lambda f, w, h=1e-5: np.ones_like(w)],
    "linear_approximation": [lambda *given: 8.0, lambda *given: 1.0819456],
    "approximation_error": [lambda *given: 0.5, lambda *given: 0.0],
    "directional_derivative": [lambda *given: 2.0, lambda gradient, v: gradient[0], lambda *given: 0.0],
    "steepest_descent_direction": [lambda g: np.array([-0.6, 0.8]), lambda g: -np.eye(len(g))[0]],
    "gradient_descent": [
        lambda *given: np.array([[8.0], [4.0], [2.0], [1.0]]),
        lambda grad_f, w0, learning_rate, num_steps: np.tile(w0, (num_steps + 1, 1)),
        lambda grad_f, w0, learning_rate, num_steps: np.outer(0.5 ** np.arange(num_steps + 1), w0),
    ],
}


@pytest.mark.parametrize("exercise", MEMORISED)
def test_a_constant_or_a_memorised_example_is_worth_nothing(judge, exercise):
    for function in MEMORISED[exercise]:
        assert [graded(judge, exercise, function, seed).score for seed in range(4)] == [0] * 4


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
        if cell.cell_type == "code" and "plt." not in cell.source:
            exec(compile(cell.source, cell.id, "exec"), names)
    for grade_id in judge.exercises:
        exercise = grade_id.removeprefix("test_")
        answer = names[exercise] if framework == "numpy" else in_torch(names[exercise])
        assert graded(judge, exercise, answer, seed=5).score == 1, grade_id


def run_visible_asserts(notebook, exercise, function):
    cells = {cell.id: cell.source for cell in keep_edition(notebook, Edition("en", "numpy")).cells}
    names = {"np": np}
    for cell in ("prelude-numpy", "worked-example", "unit-vector"):
        exec(compile(cells[cell], cell, "exec"), names)
    exec(compile(cells[f"test_{exercise}"], exercise, "exec"), names | {exercise: function})


@pytest.mark.parametrize("exercise", HONEST)
def test_visible_asserts_let_honest_answers_pass(notebook, exercise):
    for function in HONEST[exercise]:
        run_visible_asserts(notebook, exercise, function)


SEEN_BY_HIDDEN_CHECKS_ONLY = {
    "refuses_a_zero_sum", "refuses_a_zero_gradient", "stops_where_it_is_flat", "asks_at_the_start_too",
}  # fmt: skip


def test_visible_asserts_catch_the_common_slips(notebook, judge):
    missed = set()
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in answers:
            try:
                run_visible_asserts(notebook, grade_id.removeprefix("test_"), wrong)
            except (AssertionError, ValueError, TypeError):
                continue
            missed.add(wrong.name)
    assert missed == SEEN_BY_HIDDEN_CHECKS_ONLY


def test_what_students_read_gives_no_written_answer_away(notebook):
    shown = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("solution")]
    text = "\n".join(cell.source for cell in shown)
    assert (
        re.findall(r"\\nabla [Lf](?:\(\\mathbf\{w\}\))?\\\| *\\?,? *\\cos|\\theta = |= -1|正反対|opposite", text) == []
    )
