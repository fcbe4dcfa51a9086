"""Hidden checks of the assignment `critical_points`: polynomials are made from the roots of their derivatives.

So the right answer is known before any root is looked for. Lists of floats are sent: the same in every edition.
Students see a check's name and what their own function returned, never what is written here.
"""

import math

import numpy as np
import pytest

from nabla.checks import assert_close, assert_equal, assert_unchanged, raises

EPSILON = 2.0**-52


def as_returned(answer, expected):
    """``expected`` as an array, or as a tuple of numbers where the answer is a list or a tuple."""
    return tuple(expected) if type(answer.value) in (list, tuple) else np.array(expected, dtype=float)


def padded(answer, expected, longest):
    """The polynomial ``expected`` with as many leading zeros as the answer has, up to ``longest`` numbers."""
    value = answer.value
    length = len(value) if type(value) in (list, tuple) or (type(value) is np.ndarray and value.ndim == 1) else 0
    return as_returned(answer, [0.0] * (min(length, longest) - len(expected)) + list(expected))


def slope_of(coefficients):
    """The derivative by numpy's class of polynomials, which counts its powers upwards."""
    return np.polynomial.Polynomial(coefficients[::-1]).deriv().coef[::-1]


def some_coefficients(rng, count):
    """Multiples of 1/8, none of them zero and no two alike."""
    sizes = rng.choice(np.arange(1, 65), count, replace=False) / 8
    return [float(number) for number in sizes * rng.choice([-1, 1], count)]


class TestDerivative:
    """c x^k becomes k c x^(k-1). Blind: palindromes hide a reversed order, degree 1 a forgotten factor."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_polynomials_of_several_degrees(self, submission, rng):
        for degree in (2, 3, 5, 7):
            given = some_coefficients(rng, degree + 1)
            answer, expected = submission.derivative(given), slope_of(given)
            # Products below 7 * 8 of short binary fractions are exact; room for powers or sums.
            assert_close(answer, padded(answer, expected, len(given)), tolerance=256 * EPSILON)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_keeps_every_power_in_its_place(self, submission, rng):
        """Keeps every power in its place where some coefficients are zero."""
        for places in ((0, 3), (0, 2, 3), (0, 4), (1, 3, 4), (1, 4)):  # of the zeros, from the last coefficient
            given = some_coefficients(rng, 6)
            for place in places:
                given[-1 - place] = 0.0
            answer, expected = submission.derivative(given), slope_of(given)
            assert_close(answer, padded(answer, expected, len(given)), tolerance=256 * EPSILON)

    @pytest.mark.law
    def test_is_right_for_lines_and_constants(self, submission, rng):
        a, b, c = some_coefficients(rng, 3)
        for given, expected in (([a, b], [a]), ([c], [0.0]), ([0.0], [0.0])):
            answer = submission.derivative(given)
            assert_close(answer, as_returned(answer, expected), tolerance=16 * EPSILON)

    def test_does_not_mind_leading_zeros(self, submission, rng):
        for zeros, degree in ((1, 2), (2, 4), (3, 1)):
            given = some_coefficients(rng, degree + 1)
            answer = submission.derivative([0.0] * zeros + given)
            expected = padded(answer, slope_of(given), zeros + len(given))
            assert_close(answer, expected, tolerance=256 * EPSILON)

    @pytest.mark.claim
    def test_leaves_its_argument_as_it_is(self, submission, rng):
        assert_unchanged(submission.derivative(some_coefficients(rng, 4)))


def integral(slope, constant):
    """A polynomial with a multiple of this derivative, as a list. Dyadic coefficients stay exact; -0.0 reads badly."""
    powers = np.arange(len(slope), 0, -1)
    whole = math.lcm(*(int(power) for power in powers))
    return [float(number) + 0.0 for number in np.append(slope * (whole // powers), constant)]


def product(*factors):
    """The product of polynomials: exact for small dyadic numbers."""
    result = np.ones(1)
    for factor in factors:
        result = np.convolve(result, factor)
    return result


def root(r):
    """x - r."""
    return np.array([1.0, -r])


def pair(real, imaginary):
    """(x - real)^2 + imaginary^2."""
    return np.array([1.0, -2 * real, real * real + imaginary * imaginary])


def mirrored(coefficients):
    """f(-x): what NumPy finds first of f, it finds last of this."""
    degree = len(coefficients) - 1
    return [number * (-1.0) ** (degree - place) for place, number in enumerate(coefficients)]


def apart(rng, count, gap=0.5, unit=0.125):
    """Ascending multiples of ``unit``, neighbours ``gap`` apart or more (two exactly so), about 0 but not symmetric."""
    steps = gap + unit * rng.integers(0, 4, count)
    steps[rng.integers(1, max(count, 2)) % count] = gap
    points = np.cumsum(steps) - unit * round(float(np.sum(steps)) / (2 * unit))
    points = points - unit * rng.integers(2, 5)
    return points if np.any(points > 0) else -points[::-1]


def uneven(rng, count):
    """Odd multiples of 1/8: never a whole number, never 0."""
    return (2 * rng.integers(-6, 6, count) + 1) / 8


def a_constant(rng):
    """A height for the curve."""
    return float(rng.choice([-1, 1]) * rng.integers(3, 30) / 4)


CLOSE = 1e-3
"""The tolerance of the exercise itself; np.roots is off by 4e-5 at a triple root of the size used here."""

WITHIN, BEYOND = 3 * 2.0**-12, 3 * 2.0**-11
"""7e-4 and 1.5e-3: what counts as zero, and what doesn't. np.roots finds roots so close to 1e-9."""


