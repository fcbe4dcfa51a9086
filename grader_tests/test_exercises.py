"""Hidden checks of the assignment `exercises`: each law against an oracle that shares no code with the reference.

Students see a check's name and what their own function returned, never what is written here.
"""

import math

import numpy as np
import pytest

from nabla.checks import (
    BATCH,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_on_device,
    assert_one_of,
    assert_stays_on_device,
    assert_unchanged,
    outline,
    raises,
)

EPSILON = 2.0**-52

CONSTANTS = {
    "test_gradient_sum": "the sum is 1 everywhere: the right answer is a constant",
    "test_origin_is": "a question with one right answer",
}
SAME_ANSWERS = {
    ("gradient_of_f", "gradient_of_g"): "beta^T x and x^T beta are the same number: that is what the exercise shows",
}


def single(point):
    """The numbers of a point as arrays of shape ()."""
    return tuple(np.array(float(number)) for number in point)


class TestGradientOfF:
    """The gradient of beta^T x is beta, in x's shape. beta comes in both shapes: handing it back is not enough."""

    @pytest.mark.law
    def test_is_right_where_x_is_a_vector(self, submission, rng):
        for n in (2, 3, 5):
            beta, x = rng.standard_normal((2, n))
            for given in (beta, beta[:, None]):
                assert_close(submission.gradient_of_f(given, x), beta, tolerance=4 * EPSILON * abs(beta))

    @pytest.mark.law
    def test_is_right_where_x_is_a_column(self, submission, rng):
        for n in (4, 2, 3):
            beta, x = rng.standard_normal((2, n, 1))
            for given in (beta, beta[:, 0]):
                assert_close(submission.gradient_of_f(given, x), beta, tolerance=4 * EPSILON * abs(beta))


class TestGradientOfG:
    """The gradient of x^T beta is the same beta, in x's shape."""

    @pytest.mark.law
    def test_is_right_where_x_is_a_vector(self, submission, rng):
        for n in (3, 2, 4):
            beta, x = rng.standard_normal((2, n))
            for given in (beta, beta[:, None]):
                assert_close(submission.gradient_of_g(given, x), beta, tolerance=4 * EPSILON * abs(beta))

    @pytest.mark.law
    def test_is_right_where_x_is_a_column(self, submission, rng):
        for n in (5, 2, 3):
            beta, x = rng.standard_normal((2, n, 1))
            for given in (beta, beta[:, 0]):
                assert_close(submission.gradient_of_g(given, x), beta, tolerance=4 * EPSILON * abs(beta))


def direction(v):
    """v over its length by `math.hypot`, which is exact to an ulp: entries of the quotient to 2 ulps."""
    return v / math.hypot(*v)


