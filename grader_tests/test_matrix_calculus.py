"""Hidden checks of the assignment `matrix_calculus`: each law against an oracle that shares no code with the reference.

Students see a check's name and what their own function returned, never what is written here.
"""

import numpy as np
import pytest

from nabla.checks import (
    assert_close,
    assert_dtype,
    assert_equal,
    assert_on_device,
    assert_stays_on_device,
    assert_unchanged,
    outline,
)

EPSILON = 2.0**-52


def dyadic(rng, *shape):
    """Random multiples of 1/8 between -3 and 3, none of them 0: sums of a few products of them are exact in floats."""
    return rng.integers(1, 25, shape) / 8 * rng.choice([-1, 1], shape)


def item(answer, expected, place):
    """One item of the answer and of what is expected; all of both where the answer has another number of items.

    So a slip in one item costs that one's points only.
    """
    whole = answer.value
    fits = isinstance(whole, tuple | list) and len(whole) == len(expected)
    return (answer[place], expected[place]) if fits else (answer, expected)


class TestLinearFormGradient:
    """The gradient of beta^T x is beta, in x's shape. beta comes in both shapes: handing it back is not enough."""

    @pytest.mark.law
    def test_is_right_where_x_is_a_vector(self, submission, rng):
        for n in (2, 3, 5):
            beta, x = rng.standard_normal((2, n))
            for given in (beta, beta[:, None]):
                # No arithmetic is needed; a few roundings for a product with a matrix of zeros and ones.
                assert_close(submission.linear_form_gradient(given, x), beta, tolerance=4 * n * EPSILON)

    @pytest.mark.law
    def test_is_right_where_x_is_a_column(self, submission, rng):
        for n in (4, 2, 3):
            beta, x = rng.standard_normal((2, n, 1))
            for given in (beta, beta[:, 0]):
                assert_close(submission.linear_form_gradient(given, x), beta, tolerance=4 * n * EPSILON)


def form(A, x):
    """x^T A x as a sum over all pairs of entries, one product at a time."""
    return sum(float(x[i] * A[i, j] * x[j]) for i in range(len(x)) for j in range(len(x)))


class TestQuadraticForm:
    """The sum of x_i a_ij x_j. Blind: a symmetric or diagonal A, n = 1, and A's transpose (it is the same function)."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_several_sizes(self, submission, rng):
        for n in (2, 3, 5):
            A, x = rng.standard_normal((n, n)), rng.standard_normal(n)
            # Two products and n^2 sums, each rounded by eps of what has been summed so far at most.
            tolerance = (n * n + 4) * EPSILON * form(abs(A), abs(x))
            assert_close(submission.quadratic_form(A, x), np.array(form(A, x)), tolerance=tolerance)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_uses_each_entry_of_the_matrix_once(self, submission, rng):
        for n, i, j in ((3, 0, 2), (3, 2, 0), (4, 1, 1), (2, 1, 0)):
            A, x = np.zeros((n, n)), dyadic(rng, n)
            A[i, j] = dyadic(rng)
            expected = np.array(x[i] * A[i, j] * x[j])
            assert_close(submission.quadratic_form(A, x), expected, tolerance=float(8 * EPSILON * abs(expected)))

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        assert_unchanged(submission.quadratic_form(dyadic(rng, 3, 3), dyadic(rng, 3)))


class TestQuadraticFormGradient:
    """Entry k is the sum of (a_ki + a_ik) x_i. Blind: A symmetric hides 2Ax, n = 1 everything but a factor."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_several_sizes(self, submission, rng):
        for n in (2, 3, 5):
            A, x = rng.standard_normal((n, n)), rng.standard_normal(n)
            expected = np.array([sum((A[k, i] + A[i, k]) * x[i] for i in range(n)) for k in range(n)])
            # Componentwise: a sum of 2n products, in any order.
            tolerance = (
                4
                * n
                * EPSILON
                * np.array([sum((abs(A[k, i]) + abs(A[i, k])) * abs(x[i]) for i in range(n)) for k in range(n)])
            )
            assert_close(submission.quadratic_form_gradient(A, x), expected, tolerance=tolerance)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_is_right_where_the_matrix_has_a_single_entry(self, submission, rng):
        for n, i, j in ((3, 0, 2), (4, 3, 1), (2, 1, 1)):
            A, x, entry = np.zeros((n, n)), dyadic(rng, n), dyadic(rng)
            A[i, j] = entry
            expected = np.zeros(n)
            expected[i] += entry * x[j]  # x_i entry x_j has two factors that may move
            expected[j] += entry * x[i]
            assert_close(submission.quadratic_form_gradient(A, x), expected, tolerance=256 * EPSILON)

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        assert_unchanged(submission.quadratic_form_gradient(dyadic(rng, 3, 3), dyadic(rng, 3)))

    @pytest.mark.gpu
    def test_stays_on_the_device_of_its_arguments(self, submission):
        assert_stays_on_device(submission, "quadratic_form_gradient", outline(4, 4), outline(4), result=outline(4))

    @pytest.mark.gpu
    @pytest.mark.limit(60)
    def test_is_right_for_a_large_matrix_on_an_accelerator(self, submission, accelerator, rng):
        n = 2048
        for dtype in (np.float64, np.float32):
            A, x = rng.standard_normal((n, n)).astype(dtype), rng.standard_normal(n).astype(dtype)
            answer = submission.quadratic_form_gradient(A, x)
            assert_on_device(answer, accelerator)
            assert_dtype(answer, np.dtype(dtype).name)
            both = A.astype(np.float64) + A.T
            # 2n products and their sums, in any order, each rounded at most so often; the sum here is in float64.
            tolerance = 2 * n * np.finfo(dtype).eps * (abs(A) + abs(A.T)).astype(np.float64) @ abs(x)
            assert_close(answer, both @ x, tolerance=tolerance)


