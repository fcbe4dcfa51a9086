"""The assignment `critical_points`: honest answers of every style get all points, known mistakes exactly what is declared."""

from __future__ import annotations

import inspect
import math
import re
import textwrap
from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from nabla.checks import Judge
from nabla.checks.trusted import TrustedSession
from nabla.course import Course
from nabla.grading.planting import read_source, reference_cells, untouched, with_cells
from nabla.grading.submission import Engine
from nabla.notebook.editions import Edition, keep_edition
from nabla.notebook.twin import twin_to_notebook

NAME = "critical_points"
ROOT = next(path for path in Path(__file__).resolve().parents if (path / "notebooks" / f"{NAME}.md").is_file())
TWIN = ROOT / "notebooks" / f"{NAME}.md"
SOURCE = ROOT / "source" / NAME / f"{NAME}.ipynb"
EN = Edition("en", "torch")
POINTS = {
    "derivative": 3,
    "critical_points": 4,
    "classify": 4,
    "written_1": 2,
    "global_minimum": 4,
    "written_2": 1,
    "plot_critical_points": 2,
}
# ---- honest answers in several styles: each is graded from its source, so it uses numpy and its own body only --------


def derivative_by_polyder(coefficients):
    return np.polyder(coefficients) if len(coefficients) > 1 else np.array([0.0])


def derivative_by_poly1d(coefficients):
    return np.poly1d(coefficients).deriv().coeffs


def derivative_by_loop_in_a_list(coefficients):
    result = []
    for place, number in enumerate(coefficients[:-1]):
        result.append((len(coefficients) - 1 - place) * number)
    return result or [0]


def derivative_by_new_class(coefficients):
    return np.polynomial.polynomial.polyder(np.array(coefficients)[::-1])[::-1]


def derivative_by_matrix(coefficients):
    n = len(coefficients)
    if n == 1:
        return np.zeros(1)
    return np.einsum("ij,j->i", np.diag(np.arange(n - 1.0, 0, -1)), np.array(coefficients[:-1], dtype=float))


def derivative_in_float32(coefficients):
    powers = np.arange(len(coefficients) - 1, 0, -1, dtype=np.float32)
    return powers * np.float32(coefficients[:-1]) if len(coefficients) > 1 else np.float32([0])


def derivative_by_recursion(coefficients):
    def rest(numbers):
        return [(len(numbers) - 1) * numbers[0], *rest(numbers[1:])] if len(numbers) > 1 else []

    return np.array(rest(list(coefficients)) or [0])


def points_by_loop(coefficients):
    if len(coefficients) == 1:
        raise ValueError("constant")
    kept = []
    for z in sorted(np.roots(np.polyder(coefficients)), key=lambda z: z.real):
        if abs(z.imag) < 1e-3 and (not kept or abs(z.real - kept[-1]) > 1e-3):
            kept.append(z.real)
    return np.array(kept)


def points_as_a_list(coefficients):
    if len(coefficients) < 2:
        raise ValueError("constant")
    points = []
    for z in np.roots(np.polyder(coefficients)).astype(complex):
        if -0.001 < z.imag < 0.001 and not any(abs(z.real - p) <= 1e-3 for p in points):
            points.append(float(z.real))
    return sorted(points)


def points_rounded_to_the_tolerance(coefficients):
    if not np.any(coefficients[:-1]):
        raise ValueError("constant")
    z = np.roots(np.polyder(coefficients))
    return np.unique(np.round(z[np.abs(z.imag) < 1e-3].real, 3))


def points_by_means_of_groups(coefficients):
    if len(coefficients) == 1:
        raise ValueError("constant")
    z = np.roots(np.polyder(coefficients))
    real = np.sort(z[np.isclose(z.imag, 0, atol=1e-3)].real)
    groups = np.split(real, np.flatnonzero(np.diff(real) > 1e-3) + 1)
    return np.array([group.mean() for group in groups if len(group)])