class TestNormGradient:
    """d|v|/dv = v/|v|, of length 1 whatever v is. Blind: |v| = 1 hides v and v/|v|^2, |v| = 1/2 hides 2v."""

    @pytest.mark.law
    @pytest.mark.weight(6)
    def test_is_right_for_vectors_of_several_sizes(self, submission, rng):
        for n in (2, 3, 5):
            v = (2 + rng.random()) * direction(rng.standard_normal(n))
            # The sum of n squares, a root and a quotient: below n + 3 roundings.
            assert_close(submission.norm_gradient(v), direction(v), tolerance=4 * n * EPSILON)

    @pytest.mark.law
    @pytest.mark.weight(4)
    def test_is_right_for_short_and_long_vectors(self, submission, rng):
        v = direction(rng.standard_normal(4))
        for size in (1e-9, 1e-3, 1e-1, 1e1, 1e3):
            assert_close(submission.norm_gradient(size * v), direction(size * v), tolerance=16 * EPSILON)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_is_right_where_entries_are_zero_or_add_up_to_zero(self, submission, rng):
        t = float(rng.choice([-1.5, 0.75, 1.25]))
        for v in map(np.array, ([0, 3 * t], [0, -2 * t, 0], [t, -t], [t, t, -2 * t])):
            assert_close(submission.norm_gradient(v), direction(v), tolerance=16 * EPSILON)

    @pytest.mark.claim
    @pytest.mark.weight(2)
    def test_refuses_the_zero_vector(self, submission):
        for n in (2, 3):
            with raises("ValueError"):
                submission.norm_gradient(np.zeros(n))

    @pytest.mark.claim
    def test_leaves_its_argument_as_it_is(self, submission, rng):
        # Of length 3 or 6: each way to divide in place leaves the same floats, so that the mistake is recognised.
        v = rng.choice([1.0, 2.0]) * rng.permutation([1.0, 2.0, -2.0])
        assert_unchanged(submission.norm_gradient(v))

    @pytest.mark.gpu
    def test_stays_on_the_device_of_its_argument(self, submission):
        assert_stays_on_device(submission, "norm_gradient", outline(4), result=outline(4))

    @pytest.mark.gpu
    @pytest.mark.limit(60)
    def test_is_right_for_a_million_entries_on_an_accelerator(self, submission, accelerator, rng):
        for dtype in (np.float64, np.float32):
            v = rng.standard_normal(2**20).astype(dtype)
            answer = submission.norm_gradient(v)
            assert_on_device(answer, accelerator)
            assert_dtype(answer, np.dtype(dtype).name)
            expected = v / np.sqrt((v.astype(np.float64) ** 2).sum())
            # Roundings of a sum of 2^20 squares go both ways: about 2^10 of them remain, shared by all entries.
            assert_close(answer, expected, tolerance=1000 * float(np.finfo(dtype).eps) * abs(expected))

    @pytest.mark.weight(3)
    def test_is_right_for_numbers_whose_squares_overflow(self, submission):
        """Is right for numbers whose squares overflow or vanish."""
        for size in (1e200, 1e-200):
            v = size * np.array([3.0, 4.0])
            assert_close(submission.norm_gradient(v), np.array([0.6, 0.8]), tolerance=16 * EPSILON)


def share(x, y):
    """e^x/(e^x + e^y) by the addition theorem of tanh: no exponential that could overflow."""
    return (1 + np.tanh((x - y) / 2)) / 2


class TestLogSumExpGradient:
    """(e^x, e^y)/(e^x + e^y). Blind: e^x + e^y = 1 hides a missing denominator, x = y a swap."""

    @pytest.mark.law
    @pytest.mark.weight(4)
    def test_is_right_at_single_points(self, submission, rng):
        for x, y in map(single, [(0.0, math.log(2)), *rng.uniform(-4, 4, (4, 2))]):
            # Two exponentials, a sum, a quotient; x - log(e^x + e^y) in the exponent adds up to 8 ulps.
            answer = submission.log_sum_exp_gradient(x, y)
            assert_close(answer, single((share(x, y), share(y, x))), tolerance=32 * EPSILON)

    @pytest.mark.weight(2)
    def test_has_a_result_for_each_point(self, submission, rng):
        for shape in ((3,), (2, 4)):
            x, y = rng.uniform(-4, 4, (2, *shape))
            assert_close(submission.log_sum_exp_gradient(x, y), (share(x, y), share(y, x)), tolerance=32 * EPSILON)

    @pytest.mark.gpu
    def test_stays_on_the_device_of_its_arguments(self, submission):
        points = outline(BATCH, 3)
        assert_stays_on_device(submission, "log_sum_exp_gradient", points, points, result=(points, points))

    @pytest.mark.gpu
    @pytest.mark.limit(60)
    def test_is_right_for_a_million_points_on_an_accelerator(self, submission, accelerator, rng):
        for dtype in (np.float64, np.float32):
            x, y = rng.uniform(-4, 4, (2, 1024, 1024)).astype(dtype)
            answer = submission.log_sum_exp_gradient(x, y)
            assert_on_device(answer, accelerator)
            exact = x.astype(np.float64), y.astype(np.float64)
            for place, expected in enumerate((share(*exact), share(*exact[::-1]))):
                assert_dtype(answer[place], np.dtype(dtype).name)
                assert_close(answer[place], expected, tolerance=32 * float(np.finfo(dtype).eps))

    @pytest.mark.law
    @pytest.mark.weight(6)
    def test_is_right_for_numbers_like_1000(self, submission):
        points = (-1000, -1000), (1000, 1000), (1000, -1000), (-1000, 1000), (1000, 1001), (-1000, -998.5)
        for x, y in map(single, points):
            # An exponent of size 1000 is rounded to 1000 ulps of 1.
            answer = submission.log_sum_exp_gradient(x, y)
            assert_close(answer, single((share(x, y), share(y, x))), tolerance=4000 * EPSILON)


