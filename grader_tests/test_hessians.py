"""Hidden checks of the assignment `hessians`: each law against an oracle that shares no code with the reference.

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
    assert_shape,
    assert_stays_on_device,
    assert_unchanged,
    outline,
    raises,
    recorded,
)

EPSILON = 2.0**-52


def eighths(rng, *shape):
    """Multiples of 1/8 that are not 0, and no two alike: exact in float32 too."""
    size = math.prod(shape)
    found = rng.choice(np.arange(1, 8 * size + 9), size, replace=False) / 8 * rng.choice([-1, 1], size)
    return found.reshape(shape)


class TestQuadraticParts:
    """a, (b1, b2), [[2 c11, c12], [c12, 2 c22]]: exact, in float32 too. Blind: c12 = 0 hides its factor."""

    @pytest.mark.law
    def test_value_and_gradient_are_right(self, submission, rng):
        for _ in range(3):
            numbers = [float(number) for number in eighths(rng, 6)]
            answer = submission.quadratic_parts(*numbers)
            value, gradient, _ = answer
            assert_close(value, numbers[0], tolerance=EPSILON)
            assert_close(gradient, numbers[1:3], tolerance=EPSILON)

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_hessian_is_right(self, submission, rng):
        for _ in range(3):
            numbers = [float(number) for number in eighths(rng, 6)]
            answer = submission.quadratic_parts(*numbers)
            _, _, hessian = answer
            square_x, product, square_y = numbers[3:]
            # The second difference of the polynomial with step 1 is its second derivative.
            along = [2 * square_x, 2 * square_y]
            assert_close(hessian, np.diag(along) + product * (1 - np.eye(2)), tolerance=EPSILON)


def bumps(rng):
    """Points with every sign, away from the axes: y = 0 hides three terms, x = 0 others."""
    signs = rng.permutation([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    return rng.uniform(0.3, 1.4, (4, 2)) * signs


def single(point):
    """The numbers of a point as arrays of shape ()."""
    return tuple(np.array(float(number)) for number in point)


def factors(t):
    """Value, first and second derivative of t e^(-t²) and of e^(-t²): the bump is a product of the two."""
    power = math.exp(-t * t)
    odd = t * power, (1 - 2 * t * t) * power, 2 * t * (2 * t * t - 3) * power
    even = power, -2 * t * power, 2 * (2 * t * t - 1) * power
    return odd, even


def bump_second_derivatives(x, y):
    """(along x, mixed, along y) of x e^(-x²) · e^(-y²)."""
    (u, du, ddu), (v, dv, ddv) = factors(float(x))[0], factors(float(y))[1]
    return ddu * v, du * dv, u * ddv


BUMP_ROUNDING = 200 * EPSILON
"""A few roundings of terms below 4|x|³ + 6|x| < 20 for |x| <= 1.4, and of an exponent below 4."""


class TestBumpHessian:
    """[[4x³ - 6x, 4x²y - 2y], [same, 4xy² - 2x]] e^(-x² - y²). Blind: y = 0 hides three terms, 0 the exponential."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_second_derivative_along_x_is_right(self, submission, rng):
        for x, y in map(single, bumps(rng)):
            answer = submission.bump_hessian(x, y)
            assert_shape(answer, (2, 2))
            assert_close(answer[0, 0], np.array(bump_second_derivatives(x, y)[0]), tolerance=BUMP_ROUNDING)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_second_derivative_along_y_is_right(self, submission, rng):
        for x, y in map(single, bumps(rng)):
            answer = submission.bump_hessian(x, y)
            assert_shape(answer, (2, 2))
            assert_close(answer[1, 1], np.array(bump_second_derivatives(x, y)[2]), tolerance=BUMP_ROUNDING)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_both_mixed_derivatives_are_right(self, submission, rng):
        for x, y in map(single, bumps(rng)):
            answer = submission.bump_hessian(x, y)
            assert_shape(answer, (2, 2))
            for place in ((0, 1), (1, 0)):
                assert_close(answer[place], np.array(bump_second_derivatives(x, y)[1]), tolerance=BUMP_ROUNDING)


def cubic(coefficients):
    """f(w) = Σ c_i w_i² w_(i+1) + d_i w_i³, indices round the corner; exact for small multiples of 1/8."""
    c, d = coefficients

    def f(w):
        return float(np.sum(c * w**2 * np.roll(w, -1) + d * w**3))

    return f