def points_by_companion_matrix(coefficients):
    if len(coefficients) == 1:
        raise ValueError("constant")
    slope = np.polynomial.polynomial.polyder(np.array(coefficients, dtype=float)[::-1])
    z = np.polynomial.polynomial.polyroots(slope)
    real = np.sort(z.real[abs(z.imag) < 1e-3])
    return np.array([p for k, p in enumerate(real) if k == 0 or p - real[k - 1] > 1e-3])


def points_by_class(coefficients):
    if len(coefficients) == 1:
        raise ValueError("constant")
    z = np.poly1d(coefficients).deriv().roots
    real = np.sort(np.real_if_close(z[abs(np.imag(z)) < 1e-3], tol=1e13).real)
    return real[np.insert(np.diff(real) > 1e-3, 0, True)] if real.size else real


def kind_by_half_steps(coefficients, x):
    slope = np.polyder(coefficients)
    if abs(np.polyval(slope, x)) > 1e-8:
        raise ValueError("not critical")
    return {(-1, 1): "minimum", (1, -1): "maximum"}.get(
        tuple(int(np.sign(np.polyval(slope, x + h))) for h in (-0.5, 0.5)), "neither"
    )


def kind_by_thousandths(coefficients, x):
    slope = np.polyder(coefficients)
    if not np.isclose(np.polyval(slope, x), 0):
        raise ValueError("not critical")
    change = np.sign(np.polyval(slope, x + 1e-3)) - np.sign(np.polyval(slope, x - 1e-3))
    return "minimum" if change > 0 else "maximum" if change < 0 else "neither"


def kind_by_first_derivative_that_is_not_zero(coefficients, x):
    p = np.poly1d(coefficients).deriv()
    if p(x) != 0:
        raise ValueError("not critical")
    order = 1
    while p(x) == 0:
        p, order = p.deriv(), order + 1
    if order % 2:
        return "neither"
    return "minimum" if p(x) > 0 else "maximum"


def kind_by_values_at_a_tenth(coefficients, x):
    if np.polyval(np.polyder(coefficients), x) != 0:
        raise ValueError("not critical")
    left, here, right = (np.polyval(coefficients, x + h) for h in (-0.1, 0, 0.1))
    if left > here and right > here:
        return "minimum"
    if left < here and right < here:
        return "maximum"
    return "neither"


def kind_by_values_at_a_thousandth(coefficients, x):
    if np.polyval(np.polyder(coefficients), x) != 0:
        raise ValueError("not critical")
    left, here, right = np.polyval(coefficients, [x - 1e-3, x, x + 1e-3])
    return "minimum" if min(left, right) > here else "maximum" if max(left, right) < here else "neither"


def kind_by_multiplicity(coefficients, x):
    slope, times = np.polyder(coefficients), 0
    while abs(np.polyval(slope, x)) < 1e-6:
        slope, _ = np.polydiv(slope, [1, -x])
        times += 1
    if times == 0:
        raise ValueError("not critical")
    if times % 2 == 0:
        return "neither"
    return "minimum" if np.polyval(slope, x) > 0 else "maximum"


def kind_by_fractions(coefficients, x):
    from fractions import Fraction

    def slope(t):
        total = Fraction(0)
        for place, number in enumerate(coefficients[:-1]):
            power = len(coefficients) - 1 - place
            total += power * Fraction(number) * t ** (power - 1)
        return total

    t = Fraction(x)
    if slope(t) != 0:
        raise ValueError("not critical")
    left, right = slope(t - Fraction(1, 3)), slope(t + Fraction(1, 3))
    return "neither" if left * right > 0 else "minimum" if right > 0 else "maximum"


