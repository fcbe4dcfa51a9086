"""Hidden checks of the assignment `gradients`: each law against an oracle that shares no code with the reference.

Students see a check's name and what their own function returned, never what is written here.
"""

import math

import numpy as np
import pytest

from nabla.checks import assert_close, assert_unchanged, raises, recorded

EPSILON = 2.0**-52

# Whole numbers and multiples of 1/8, moved by 1/32 at least: sums and products of three are multiples of 2^-15 below
# 2^13, exact in any order. This is for powers that are computed by logarithms.
EXACT = 1e-11


def eighths(rng, n):
    """Odd multiples of 1/8, below 2 and of both signs: no slope of a `Cubic` is special there."""
    return rng.choice([-1, 1], n) * rng.choice([5, 7, 9, 11, 13, 15], n) / 8


class Cubic:
    """f(w) = sum c_k w_k^3 + w^T H w / 2 + b^T w + a in whole numbers, with every pair of weights in H."""

    def __init__(self, rng, n):
        self.n = n
        self.c = rng.choice([-3, -2, -1, 1, 2, 3], n).astype(float)
        half = np.triu(rng.choice([-3, -2, -1, 1, 2, 3], (n, n))).astype(float)
        self.H = half + half.T
        self.b = rng.choice([-4, -3, 3, 4], n).astype(float)
        self.a = float(rng.choice([-9, -7, 7, 9]))

    def __call__(self, w):
        if np.shape(w) != (self.n,):
            raise ValueError(f"a vector of shape {(self.n,)} is expected")
        return np.array(self.c @ w**3 + w @ self.H @ w / 2 + self.b @ w + self.a)

    def slopes(self, w):
        if np.shape(w) != (self.n,):
            raise ValueError(f"a vector of shape {(self.n,)} is expected")
        return 3 * self.c * w**2 + self.H @ w + self.b

    def central(self, w, h):
        """(f(w + h e_i) - f(w - h e_i)) / 2h for each i: the cube alone leaves something, c_i h^2."""
        return self.slopes(w) + self.c * h**2

    def remainder(self, w, step):
        """What f(w + step) has beyond its first-order approximation."""
        return step @ self.H @ step / 2 + self.c @ (3 * w * step**2 + step**3)


class Waves:
    """f(w) = sum c_k e^(a_k w_k) + d w_1 w_n, smooth, with all third derivatives below 15 near the origin."""

    def __init__(self, rng, n):
        self.n = n
        self.a = rng.choice([-1, 1], n) * rng.uniform(1, 1.5, n)
        self.c = rng.uniform(1, 2, n)
        self.d = rng.uniform(1, 2)

    def __call__(self, w):
        if np.shape(w) != (self.n,):
            raise ValueError(f"a vector of shape {(self.n,)} is expected")
        return np.array(self.c @ np.exp(self.a * w) + self.d * w[0] * w[-1])

    def slopes(self, w):
        ends = np.zeros(self.n)
        ends[0] += self.d * w[-1]
        ends[-1] += self.d * w[0]
        return self.a * self.c * np.exp(self.a * w) + ends


# h = 1e-5: the truncation is below h^2/6 * 15 = 3e-10, the rounding below 2 * 30 * EPSILON/h = 2e-9.
DIFFERENCES = 1e-8


def drifting(rng, n, h):
    """Weights that rounding changes when they are moved by h, by -2h and by h again, whatever comes first."""
    w = rng.uniform(0.5, 2, n)
    while True:
        stays = (((w + h) - 2 * h) + h == w) | (((w - h) + 2 * h) - h == w)
        if not stays.any():
            return w
        w = np.where(stays, rng.uniform(0.5, 2, n), w)


def moves_in_calls(f, w, h, units, wanted):
    """How far from w each call of f was: h along one of ``units``, up or down; ``wanted`` says so in words."""
    moves = [call[0].array(w.shape) - w for call in f.calls]
    for move in moves:
        fits = [abs(abs(move) - h * unit).max() <= EXACT for unit in units]
        step = (np.round(move, 6) + 0.0).tolist()
        assert any(fits), f"it called f at w + {step}, expected {wanted} moved by h = {h}, up or down"
    return moves