def cubic_second(coefficients, w, i, j):
    """The second derivative of `cubic`; central differences give it without any error of the third order."""
    c, d = coefficients
    n = len(w)
    total = 0.0
    for k in range(n):
        after = (k + 1) % n
        if i == j == k:
            total += 2 * c[k] * w[after] + 6 * d[k] * w[k]
        if {i, j} == {k, after} and i != j:
            total += 2 * c[k] * w[k]
    return total


class TestMixedPartial:
    """The four-point formula: on cubics it has no error at all, and with small dyadic numbers no rounding either.

    Blind: i = j hides swapped signs of the inner two; w symmetric in i and j a swap.
    """

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_pairs_of_variables(self, submission, rng):
        for n, h in ((3, 5 / 16), (5, 7 / 16), (4, 3 / 16)):
            coefficients, w = rng.integers(3, 60, (2, n)) / 4, eighths(rng, n)
            for i, j in ((n - 1, n - 2), (0, 1), (1, 0)):
                answer = submission.mixed_partial(cubic(coefficients), w, i, j, h)
                # Values below 2^12 in steps of 2^-14, exact in float64; other orders of the sum round by a few ulps.
                assert_close(answer, cubic_second(coefficients, w, i, j), tolerance=1e-9)

    @pytest.mark.law
    def test_is_right_for_one_variable_twice(self, submission, rng):
        for n, h in ((4, 5 / 16), (3, 3 / 16)):
            coefficients, w = rng.integers(3, 60, (2, n)) / 4, eighths(rng, n)
            for i in (0, n - 1):
                answer = submission.mixed_partial(cubic(coefficients), w, i, i, h)
                assert_close(answer, cubic_second(coefficients, w, i, i), tolerance=1e-9)

    @pytest.mark.law
    def test_follows_the_formula_where_it_is_not_exact(self, submission, rng):
        n = 3
        # No corner of the square lies where f is 0: a sign would be lost there.
        w, h = eighths(rng, n) / 4, 33 / 64
        for i, j in ((0, 2), (2, 1)):
            # w_i³ w_j: the formula gives 3 w_i² + h², the limit alone 3 w_i².
            def f(point, i=i, j=j):
                return float(point[i] ** 3 * point[j])

            assert_close(submission.mixed_partial(f, w, i, j, h), 3 * w[i] ** 2 + h**2, tolerance=1e-9)

    @pytest.mark.claim
    def test_leaves_its_argument_as_it_is(self, submission, rng):
        coefficients, w = rng.integers(3, 60, (2, 3)) / 4, eighths(rng, 3)
        for i, j in ((0, 2), (1, 1)):
            assert_unchanged(submission.mixed_partial(cubic(coefficients), w, i, j, 0.25))

    def test_needs_four_values_at_most(self, submission, rng):
        coefficients, w = rng.integers(3, 60, (2, 4)) / 4, eighths(rng, 4)
        f = recorded(cubic(coefficients))
        answer = submission.mixed_partial(f, w, 1, 2, 0.5)
        assert_close(answer, cubic_second(coefficients, w, 1, 2), tolerance=1e-9)
        assert len(f.calls) <= 4, f"f was called {len(f.calls)} times, four are enough"


def direction(v):
    """v over its length."""
    return v / math.hypot(*v)


SECOND = {
    "cube": lambda t: 6 * t,
    "quartic": lambda t: 12 * t * t,
    "bell": lambda t: (6 * t * t - 2) / (1 + t * t) ** 3,
    "root": lambda t: (1 + t * t) ** -1.5,
}
"""Second derivatives of the notebook's SHAPES: powers and quotients, so that no name of a student's is in the way."""


def family(rng, n, terms, size=1.0):
    """A, a, c, names for `make_function`, a point x, and the Hessian there: A + Σ c φ''(a·x) a aᵀ, indefinite.

    |a| = 1.2 and |x| <= 1 keep f below 20 and its fourth derivatives below 300.
    """
    A = rng.standard_normal((n, n))
    A = size * (A + A.T) / 2
    a = 1.2 * np.array([direction(rng.standard_normal(n)) for _ in range(terms)])
    c = rng.uniform(0.5, 1.5, terms) * rng.choice([-1, 1], terms)
    names = [str(name) for name in rng.permutation([*SECOND] * terms)[:terms]]
    x = rng.uniform(0.5, 1) * direction(rng.standard_normal(n))
    bends = np.array([SECOND[name](float(row @ x)) for name, row in zip(names, a, strict=True)])
    return (A, a, c, names), x, A + (a.T * (c * bends)) @ a