# Each of these is 2ax for numbers, in floats exactly, and a column. (A + A^T) x is the true one.
FIT = {
    "2 A x": lambda M, v: 2 * M @ v,
    "2 A^T x": lambda M, v: 2 * M.T @ v,
    "(A + A^T) x": lambda M, v: (M + M.T) @ v,
    "4 A x - 2 A^T x": lambda M, v: 4 * M @ v - 2 * M.T @ v,
    "(x^T A)^T + A x": lambda M, v: (v.T @ M).T + M @ v,
    "A^T (x + x)": lambda M, v: M.T @ (v + v),
}
# These are columns, and other than 2ax; the last six are 2ax where a or x is 1 or 2, or a is x.
ANOTHER_VALUE = {
    "A x": lambda M, v: M @ v,
    "A^T x": lambda M, v: M.T @ v,
    "-2 A x": lambda M, v: -2 * M @ v,
    "A x - A^T x": lambda M, v: M @ v - M.T @ v,
    "3 A x": lambda M, v: 3 * M @ v,
    "1.99 A x": lambda M, v: 1.99 * M @ v,
    "2 x": lambda M, v: 2 * v,
    "A A x": lambda M, v: M @ M @ v,
    "A x + x": lambda M, v: M @ v + v,
    "A x x^T x + A x": lambda M, v: M @ v @ v.T @ v + M @ v,
    "A x x_1": lambda M, v: M @ v @ v[:1],
    "2 x x_1": lambda M, v: 2 * v @ v[:1],
}
# These are 2ax for numbers, and rows, square matrices or of shape (1, 1) otherwise.
ANOTHER_SHAPE = {
    "2 x^T A": lambda M, v: 2 * v.T @ M,
    "x^T (A + A^T)": lambda M, v: v.T @ (M + M.T),
    "2 A times x, entry by entry": lambda M, v: 2 * M * v,
    "A + A^T times x^T, entry by entry": lambda M, v: (M + M.T) * v.T,
    "2 a_11 x_1": lambda M, v: 2 * M[:1, :1] @ v[:1],
}


def shuffled(rng, *groups):
    """The formulas of all groups in random order, by name, and the names of the first group in this order."""
    formulas = {name: formula for group in groups for name, formula in group.items()}
    names = [str(name) for name in rng.permutation(list(formulas))]
    return {name: formulas[name] for name in names}, [name for name in names if name in groups[0]]