class TestPartialDerivative:
    """(f(w + h e_i) - f(w - h e_i)) / 2h. Blind: n = 1 hides what else moved, a linear f which side."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_the_central_difference_with_the_given_step(self, submission, rng):
        for n, h in ((3, 1 / 8), (2, 1 / 16), (4, 1 / 32), (1, 1 / 8)):
            f, w = Cubic(rng, n), eighths(rng, n)
            for i in range(n):
                assert_close(submission.partial_derivative(f, w, i, h), np.array(f.central(w, h)[i]), tolerance=EXACT)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_is_close_to_the_true_derivative_with_the_usual_step(self, submission, rng):
        for n in (2, 5, 3):
            f, w = Waves(rng, n), rng.uniform(-0.5, 0.5, n)
            for i in (0, n - 1):
                answer = submission.partial_derivative(f, w, i)
                assert_close(answer, np.array(f.slopes(w)[i]), tolerance=DIFFERENCES)

    def test_asks_for_two_values_of_f_one_step_to_each_side(self, submission, rng):
        n, i, h = 4, 2, 1 / 16
        f, w, unit = recorded(Cubic(rng, n)), eighths(rng, n), np.eye(n)[i]
        submission.partial_derivative(f, w, i, h)
        assert len(f.calls) == 2, f"it called f {len(f.calls)} times, expected 2 times"
        first, second = moves_in_calls(f, w, h, [unit], f"weight {i}")
        assert abs(first + second).max() <= EXACT, "it called f twice on one side of w, expected once on each"

    @pytest.mark.claim
    def test_leaves_the_weights_as_they_are(self, submission, rng):
        f, w = Waves(rng, 3), drifting(rng, 3, 1e-5)
        for i in range(3):
            assert_unchanged(submission.partial_derivative(f, w, i, 1e-5))


class TestNumericalGradient:
    """All partial derivatives by central differences. Blind: n = 1 as above."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_has_the_central_difference_of_each_weight(self, submission, rng):
        for n, h in ((3, 1 / 8), (2, 1 / 32), (4, 1 / 16), (1, 1 / 8)):
            f, w = Cubic(rng, n), eighths(rng, n)
            assert_close(submission.numerical_gradient(f, w, h), f.central(w, h), tolerance=EXACT)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_is_close_to_the_true_gradient_with_the_usual_step(self, submission, rng):
        for n in (2, 5, 3):
            f, w = Waves(rng, n), rng.uniform(-0.5, 0.5, n)
            assert_close(submission.numerical_gradient(f, w), f.slopes(w), tolerance=DIFFERENCES)

    def test_asks_for_two_values_of_f_for_each_weight(self, submission, rng):
        n, h = 3, 1 / 16
        f, w = recorded(Cubic(rng, n)), eighths(rng, n)
        submission.numerical_gradient(f, w, h)
        assert len(f.calls) == 2 * n, f"for {n} weights it called f {len(f.calls)} times, expected {2 * n} times"
        moves = moves_in_calls(f, w, h, np.eye(n), "a single weight")
        for way in h * np.concatenate([np.eye(n), -np.eye(n)]):
            times = sum(abs(move - way).max() <= EXACT for move in moves)
            assert times == 1, f"it called f {times} times at w + {way.tolist()}, expected once"

    @pytest.mark.claim
    def test_leaves_the_weights_as_they_are(self, submission, rng):
        f, w = Waves(rng, 4), drifting(rng, 4, 1e-5)
        assert_unchanged(submission.numerical_gradient(f, w, 1e-5))