def kind_by_the_gaps_to_the_neighbours(coefficients, x):
    slope = np.polyder(coefficients)
    roots = np.roots(slope)
    points = np.sort(roots[abs(roots.imag) < 1e-3].real)
    if not np.isclose(points, x, atol=1e-3).any():
        raise ValueError("not critical")
    left = max((p for p in points if p < x - 1e-3), default=x - 2)
    right = min((p for p in points if p > x + 1e-3), default=x + 2)
    before, behind = np.polyval(slope, [(left + x) / 2, (x + right) / 2])
    if before * behind > 0:
        return "neither"
    return "minimum" if behind > 0 else "maximum"


def kind_by_values_half_way(coefficients, x):
    f = np.poly1d(coefficients)
    if f.deriv()(x):
        raise ValueError("not critical")
    higher = [f(x - 0.5) > f(x), f(x + 0.5) > f(x)]
    return "minimum" if all(higher) else "neither" if any(higher) else "maximum"


def lowest_by_loop(coefficients):
    if len(coefficients) == 1:
        return (0, coefficients[0])
    if (len(coefficients) - 1) % 2 or coefficients[0] < 0:
        raise ValueError("none")
    best = None
    for z in np.roots(np.polyder(coefficients)):
        if abs(z.imag) < 1e-3:
            value = sum(c * z.real**k for k, c in enumerate(reversed(coefficients)))
            if best is None or value < best[1]:
                best = (z.real, value)
    return best


def lowest_by_min_of_pairs(coefficients):
    f = np.poly1d(coefficients)
    if f.order == 0:
        return [17.0, float(f(17))]
    if f.order % 2 or f.coeffs[0] < 0:
        raise ValueError("none")
    value, x = min((f(x), x) for x in f.deriv().roots.real)  # a real part that isn't critical can't be lower
    return [x, value]


def lowest_as_zero_dimensional_arrays(coefficients):
    if len(coefficients) == 1:
        return np.array(0.0), np.array(coefficients[0])
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("none")
    x = np.roots(np.polyder(coefficients)).real
    y = np.polyval(coefficients, x)
    return np.array(x[y.argmin()]), np.array(y.min())


def lowest_by_grid_and_newton(coefficients):
    if len(coefficients) == 1:
        return -1.0, coefficients[0]
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("none")
    reach = 1 + max(abs(c / coefficients[0]) for c in np.polyder(coefficients)[1:])
    grid = np.linspace(-reach, reach, 200001)
    x = grid[np.argmin(np.polyval(coefficients, grid))]
    for _ in range(30):
        x -= np.polyval(np.polyder(coefficients), x) / np.polyval(np.polyder(coefficients, 2), x)
    return x, np.polyval(coefficients, x)


def lowest_in_whole_numbers_where_it_can(coefficients):
    if len(coefficients) == 1:
        return 0, coefficients[0]
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("none")
    x = np.round(np.roots(np.polyder(coefficients)).real, 4)
    y = np.polyval(coefficients, x)
    return x[np.argmin(y)], np.min(y)


def picture_by_scatter(ax, coefficients):
    points = np.sort(np.roots(np.polyder(coefficients)).real)
    x = np.linspace(points.min() - 1, points.max() + 1)
    ax.plot(x, np.polyval(coefficients, x), label="f")
    ax.scatter(points, np.polyval(coefficients, points), color="red", zorder=3)
    ax.axhline(0, color="black")
    ax.axvline(0, marker="x")
    ax.grid()
    ax.legend()
    ax.set_xlabel("x")
    ax.set_ylabel("$f(x)$")


def picture_by_loop(ax, coefficients):
    points = sorted(np.roots(np.polyder(coefficients)).real)
    x = np.arange(points[0] - 1, points[-1] + 1 + 1e-9, 1e-3)
    y = [sum(c * t**k for k, c in enumerate(coefficients[::-1])) for t in x]
    ax.plot(x[::-1], y[::-1], color="blue", linestyle="--")
    for p in points:
        ax.plot(p, np.polyval(coefficients, p), marker="*", linestyle="")
        ax.plot([p, p], [0, np.polyval(coefficients, p)], ":", color="0.5")
        ax.annotate(f"{p:.2f}", (p, np.polyval(coefficients, p)), (p + 1, 0), arrowprops={"arrowstyle": "->"})
    ax.set(xlabel="weight", ylabel="loss", title="critical points")