ACCURATE = 1e-4
"""What the docstring promises. Autodiff: 1e-14; differences: h²M₄/6 + εF/h² with F < 20, M₄ < 300: 1e-6 for h = 1e-4,
5e-5 for the h = 1e-5 of first derivatives."""


class TestHessian:
    """A + Σ c φ''(a·x) a aᵀ. Blind: a gradient of length 1 hides little, n = 1 all that is lost off the diagonal."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_for_functions_of_several_variables(self, submission, rng):
        for n, terms in ((2, 3), (3, 4), (5, 2)):
            data, x, expected = family(rng, n, terms)
            assert_close(submission.hessian(submission.make_function(*data), x), expected, tolerance=ACCURATE)

    @pytest.mark.law
    def test_is_right_for_one_variable(self, submission, rng):
        for terms in (1, 3):
            data, x, expected = family(rng, 1, terms)
            assert_close(submission.hessian(submission.make_function(*data), x), expected, tolerance=ACCURATE)

    @pytest.mark.law
    @pytest.mark.limit(30)  # by differences, where each operation takes long (TensorFlow): f is called 1,600 times
    def test_is_right_for_twenty_variables(self, submission, rng):
        data, x, expected = family(rng, 20, 5, size=0.3)
        assert_close(submission.hessian(submission.make_function(*data), x), expected, tolerance=ACCURATE)

    @pytest.mark.claim
    def test_leaves_its_argument_as_it_is(self, submission, rng):
        data, x, _ = family(rng, 4, 2)
        assert_unchanged(submission.hessian(submission.make_function(*data), x))


def parts_at(rng, n):
    """(value, gradient, H, x0) with every part away from zero, x0 too."""
    H = rng.standard_normal((n, n))
    return np.array(rng.uniform(1, 2)), rng.standard_normal(n), H + H.T, 1 + rng.random(n)


def model(parts, points):
    """The model at each point, term by term as numbers, and the sum of the sizes of all terms."""
    value, gradient, H, x0 = parts
    values, sizes = [], []
    for point in points:
        d = [float(one - other) for one, other in zip(point, x0, strict=True)]
        reach = [abs(float(one)) + abs(float(other)) for one, other in zip(point, x0, strict=True)]
        pairs = [(i, j) for i in range(len(d)) for j in range(len(d))]
        slope = math.fsum(float(gradient[i]) * d[i] for i in range(len(d)))
        curve = math.fsum(float(H[i, j]) * d[i] * d[j] for i, j in pairs) / 2
        values.append(float(value) + slope + curve)
        size = math.fsum(abs(float(gradient[i])) * reach[i] for i in range(len(d)))
        sizes.append(abs(float(value)) + size + math.fsum(abs(float(H[i, j])) * reach[i] * reach[j] for i, j in pairs))
    return np.array(values), 1e-13 * max(sizes)


class TestQuadraticApproximation:
    """value + g·(x - x0) + ½ (x - x0)ᵀH(x - x0). Blind: x = x0 hides all but the value, x0 = 0 the point."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_at_single_points(self, submission, rng):
        for n in (2, 1, 4):
            parts = parts_at(rng, n)
            q = submission.quadratic_approximation(*parts)
            for point in rng.uniform(-2, 1, (2, n)):
                values, tolerance = model(parts, [point])
                assert_close(q(point), np.array(values[0]), tolerance=tolerance)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_has_a_value_for_each_row(self, submission, rng):
        for n, k in ((3, 3), (3, 5), (2, 1)):
            parts, points = parts_at(rng, n), rng.uniform(-2, 1, (k, n))
            values, tolerance = model(parts, points)
            assert_close(submission.quadratic_approximation(*parts)(points), values, tolerance=tolerance)

    @pytest.mark.law
    def test_leaves_only_terms_of_third_order_of_a_cubic(self, submission, rng):
        n = 3
        c, x0 = rng.uniform(1, 2, n), 1 + rng.random(n)
        parts = np.array(np.sum(c * x0**3)), 3 * c * x0**2, np.diag(6 * c * x0), x0
        q = submission.quadratic_approximation(*parts)
        for d in (0.5 * direction(rng.standard_normal(n)), 2 * direction(rng.standard_normal(n))):
            # f(x) - q(x) = Σ c (x - x0)³ exactly; terms below n · 2 · 4³ each.
            expected = np.sum(c * (x0 + d) ** 3) - np.sum(c * d**3)
            assert_close(q(x0 + d), np.array(expected), tolerance=1e-11)

    def test_belongs_to_the_point_it_was_made_for(self, submission, rng):
        parts, point = parts_at(rng, 3), rng.uniform(-2, 1, 3)
        values, tolerance = model(parts, [point])
        first = submission.quadratic_approximation(*parts)
        submission.quadratic_approximation(*parts_at(rng, 3))
        assert_close(first(point), np.array(values[0]), tolerance=tolerance)
        assert_close(submission.value_after_arrays_have_moved(*parts, point), np.array(values[0]), tolerance=tolerance)

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        parts = parts_at(rng, 4)
        q = submission.quadratic_approximation(*parts)
        assert_unchanged(q)
        assert_unchanged(q(rng.uniform(-2, 1, 4)))


