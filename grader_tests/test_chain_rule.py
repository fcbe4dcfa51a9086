"""Hidden checks of the assignment `chain_rule`: closed forms and path matrices, no code shared with the reference.

u + v = 2(a² + b²), so f = 4(p⁴ + q⁴)² with p = w+x+y+z and q = w+x-y-z. Points are multiples of 1/2: all sums and
products below are exact in float64, and tolerances only leave room for powers by logarithms and other orders.
Blind inputs, never used alone: q = 0 (hides b), p = 0 (hides a), p = ±q (hides v), p or q = ±1 (hides powers).
"""

import itertools

import numpy as np
import pytest

from nabla.checks import assert_close, assert_equal, assert_unchanged

ROUNDING = 64 * 2.0**-52
"""Below 64 roundings of the largest term."""


def telling(p, q):
    """Whether nothing hides at these two sums, and no mistake looks like another one."""
    return abs(p) not in (0, 1) and abs(q) not in (0, 1) and abs(p + q) > 2 and abs(p - q) > 2


def points(rng, count):
    """Points (w, x, y, z) at which nothing hides, multiples of 1/2 up to 5/2, w != x and y != z."""
    found = []
    while len(found) < count:
        w, x, y, z = map(float, rng.integers(-5, 6, 4) / 2)
        if telling(w + x + y + z, w + x - y - z) and w != x and y != z and 0 not in (w, x, y, z):
            found.append((w, x, y, z))
    return found


def several(rng, shape):
    """The same as four arrays of this shape."""
    return tuple(np.array(points(rng, int(np.prod(shape)))).T.reshape(4, *shape))


def sums(w, x, y, z):
    """p, q and the larger absolute value of the two."""
    p, q = w + x + y + z, w + x - y - z
    return p, q, np.maximum(abs(p), abs(q))


def part(answer, expected, tolerance, places):
    """These places of the answer; all of it where it isn't a tuple of the right length.

    So a slip in one place costs that one's points only.
    """
    given = answer.value
    if not isinstance(given, tuple | list) or len(given) != len(expected):
        return [(answer, expected, tolerance)]
    return [(answer[place], expected[place], tolerance[place]) for place in places]


def network_values(w, x, y, z):
    """(a, b, u, v, f), each from p and q directly, and the tolerances."""
    p, q, m = sums(w, x, y, z)
    values = p * p, q * q, (p * p + q * q) ** 2, ((p - q) * (p + q)) ** 2, 4 * (p**4 + q**4) ** 2
    return values, tuple(ROUNDING * size for size in (m**2, m**2, 4 * m**4, 4 * m**4, 16 * m**8))


class TestForward:
    """Five values. Each check asks at points where all of them differ."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_a_and_b_are_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = network_values(*point)
            for answer, value, room in part(submission.forward(*point), expected, tolerance, (0, 1)):
                assert_close(answer, value, tolerance=room)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_u_and_v_are_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = network_values(*point)
            for answer, value, room in part(submission.forward(*point), expected, tolerance, (2, 3)):
                assert_close(answer, value, tolerance=room)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_f_is_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = network_values(*point)
            for answer, value, room in part(submission.forward(*point), expected, tolerance, (4,)):
                assert_close(answer, value, tolerance=room)

    def test_has_values_for_each_point(self, submission, rng):
        for shape in ((3,), (2, 4)):
            given = several(rng, shape)
            expected, tolerance = network_values(*given)
            assert_close(submission.forward(*given), expected, tolerance=tolerance)


def pairs(rng, count):
    """Pairs (a, b) of both signs at which nothing hides, multiples of 1/2 up to 4."""
    found = []
    while len(found) < count:
        a, b = map(float, rng.integers(-8, 9, 2) / 2)
        if telling(a, b):
            found.append((a, b))
    return found


def slope_a(a, b):
    """The derivative of 4(a² + b²)² by its first variable, and a tolerance."""
    m = np.maximum(abs(a), abs(b))
    return 16 * a * (a * a + b * b), ROUNDING * 64 * m**3


class TestDfDa:
    """16 a (a² + b²). Blind: a = ±b hides one of the paths, b = 0 their difference."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_the_sum_of_both_paths(self, submission, rng):
        for a, b in pairs(rng, 5):
            expected, tolerance = slope_a(a, b)
            assert_close(submission.df_da(a, b), expected, tolerance=tolerance)

    def test_has_a_result_for_each_point(self, submission, rng):
        for shape in ((3,), (4, 2)):
            a, b = np.array(pairs(rng, int(np.prod(shape)))).T.reshape(2, *shape)
            expected, tolerance = slope_a(a, b)
            assert_close(submission.df_da(a, b), expected, tolerance=tolerance)