class TestCriticalPoints:
    """The real roots of f', ascending, once each. Blind: one root hides the order, simple real roots all the rest."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_finds_all_of_them_in_ascending_order(self, submission, rng):
        for count in (3, 4, 5, 2):
            points = apart(rng, count)
            f = integral(rng.choice([-1, 1]) * product(*map(root, points)), a_constant(rng))
            for given, expected in ((f, points), (mirrored(f), -points[::-1])):
                answer = submission.critical_points(given)
                assert_close(answer, as_returned(answer, expected), tolerance=CLOSE)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_leaves_complex_roots_out(self, submission, rng):
        for real, pairs in ((0, 2), (0, 1), (1, 1), (1, 2)):
            points = uneven(rng, real)
            complex_roots = [pair(a, rng.integers(4, 9) / 8) for a in apart(rng, pairs, gap=1)]
            f = integral(product(*map(root, points), *complex_roots), a_constant(rng))
            answer = submission.critical_points(f)
            assert_close(answer, as_returned(answer, points), tolerance=CLOSE)
        points = apart(rng, 2, gap=1)
        f = integral(product(pair(points[0], BEYOND), root(points[1])), a_constant(rng))
        answer = submission.critical_points(f)
        assert_close(answer, as_returned(answer, points[1:]), tolerance=CLOSE)

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_lists_a_multiple_root_once(self, submission, rng):
        for split in (-(2.0**-13), 2.0**-13, 0.0, 0.0):  # a double root as rounding leaves it: real, complex, or exact
            points = apart(rng, 2, gap=1, unit=0.25)
            double = pair(points[0], 0) + np.array([0, 0, np.sign(split) * split * split])
            f = integral(product(double, root(points[1])), a_constant(rng))
            for given, expected in ((f, points), (mirrored(f), -points[::-1])):
                answer = submission.critical_points(given)
                assert_close(answer, as_returned(answer, expected), tolerance=CLOSE)
        points = apart(rng, 2, gap=1, unit=0.5)
        f = integral(product(*map(root, points[[0, 0, 0, 1]])), a_constant(rng))
        for given, expected in ((f, points), (mirrored(f), -points[::-1])):
            answer = submission.critical_points(given)
            assert_close(answer, as_returned(answer, expected), tolerance=CLOSE)
        first, last = points
        for double, expected in (
            (pair(first, WITHIN), points),
            (product(root(first - WITHIN / 2), root(first + WITHIN / 2)), points),  # one also for who rounds
            (product(root(first), root(first + BEYOND)), [first, first + BEYOND, last]),
        ):
            answer = submission.critical_points(integral(product(double, root(last)), a_constant(rng)))
            assert_close(answer, as_returned(answer, expected), tolerance=CLOSE)

    @pytest.mark.law
    def test_knows_that_a_line_has_none(self, submission, rng):
        a, b, c = some_coefficients(rng, 3)
        for line in ([a, b], [c, 0.0]):
            answer = submission.critical_points(line)
            assert_close(answer, as_returned(answer, []), tolerance=CLOSE)
        vertex = uneven(rng, 1)
        answer = submission.critical_points([a, -2 * a * float(vertex[0]), c])
        assert_close(answer, as_returned(answer, vertex), tolerance=CLOSE)

    @pytest.mark.claim
    def test_refuses_a_constant(self, submission, rng):
        for constant in (some_coefficients(rng, 1), [0.0]):
            with raises("ValueError"):
                submission.critical_points(constant)


def whole(rng, count, low=-2, high=2):
    """Different whole numbers, ascending."""
    return np.sort(rng.choice(np.arange(low, high + 1), count, replace=False)).astype(float)


def neighbours(rng, count):
    """As many whole numbers in a row: who looks too far away sees the next one's other side."""
    return np.arange(count) + float(rng.integers(-2, 3 - count + 1))