def with_eigenvalues(rng, eigenvalues):
    """A symmetric matrix with these eigenvalues and no zero on its diagonal to tell them by."""
    n = len(eigenvalues)
    Q, _ = np.linalg.qr(rng.standard_normal((n, n)))
    H = Q @ np.diag(eigenvalues) @ Q.T
    return (H + H.T) / 2


def sizes_of(rng, n):
    """n positive numbers between 1/2 and 2."""
    return rng.uniform(0.5, 2, n)


def flat_saddle(rng):
    """Indefinite with positive diagonal, trace and (for n = 4) determinant: what shortcuts take for a minimum."""
    diagonal = np.diag(rng.uniform(1, 1.5, 4))
    pairs = np.kron(np.eye(2), [[0, 1], [1, 0]]) * rng.uniform(2, 3)
    return diagonal + pairs


class TestClassifyCriticalPoint:
    """The signs of the eigenvalues. Every check asks for several answers: no constant passes one.

    Blind: n = 2 hides the determinant for minima and saddles, a definite H the trace.
    """

    @pytest.mark.law
    @pytest.mark.weight(4)
    def test_tells_minima_maxima_and_saddles_apart(self, submission, rng):
        for n in (1, 2, 3, 5):
            assert_equal(submission.classify_critical_point(with_eigenvalues(rng, sizes_of(rng, n))), "minimum")
            assert_equal(submission.classify_critical_point(with_eigenvalues(rng, -sizes_of(rng, n))), "maximum")
        for signs in ([3, -1], [1, -3], [4, 1, -1], [1, -1, -4], [1, 1, -1, -1], [-1, -1, 2, 2, 2]):
            H = with_eigenvalues(rng, np.array(signs) * sizes_of(rng, 1))
            assert_equal(submission.classify_critical_point(H), "saddle")
        assert_equal(submission.classify_critical_point(flat_saddle(rng)), "saddle")
        assert_equal(submission.classify_critical_point(-flat_saddle(rng)), "saddle")

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_knows_what_to_say_where_eigenvalues_are_zero(self, submission, rng):
        for sign, word in ((1, "minimum"), (-1, "maximum")):
            assert_equal(submission.classify_critical_point(with_eigenvalues(rng, sign * sizes_of(rng, 3))), word)
        for eigenvalues in ([2, -2, 0], [1, -2, 0, 0], [3, 1, 0, -2]):
            assert_equal(submission.classify_critical_point(with_eigenvalues(rng, eigenvalues)), "saddle")
        for eigenvalues in ([1, 0], [-1, 0], [1, 2, 0], [-1, -2, 0], [-3, 0, 0, 0]):
            assert_equal(submission.classify_critical_point(with_eigenvalues(rng, eigenvalues)), "inconclusive")
        for n in (1, 3):
            assert_equal(submission.classify_critical_point(np.zeros((n, n))), "inconclusive")

    @pytest.mark.law
    def test_does_not_depend_on_the_unit(self, submission, rng):
        for size in (1e-12, 1e12):
            basics = {"minimum": [1, 2, 1.5], "maximum": [-1, -2], "saddle": [1, -2, 2], "inconclusive": [2, 0, 1]}
            for word, eigenvalues in basics.items():
                H = with_eigenvalues(rng, np.array(eigenvalues, dtype=float))
                assert_equal(submission.classify_critical_point(size * H), word)

    def test_counts_as_zero_what_the_text_says(self, submission, rng):
        H = with_eigenvalues(rng, sizes_of(rng, 2))
        assert_equal(submission.classify_critical_point(H), "minimum")
        assert_equal(submission.classify_critical_point(-H), "maximum")
        t = float(rng.uniform(0.75, 1.25))
        # Diagonal: an eigenvalue is exact then.
        zero, other = [(s, "inconclusive") for s in (1e-9, -1e-9, 7e-9)], [(1.5e-8, "minimum"), (-1e-7, "saddle")]
        for small, word in zero + other:
            assert_equal(submission.classify_critical_point(np.diag([t, small * t, t])), word)
            opposite = {"minimum": "maximum"}.get(word, word)
            assert_equal(submission.classify_critical_point(np.diag([-t, -small * t])), opposite)