def slopes_w(w, x, y, z):
    """(du/dw, dv/dw, df/dw) from u = (p² + q²)², v = (p² - q²)², and tolerances."""
    p, q, m = sums(w, x, y, z)
    values = 4 * (p**2 + q**2) * (p + q), 4 * (p**2 - q**2) * (p - q), 32 * (p**4 + q**4) * (p**3 + q**3)
    return values, tuple(ROUNDING * size for size in (16 * m**3, 16 * m**3, 128 * m**7))


class TestDfDw:
    """The sweep from w. Its three results are graded by themselves."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_the_derivative_of_u_is_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = slopes_w(*point)
            for answer, value, room in part(submission.df_dw(*point), expected, tolerance, (0,)):
                assert_close(answer, value, tolerance=room)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_the_derivative_of_v_is_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = slopes_w(*point)
            for answer, value, room in part(submission.df_dw(*point), expected, tolerance, (1,)):
                assert_close(answer, value, tolerance=room)

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_the_derivative_of_f_is_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = slopes_w(*point)
            for answer, value, room in part(submission.df_dw(*point), expected, tolerance, (2,)):
                assert_close(answer, value, tolerance=room)

    def test_has_results_for_each_point(self, submission, rng):
        for shape in ((3,), (4, 2)):
            given = several(rng, shape)
            expected, tolerance = slopes_w(*given)
            assert_close(submission.df_dw(*given), expected, tolerance=tolerance)


def slopes(w, x, y, z):
    """The derivative of f by each node, and tolerances."""
    p, q, m = sums(w, x, y, z)
    a, b, both = p * p, q * q, p**4 + q**4
    plus, minus = 32 * both * (p**3 + q**3), 32 * both * (p**3 - q**3)
    values = {"u": 4 * both, "v": 4 * both, "a": 16 * a * both, "b": 16 * b * both}
    values |= {"w": plus, "x": plus, "y": minus, "z": minus}
    sizes = {"u": 8 * m**4, "v": 8 * m**4, "a": 64 * m**6, "b": 64 * m**6, **dict.fromkeys("wxyz", 128 * m**7)}
    return values, {name: ROUNDING * size for name, size in sizes.items()}


class TestBackward:
    """All nodes. w and x, and y and z, are the same by nature: `backward_weighted` tells those apart."""

    @pytest.mark.law
    def test_the_derivatives_for_u_and_v_are_right(self, submission, rng):
        for point in points(rng, 3):
            expected, tolerance = slopes(*point)
            answer = submission.backward(*point)
            for name in "uv":
                assert_close(answer[name], expected[name], tolerance=tolerance[name])

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_the_derivatives_for_a_and_b_are_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = slopes(*point)
            answer = submission.backward(*point)
            for name in "ab":
                assert_close(answer[name], expected[name], tolerance=tolerance[name])

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_the_derivatives_for_w_and_x_are_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = slopes(*point)
            answer = submission.backward(*point)
            for name in "wx":
                assert_close(answer[name], expected[name], tolerance=tolerance[name])

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_the_derivatives_for_y_and_z_are_right(self, submission, rng):
        for point in points(rng, 4):
            expected, tolerance = slopes(*point)
            answer = submission.backward(*point)
            for name in "yz":
                assert_close(answer[name], expected[name], tolerance=tolerance[name])

    def test_has_results_for_each_point(self, submission, rng):
        for shape in ((3,), (2, 4)):
            given = several(rng, shape)
            expected, tolerance = slopes(*given)
            assert_close(submission.backward(*given), expected, tolerance=tolerance)


def weighted(rng, n):
    """Inputs and two vectors of weights, multiples of 1/2 and never 0, at which nothing hides."""
    while True:
        inputs, alpha, beta = rng.choice([-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2], (3, n))
        p, q = float(alpha @ inputs), float(beta @ inputs)
        different = all(len(set(vector)) > 1 for vector in (inputs, alpha, beta))
        if telling(p, q) and different and not np.array_equal(abs(alpha), abs(beta)):
            return inputs, alpha, beta, p, q


class TestBackwardWeighted:
    """32 (p⁴ + q⁴)(p³ α + q³ β). Blind: n = 1, equal weights."""

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_the_derivatives_for_the_nodes_between_are_right(self, submission, rng):
        for n in (2, 3, 5):
            inputs, alpha, beta, p, q = weighted(rng, n)
            both, m = p**4 + q**4, max(abs(p), abs(q))
            answer = submission.backward_weighted(inputs, alpha, beta)
            for name in "uv":
                assert_close(answer[name], 4 * both, tolerance=ROUNDING * 8 * m**4)
            assert_close(answer["a"], 16 * p * p * both, tolerance=ROUNDING * 64 * m**6)
            assert_close(answer["b"], 16 * q * q * both, tolerance=ROUNDING * 64 * m**6)

    @pytest.mark.law
    @pytest.mark.weight(4)
    def test_the_derivatives_for_the_inputs_are_right(self, submission, rng):
        for n in (2, 3, 4, 6):
            inputs, alpha, beta, p, q = weighted(rng, n)
            expected = 32 * (p**4 + q**4) * (p**3 * alpha + q**3 * beta)
            room = ROUNDING * 64 * max(abs(p), abs(q)) ** 7 * (abs(alpha) + abs(beta))
            assert_close(submission.backward_weighted(inputs, alpha, beta)["inputs"], expected, tolerance=room)

    @pytest.mark.claim
    def test_leaves_its_arguments_as_they_are(self, submission, rng):
        assert_unchanged(submission.backward_weighted(*weighted(rng, 3)[:3]))


WHOLE = 1e-6
"""Sums of whole numbers below a million million: exact in floats, and wrong ones are at least 1 apart."""


def network(rng, size):
    """Names in an order from sources to targets, edges in no order at all, and the path sums of all pairs.

    The sums are I + A + A² + … in whole numbers, A[i, j] being the number on the edge from i to j.
    """
    names = [f"{letter}{rng.integers(10)}" for letter in rng.permutation(list("abcdefghjkmn"))]
    A = np.triu(rng.choice([-3, -2, -1, 2, 3], (size, size)), 1) * (rng.random((size, size)) < 0.6)
    for k in range(size - 1):
        A[k, k + 1] = rng.choice([-3, -2, 2, 3])
    for k in range(0, size - 2, 2):
        A[k, k + 2] = rng.choice([-3, -2, 2, 3])
    edges = [(names[i], names[j], float(A[i, j])) for i, j in zip(*np.nonzero(A), strict=True)]
    total, power = np.eye(size, dtype=int), np.eye(size, dtype=int)
    for _ in range(size):
        power = power @ A
        total = total + power
    return names[:size], [edges[k] for k in rng.permutation(len(edges))], total


def own_drawing(rng):
    """The notebook's second network with other numbers: edges, and the sum over the three paths from y to f."""
    x_u, y_u, y_v, z_v, u_a, u_f, a_f, v_b, b_f = map(float, rng.choice([-5, -4, -3, -2, 2, 3, 4, 5, 7], 9))
    edges = [("x", "u", x_u), ("y", "u", y_u), ("y", "v", y_v), ("z", "v", z_v), ("u", "a", u_a), ("u", "f", u_f)]
    edges += [("a", "f", a_f), ("v", "b", v_b), ("b", "f", b_f)]
    three = y_u * u_a * a_f, y_u * u_f, y_v * v_b * b_f
    return [edges[k] for k in rng.permutation(9)], three