def shares(z):
    """1 / sum_j e^(z_j - z_i) for each i: the quotient with its numerator divided out."""
    with np.errstate(over="ignore"):
        return 1 / np.exp(z[None, :] - z[:, None]).sum(axis=1)


class TestLogSumExpGradientN:
    """e^z / sum(e^z). Blind: n = 1 is always 1."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_is_right_for_vectors_of_several_sizes(self, submission, rng):
        for n in (2, 3, 6):
            z = rng.uniform(-4, 4, n)
            # As for two numbers, and a sum of n.
            assert_close(submission.log_sum_exp_gradient_n(z), shares(z), tolerance=16 * n * EPSILON)

    @pytest.mark.law
    def test_does_not_change_when_all_numbers_grow_alike(self, submission, rng):
        z = rng.choice(np.arange(1, 25), 5, replace=False) / 8
        for shift in (-0.5, 2.0):  # multiples of 1/8 stay exact, and the largest number is not 0
            assert_close(submission.log_sum_exp_gradient_n(z + shift), shares(z), tolerance=100 * EPSILON)

    @pytest.mark.claim
    def test_leaves_its_argument_as_it_is(self, submission, rng):
        assert_unchanged(submission.log_sum_exp_gradient_n(rng.uniform(1, 4, 4)))

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_numbers_like_1000(self, submission):
        # In the last one even the distance from the mean overflows in an exponent.
        vectors = [1000, -1000, 999], [-1000, -1000, -1001, -1003], [1000, 0], [1000, -1000, -1000, -1000]
        for z in (np.array(numbers, dtype=float) for numbers in vectors):
            assert_close(submission.log_sum_exp_gradient_n(z), shares(z), tolerance=4000 * EPSILON)


class TestGradientSum:
    """Moving both numbers by the same amount moves L by it: the sum is 1."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_at_single_points(self, submission, rng):
        for x, y in map(single, rng.uniform(-3, 3, (4, 2))):
            assert_close(submission.gradient_sum(x, y), np.array(1.0), tolerance=64 * EPSILON)

    def test_has_a_result_for_each_point(self, submission, rng):
        for shape in ((3,), (4, 2)):
            x, y = rng.uniform(-3, 3, (2, *shape))
            assert_close(submission.gradient_sum(x, y), np.ones(shape), tolerance=64 * EPSILON)

    def test_is_right_for_numbers_like_1000(self, submission):
        for x, y in map(single, ((1000, 1000), (-1000, -1000), (1000, -1000), (-999, -1000))):
            assert_close(submission.gradient_sum(x, y), np.array(1.0), tolerance=8000 * EPSILON)


def partials(x, y):
    """The two partial derivatives of xy(x + y), from (x + y)^3 - x^3 - y^3 = 3 xy(x + y)."""
    return (x + y) ** 2 - x**2, (x + y) ** 2 - y**2


def component(answer, expected, place):
    """One component of the answer and of what is expected; all of both where the answer isn't a pair.

    So a slip in one component costs that one's points only.
    """
    pair = answer.value
    is_pair = isinstance(pair, tuple | list) and len(pair) == 2
    return (answer[place], expected[place]) if is_pair else (answer, expected)