class TestLinearApproximation:
    """L + eps . grad L, a number. Blind: n = 1 hides a missing sum."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_vectors_of_several_sizes(self, submission, rng):
        for n in (3, 2, 5, 1):
            value, gradient, epsilon = np.array(rng.uniform(1, 3)), *rng.uniform(0.5, 2, (2, n))
            gradient *= rng.choice([-1, 1], n)
            # n products and n sums: each rounds numbers below the sum of the sizes.
            tolerance = 4 * n * EPSILON * float(value + abs(gradient) @ abs(epsilon))
            answer = submission.linear_approximation(value, gradient, epsilon)
            assert_close(answer, np.array(value + math.fsum(gradient * epsilon)), tolerance=tolerance)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_is_right_when_one_weight_moves_or_none(self, submission, rng):
        value, gradient = np.array(rng.uniform(1, 3)), rng.choice([-1, 1], 4) * rng.uniform(0.5, 2, 4)
        for k in range(4):
            step = np.eye(4)[k] * rng.uniform(0.5, 1)
            expected = np.array(value + step[k] * gradient[k])
            assert_close(submission.linear_approximation(value, gradient, step), expected, tolerance=32 * EPSILON)
        answer = submission.linear_approximation(value, gradient, np.zeros(4))
        assert_close(answer, value, tolerance=4 * EPSILON)

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        value, gradient, epsilon = np.array(rng.uniform(1, 3)), *rng.uniform(0.5, 2, (2, 3))
        assert_unchanged(submission.linear_approximation(value, gradient, epsilon))


class TestApproximationError:
    """|f(w + eps) - (f(w) + eps . grad f(w))|. Blind: a quadratic hides a gradient taken at w + eps."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_half_of_the_quadratic_form_on_a_quadratic(self, submission, rng):
        """Is right for quadratic functions."""
        for n, sign in ((3, 1), (2, -1), (4, 1), (2, 1), (3, -1)):
            f, w, epsilon = Cubic(rng, n), eighths(rng, n), eighths(rng, n)
            # The cubes go, and a large diagonal gives the form its sign: the error has both.
            f.c, f.H = 0 * f.c, f.H + sign * 20 * np.eye(n)
            answer = submission.approximation_error(f, f.slopes, w, epsilon)
            assert_close(answer, np.array(abs(epsilon @ f.H @ epsilon) / 2), tolerance=EXACT)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_is_what_the_cubes_leave_on_a_cubic(self, submission, rng):
        """Is right for cubic functions."""
        for n, sign in ((2, 1), (4, -1), (3, 1)):
            f, w, epsilon = Cubic(rng, n), abs(eighths(rng, n)), abs(eighths(rng, n))
            f.c, f.H = sign * abs(f.c), f.H + sign * 20 * np.eye(n)
            answer = submission.approximation_error(f, f.slopes, w, epsilon)
            assert_close(answer, np.array(abs(f.remainder(w, epsilon))), tolerance=EXACT)

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        f, w, epsilon = Cubic(rng, 3), eighths(rng, 3), abs(eighths(rng, 3))
        assert_unchanged(submission.approximation_error(f, f.slopes, w, epsilon))


def direction(v):
    """v over its length by `math.hypot`, which is exact to an ulp: entries of the quotient to 2 ulps."""
    return v / math.hypot(*v)


def slope(gradient, v):
    """The slope along v, from the exactly rounded sum of the products."""
    return np.array(math.fsum(gradient * v) / math.hypot(*v))


def with_zeros(t):
    """Vectors that are not zero, though entries of them are, or their sum is."""
    return map(np.array, ([0, 3 * t], [0, -2 * t, 0], [t, t, -2 * t], [t, -t]))


def generic(rng, n):
    """Entries of both signs, of size 0.8 at least: for n > 1 the vector is longer than 1.1."""
    return rng.choice([-1, 1], n) * rng.uniform(0.8, 2, n)