def picture_with_everything(ax, coefficients):
    points = np.sort(np.roots(np.polyder(coefficients)).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 1000)
    y = np.polyval(coefficients, x)
    ax.plot(x, y, "-", x, 0 * x, "-")
    ax.fill_between(x, y, alpha=0.1)
    ax.vlines(points, y.min(), y.max(), linestyle="dotted")
    ax.stem(points, np.polyval(coefficients, points))
    ax.plot(points, np.polyval(coefficients, points), "ks")
    ax.set_xlabel("x"), ax.set_ylabel("y")


def picture_in_one_call(ax, coefficients):
    f = np.poly1d(coefficients)
    points = f.deriv().roots.real  # in any order
    x = np.linspace(min(points) - 1, max(points) + 1, 301)
    ax.plot(x, f(x), "g-", points, f(points), "rD", mfc="none")
    ax.set(xlabel="$x$", ylabel="$f$", xlim=(min(points) - 0.5, max(points) + 0.5))
    for p in points:
        ax.axvline(p, linestyle=":", marker="|")
        ax.text(p, f(p), "critical")


def picture_by_current_axes(ax, coefficients):
    import matplotlib.pyplot as plt

    plt.sca(ax)
    points = np.sort(np.roots(np.polyder(coefficients)).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 50)
    plt.plot(x, np.polyval(coefficients, x))
    plt.scatter(points, np.polyval(coefficients, points))
    plt.xlabel("x")
    plt.ylabel("f(x)")


HONEST = {
    "derivative": [
        derivative_by_polyder, derivative_by_poly1d, derivative_by_loop_in_a_list, derivative_by_new_class,
        derivative_by_matrix, derivative_in_float32, derivative_by_recursion,
    ],
    "critical_points": [
        points_by_loop, points_as_a_list, points_rounded_to_the_tolerance, points_by_means_of_groups,
        points_by_companion_matrix, points_by_class,
    ],
    "classify": [
        kind_by_half_steps, kind_by_thousandths, kind_by_first_derivative_that_is_not_zero, kind_by_values_at_a_tenth,
        kind_by_values_at_a_thousandth, kind_by_multiplicity, kind_by_fractions, kind_by_the_gaps_to_the_neighbours,
        kind_by_values_half_way,
    ],
    "global_minimum": [
        lowest_by_loop, lowest_by_min_of_pairs, lowest_as_zero_dimensional_arrays, lowest_by_grid_and_newton,
        lowest_in_whole_numbers_where_it_can,
    ],
    "plot_critical_points": [
        picture_by_scatter, picture_by_loop, picture_with_everything, picture_in_one_call, picture_by_current_axes,
    ],
}  # fmt: skip
STYLES = [(exercise, place) for exercise, answers in HONEST.items() for place in range(len(answers))]


@pytest.fixture(scope="module")
def judge():
    return Judge(ROOT / "grader_tests", NAME)


@pytest.fixture(scope="module")
def notebook():
    return twin_to_notebook(TWIN)


@pytest.fixture(scope="module")
def cells(notebook):
    return {cell.id: cell.source for cell in keep_edition(notebook, EN).cells}


@pytest.fixture(autouse=True)
def _without_windows():
    """`plt.show()` without a window does nothing but warn."""
    mpl.use("agg")


@pytest.fixture
def graded(judge, cells):
    """The verdict on one function; for a picture through the notebook's own `plot_data`."""

    def grade(exercise, function, seed=1):
        functions = {exercise: function}
        if exercise == "plot_critical_points":
            names = prelude(cells) | functions
            helper, _, _ = cells["test_plot_critical_points"].partition("\n\n\n")
            exec(compile(helper, "plot_data", "exec"), names)
            functions["plot_data"] = names["plot_data"]
        session = TrustedSession(functions)
        return judge.grade(f"test_{exercise}", session, max_score=1, seed=lambda name: seed + len(name))

    return grade