def kind(roots, lead, x):
    """What x is where f' = lead * product of (x - root): the sign beside it, and whether it changes there."""
    if list(roots).count(x) % 2 == 0:
        return "neither"
    right_of_it = lead * np.prod([x - r for r in roots if r != x])
    return "minimum" if right_of_it > 0 else "maximum"


FLAT = 4096.0
"""The height of flat curves. 1e-5 from a flat point the values of f are equal floats, 1e-3 from it 16 ulps apart."""


class TestClassify:
    """The sign of f' on both sides. Blind: f'' != 0 hides the second-derivative test. No check has one answer only."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_tells_minima_from_maxima(self, submission, rng):
        """Tells minima from maxima, low ones and high ones."""
        for count in (2, 3, 4, 5):
            points, lead = whole(rng, count, -3, 3), float(rng.choice([-1, 1]))
            for sign in (lead, -lead):
                f = integral(sign * product(*map(root, points)), float(rng.integers(-9, 10)))
                for x in map(float, rng.permutation(points)):
                    assert_equal(submission.classify(f, x), kind(points, sign, x))

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_tells_a_step_from_a_turning_point(self, submission, rng):
        for pick in (whole, neighbours):
            flat, turning = rng.permutation(pick(rng, 2))
            roots = [flat, flat, turning]
            for sign in (1.0, -1.0):  # a step up and a step down
                f = integral(sign * product(*map(root, roots)), float(rng.choice([-1, 1]) * FLAT))
                for x in (float(turning), float(flat)):
                    assert_equal(submission.classify(f, x), kind(roots, sign, x))

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_where_the_second_derivative_is_zero(self, submission, rng):
        for power in (4, 6):
            for sign in (1.0, -1.0):
                f = [sign * float(rng.integers(1, 5)), *[0.0] * power]
                assert_equal(submission.classify(f, 0.0), kind([0.0] * (power - 1), sign, 0.0))
        for others, pick in ((0, whole), (1, neighbours), (2, whole)):
            points = pick(rng, 1 + others)
            flat = float(points[len(points) // 2])
            roots = [flat, flat, *points]
            for sign in (1.0, -1.0):
                f = integral(sign * product(*map(root, roots)), float(rng.choice([-1, 1]) * FLAT))
                assert_equal(submission.classify(f, flat), kind(roots, sign, flat))

    @pytest.mark.claim
    def test_refuses_points_that_are_not_critical(self, submission, rng):
        points = whole(rng, 3)
        f = integral(product(*map(root, points)), float(rng.integers(-9, 10)))
        for x in (points[0] + 0.5, points[-1] + 1, points[0] - 3):
            with raises("ValueError"):
                submission.classify(f, float(x))


def values_at(coefficients, points):
    """The values of f by the sum of its terms: exact for the dyadic numbers used here."""
    powers = np.arange(len(coefficients) - 1, -1, -1)
    return np.array([np.sum(np.array(coefficients) * point**powers) for point in points])


def away_from_zero(points, values):
    """Whether the lowest point is neither nearest to 0 nor the one with the value nearest to 0."""
    lowest = np.argmin(values)
    return abs(points[lowest]) > np.min(np.abs(points)) and abs(values[lowest]) > np.min(np.abs(values))


def telling(points, values):
    """Whether nearest to 0, of the value nearest to 0 and of the largest value are three points, lowest another."""
    others = {np.argmin(np.abs(points)), np.argmin(np.abs(values)), np.argmax(values)}
    return others == {1, 2, 3} and np.argmin(values) not in others


def lowest_in_the_middle(points, values):
    """Whether both ends are higher."""
    return np.argmin(values) == len(points) // 2


def valleys(rng, count, fits):
    """A polynomial with critical points that ``fits``, no whole numbers; the lowest one is no close call."""
    while True:
        points = apart(rng, count)
        f = integral(product(*map(root, points)), a_constant(rng))
        values = values_at(f, points)
        lowest, second = np.sort(values)[:2]
        best = points[np.argmin(values)]
        if second - lowest > 0.5 and np.all(points != np.round(points)) and fits(points, values):
            return f, best, lowest


class TestGlobalMinimum:
    """The least of the critical values. Blind: a single valley. Each f comes with its mirror image, so no end wins."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_finds_the_lowest_of_many_critical_points(self, submission, rng):
        for fits in (telling, lowest_in_the_middle):
            f, x, value = valleys(rng, 5, fits)
            for given, place in ((f, x), (mirrored(f), -x)):
                # f is flat at x: an error of 1e-3 in x changes f by less than 1e-3, and rounding by 1e-12.
                assert_close(submission.global_minimum(given), (np.array(place), np.array(value)), tolerance=CLOSE)

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_finds_the_lower_of_two_valleys(self, submission, rng):
        for _ in range(2):
            f, x, value = valleys(rng, 3, away_from_zero)
            for given, place in ((f, x), (mirrored(f), -x)):
                assert_close(submission.global_minimum(given), (np.array(place), np.array(value)), tolerance=CLOSE)

    @pytest.mark.law
    def test_is_right_where_there_is_one_critical_point(self, submission, rng):
        for factors in ((), (pair(rng.integers(-8, 9) / 8, 0.75),)):
            x = float(uneven(rng, 1)[0])
            f = [number / 2 for number in integral(product(root(x), *factors), a_constant(rng))]  # may begin below 1
            value = values_at(f, [x])[0]
            assert_close(submission.global_minimum(f), (np.array(x), np.array(value)), tolerance=CLOSE)

    def test_takes_any_point_where_several_are_lowest(self, submission, rng):
        for constant in (a_constant(rng), -abs(a_constant(rng))):
            answer = submission.global_minimum([constant])
            assert_close(answer, (np.array(float(answer[0])), np.array(constant)), tolerance=CLOSE)
        p = abs(float(uneven(rng, 1)[0]))
        p, q = rng.choice([-1, 1]) * np.array([p, p + float(rng.integers(4, 9)) / 4])
        twins = product(root(p), root(p), root(q), root(q))
        f = [float(number) for number in rng.integers(1, 5) * twins]
        height = abs(a_constant(rng))
        f[-1] += height
        answer = submission.global_minimum(f)
        nearest = min((p, q), key=lambda point: abs(point - float(answer[0])))
        assert_close(answer, (np.array(nearest), np.array(height)), tolerance=CLOSE)

    @pytest.mark.claim
    def test_refuses_an_odd_degree(self, submission, rng):
        for sign, count in ((1, 2), (-1, 2), (1, 4)):
            f = integral(sign * product(*map(root, apart(rng, count))), a_constant(rng))
            with raises("ValueError"):
                submission.global_minimum(f)
        with raises("ValueError"):
            submission.global_minimum(some_coefficients(rng, 2))

    @pytest.mark.claim
    def test_refuses_a_negative_first_coefficient(self, submission, rng):
        """Refuses a polynomial whose first coefficient is negative."""
        for count in (1, 3, 5):
            f = integral(-product(*map(root, apart(rng, count))), a_constant(rng))
            with raises("ValueError"):
                submission.global_minimum(f)