class TestSurvivors:
    """2ax for all 1x1 matrices, and x's shape. Blind: numbers a, x of 0, 1 or 2, or a = x."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_keeps_exactly_what_passes_both_tests(self, submission, rng):
        for _ in range(2):
            candidates, expected = shuffled(rng, FIT, ANOTHER_VALUE, ANOTHER_SHAPE)
            assert_equal(submission.survivors(candidates), expected)

    @pytest.mark.law
    def test_drops_what_has_another_value(self, submission, rng):
        """Drops what has another value for 1x1 matrices."""
        candidates, expected = shuffled(rng, FIT, ANOTHER_VALUE)
        assert_equal(submission.survivors(candidates), expected)

    @pytest.mark.law
    def test_drops_what_has_another_shape(self, submission, rng):
        candidates, expected = shuffled(rng, FIT, ANOTHER_SHAPE)
        assert_equal(submission.survivors(candidates), expected)


class TestSquareOfSumGradient:
    """2 (x_1 + ... + x_n) in every entry. Blind: n = 1, equal entries with 2 n x, a sum of 0 alone."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_several_sizes(self, submission, rng):
        for n in (2, 3, 6):
            x = rng.standard_normal(n)
            # n sums, also n times over where the answer is a product with a matrix of ones.
            tolerance = 4 * n * EPSILON * float(abs(x).sum())
            assert_close(submission.square_of_sum_gradient(x), np.full(n, 2 * x.sum()), tolerance=tolerance)

    @pytest.mark.law
    def test_is_right_where_entries_cancel(self, submission, rng):
        t = float(dyadic(rng))
        for x in ([t, -t, t / 2], [-t, t, t / 2, -t], [t, -t], [0, t, 0]):
            total = sum(x)
            tolerance = 64 * EPSILON * abs(t)
            assert_close(
                submission.square_of_sum_gradient(np.array(x, dtype=float)),
                np.full(len(x), 2 * total),
                tolerance=tolerance,
            )

    @pytest.mark.claim
    def test_leaves_its_argument_as_it_is(self, submission, rng):
        assert_unchanged(submission.square_of_sum_gradient(dyadic(rng, 4)))


SIZES = (3, 4, 2), (4, 2, 3), (2, 3, 4), (1, 3, 2), (3, 2, 1)
"""n, m, r, all different in each: a transpose too many or too few doesn't fit."""


def factors(rng, n, m, r):
    """X, U, V in multiples of 1/8."""
    return dyadic(rng, n, m), dyadic(rng, n, r), dyadic(rng, r, m)


def loss(X, U, V):
    """The sum of the squares of all entries of X - UV, entry by entry; exact for the numbers of `factors`."""
    (n, m), r = X.shape, len(V)
    rest = [[X[i, j] - sum(U[i, k] * V[k, j] for k in range(r)) for j in range(m)] for i in range(n)]
    return float(sum(number * number for row in rest for number in row))


def size(X, U, V):
    """What |X - UV| could be at most, entry by entry."""
    return abs(X) + abs(U) @ abs(V)


class TestFactorizationLoss:
    """The squared Frobenius norm. Blind: a residual of rank 1 hides the spectral norm, one entry a mean."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_several_sizes(self, submission, rng):
        for n, m, r in SIZES:
            X, U, V = factors(rng, n, m, r)
            # Each residual is rounded r + 1 times, its square and the sum of n m of them once more each; a root and a
            # square of it twice.
            tolerance = 4 * (n * m + r + 4) * EPSILON * float((size(X, U, V) ** 2).sum())
            assert_close(submission.factorization_loss(X, U, V), np.array(loss(X, U, V)), tolerance=tolerance)

    @pytest.mark.law
    def test_sees_only_what_the_product_leaves_over(self, submission, rng):
        for n, m, r in ((4, 3, 2), (2, 5, 3)):
            _, U, V = factors(rng, n, m, r)
            rest = np.zeros((n, m))
            # Of rank 2, and each number above 1: a square is not the number itself.
            rest[0, 1], rest[1, 0], rest[1, 1] = rng.integers(9, 25, 3) / 8
            expected = np.array(float(sum(number * number for number in rest.ravel())))
            tolerance = 4 * (n * m + r + 4) * EPSILON * float((size(U @ V, U, V) ** 2).sum())
            assert_close(submission.factorization_loss(U @ V + rest, U, V), expected, tolerance=tolerance)

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        assert_unchanged(submission.factorization_loss(*factors(rng, 2, 4, 3)))


def moved(f, M):
    """Half of what f changes by between M's entry less 1 and plus 1, for each entry: exact, f has degree 2 in it."""
    result = np.zeros(M.shape)
    for place in np.ndindex(*M.shape):
        step = np.zeros(M.shape)
        step[place] = 1.0
        result[place] = (f(M + step) - f(M - step)) / 2
    return result