class TestDirectionalDerivative:
    """grad L . v/|v|. Blind: |v| = 1 hides a missing length, |grad L| = 1 an extra one."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_vectors_of_several_sizes(self, submission, rng):
        for n in (3, 2, 5):
            gradient, v = generic(rng, n), generic(rng, n)
            for towards in (v, -v, gradient, -gradient):
                # n products, their sum, a length and a quotient of numbers below |grad L|.
                tolerance = 8 * n * EPSILON * math.hypot(*gradient)
                answer = submission.directional_derivative(gradient, towards)
                assert_close(answer, slope(gradient, towards), tolerance=tolerance)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_does_not_depend_on_how_long_v_is(self, submission, rng):
        gradient, v = generic(rng, 4), direction(generic(rng, 4))
        for size in (1e-3, -1e-1, 1e1, -1e3):  # both ways along the line
            answer = submission.directional_derivative(gradient, size * v)
            assert_close(answer, np.sign(size) * slope(gradient, v), tolerance=40 * EPSILON * math.hypot(*gradient))

    @pytest.mark.law
    def test_is_right_where_entries_are_zero_or_add_up_to_zero(self, submission, rng):
        for v in with_zeros(float(rng.choice([-1.5, 0.75, 1.25]))):
            gradient = np.cumsum(rng.uniform(0.5, 1.5, len(v)))  # along no v is it flat
            answer = submission.directional_derivative(gradient, v)
            assert_close(answer, slope(gradient, v), tolerance=100 * EPSILON)
        flat = submission.directional_derivative(np.zeros(3), generic(rng, 3))
        assert_close(flat, np.array(0.0), tolerance=EPSILON)

    @pytest.mark.claim
    def test_refuses_a_zero_v(self, submission, rng):
        for n in (2, 3):
            with raises("ValueError"):
                submission.directional_derivative(generic(rng, n), np.zeros(n))

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        # Of length 3 or 6: each way to divide in place leaves the same floats, so that the mistake is recognised.
        v = rng.choice([1.0, 2.0]) * rng.permutation([1.0, 2.0, -2.0])
        assert_unchanged(submission.directional_derivative(generic(rng, 3), v))


class TestSteepestDescentDirection:
    """-grad L/|grad L|. Blind: n = 1, or entries of one size, hide -sign; |grad L| = 1 hides a missing length."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_vectors_of_several_sizes(self, submission, rng):
        for n in (2, 3, 5):
            gradient = np.cumsum(rng.uniform(0.5, 1, n)) * rng.choice([-1, 1], n)  # entries of different sizes
            answer = submission.steepest_descent_direction(gradient)
            # The sum of n squares, a root and a quotient: below n + 3 roundings.
            assert_close(answer, -direction(gradient), tolerance=4 * n * EPSILON)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_does_not_depend_on_how_steep_it_is(self, submission, rng):
        unit = direction(np.array([1, -2, 3, -4]) + rng.uniform(-0.4, 0.4, 4))
        for size in (1e-3, 1e-1, 1e1, 1e3):
            assert_close(submission.steepest_descent_direction(size * unit), -unit, tolerance=16 * EPSILON)

    @pytest.mark.law
    def test_is_right_where_entries_are_zero_or_add_up_to_zero(self, submission, rng):
        for gradient in with_zeros(float(rng.choice([-1.5, 0.75, 1.25]))):
            answer = submission.steepest_descent_direction(gradient)
            assert_close(answer, -direction(gradient), tolerance=16 * EPSILON)

    @pytest.mark.claim
    def test_refuses_a_zero_gradient(self, submission):
        for n in (2, 3):
            with raises("ValueError"):
                submission.steepest_descent_direction(np.zeros(n))

    @pytest.mark.claim
    def test_leaves_its_argument_as_it_is(self, submission, rng):
        gradient = rng.choice([1.0, 2.0]) * rng.permutation([1.0, 2.0, -2.0])  # as for directional_derivative
        assert_unchanged(submission.steepest_descent_direction(gradient))


class Bowl:
    """The gradient of (w - m)^T Q diag(curvatures) Q^T (w - m) / 2; the columns of Q are the axes of the bowl."""

    def __init__(self, bottom, curvatures, axes=None):
        self.bottom, self.curvatures = bottom, curvatures
        self.axes = np.eye(len(bottom)) if axes is None else axes

    def __call__(self, w):
        if np.shape(w) != self.bottom.shape:
            raise ValueError(f"a vector of shape {self.bottom.shape} is expected")
        return self.axes @ (self.curvatures * (self.axes.T @ (w - self.bottom)))

    def path(self, start, rate, steps):
        """Along each axis the distance from the bottom is multiplied by 1 - rate * curvature, step by step."""
        powers = np.arange(steps + 1)[:, None]
        distances = (1 - rate * self.curvatures) ** powers * (self.axes.T @ (start - self.bottom))
        return self.bottom + distances @ self.axes.T