def prelude(cells):
    import matplotlib.pyplot as plt

    names = {"plt": plt}
    exec(compile(cells["prelude"], "prelude", "exec"), names)
    return names


@pytest.mark.parametrize(("exercise", "place"), STYLES)
def test_an_honest_answer_of_any_style_gets_all_points(graded, exercise, place):
    for seed in range(3 if exercise == "plot_critical_points" else 20):
        verdict = graded(exercise, HONEST[exercise][place], seed)
        assert [(check.name, check.message) for check in verdict.checks if check.outcome != "passed"] == []
        assert verdict.score == 1


def test_honest_answers_get_all_points_in_the_sandbox():
    course = Course.load(ROOT)
    source = read_source(SOURCE)
    released = untouched(source, EN, course)
    with Engine.for_course(course) as engine:
        for place in range(max(map(len, HONEST.values()))):
            chosen = {exercise: answers[place] for exercise, answers in HONEST.items() if place < len(answers)}
            sources = {
                exercise: f"{textwrap.dedent(inspect.getsource(answer))}\n{exercise} = {answer.__name__}"
                for exercise, answer in chosen.items()
            }
            verdict = engine.grade(with_cells(released, sources), assignment=NAME)
            verdicts = {exercise.id.removeprefix("test_"): exercise for exercise in verdict.exercises}
            for name in chosen:
                messages = [check.message for check in verdicts[name].checks if check.outcome != "passed"]
                assert (messages, verdicts[name].score) == ([], POINTS[name])


def test_every_exercise_is_answered_in_three_styles_at_least(judge):
    assert {f"test_{exercise}" for exercise in HONEST} == set(judge.exercises)
    assert min(map(len, HONEST.values())) >= 3


# ---- wrong answers --------------------------------------------------------------------------------------------------

ONLY_IN_A_NOTEBOOK = {"shows_the_figure"}
"""Seen through what the notebook's backend does; `nabla verify` tries it there."""
ALIKE = (
    {"looks_to_the_right_only", "looks_to_the_left_only", "second_derivative_not_negative"},
    {"imaginary_parts_cut_too_early", "exactly_real_roots_only"},
    {"multiple_roots_repeated", "exactly_equal_roots_merged"},
    {"in_the_order_found", "descending"},
)
"""Mistakes with the same answers in the first check that they fail: each one's hint there holds for the others too."""
RAISING = {"refuses_where_there_are_none", "refuses_constants", "counts_coefficients_for_the_degree"}
"""Wrong answers that fail by an exception: its own text says what happened, no value can be compared."""


def test_every_wrong_answer_fails_exactly_its_declared_checks_whatever_the_seed(judge, graded):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in (answer for answer in answers if answer.name not in ONLY_IN_A_NOTEBOOK):
            for seed in range(2 if "plot" in grade_id else 25):
                checks = graded(grade_id.removeprefix("test_"), wrong, seed).checks
                failed = {check.name for check in checks if check.outcome != "passed"}
                assert failed == set(wrong.fails), (grade_id, wrong.name, seed)


def test_taking_the_constant_away_from_the_callers_own_list_costs_its_check_only(graded):
    """`nabla verify` can't plant this one: its bridge copies lists."""

    def derivative(coefficients):
        coefficients.pop()
        return np.arange(len(coefficients), 0, -1) * np.array(coefficients) if coefficients else np.zeros(1)

    checks = graded("derivative", derivative).checks
    assert [check.name for check in checks if check.outcome != "passed"] == ["test_leaves_its_argument_as_it_is"]