def true_gradients(X, U, V):
    """Both gradients of the loss without any formula for them."""
    return moved(lambda moving: loss(X, moving, V), U), moved(lambda moving: loss(X, U, moving), V)


def gradient_rounding(X, U, V):
    """A bound of the rounding of each gradient: residuals rounded r + 1 times, then a sum of m or n products."""
    often = 8 * (X.shape[0] + X.shape[1] + len(V)) * EPSILON
    return often * size(X, U, V) @ abs(V).T, often * abs(U).T @ size(X, U, V)


class TestFactorizationLossGradients:
    """(-2 (X - UV) V^T, -2 U^T (X - UV)). Blind: two equal sizes hide transposes, UV = 0 a lost UV."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_the_first_factor(self, submission, rng):
        for n, m, r in SIZES:
            given = factors(rng, n, m, r)
            answer, expected = item(submission.factorization_loss_gradients(*given), true_gradients(*given), 0)
            tolerance = gradient_rounding(*given)
            assert_close(answer, expected, tolerance=tolerance if isinstance(expected, tuple) else tolerance[0])

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_the_second_factor(self, submission, rng):
        for n, m, r in SIZES:
            given = factors(rng, n, m, r)
            answer, expected = item(submission.factorization_loss_gradients(*given), true_gradients(*given), 1)
            tolerance = gradient_rounding(*given)
            assert_close(answer, expected, tolerance=tolerance if isinstance(expected, tuple) else tolerance[1])

    @pytest.mark.law
    def test_tells_an_exact_product_from_one_that_is_off_in_an_entry(self, submission, rng):
        n, m, r = 4, 3, 2
        _, U, V = factors(rng, n, m, r)
        for place in ((0, 2), (3, 1)):
            rest = np.zeros((n, m))
            rest[place] = dyadic(rng)
            for X in (U @ V, U @ V + rest):
                answer = submission.factorization_loss_gradients(X, U, V)
                assert_close(answer, true_gradients(X, U, V), tolerance=gradient_rounding(X, U, V))

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        assert_unchanged(submission.factorization_loss_gradients(*factors(rng, 3, 2, 4)))


def descents(X, U0, V0, rate, steps):
    """The results of the three right ways to do a step: both from the old pair, U before V, V before U."""
    results = []
    for order in ("both", "U first", "V first"):
        U, V, losses = U0, V0, [loss_of(X - U0 @ V0)]
        for _ in range(steps):
            old_U, old_V = U, V
            if order == "V first":
                V = V - rate * slope_V(X, old_U, old_V)
            U = U - rate * slope_U(X, old_U, V)
            if order != "V first":
                V = V - rate * slope_V(X, U if order == "U first" else old_U, old_V)
            losses.append(loss_of(X - U @ V))
        results.append((U, V, np.array(losses)))
    return results


def loss_of(rest):
    return float(np.einsum("ij,ij", rest, rest))


def slope_U(X, U, V):
    return 2 * (np.einsum("ik,kj,lj->il", U, V, V) - np.einsum("ij,lj->il", X, V))


def slope_V(X, U, V):
    return 2 * (np.einsum("il,ik,kj->lj", U, U, V) - np.einsum("il,ij->lj", U, X))


def nearest(answer, results):
    """Of the right results the one whose factors the answer's are nearest to: the order of the updates is free."""
    whole = answer.value
    if not isinstance(whole, tuple | list) or len(whole) != 3:
        return results[0]
    return min(results, key=lambda right: sum(_far(whole[place], right[place]) for place in (0, 1)))


def _far(found, right):
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iuf" or found.shape != right.shape:
        return np.inf
    with np.errstate(all="ignore"):
        distance = np.abs(found.astype(float) - right).max()
    return float(distance) if np.isfinite(distance) else np.inf


def start(rng, n, m, r):
    """X, U0, V0 and a rate at which the loss falls at every step, until rounding decides (300 of 300 draws)."""
    X = rng.standard_normal((n, m))
    rate = 0.1 / float(np.linalg.svd(X, compute_uv=False)[0])
    return X, rng.standard_normal((n, r)) / 2, rng.standard_normal((r, m)) / 2, rate


