"""A mutant that is written down as equivalent answers 1,000 random questions as the reference solution does.

One entry of grader_tests/equivalent/<assignment>.toml, one exercise here: `ARGUMENTS` draws a question, `ANSWER` says how
it is put where that isn't a plain call, and which answers count as one where several are right.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from nabla.course import Course
from nabla.grading.planting import notebooks_of, read_source, with_cells
from nabla.grading.verify import MOST_EQUIVALENT
from nabla.grading.verify.bench import Bench
from nabla.grading.verify.equivalents import equivalents
from nabla.grading.verify.excerpt import excerpt
from nabla.grading.verify.mutation import mutants_of
from nabla.notebook.editions import default_edition

COURSE = Course.load(Path(__file__).parents[2])
QUESTIONS = 1000
ENTRIES = {name: equivalents(COURSE.grader_tests, name) for name in COURSE.assignments()}
EXERCISES = [(assignment, exercise) for assignment, entries in ENTRIES.items() for exercise in entries]


@pytest.fixture(scope="module", autouse=True)
def _float32_again():
    """What the torch edition's first cell sets is set back."""
    before = torch.get_default_dtype()
    yield
    torch.set_default_dtype(before)


@pytest.fixture(scope="module")
def benches():
    found = {}
    for assignment in ENTRIES:
        [path] = notebooks_of(COURSE, assignment)
        found[assignment] = Bench(COURSE, assignment, read_source(path), default_edition(COURSE.config), None)
    return found


def names_with(bench, exercise, solution):
    """What the cells bind that the exercise needs, with ``solution`` in the place of its own; its test doesn't run."""
    nb = excerpt(with_cells(bench.untouched, {**bench.reference, exercise: solution}), [f"test_{exercise}"])
    names = {}
    for cell in nb.cells:
        if not cell.metadata.get("nbgrader", {}).get("grade"):
            exec(compile(cell.source.replace("%matplotlib inline", ""), cell.id, "exec"), names)
    return names


def numbers(rng, *shape):
    return torch.from_numpy(rng.standard_normal(shape))


def point_of_the_network(rng):
    shape = () if rng.random() < 0.5 else (3,)
    return tuple(numbers(rng, *shape) for _ in range(4))