def dyadic_bowl(rng, n):
    """A bowl, a start and a rate with exact steps: each factor 1 - rate * curvature is a multiple of 1/8."""
    curvatures = rng.choice([0.25, 0.5, 0.75, 1.25, 1.5], n)
    bottom = eighths(rng, n)
    return Bowl(bottom, curvatures), bottom + 4 * eighths(rng, n), 0.5


class TestGradientDescent:
    """w_(k+1) = w_k - rate grad f(w_k). Blind: one step hides a gradient kept from w_0."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    @pytest.mark.limit(5)
    def test_shrinks_each_coordinate_by_its_own_factor_in_a_bowl(self, submission, rng):
        for n, steps in ((2, 4), (3, 5), (4, 2), (1, 3)):
            bowl, start, rate = dyadic_bowl(rng, n)
            # Factors are multiples of 1/8 below 1: five of them and the start fit into 53 bits.
            answer = submission.gradient_descent(bowl, start, rate, steps)
            assert_close(answer, bowl.path(start, rate, steps), tolerance=EXACT)

    @pytest.mark.law
    @pytest.mark.weight(3)
    @pytest.mark.limit(5)
    def test_follows_the_slope_in_a_bowl_that_is_not_aligned(self, submission, rng):
        for n, steps, rate in ((3, 7, 0.1), (2, 12, 0.9), (5, 3, 1.3)):
            axes = np.linalg.qr(rng.standard_normal((n, n)))[0]
            bowl = Bowl(generic(rng, n), np.linspace(0.5, 2, n), axes)
            start = bowl.bottom + generic(rng, n)
            # Factors between -1.6 and 0.95: an error of a step, 4n roundings, grows below 1.6^3 < 5 or adds up.
            answer = submission.gradient_descent(bowl, start, rate, steps)
            assert_close(answer, bowl.path(start, rate, steps), tolerance=400 * n * steps * EPSILON)

    @pytest.mark.limit(5)
    def test_has_a_row_for_the_start_and_one_for_each_step(self, submission, rng):
        for steps in (1, 0):
            bowl, start, rate = dyadic_bowl(rng, 3)
            answer = submission.gradient_descent(bowl, start, rate, steps)
            assert_close(answer, bowl.path(start, rate, steps), tolerance=EXACT)
        at_rest = submission.gradient_descent(bowl, bowl.bottom, rate, 4)
        assert_close(at_rest, np.tile(bowl.bottom, (5, 1)), tolerance=EXACT)
        # Near the bottom the slopes are small, below 2^-20, but not zero: the step is exact again.
        near, start = Bowl(np.zeros(2), np.array([0.5, 1.5])), 2.0**-22 * eighths(rng, 2)
        answer = submission.gradient_descent(near, start, 0.5, 1)
        assert_close(answer, near.path(start, 0.5, 1), tolerance=2.0**-22 * EXACT)

    @pytest.mark.limit(5)
    def test_asks_for_the_gradient_once_a_step_where_it_stands(self, submission, rng):
        bowl, start, rate = dyadic_bowl(rng, 2)
        grad_f = recorded(bowl)
        submission.gradient_descent(grad_f, start, rate, 4)
        assert len(grad_f.calls) == 4, f"in 4 steps it called grad_f {len(grad_f.calls)} times, expected 4 times"
        for call, point in zip(grad_f.calls, bowl.path(start, rate, 3), strict=True):
            assert_close(call[0], point, tolerance=EXACT)

    @pytest.mark.claim
    @pytest.mark.limit(5)
    def test_leaves_the_start_as_it_is(self, submission, rng):
        bowl, start, rate = dyadic_bowl(rng, 3)
        assert_unchanged(submission.gradient_descent(bowl, start, rate, 3))