TOLERANCE = 1e-11
"""For at most 6 steps: each rounds by some 10 eps of numbers below 10, and makes earlier errors at most twice as large.

That is 6 * 2^6 * 10 * 10 * eps, 9e-12; 5e-16 was the most in 900 draws.
"""


class TestFactorize:
    """Gradient descent on both factors. Blind: one step hides gradients kept from the start and losses one late."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_first_step_is_right(self, submission, rng):
        for n, m, r in ((3, 4, 2), (4, 2, 3)):
            X, U0, V0, rate = start(rng, n, m, r)
            answer = submission.factorize(X, U0, V0, rate, 1)
            right = nearest(answer, descents(X, U0, V0, rate, 1))
            for place in (1, 0):
                found, expected = item(answer, right, place)
                assert_close(found, expected, tolerance=TOLERANCE)

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_factors_are_right_after_several_steps(self, submission, rng):
        for n, m, r, steps in ((4, 3, 2, 5), (2, 5, 3, 3), (3, 5, 1, 6)):
            X, U0, V0, rate = start(rng, n, m, r)
            answer = submission.factorize(X, U0, V0, rate, steps)
            right = nearest(answer, descents(X, U0, V0, rate, steps))
            for place in (1, 0):
                found, expected = item(answer, right, place)
                assert_close(found, expected, tolerance=TOLERANCE)

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_losses_are_right_from_the_start_to_the_end(self, submission, rng):
        for n, m, r, steps in ((4, 3, 2, 4), (3, 5, 2, 0), (2, 5, 3, 1)):
            X, U0, V0, rate = start(rng, n, m, r)
            answer = submission.factorize(X, U0, V0, rate, steps)
            right = nearest(answer, descents(X, U0, V0, rate, steps))
            found, expected = item(answer, right, 2)
            assert_close(found, expected, tolerance=100 * TOLERANCE)  # a square of numbers up to 10, summed

    @pytest.mark.law
    def test_a_long_descent_stays_above_the_floor(self, submission, rng):
        """A long descent goes on to the end, and stays above the floor of Eckart and Young."""
        n, m, r, steps = 5, 4, 2, 150
        X, U0, V0, rate = start(rng, n, m, r)
        answer = submission.factorize(X, U0, V0, rate, steps)
        right = nearest(answer, descents(X, U0, V0, rate, steps))
        found, expected = item(answer, right, 2)
        # Rounding may grow as the descent leaves a flat part: 4e-14 at most in 300 draws.
        assert_close(found, expected, tolerance=1e-10)
        floor = float((np.linalg.svd(X, compute_uv=False)[r:] ** 2).sum())
        assert float(found[steps]) >= floor * (1 - 1e-9), "the loss is below what any product of this rank can reach"

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        # One step with dyadic numbers is exact: what `+=` leaves behind is recognised in every framework.
        assert_unchanged(submission.factorize(*factors(rng, 3, 4, 2), 1 / 16, 1))

    @pytest.mark.gpu
    def test_stays_on_the_device_of_its_arguments(self, submission):
        """Stays on the device of its arguments, the losses too."""
        n, m, r, steps = 5, 4, 2, 3
        given = outline(n, m), outline(n, r), outline(r, m), 0.01, steps
        result = outline(n, r), outline(r, m), outline(steps + 1)
        assert_stays_on_device(submission, "factorize", *given, result=result)

    @pytest.mark.gpu
    @pytest.mark.limit(60)
    def test_factors_a_large_matrix_on_an_accelerator(self, submission, accelerator, rng):
        n, r, steps = 1024, 8, 3
        for dtype in (np.float64, np.float32):
            X, U0, V0 = (rng.standard_normal(shape).astype(dtype) for shape in ((n, n), (n, r), (r, n)))
            rate = 1e-5  # far below 1/(2 n), where the loss would grow
            answer = submission.factorize(X, U0, V0, rate, steps)
            assert_on_device(answer, accelerator)
            exact = (number.astype(np.float64) for number in (X, U0, V0))
            right = nearest(answer, descents(*exact, rate, steps))
            # Each sum of n products is rounded n times at most, by eps of what was summed up to there.
            rounding = 4 * n * float(np.finfo(dtype).eps)
            for place, expected in enumerate(right):
                assert_dtype(answer[place], np.dtype(dtype).name)
                assert_close(answer[place], expected, tolerance=rounding * float(abs(expected).max()))