def diamonds(rng, count):
    """A row of diamonds: edges, first and last node, and the sum over its 2^count paths."""
    kinds = [(0.5, 1, 0.5, 1), (2, 1, -1, 1), (1, -2, 1, 1), (3, 1, -1, 1)]  # the sums are 1, 1, -1 and 2
    chosen = rng.permutation(np.repeat([0, 1, 2, 3], count // 4))
    edges, total = [], 1.0
    for k, kind in enumerate(chosen):
        up, upper, down, lower = kinds[kind]
        edges += [(f"p{k}", f"up{k}", float(up)), (f"up{k}", f"p{k + 1}", float(upper))]
        edges += [(f"p{k}", f"low{k}", float(down)), (f"low{k}", f"p{k + 1}", float(lower))]
        total *= up * upper + down * lower
    return [edges[k] for k in rng.permutation(len(edges))], "p0", f"p{count}", total


class TestPathSum:
    """(I - A)⁻¹. Blind: one path (hides everything that is lost), edges listed from sources to targets."""

    @pytest.mark.law
    @pytest.mark.weight(4)
    def test_adds_up_all_paths_of_a_network(self, submission, rng):
        for size in (9, 7, 5):
            names, edges, total = network(rng, size)
            for i, j in ((0, size - 1), (1, size - 1), (0, size - 2)):
                expected = float(total[i, j])
                assert_close(submission.path_sum(edges, names[i], names[j]), expected, tolerance=WHOLE)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_adds_up_the_three_paths_of_the_picture(self, submission, rng):
        for _ in range(3):
            edges, three = own_drawing(rng)
            assert_close(submission.path_sum(edges, "y", "f"), sum(three), tolerance=WHOLE)

    @pytest.mark.law
    @pytest.mark.weight(1)
    def test_counts_each_of_several_edges_between_two_nodes(self, submission, rng):
        first, second, third, last = map(float, rng.choice([2, 3, 4, 5, 7, 9], 4, replace=False))
        edges = [("x", "s", first), ("s", "f", last), ("x", "s", second), ("x", "s", third)]
        assert_close(submission.path_sum(edges, "x", "f"), (first + second + third) * last, tolerance=WHOLE)
        assert_close(submission.path_sum([*edges, ("s", "f", last)], "s", "f"), 2 * last, tolerance=WHOLE)

    def test_is_1_from_a_node_to_itself(self, submission, rng):
        # In a line: only one path each, so that this check is about nothing else.
        number = float(rng.choice([-3, -2, 3, 4, 5]))
        edges = [("t", "f", 7.0), ("s", "t", number)]
        assert_close(submission.path_sum(edges, "s", "t"), number, tolerance=WHOLE)
        for node in "stf":
            assert_close(submission.path_sum(edges, node, node), 1.0, tolerance=WHOLE)

    def test_is_0_where_no_path_leads(self, submission, rng):
        number = float(rng.choice([-3, -2, 3, 4, 5]))
        edges = [("x", "s", number), ("y", "t", 2.0), ("s", "g", 7.0)]
        assert_close(submission.path_sum(edges, "x", "s"), number, tolerance=WHOLE)
        for source, target in (("x", "t"), ("s", "x"), ("t", "y"), ("y", "g"), ("g", "x")):
            assert_close(submission.path_sum(edges, source, target), 0.0, tolerance=WHOLE)

    @pytest.mark.claim
    @pytest.mark.weight(0.5)
    def test_leaves_the_edges_as_they_are(self, submission, rng):
        edges, _ = own_drawing(rng)
        assert_unchanged(submission.path_sum(edges, "y", "f"))

    @pytest.mark.weight(2)
    @pytest.mark.limit(2)
    def test_does_not_walk_each_of_many_paths(self, submission, rng):
        """Finds the sum over 2^60 paths in 2 seconds."""
        edges, first, last, total = diamonds(rng, 60)
        # Twelve to fifteen factors 2 and -1; a matrix inverse may round.
        assert_close(submission.path_sum(edges, first, last), total, tolerance=1e-9 * abs(total))


class TestAutogradGradients:
    """The four derivatives for the inputs, on arrays of shape (); the same ones again; no traces."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_the_four_derivatives_are_right(self, submission, rng):
        for point in points(rng, 5):
            values, room = slopes(*point)
            expected, tolerance = (tuple(table[name] for name in "wxyz") for table in (values, room))
            answer = submission.autograd_gradients(*map(np.array, point))
            assert_close(answer, expected, tolerance=tolerance)

    def test_gives_the_same_when_called_again(self, submission, rng):
        """Gives the same when it is called again on the same objects."""
        for point in points(rng, 2):
            values, room = slopes(*point)
            expected, tolerance = (tuple(table[name] for name in "wxyz") for table in (values, room))
            answer = submission.call_twice(*point)
            assert_close(answer[0], expected, tolerance=tolerance)
            assert_close(answer[1], expected, tolerance=tolerance)

    @pytest.mark.claim
    def test_leaves_no_traces(self, submission, rng):
        """Leaves no traces on its arguments, and its results hold on to nothing."""
        assert_equal(submission.call_twice(*points(rng, 1)[0])[2], [])


def calculated(program, inputs):
    """The data of each step."""
    data = []
    for name, first, *second in program:
        if name in ("input", "number"):
            data.append(inputs[first] if name == "input" else first)
        elif name == "power":
            data.append(data[first] ** second[0])
        else:
            left, right = data[first], data[second[0]]
            data.append({"add": left + right, "sub": left - right, "mul": left * right}[name])
    return data


def moved(program, data, seed):
    """How the last step moves when step ``seed`` does: a sweep forward, the opposite of what is graded."""
    speed = [0.0] * len(program)
    for place, (name, first, *second) in enumerate(program):
        if place == seed:
            speed[place] = 1.0
        elif name == "power":
            speed[place] = second[0] * data[first] ** (second[0] - 1) * speed[first]
        elif name in ("add", "sub"):
            speed[place] = speed[first] + (speed[second[0]] if name == "add" else -speed[second[0]])
        elif name == "mul":
            speed[place] = speed[first] * data[second[0]] + data[first] * speed[second[0]]
    return speed[-1]


def expected_of(program, inputs):
    """What `run_program` must return."""
    data = calculated(program, inputs)
    nodes = [place for place, step in enumerate(program) if step[0] != "number"]
    return tuple(float(data[k]) for k in nodes), tuple(float(moved(program, data, k)) for k in nodes)


def inputs_of(rng, count):
    """Different whole numbers of both signs, without -1, 0 and 1."""
    return [float(number) for number in rng.choice([-5, -4, -3, -2, 2, 3, 4, 5, 6, 7], count, replace=False)]


def single_steps(rng):
    """Each operation on two values, with a number on the right and on the left, and two powers."""
    inputs = inputs_of(rng, 3)
    start = [["input", 0], ["input", 1], ["number", inputs.pop()]]
    pairs_of_places = (0, 1), (1, 0), (0, 2), (2, 0)
    for name, (left, right) in itertools.product(("add", "sub", "mul"), pairs_of_places):
        yield [*start, [name, left, right]], inputs
    for exponent in (2, 3):
        yield [["input", 0], ["power", 0, exponent]], inputs


def shared(rng):
    """Sums and products of values that are used again, so that one may pass on its derivative too early."""
    inputs = inputs_of(rng, 2)
    start = [["input", 0], ["input", 1], ["mul", 0, 1]]
    yield [*start, ["add", 2, 0], ["mul", 3, 2]], inputs
    yield [*start, ["add", 2, 0], ["mul", 2, 3]], inputs
    yield [*start, ["mul", 2, 1], ["add", 3, 0], ["mul", 2, 4], ["add", 5, 3]], inputs
    yield [*start, ["mul", 2, 1], ["add", 3, 0], ["mul", 4, 2], ["add", 3, 5]], inputs


def random_program(rng, steps):
    """All operations in a random graph in which every value is used; whole numbers that stay below 2^40."""
    while True:
        inputs = inputs_of(rng, 3)
        program = [["input", 0], ["input", 1], ["input", 2], ["number", float(rng.integers(2, 5))]]
        names = rng.permutation(["add", "sub", "sub", "mul", "mul", "power", *rng.choice(["add", "mul"], steps - 6)])
        for name in map(str, names):
            values = [place for place, step in enumerate(program) if step[0] != "number"]
            left, right = (int(k) for k in rng.choice(values[-4:], 2, replace=False))
            program.append([name, left, 2 if name == "power" else right])
        program += [["sub", 3, len(program) - 1], ["mul", len(program), len(program) - 2]]
        data, grads = expected_of(program, inputs)
        if max(map(abs, (*data, *grads))) < 2**40 and sum(grad != 0 for grad in grads) > len(grads) - 3:
            return program, inputs


class TestValue:
    """Programs as data. Whole numbers: exact; the tolerance leaves room for powers by logarithms."""

    def test_the_data_are_right(self, submission, rng):
        for program, inputs in single_steps(rng):
            expected = expected_of(program, inputs)[0]
            assert_close(submission.run_program(program, inputs)[0], expected, tolerance=1e-9)

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_the_derivatives_of_single_steps_are_right(self, submission, rng):
        for program, inputs in single_steps(rng):
            expected = expected_of(program, inputs)[1]
            assert_close(submission.run_program(program, inputs)[1], expected, tolerance=1e-9)

    @pytest.mark.law
    def test_is_right_where_a_value_meets_itself(self, submission, rng):
        inputs = inputs_of(rng, 1)
        for steps in ([["mul", 0, 0]], [["add", 0, 0]], [["mul", 0, 0], ["mul", 1, 0], ["add", 2, 2]]):
            program = [["input", 0], *steps]
            expected = expected_of(program, inputs)[1]
            assert_close(submission.run_program(program, inputs)[1], expected, tolerance=1e-9)

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_right_where_values_are_used_again(self, submission, rng):
        for program, inputs in shared(rng):
            expected = expected_of(program, inputs)[1]
            assert_close(submission.run_program(program, inputs)[1], expected, tolerance=1e-9)

    @pytest.mark.law
    @pytest.mark.weight(2)
    def test_is_right_for_programs_with_everything(self, submission, rng):
        for steps in (6, 7, 8, 9):
            program, inputs = random_program(rng, steps)
            expected = expected_of(program, inputs)[1]
            # Whole numbers below 2^40, some of them by other orders of the same sums.
            assert_close(submission.run_program(program, inputs)[1], expected, tolerance=1e-3)

    @pytest.mark.limit(2)
    def test_takes_each_value_once_however_many_paths_lead_to_it(self, submission, rng):
        """Finds the derivative through 2^40 paths in 2 seconds."""
        program = [["input", 0], *([["add", k, k] for k in range(40)])]
        program.append(["mul", 40, 0])
        number = inputs_of(rng, 1)[0]
        assert_close(submission.run_program(program, [number])[1][0], 2.0**41 * number, tolerance=1e-3)

    def test_goes_back_over_10000_steps(self, submission, rng):
        program = [["input", 0], ["number", float(rng.integers(1, 9))]]
        program += [["sub" if k % 3 else "add", k if k else 0, 1] for k in [0, *range(2, 10001)]]
        number = inputs_of(rng, 1)[0]
        program.append(["mul", 10001, 0])
        last = calculated(program[:-1], [number])[-1]
        assert_close(submission.run_program(program, [number])[1][0], last + number, tolerance=1e-6)