def indefinite(rng, n, condition):
    """A symmetric matrix with eigenvalues of both signs (n > 1), from 1 down to 1/condition in size."""
    sizes = condition ** -np.linspace(0, 1, n) if n > 1 else np.array([0.5])
    return with_eigenvalues(rng, sizes * np.resize([1, -1], n))


def forward(H, gradient, x):
    """What a stable solver may be off: 30 n ε κ |step|, and the rounding of the subtraction."""
    n, step = len(x), np.linalg.solve(H, gradient)
    return 30 * n * EPSILON * (np.linalg.cond(H) * math.hypot(*step) + math.hypot(*x))


class TestNewtonStep:
    """x - H⁻¹g. The solution is chosen first: g = H p. Blind: H = I hides a gradient step, a diagonal H its diagonal.

    Forward errors do not tell solve from an inverse, residuals do: with g = H p and x = 0, |Hp̂ - g| / (n ε |H| |p̂|)
    was at most 5 for solve, QR, eigh, lstsq and Gauss-Jordan, and at least 1.2e3 for inverses, at κ = 1e10.
    """

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_goes_to_the_critical_point_of_the_quadratic(self, submission, rng):
        for n in (2, 1, 3, 6):
            H, centre, x = indefinite(rng, n, 100), rng.standard_normal(n), 2 + rng.random(n)
            gradient = H @ (x - centre)
            # g itself is rounded when it is made: within the same bound.
            tolerance = 2 * forward(H, gradient, x)
            assert_close(submission.newton_step(gradient, H, x), centre, tolerance=tolerance)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_solves_many_problems_at_once(self, submission, rng):
        for k, n in ((3, 3), (4, 2), (2, 3), (1, 4)):
            H = np.array([indefinite(rng, n, 30) for _ in range(k)])
            centre, x = rng.standard_normal((k, n)), 2 + rng.random((k, n))
            gradient = np.array([H[i] @ (x[i] - centre[i]) for i in range(k)])
            tolerance = 2 * max(forward(H[i], gradient[i], x[i]) for i in range(k))
            assert_close(submission.newton_step(gradient, H, x), centre, tolerance=tolerance)

    @pytest.mark.law
    def test_solves_ill_conditioned_problems_as_well_as_floats_allow(self, submission, rng):
        for n in (3, 5, 8):
            H, p = indefinite(rng, n, 1e10), rng.standard_normal(n)
            gradient = H @ p
            step = -submission.newton_step(gradient, H, np.zeros(n)).array((n,))
            left = math.hypot(*(H @ step - gradient))
            # |H| = 1, and |step| is |p| but for 1e-5 of it.
            text = f"ill-conditioned (n = {n}, x = 0): |H p - g| is {left:.0e}, a solver leaves 1e-15: how is p found?"
            assert left <= 30 * n * EPSILON * math.hypot(*p), text

    @pytest.mark.claim
    def test_refuses_a_singular_hessian(self, submission, rng):
        gradient, x = rng.uniform(1, 2, (2, 2))
        # Elimination is exact for these, so that every solver meets the zero.
        singular = np.zeros((2, 2)), np.diag([1.0, 0.0]), np.array([[1.0, 2.0], [2.0, 4.0]])
        for H in singular:
            with raises("ValueError", "LinAlgError", "_LinAlgError"):
                submission.newton_step(gradient, H, x)
        gradients, points = rng.uniform(1, 2, (2, 3, 2))
        with raises("ValueError", "LinAlgError", "_LinAlgError"):
            submission.newton_step(gradients, np.array([np.eye(2), singular[2], np.eye(2)]), points)

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        gradient, x = rng.uniform(1, 2, (2, 3))
        assert_unchanged(submission.newton_step(gradient, with_eigenvalues(rng, [1, 2, 3]), x))

    @pytest.mark.gpu
    def test_stays_on_the_device_of_its_arguments(self, submission):
        points, matrices = outline(BATCH, 4), outline(BATCH, 4, 4)
        assert_stays_on_device(submission, "newton_step", points, matrices, points, result=points)

    @pytest.mark.gpu
    @pytest.mark.limit(60)
    def test_solves_thousands_of_problems_on_an_accelerator(self, submission, accelerator, rng):
        k, n = 4096, 32
        for dtype in (np.float64, np.float32):
            factors = rng.standard_normal((k, n, n))
            H = (np.eye(n) + factors @ factors.mT / n).astype(dtype)  # condition 5
            gradient = rng.standard_normal((k, n)).astype(dtype)
            answer = submission.newton_step(gradient, H, np.zeros((k, n), dtype))
            assert_on_device(answer, accelerator)
            assert_dtype(answer, np.dtype(dtype).name)
            step = -answer.array((k, n)).astype(np.float64)
            left = np.linalg.norm((H.astype(np.float64) @ step[..., None])[..., 0] - gradient, axis=1)
            size = np.linalg.norm(H.astype(np.float64), axis=(1, 2)) * np.linalg.norm(step, axis=1)
            worst = float(np.max(left / (n * np.finfo(dtype).eps * size)))
            assert worst <= 30, f"{np.dtype(dtype).name} on {accelerator}: |H p - g| is {worst:.0f} roundings"