def test_a_wrong_answer_is_recognised_as_itself_in_the_first_check_that_it_fails(judge, graded):
    for grade_id, answers in judge.wrong_answers.items():
        if "plot" in grade_id:
            continue
        for wrong in (answer for answer in answers if answer.name not in RAISING):
            for seed in range(5):
                checks = graded(grade_id.removeprefix("test_"), wrong, seed).checks
                first = next(check for check in checks if check.outcome != "passed")
                alike = next((names for names in ALIKE if wrong.name in names), {wrong.name})
                assert first.wrong_answer in alike, (grade_id, first.name, first.message, seed)


MEMORISED = {
    "derivative": lambda c: {5: [12, -12, -24, 0], 3: [10, -3], 1: [0]}[len(c)],
    "critical_points": lambda c: np.array([-1.0, 0, 2]),
    "classify": lambda c, x: "minimum",
    "global_minimum": lambda c: (2.0, -32.0),
    "plot_critical_points": lambda ax, c: ax.set(xlabel="x", ylabel="y"),
}


@pytest.mark.parametrize("exercise", MEMORISED)
def test_constants_and_memorised_examples_are_worth_nothing(graded, exercise):
    for seed in range(5):
        assert graded(exercise, MEMORISED[exercise], seed).score == 0


@pytest.mark.parametrize("word", ["minimum", "maximum", "neither"])
def test_one_word_for_all_points_is_worth_nothing(graded, word):
    for seed in range(40):
        assert graded("classify", lambda coefficients, x: word, seed).score == 0


def test_the_oracles_agree_with_exact_arithmetic(judge):
    names = vars(judge._file._fresh_module())
    rng = np.random.default_rng(3)
    for _ in range(50):
        f, x, value = names["valleys"](rng, 5, names["telling"])
        exact = sum(Fraction(c) * Fraction(float(x)) ** k for k, c in enumerate(reversed(f)))
        slope = sum(k * Fraction(c) * Fraction(float(x)) ** (k - 1) for k, c in enumerate(reversed(f)) if k)
        assert (exact, slope) == (Fraction(float(value)), 0)
        points = names["apart"](rng, 4)
        assert np.min(np.diff(points)) >= 0.5
        assert math.isfinite(names["a_constant"](rng))


# ---- the notebook ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("framework", ["torch", "numpy", "jax"])
def test_twenty_points_in_every_edition(notebook, language, framework):
    cells = keep_edition(notebook, Edition(language, framework)).cells
    marks = [cell.metadata.nbgrader for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert {mark.grade_id.removeprefix("test_"): mark.points for mark in marks} == POINTS
    assert sum(POINTS.values()) == 20


def run_visible_asserts(cells, exercise, function):
    exec(compile(cells[f"test_{exercise}"], exercise, "exec"), prelude(cells) | {exercise: function})


@pytest.mark.parametrize(("exercise", "place"), STYLES)
def test_visible_asserts_accept_honest_answers(cells, exercise, place):
    run_visible_asserts(cells, exercise, HONEST[exercise][place])


SEEN_BY_THE_GRADER_ONLY = {"rounded_to_whole_numbers", "whole_numbers_only"}


def test_visible_asserts_catch_nearly_every_known_mistake(judge, cells):
    missed = set()
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in (answer for answer in answers if answer.name not in ONLY_IN_A_NOTEBOOK):
            try:
                run_visible_asserts(cells, grade_id.removeprefix("test_"), wrong)
            except (AssertionError, ValueError):
                continue
            missed.add(wrong.name)
    assert missed <= SEEN_BY_THE_GRADER_ONLY


def test_what_students_read_gives_no_written_answer_away(notebook):
    shown = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("solution")]
    text = "\n".join(cell.source for cell in shown) + "".join(cell.id for cell in notebook.cells)
    found = r"\\to \\infty|small step (down|against)|無限大|勾配と反対の向き|even degree|次数が偶数"
    assert re.findall(found, text) == []


def test_every_edition_has_the_same_reference_solutions(notebook):
    assert reference_cells(notebook, Edition("en", "torch")) == reference_cells(notebook, Edition("ja", "numpy"))