def points_and_zeros(rng):
    """Points at random, and where a component is zero: the origin, both axes, y = -2x and x = -2y."""
    t = float(rng.choice([-1.5, -0.75, 0.5, 1.25, 2.0]))
    zeros = (0, 0), (t, 0), (0, t), (t, -2 * t), (-2 * t, t)
    return map(single, (*rng.standard_normal((5, 2)), *zeros))


def rounding(x, y):
    """A few roundings of terms below (|x| + |y|)^2, in the answer and in the oracle; 1 for powers by logarithms."""
    return float(np.max(16 * EPSILON * ((abs(x) + abs(y)) ** 2 + 1)))


class TestGradient:
    """(2xy + y^2, x^2 + 2xy). Blind: y = 0 hides the second term of the first component, x = y a swap."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_first_component_is_right_at_single_points(self, submission, rng):
        for x, y in points_and_zeros(rng):
            answer, expected = component(submission.gradient(x, y), single(partials(x, y)), 0)
            assert_close(answer, expected, tolerance=rounding(x, y))

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_second_component_is_right_at_single_points(self, submission, rng):
        for x, y in points_and_zeros(rng):
            answer, expected = component(submission.gradient(x, y), single(partials(x, y)), 1)
            assert_close(answer, expected, tolerance=rounding(x, y))

    def test_first_component_has_a_result_for_each_point(self, submission, rng):
        for shape in ((4,), (3, 2)):
            x, y = rng.standard_normal((2, *shape))
            answer, expected = component(submission.gradient(x, y), partials(x, y), 0)
            assert_close(answer, expected, tolerance=rounding(x, y))

    def test_second_component_has_a_result_for_each_point(self, submission, rng):
        for shape in ((2,), (2, 3)):
            x, y = rng.standard_normal((2, *shape))
            answer, expected = component(submission.gradient(x, y), partials(x, y), 1)
            assert_close(answer, expected, tolerance=rounding(x, y))


class TestAlongDiagonal:
    """f(x, x) = 2x^3. Blind: 0 and 1/sqrt(2) hand x back; positive x hide a lost sign."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_numbers_of_both_signs(self, submission, rng):
        for x in (*rng.uniform(1, 3, 2), *rng.uniform(-3, -1, 2)):
            # x * x * (x + x): at most four roundings.
            expected = np.array(x * x * (x + x))
            assert_close(submission.along_diagonal(np.array(x)), expected, tolerance=float(8 * EPSILON * abs(expected)))

    def test_has_a_value_for_each_entry(self, submission, rng):
        for shape in ((3,), (2, 4)):
            x = rng.uniform(1, 3, shape)
            expected = x * x * (x + x)
            assert_close(submission.along_diagonal(x), expected, tolerance=8 * EPSILON * abs(expected))


class TestOriginIs:
    """f(x, x) = 2x^3 changes sign: neither, a (monkey) saddle."""

    @pytest.mark.law
    def test_says_what_the_origin_is(self, submission):
        assert_one_of(submission.origin_is(), {"neither", "saddle"})


def balanced(rng, n):
    """A vector of length above 1/2 whose entries sum to zero."""
    v = rng.standard_normal(n)
    return direction(v - v.mean())


def across(rng, g):
    """A vector as long as g and at a right angle to it."""
    v = rng.standard_normal(len(g))
    return math.hypot(*g) * direction(v - (v @ g) / (g @ g) * g)


def force(rng, n):
    """A vector whose entries have one sign: never along a balanced vector, and its sum is not small."""
    return rng.choice([-1, 1]) * rng.uniform(0.5, 2, n)


def basics(submission, g, h):
    """The two answers on easy questions: a mistake that shows here is named here, where only it fits what came back."""
    assert_equal(submission.is_critical(g, g), False)
    assert_equal(submission.is_critical(g, h), False)
    assert_equal(submission.is_critical(g, -g), True)