def separable(scale):
    """Gradient and Hessian of Σ s (e^x - x). With s < 1, unlike 1, gradient descent is slow near 0."""
    return lambda x: scale * np.expm1(x), lambda x: np.diag(scale * np.exp(x))


def separable_path(x, tol, scale):
    """The points of Newton's method for it: x - 1 + e^(-x) whatever s is, up to the first with a small gradient."""
    path = [x]
    while math.hypot(*(scale * np.expm1(path[-1]))) > tol:
        path.append(path[-1] - 1 + np.exp(-path[-1]))
    return path


def start(rng, n):
    """A point with entries between 1/2 and 3/2 in size, and scales: five to seven steps to 1e-10."""
    return rng.uniform(0.5, 1.5, n) * rng.choice([-1, 1], n), rng.uniform(0.2, 0.4, n)


def stop_after(steps, x0, scale):
    """The first points of the method, and a tolerance that the last of them meets clearly, and no earlier one.

    The length of the step from there is above the tolerance: it is the gradient over s e^x, and s < 1/2.
    """
    path = separable_path(x0, 1e-12, scale)[: steps + 1]
    return path, 1.2 * math.hypot(*(scale * np.expm1(path[-1])))


def quadratic(H, centre):
    """Gradient and Hessian of ½ (x - c)ᵀH(x - c)."""
    return lambda x: H @ (x - centre), lambda x: H


def visited(calls):
    """The points of the recorded calls, one after the other; asking twice at one point counts once."""
    points = [call[0] for call in calls if len(call) == 1]
    arrays = [point.array() for point in points]
    return [
        one for place, one in enumerate(points) if place == 0 or not np.array_equal(arrays[place], arrays[place - 1])
    ]