def a_picture(rng, count):
    """A polynomial and its critical points, for a picture."""
    points = apart(rng, count)
    return integral(rng.choice([-1, 1]) * product(*map(root, points)), a_constant(rng)), points


def on_the_curve(picture, f):
    """The x of each line of the picture that lies on y = f(x), for lines through three points or more."""
    found = []
    for line in picture["curves"]:
        points = line.array()
        if points.ndim != 2 or points.shape[1:] != (2,) or len(points) < 3:
            continue
        x, y = points.T
        # Relative to the terms: ways to sum them differ by rounding only.
        size = np.polyval(np.abs(f), np.abs(x))
        if np.all(np.abs(y - np.polyval(f, x)) <= 1e-9 * (1 + size)):
            found.append(x)
    return found


def span(x):
    """Where a line begins and ends."""
    return np.array([np.min(x), np.max(x)])


class TestPlotCriticalPoints:
    """What was drawn, as numbers, through the visible `plot_data`. Blind: where all critical values are 0."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_draws_the_curve(self, submission, rng):
        for count in (2, 3, 5):
            f, _ = a_picture(rng, count)
            lines = on_the_curve(submission.plot_data(f), f)
            assert lines, f"no line of the picture for {f} lies on the curve y = f(x)"
            longest = max(lines, key=len)
            assert len(longest) >= 50, f"the curve for {f} goes through {len(longest)} points, expected 50 or more"
            steps = np.diff(longest)
            assert np.all(steps > 0) or np.all(steps < 0), f"the curve for {f} runs back and forth instead of along x"

    @pytest.mark.law
    def test_shows_a_little_more_than_all_critical_points(self, submission, rng):
        """The curve begins 1 before the first critical point and ends 1 behind the last one."""
        for count in (1, 3, 4):
            f, points = a_picture(rng, count)
            lines = on_the_curve(submission.plot_data(f), f)
            assert lines, f"no line of the picture for {f} lies on the curve y = f(x)"
            ends = span(np.concatenate(lines))
            fits = np.abs(ends - [points[0] - 1, points[-1] + 1]) <= 2 * CLOSE
            told = f"the curve for {f} reaches from {ends[0]:.4g} to {ends[1]:.4g}"
            assert np.all(fits), f"{told}; where are its outermost critical points, and how far beyond should it go?"

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_marks_every_critical_point_and_no_other(self, submission, rng):
        for count in (3, 2, 4):
            f, points = a_picture(rng, count)
            marks = submission.plot_data(f)["marks"].array()
            right = np.stack([points, values_at(f, points)], axis=1)
            assert marks.shape == (len(marks), 2), "the marks are pairs of numbers"
            size = 1 + np.polyval(np.abs(f), np.abs(points))
            near = np.all(abs(marks[:, None] - right) <= CLOSE * np.stack([np.ones(count), size], axis=1), axis=2)
            lost, false = np.count_nonzero(~near.any(axis=0)), np.count_nonzero(~near.any(axis=1))
            told = f"the picture for {f}: {lost} of {count} critical points (x, f(x)) without a mark"
            assert lost + false == 0, f"{told}, {false} marks elsewhere"

    def test_labels_both_axes(self, submission, rng):
        f, _ = a_picture(rng, 2)
        picture = submission.plot_data(f)
        assert len(picture["curves"]) or len(picture["marks"]), "nothing is drawn on the given axes"
        for label in picture["labels"]:
            text = label.value
            assert type(text) is str, "a label is a text"
            assert text.strip(), "an axis has no label"

    def test_draws_on_the_given_axes_only(self, submission, rng):
        f, _ = a_picture(rng, 2)
        picture = submission.plot_data(f)
        assert len(picture["curves"]) or len(picture["marks"]), "nothing is drawn on the given axes"
        told = "a figure was made or shown, or something was drawn on other axes than `ax`"
        assert picture["only_on_ax"], f"{told}: what do plt.figure(), plt.show() and plt.plot(…) draw on?"