class TestIsCritical:
    """|grad g + grad h| <= rtol * max of the two lengths. Each check asks for both answers: no constant passes one."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_tells_forces_that_cancel_from_others(self, submission, rng):
        for n in (2, 3, 5):
            g = force(rng, n)
            for h in (g, across(rng, g), -g + across(rng, g) / 2, -g + balanced(rng, n)):
                assert_equal(submission.is_critical(g, h), False)
            assert_equal(submission.is_critical(g, -g), True)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_notices_when_one_force_is_longer(self, submission, rng):
        for n in (2, 4):
            g = force(rng, n)
            basics(submission, g, across(rng, g))
            for factor in (2, 0.5, 1.001):
                assert_equal(submission.is_critical(g, -factor * g), False)

    def test_does_not_depend_on_the_unit(self, submission, rng):
        for n in (2, 3):
            g = force(rng, n)
            basics(submission, g, across(rng, g))
            assert_equal(submission.is_critical(1e-9 * g, -1e-9 * (g + 0.1 * across(rng, g))), False)
            assert_equal(submission.is_critical(1e9 * g, -1e9 * (1 + 1e-9) * g), True)

    def test_knows_what_to_say_where_gradients_are_zero(self, submission, rng):
        for n in (2, 3):
            g, zero = force(rng, n), np.zeros(n)
            assert_equal(submission.is_critical(zero, g), False)
            assert_equal(submission.is_critical(g, zero), False)
            assert_equal(submission.is_critical(zero, zero), True)

    def test_uses_the_tolerance_that_it_is_given(self, submission, rng):
        for n in (2, 5):
            g = force(rng, n)
            basics(submission, g, across(rng, g))
            assert_equal(submission.is_critical(g, -1.001 * g, rtol=1e-4), False)
            assert_equal(submission.is_critical(g, -1.001 * g, rtol=1e-2), True)
        t = float(rng.uniform(0.5, 2))
        # Relative to the longer gradient: not to each entry, nor to the two lengths added up.
        assert_equal(submission.is_critical(np.array([t, 0]), np.array([-t, 1e-9 * t])), True)
        g = force(rng, 2)
        assert_equal(submission.is_critical(g, -1.015 * g, rtol=1e-2), False)
        # Nor to the shorter one. With a single entry, and below 0.6, lengths that are measured otherwise agree.
        g = rng.permutation([float(rng.uniform(0.3, 0.6)), 0.0])
        assert_equal(submission.is_critical(g, -1.8 * g, rtol=0.5), True)


def bowl(rng, n):
    """A symmetric matrix with eigenvalues from 1 to about 5."""
    G = rng.standard_normal((n, n + 2))
    return G @ G.T / (n + 2) + np.eye(n)


class TestCriticalPoint:
    """(A + B) x = A a + B b. Blind: A = B and a = b hide most mistakes, matrices that commute some."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_where_the_two_forces_cancel(self, submission, rng):
        for n in (2, 3, 5):
            A, B = bowl(rng, n), bowl(rng, n)
            x, a = rng.standard_normal((2, n))
            b = x + np.linalg.solve(B, A @ (x - a))  # so that A(x - a) + B(x - b) = 0
            # Forward error of a solver, n eps kappa |x|, in the answer and in the making of b; 30 for an inverse.
            condition = np.linalg.cond(A) * np.linalg.cond(B)
            tolerance = 30 * n * EPSILON * condition * (math.hypot(*a) + math.hypot(*b))
            assert_close(submission.critical_point(A, a, B, b), x, tolerance=tolerance)

    def test_lies_halfway_between_equal_bowls(self, submission, rng):
        A = bowl(rng, 4)
        a, b = rng.standard_normal((2, 4))
        tolerance = 120 * EPSILON * np.linalg.cond(A) * (math.hypot(*a) + math.hypot(*b))
        assert_close(submission.critical_point(A, a, A, b), (a + b) / 2, tolerance=tolerance)