class TestNewton:
    """x_(k+1) = x_k - H(x_k)⁻¹ g(x_k) until |g| <= tol. Blind: a quadratic hides a Hessian that is kept from x0."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_takes_newtons_steps_and_counts_them(self, submission, rng):
        # Well short of 0 first: a step too few or too many shows there. Earlier roundings shrink with each step.
        for n, steps in ((2, 3), (3, 3), (4, 4)):
            x0, scale = start(rng, n)
            path, tol = stop_after(steps, x0, scale)
            assert_close(submission.newton(*separable(scale), x0, tol=tol), (path[-1], steps), tolerance=(1e-12, 0))
        x0, scale = start(rng, 1)
        path = separable_path(x0, 1e-10, scale)
        answer = submission.newton(*separable(scale), x0)
        assert_close(answer, (path[-1], len(path) - 1), tolerance=(1e-12, 0))

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_needs_one_step_on_a_quadratic(self, submission, rng):
        for n in (2, 3, 5):
            H, centre, x0 = indefinite(rng, n, 20), rng.standard_normal(n), 2 + rng.random(n)
            grad_f, hess_f = quadratic(H, centre)
            # |H|(|x0| + |p|) < 20, so that rounding leaves a gradient below 1e-13.
            answer = submission.newton(grad_f, hess_f, x0)
            assert_close(answer, (centre, 1), tolerance=(2 * forward(H, grad_f(x0), x0), 0))

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_stops_at_the_first_point_that_is_good_enough(self, submission, rng):
        x0, scale = np.full(4, float(rng.choice([1.25, 1.5, -1.25]))), 0.3
        path = separable_path(x0, 1e-3, scale)
        # All entries are alike, so that the length is twice the largest entry: a tolerance between the two.
        between = 1.5 * float(np.max(np.abs(scale * np.expm1(path[2]))))
        for tol in (between, 1e-5):
            path = separable_path(x0, tol, scale)
            answer = submission.newton(*separable(scale * np.ones(4)), x0, tol=tol)
            assert_close(answer, (path[-1], len(path) - 1), tolerance=(1e-12, 0))
        # A length of exactly 5 is not above 5, and 3 + 4 is.
        first = rng.permutation([3.0, -4.0])
        answer = submission.newton(*quadratic(np.eye(2), np.zeros(2)), first, tol=5.0)
        assert_close(answer, (first, 0), tolerance=(1e-12, 0))

    @pytest.mark.law
    def test_asks_for_gradients_at_the_points_of_the_method(self, submission, rng):
        for n, steps in ((3, 3), (2, 4), (1, None)):
            x0, scale = start(rng, n)
            # The last time down to 1e-10, where the square of a length is small long before the length is.
            path, tol = stop_after(steps, x0, scale) if steps else (separable_path(x0, 1e-10, scale), 1e-10)
            grad_f, hess_f = separable(scale)
            grad_f = recorded(grad_f)
            submission.newton(grad_f, hess_f, x0, tol=tol)
            points = visited(grad_f.calls)
            text = f"grad_f was asked at {len(points)} points, the method needs {len(path)} for tol = {tol:.1g}"
            assert len(points) == len(path), text
            for point, expected in zip(points, path, strict=True):
                assert_close(point, expected, tolerance=1e-12)

    @pytest.mark.limit(4)
    def test_takes_max_steps_steps_and_no_more(self, submission, rng):
        x0, scale = start(rng, 1)
        path = separable_path(x0, 1e-10, scale)
        answer = submission.newton(*separable(scale), x0, max_steps=len(path) - 1)
        assert_close(answer, (path[-1], len(path) - 1), tolerance=(1e-12, 0))
        with raises("RuntimeError"):
            submission.newton(*separable(scale), x0, max_steps=len(path) - 2)

    @pytest.mark.claim
    @pytest.mark.limit(4)
    def test_says_so_where_it_goes_back_and_forth(self, submission):
        """Raises a RuntimeError where the method goes back and forth."""
        # x⁴/4 - x² + 2x: from 0 to 1 and from 1 to 0, exactly; the Hessian is -2 and 1, never singular.
        for x0 in (np.zeros(1), np.ones(1)):
            with raises("RuntimeError"):
                submission.newton(lambda x: x**3 - 2 * x + 2, lambda x: np.diag(3 * x**2 - 2), x0)

    @pytest.mark.claim
    def test_leaves_its_argument_as_it_is(self, submission, rng):
        # H = I and multiples of 1/8: nearly every method arrives, so that nothing but the argument is asked for.
        assert_unchanged(submission.newton(*quadratic(np.eye(3), eighths(rng, 3)), 5 + eighths(rng, 3)))