def whole_number_polynomial(rng):
    """Coefficients of a polynomial whose critical points are whole numbers, with each of them."""
    roots = rng.integers(-3, 4, rng.integers(1, 5))
    slope = np.poly(roots) * rng.choice([-2, -1, 1, 2])
    whole = math.lcm(*range(1, len(slope) + 1))
    powers = np.arange(len(slope), 0, -1)
    return [float(c) for c in slope * (whole // powers)] + [float(rng.integers(-5, 6))], roots


def to_classify(rng):
    coefficients, roots = whole_number_polynomial(rng)
    return coefficients, float(rng.choice(roots) if rng.random() < 0.9 else rng.integers(-4, 5))


def some_polynomial(rng, mostly_upwards=False):
    """Coefficients, the first one not zero; ``mostly_upwards``: seven of ten times with a lowest point."""
    degree, first = int(rng.integers(0, 7)), float(rng.integers(1, 9) / 4 * rng.choice([-1, 1]))
    if mostly_upwards and rng.random() < 0.7:
        degree, first = degree - degree % 2, abs(first)
    return [first, *map(float, rng.integers(-8, 9, degree))]


def some_slope(rng):
    """As `some_polynomial`; every other time its derivative has roots, real or complex, about 1e-3 from each other."""
    if rng.random() < 0.5:
        return some_polynomial(rng)
    gap, r = rng.uniform(0, 3e-3), float(rng.integers(-3, 4))
    double = np.array([1, -2 * r, r * r + rng.choice([-1, 1]) * gap * gap])
    return [float(c) for c in np.polyint(np.polymul(double, [1.0, r + 2]))]


def bowl(rng, n):
    G = numbers(rng, n, n + 2)
    return G @ G.T + torch.eye(n, dtype=torch.float64)


def two_bowls(rng):
    n = int(rng.integers(1, 5))
    return bowl(rng, n), numbers(rng, n), bowl(rng, n), numbers(rng, n)


def quadratic(rng, n):
    """A quadratic function and its gradient."""
    H, b = bowl(rng, n), numbers(rng, n)
    return lambda w: (w @ H @ w) / 2 + b @ w, lambda w: H @ w + b


def to_approximate(rng):
    n = int(rng.integers(1, 5))
    return *quadratic(rng, n), numbers(rng, n), numbers(rng, n)


def some_formulas(rng):
    """Sums of products, some of which pass the 1x1 rule, some of which have another shape."""
    terms = [lambda A, x: A @ x, lambda A, x: A.T @ x, lambda A, x: x.T @ A, lambda A, x: x, lambda A, x: A]

    def formula(first, second, factors):
        return lambda A, x: factors[0] * terms[first](A, x) + factors[1] * terms[second](A, x)

    picks = [(*rng.choice(5, 2, p=[0.4, 0.3, 0.1, 0.1, 0.1]), rng.choice([0.0, 1.0, 2.0], 2)) for _ in range(3)]
    return ({str(place): formula(*pick) for place, pick in enumerate(picks)},)


def to_factorize(rng):
    n, r, m = rng.integers(1, 5, 3)
    return numbers(rng, n, m), numbers(rng, n, r), numbers(rng, r, m)


def to_differentiate_twice(rng):
    n = int(rng.integers(1, 5))
    i, j = (int(k) for k in rng.integers(0, n, 2))
    return quadratic(rng, n)[0], numbers(rng, n), i, j, 0.25


def to_approximate_twice(rng):
    n = int(rng.integers(1, 5))
    return numbers(rng), numbers(rng, n), bowl(rng, n), numbers(rng, n), numbers(rng, n), numbers(rng, 3, n)


def a_step(rng):
    n, batch = int(rng.integers(1, 5)), [] if rng.random() < 0.5 else [2]
    H = torch.stack([bowl(rng, n) for _ in range(2)]) if batch else bowl(rng, n)
    return numbers(rng, *batch, n), H, numbers(rng, *batch, n)


def a_search(rng):
    """Newton on a sum of e^x - b x, with more or fewer steps than are needed."""
    b = torch.from_numpy(rng.uniform(0.5, 2, int(rng.integers(1, 4))))
    return (
        lambda x: torch.exp(x) - b,
        lambda x: torch.diag(torch.exp(x)),
        numbers(rng, len(b)),
        1e-10,
        int(rng.integers(2, 14)),
    )


def a_program(rng):
    """Steps of a computation: each an operation on what was computed before."""
    return (
        [(rng.choice(["+", "-", "*", "rsub", "**2", "**3"]), *map(int, rng.integers(0, k + 2, 2))) for k in range(6)],
    )


ARGUMENTS = {
    "forward": point_of_the_network,
    "df_da": lambda rng: point_of_the_network(rng)[:2],
    "df_dw": point_of_the_network,
    "backward": point_of_the_network,
    "backward_weighted": lambda rng: tuple(numbers(rng, 3) for _ in range(3)),
    "autograd_gradients": lambda rng: tuple(numbers(rng) for _ in range(4)),
    "value": a_program,
    "derivative": lambda rng: (some_polynomial(rng),),
    "critical_points": lambda rng: (some_slope(rng),),
    "classify": to_classify,
    "global_minimum": lambda rng: (some_polynomial(rng, mostly_upwards=True),),
    "plot_critical_points": lambda rng: (whole_number_polynomial(rng)[0],),
    "log_sum_exp_gradient_n": lambda rng: (numbers(rng, int(rng.integers(1, 6))) * rng.choice([1, 1000]),),
    "gradient_sum": lambda rng: point_of_the_network(rng)[:2],
    "critical_point": two_bowls,
    "approximation_error": to_approximate,
    "mixed_partial": to_differentiate_twice,
    "quadratic_approximation": to_approximate_twice,
    "newton_step": a_step,
    "newton": a_search,
    "quadratic_form_gradient": lambda rng: (bowl(rng, 3) + numbers(rng, 3, 3), numbers(rng, 3)),
    "survivors": some_formulas,
    "factorization_loss": to_factorize,
}


def run_program(Value, program):
    values = [Value(1.5), Value(-0.75)]
    for operation, one, other in program:
        x, y = values[one], values[other]
        if operation[0] == "*" != operation:
            values.append(x ** int(operation[2]))
        else:
            values.append({"+": x + y, "-": x - y, "*": x * y, "rsub": 3 - x}[operation])
    values[-1].backward()
    return [(value.data, value.grad) for value in values]


def lowest(global_minimum, coefficients):
    """For a constant any point will do."""
    x, y = global_minimum(coefficients)
    return y if len(coefficients) == 1 else (x, y)


def values_of_the_model(make, value, gradient, hessian, x0, x, several):
    """What happens to the arrays afterwards has no effect."""
    model = make(value, gradient, hessian, x0)
    for given in (value, gradient, hessian, x0):
        given += 1
    return model(x), model(several)


class Paper:
    """Axes that remember what the exercise asks of a picture: where curves begin and end, marks, that labels are there."""

    def __init__(self):
        self.drawn = []

    def plot(self, x, y, marker=""):
        x, y = np.asarray(x), np.asarray(y)
        curve = (len(x) >= 50, x.min(), x.max(), y[x.argmin()], y[x.argmax()])
        self.drawn.append(sorted(zip(x, y, strict=True)) if marker else curve)

    def set(self, **labels):
        self.drawn.append(sorted(name for name, label in labels.items() if label))


def drawn(plot_critical_points, coefficients):
    paper = Paper()
    plot_critical_points(paper, coefficients)
    return paper.drawn


ANSWER = {
    "value": run_program,
    "global_minimum": lowest,
    "plot_critical_points": drawn,
    "quadratic_approximation": values_of_the_model,
}


def answer(exercise, function, arguments):
    try:
        return ANSWER.get(exercise, lambda f, *given: f(*given))(function, *arguments)
    except (ValueError, RuntimeError) as error:
        return type(error).__name__


def same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str):
        return one == other
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-9, atol=1e-9)


def answers(exercise, function):
    """To as many questions as `QUESTIONS` says, the same ones for every function."""
    rng = np.random.default_rng(7)
    return [answer(exercise, function, ARGUMENTS[exercise](rng)) for _ in range(QUESTIONS)]


def class_or_function(names, exercise):
    return names["Value" if exercise == "value" else exercise]


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_what_is_declared_equivalent_answers_as_the_reference_does(benches, assignment, exercise):
    bench = benches[assignment]
    made = {mutant.name: mutant for mutant in mutants_of(bench)[f"test_{exercise}"]}
    right = answers(exercise, class_or_function(names_with(bench, exercise, bench.reference[exercise]), exercise))
    assert sum(isinstance(one, str) and one.endswith("Error") for one in right) < QUESTIONS / 2, "too few are answered"
    for entry in ENTRIES[assignment][exercise]:
        names = names_with(bench, exercise, made[entry.name].source)
        found = answers(exercise, class_or_function(names, exercise))
        assert all(map(same, right, found)), entry


def test_few_mutants_are_declared_equivalent(benches):
    made = sum(len(found) for bench in benches.values() for found in mutants_of(bench).values())
    declared = sum(len(entries) for exercises in ENTRIES.values() for entries in exercises.values())
    assert 0 < declared <= MOST_EQUIVALENT * made
