"""The assignment `chain_rule`: honest answers of every style get all points, known mistakes exactly what is declared.

Honest answers are whole cells as students write them, graded by the real engine in its sandbox.
"""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from nabla.checks import Judge
from nabla.checks.trusted import TrustedSession
from nabla.course import Course
from nabla.grading.planting import notebooks_of, read_source, reference_cells, untouched, with_cells
from nabla.grading.submission import Engine
from nabla.notebook.editions import Edition, keep_edition
from nabla.notebook.twin import twin_to_notebook

NAME = "chain_rule"
ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "nbgrader_config.py").exists())
TWIN = ROOT / "notebooks" / f"{NAME}.md"
POINTS = {
    "forward": 1,
    "df_da": 1,
    "df_dw": 2,
    "backward": 3,
    "backward_weighted": 2,
    "written_3": 3,
    "path_sum": 4,
    "autograd_gradients": 2,
    "value": 2,
}
# ---- honest answers in several styles, each a whole cell -------------------------------------------------------------

FORWARD = [
    """
def forward(w, x, y, z):
    a = (w + x + y + z) * (w + x + y + z)
    b = (w + x - y - z) * (w + x - y - z)
    u = a * a + 2 * a * b + b * b
    v = a * a - 2 * a * b + b * b
    return [a, b, u, v, (u + v) * (u + v)]
""",
    """
def forward(w, x, y, z):
    w, x, y, z = (torch.as_tensor(t, dtype=torch.float64) for t in (w, x, y, z))
    a, b = torch.square(torch.stack([w, x, y, z]).sum(0)), torch.pow(w + x - y - z, 2)
    u, v = torch.pow(a + b, 2.0), torch.square(a - b)
    return a, b, u, v, torch.square(u + v)
""",
    """
def forward(w, x, y, z):
    signs = np.array([[1.0, 1, 1, 1], [1, 1, -1, -1]])
    a, b = np.einsum("ki,i...->k...", signs, np.stack([np.asarray(t) for t in (w, x, y, z)])) ** 2
    u, v = np.square(a + b), np.power(a - b, 2)
    return a, b, u, v, np.square(u + v)
""",
]

DF_DA = [
    "def df_da(a, b):\n    return 16 * a**3 + 16 * a * b**2\n",
    """
def df_da(a, b):
    a = torch.as_tensor(a, dtype=torch.float64).clone().requires_grad_()
    f = ((a + b) ** 2 + (a - b) ** 2) ** 2
    return torch.autograd.grad(f.sum(), a)[0]
""",
    """
def df_da(a, b):
    total = 0 * a
    for sign in (1, -1):
        total = total + 2 * ((a + b) ** 2 + (a - b) ** 2) * 2 * (a + sign * b)
    return total
""",
    """
def df_da(a, b):
    a, b = np.asarray(a, dtype=np.float32), np.asarray(b, dtype=np.float32)  # multiples of 1/2: exact
    return 4 * ((a + b) ** 2 + (a - b) ** 2) * (a + b) + 4 * ((a + b) ** 2 + (a - b) ** 2) * (a - b)
""",
]

DF_DW = [
    """
def df_dw(w, x, y, z):
    p, q = w + x + y + z, w + x - y - z
    du, dv = 4 * (p**2 + q**2) * (p + q), 4 * (p**2 - q**2) * (p - q)
    return du, dv, 32 * (p**4 + q**4) * (p**3 + q**3)
""",
    """
def df_dw(w, x, y, z):
    w = torch.as_tensor(w, dtype=torch.float64).clone().requires_grad_()
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    results = u.sum(), v.sum(), ((u + v) ** 2).sum()
    return tuple(torch.autograd.grad(result, w, retain_graph=True)[0] for result in results)
""",
    """
def df_dw(w, x, y, z):
    # A forward sweep with pairs (value, derivative by w).
    plus = lambda s, t: (s[0] + t[0], s[1] + t[1])
    minus = lambda s, t: (s[0] - t[0], s[1] - t[1])
    square = lambda s: (s[0] * s[0], 2 * s[0] * s[1])
    left, right = (w + x, 1), (y + z, 0)
    a, b = square(plus(left, right)), square(minus(left, right))
    u, v = square(plus(a, b)), square(minus(a, b))
    return [u[1], v[1], square(plus(u, v))[1]]
""",
    """
def df_dw(w, x, y, z):
    s = {name: np.asarray(d) for name, d in single_step_partials(w, x, y, z).items()}
    inner = np.stack([np.stack([s["du_da"], s["du_db"]]), np.stack([s["dv_da"], s["dv_db"]])])
    du, dv = np.einsum("kl...,l...->k...", inner, np.stack([s["da_dw"], s["db_dw"]]))
    return du, dv, s["df_du"] * du + s["df_dv"] * dv
""",
]

BACKWARD = [
    """
def backward(w, x, y, z):
    p, q = w + x + y + z, w + x - y - z
    both = p**4 + q**4
    result = {"u": 4 * both, "v": 4 * both, "a": 16 * p**2 * both, "b": 16 * q**2 * both}
    result.update(w=32 * both * (p**3 + q**3), y=32 * both * (p**3 - q**3))
    return {**result, "x": result["w"], "z": result["y"]}
""",
    """
def backward(*inputs):
    w, x, y, z = nodes = [torch.as_tensor(t, dtype=torch.float64).clone().requires_grad_() for t in inputs]
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    return dict(zip("uvabwxyz", torch.autograd.grad(((u + v) ** 2).sum(), [u, v, a, b, *nodes])))
""",
    """
def backward(w, x, y, z):
    a, b, u, v, f = forward(w, x, y, z)
    edges = [("u", "f", 2 * (u + v)), ("v", "f", 2 * (u + v)), ("a", "u", 2 * (a + b)), ("b", "u", 2 * (a + b))]
    edges += [("a", "v", 2 * (a - b)), ("b", "v", -2 * (a - b))]
    for name in "wxyz":
        edges += [(name, "a", 2 * (w + x + y + z))]
        edges += [(name, "b", (2 if name in "wx" else -2) * (w + x - y - z))]
    slopes = {"f": 1}
    for parent, child, number in edges:
        slopes[parent] = slopes.get(parent, 0) + slopes[child] * number
    del slopes["f"]
    return slopes


def forward(w, x, y, z):
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    return a, b, (a + b) ** 2, (a - b) ** 2, ((a + b) ** 2 + (a - b) ** 2) ** 2
""",
    """
def backward(w, x, y, z):
    # A matrix of single steps for each layer, multiplied from the left.
    inputs = np.stack([np.asarray(t, dtype=np.float64) for t in (w, x, y, z)])
    signs = np.array([[1, 1, 1, 1], [1, 1, -1, -1]])
    sums = np.einsum("ki,i...->k...", signs, inputs)
    to_ab = 2 * sums[:, None] * signs.reshape(2, 4, *[1] * (inputs.ndim - 1))
    a, b = sums**2
    to_uv = 2 * np.array([[a + b, a + b], [a - b, b - a]])
    uv = np.array([(a + b) ** 2, (a - b) ** 2])
    df_duv = np.stack([2 * uv.sum(axis=0)] * 2)
    df_dab = np.einsum("k...,kl...->l...", df_duv, to_uv)
    df_din = np.einsum("k...,kl...->l...", df_dab, to_ab)
    return dict(zip("uvabwxyz", [*df_duv, *df_dab, *df_din]))
""",
]

WEIGHTED = [
    """
def backward_weighted(inputs, alpha, beta):
    x = inputs.clone().requires_grad_()
    a, b = (alpha @ x) ** 2, (beta @ x) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    return dict(zip(["u", "v", "a", "b", "inputs"], torch.autograd.grad((u + v) ** 2, [u, v, a, b, x])))
""",
    """
def backward_weighted(inputs, alpha, beta):
    p, q = np.einsum("ki,i->k", np.stack([alpha, beta]), inputs)
    both = p**4 + q**4
    result = dict(u=4 * both, v=4 * both, a=16 * p * p * both, b=16 * q * q * both)
    return {**result, "inputs": 32 * both * np.einsum("k,ki->i", [p**3, q**3], np.stack([alpha, beta]))}
""",
    """
def backward_weighted(inputs, alpha, beta):
    p = q = 0.0
    for x, s, t in zip(inputs.tolist(), alpha.tolist(), beta.tolist()):
        p, q = p + s * x, q + t * x
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    to_a, to_b = outer * 4 * a, outer * 4 * b
    slopes = torch.zeros_like(inputs)
    for k in range(len(inputs)):
        slopes[k] = to_a * 2 * p * alpha[k] + to_b * 2 * q * beta[k]
    return {"inputs": slopes, "b": to_b, "a": to_a, "v": outer, "u": outer}
""",
]

PATH_SUM = [
    """
from functools import lru_cache

def path_sum(edges, source, target):
    @lru_cache(maxsize=None)
    def total(node):
        if node == target:
            return 1
        return sum(number * total(child) for parent, child, number in edges if parent == node)

    return total(source)
""",
    """
def path_sum(edges, source, target):
    names = sorted({name for edge in edges for name in edge[:2]} | {source, target})
    place = {name: k for k, name in enumerate(names)}
    A = np.zeros((len(names), len(names)))
    for parent, child, number in edges:
        A[place[parent], place[child]] += number
    unit = np.eye(len(names))[place[target]]
    return np.linalg.solve(np.eye(len(names)) - A, unit)[place[source]]
""",
    """
def path_sum(edges, source, target):
    waiting = {}
    for parent, child, number in edges:
        waiting[child] = waiting.get(child, 0) + 1
    arrived, ready = {source: 1.0}, [n for n in {e[0] for e in edges} if n not in waiting]
    while ready:
        node = ready.pop()
        for parent, child, number in edges:
            if parent == node:
                arrived[child] = arrived.get(child, 0.0) + number * arrived.get(node, 0.0)
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
    return arrived.get(target, 0)
""",
    """
def path_sum(edges, source, target):
    total, wave = 0.0, {source: 1.0}
    while wave:  # all paths of one length at a time
        total += wave.get(target, 0.0)
        onwards = {}
        for parent, child, number in edges:
            if parent in wave:
                onwards[child] = onwards.get(child, 0.0) + number * wave[parent]
        wave = onwards
    return torch.tensor(total)
""",
]

AUTOGRAD = [
    """
def network(w, x, y, z):
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    return ((a + b) ** 2 + (a - b) ** 2) ** 2

def autograd_gradients(w, x, y, z):
    return torch.func.grad(network, argnums=(0, 1, 2, 3))(w, x, y, z)
""",
    """
def autograd_gradients(w, x, y, z):
    w, x, y, z = (t.clone().requires_grad_() for t in (w, x, y, z))
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    ((u + v) ** 2).backward()
    return w.grad, x.grad, y.grad, z.grad
""",
    """
def autograd_gradients(w, x, y, z):
    given = [w, x, y, z]
    for t in given:
        t.requires_grad_(True)
    p, q = w + x + y + z, w + x - y - z
    (4 * (p**4 + q**4) ** 2).backward()
    result = [t.grad.clone() for t in given]
    for t in given:
        t.requires_grad_(False)
        t.grad = None
    return result
""",
    """
def autograd_gradients(w, x, y, z):
    point = torch.stack([w, x, y, z])

    def network(t):
        p, q = t.sum(), t[:2].sum() - t[2:].sum()
        return ((p**2 + q**2) ** 2 + (p**2 - q**2) ** 2) ** 2

    return tuple(float(part) for part in torch.autograd.functional.jacobian(network, point))
""",
]

OPERATORS = """
    def __add__(self, other):
        other = self.of(other)
        return self.made_of(self.data + other.data, (self, 1), (other, 1))

    def __mul__(self, other):
        other = self.of(other)
        return self.made_of(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, n):
        return self.made_of(self.data**n, (self, n * self.data ** (n - 1)))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -self.of(other)

    def __rsub__(self, other):
        return self.of(other) + -self

    __radd__, __rmul__ = __add__, __mul__

    @classmethod
    def of(cls, thing):
        return thing if isinstance(thing, cls) else cls(thing)
"""

VALUE = [
    # closures in the style of micrograd, the order found with a stack
    """
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents, self._backward = data, 0, parents, lambda: None

    def made_of(self, data, *edges):
        out = Value(data, tuple(parent for parent, _ in edges))

        def back():
            for parent, slope in edges:
                parent.grad += slope * out.grad

        out._backward = back
        return out
"""
    + OPERATORS
    + """
    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack += [(parent, False) for parent in node.parents]
        self.grad = 1
        for node in reversed(order):
            node._backward()
""",
    # one list of all values ever made
    """
class Value:
    everything = []

    def __init__(self, data):
        self.data, self.grad, self.edges = float(data), 0.0, ()
        Value.everything.append(self)

    def made_of(self, data, *edges):
        out = Value(data)
        out.edges = edges
        return out
"""
    + OPERATORS
    + """
    def backward(self):
        self.grad = 1.0
        nodes = Value.everything
        for k in range(len(nodes) - 1, -1, -1):
            for parent, slope in nodes[k].edges:
                parent.grad = parent.grad + slope * nodes[k].grad
        Value.everything = []
""",
    # counts how many derivatives a value still waits for
    """
from collections import Counter

class Value:
    def __init__(self, data, *edges):
        self.data, self.edges, self.grad = np.float64(data), edges, np.zeros(())

    def made_of(self, data, *edges):
        return Value(data, *edges)
"""
    + OPERATORS
    + """
    def backward(self):
        waits, found, todo = Counter(), {self}, [self]
        for node in todo:
            for parent, _ in node.edges:
                waits[parent] += 1
                if parent not in found:
                    found.add(parent)
                    todo.append(parent)
        self.grad = np.ones(())
        ready = [self]
        while ready:
            node = ready.pop()
            for parent, slope in node.edges:
                parent.grad = parent.grad + slope * node.grad
                waits[parent] -= 1
                if not waits[parent]:
                    ready.append(parent)
""",
    # tensors inside, youngest first with a heap
    """
import heapq, itertools

class Value:
    clock = itertools.count()

    def __init__(self, data, edges=()):
        self.data, self.grad, self.edges, self.age = torch.as_tensor(data), torch.tensor(0.0), edges, -next(Value.clock)

    def made_of(self, data, *edges):
        return Value(data, edges)

    def __lt__(self, other):
        return self.age < other.age
"""
    + OPERATORS
    + """
    def backward(self):
        self.grad, heap, seen = torch.tensor(1.0), [self], {id(self)}
        while heap:
            node = heapq.heappop(heap)
            for parent, slope in node.edges:
                parent.grad = parent.grad + slope * node.grad
                if id(parent) not in seen:
                    seen.add(id(parent))
                    heapq.heappush(heap, parent)
""",
]

VALUE.append(
    # one function that calls itself, with room for 10000 calls
    VALUE[0][: VALUE[0].index("    def backward(self):")]
    + """
    def backward(self):
        import sys

        sys.setrecursionlimit(50_000)
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            node._backward()
"""
)

HONEST = {
    "forward": FORWARD,
    "df_da": DF_DA,
    "df_dw": DF_DW,
    "backward": BACKWARD,
    "backward_weighted": WEIGHTED,
    "path_sum": PATH_SUM,
    "autograd_gradients": AUTOGRAD,
    "value": VALUE,
}

# ---- the real engine --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course():
    return Course.load(ROOT)


@pytest.fixture(scope="module")
def grade(course):
    """Grades the reference solutions with these cells in the place of theirs."""
    source, edition = read_source(notebooks_of(course, NAME)[0]), Edition("en", "torch")
    released, reference = untouched(source, edition, course), reference_cells(source, edition)
    with Engine.for_course(course) as engine:

        def graded(cells):
            nb = with_cells(released, reference | cells)
            found = engine.grade(nb, assignment=NAME, language="en", framework="torch")
            return {exercise.id.removeprefix("test_"): exercise for exercise in found.exercises}

        graded.reference = reference
        yield graded


@pytest.mark.parametrize("place", range(max(map(len, HONEST.values()))))
def test_honest_cells_of_any_style_get_all_points_in_the_sandbox(grade, place):
    # Half of the exercises at a time: `df_dw` may call the given cells, none of them calls another's solution.
    found = grade({name: cells[place] for name, cells in HONEST.items() if place < len(cells)})
    for name, verdict in found.items():
        assert [(check.name, check.message) for check in verdict.checks if check.outcome != "passed"] == [], name
        assert verdict.score == POINTS[name]


def test_the_capstone_gives_and_costs_no_points(grade):
    stub = "def numerical_gradient(f, w, h=1e-5):\n    raise NotImplementedError('Your answer goes here.')\n"
    assert {name: verdict.score for name, verdict in grade({"numerical_gradient": stub}).items()} == {
        name: points for name, points in POINTS.items() if name != "written_3"
    }


def failed(verdict):
    return {check.name for check in verdict.checks if check.outcome != "passed"}


WRONG_CLASSES = {
    "origin.grad += derivative * node.grad -> origin.grad = derivative * node.grad": "overwrites_the_derivative",
    "exponent * self.data ** (exponent - 1) -> self.data ** (exponent - 1)": "exponent_lost",
    "(self, other.data), (other, self.data) -> (self, self.data), (other, other.data)": "own_factor",
    "[(self, -1.0)] -> [(self, 1.0)]": "sign_of_number_minus_value",
}


@pytest.mark.parametrize("change", WRONG_CLASSES)
def test_a_wrong_class_is_named_by_the_data_that_it_gives(grade, change):
    """The wrong answers are functions of programs; real classes with the same mistakes must be recognised by them."""
    old, new = change.split(" -> ")
    assert old in grade.reference["value"]
    verdict = grade({"value": grade.reference["value"].replace(old, new)})["value"]
    assert verdict.score < 1.6
    assert WRONG_CLASSES[change] in {check.wrong_answer for check in verdict.checks}


def test_a_class_that_passes_on_too_early_is_named(grade):
    cell = grade.reference["value"]
    early = (
        cell[: cell.index("    def backward(self):")]
        + """
    def backward(self):
        self.grad, stack, seen = 1.0, [self], {self}
        while stack:
            node = stack.pop()
            for origin, slope in node.edges:
                origin.grad += slope * node.grad
                if origin not in seen:
                    seen.add(origin)
                    stack.append(origin)
"""
    )
    verdict = grade({"value": early})["value"]
    assert {check.wrong_answer for check in verdict.checks if check.outcome != "passed"} == {"passes_on_too_early"}


def test_who_never_ends_loses_only_what_has_no_end(grade):
    endless = """
def path_sum(edges, source, target):
    if source == target:
        return 1
    return sum(number * path_sum(edges, child, target) for parent, child, number in edges if parent == source)
"""
    every_path = grade.reference["value"]
    start = every_path.index("    def backward(self):")
    every_path = every_path[:start] + (
        "    def backward(self, arrived=1.0):\n        self.grad += arrived\n"
        "        for origin, slope in self.edges:\n            origin.backward(arrived * slope)\n"
    )
    found = grade({"path_sum": endless, "value": every_path})
    assert failed(found["path_sum"]) == {"test_does_not_walk_each_of_many_paths"}
    assert failed(found["value"]) == {
        "test_takes_each_value_once_however_many_paths_lead_to_it",
        "test_goes_back_over_10000_steps",
    }


def test_traces_on_the_arguments_are_seen(grade):
    uses_up = """
def path_sum(edges, source, target):
    below = {}
    while edges:
        parent, child, number = edges.pop()
        below.setdefault(parent, []).append((child, number))
    known = {target: 1}
    def onwards(node):
        if node not in known:
            known[node] = sum(number * onwards(child) for child, number in below.get(node, []))
        return known[node]
    return onwards(source)
"""
    accumulates = """
def autograd_gradients(w, x, y, z):
    for t in (w, x, y, z):
        t.requires_grad_()
    p, q = w + x + y + z, w + x - y - z
    (4 * (p**4 + q**4) ** 2).backward()
    return w.grad, x.grad, y.grad, z.grad
"""
    found = grade({"path_sum": uses_up, "autograd_gradients": accumulates})
    assert failed(found["path_sum"]) == {"test_leaves_the_edges_as_they_are"}
    assert failed(found["autograd_gradients"]) == {"test_gives_the_same_when_called_again", "test_leaves_no_traces"}
    named = {check.wrong_answer for check in found["autograd_gradients"].checks}
    assert "accumulates" in named
    holds_on = accumulates.replace("        t.requires_grad_()", "        pass").replace(
        "p, q =", "w, x, y, z = (t.clone().requires_grad_() for t in (w, x, y, z))\n    p, q ="
    )
    holds_on = re.sub(r"    \(4 \*.*\n    return.*", "", holds_on)
    holds_on += "    return torch.autograd.grad(4 * (p**4 + q**4) ** 2, [w, x, y, z], create_graph=True)\n"
    assert failed(grade({"autograd_gradients": holds_on})["autograd_gradients"]) == {"test_leaves_no_traces"}


# ---- the judge alone, many seeds ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judge():
    return Judge(ROOT / "grader_tests", NAME)


@pytest.fixture(scope="module")
def notebook():
    return twin_to_notebook(TWIN)


@pytest.fixture
def _float32_again():
    """The torch prelude makes float64 the default: no other test should see that."""
    yield
    torch.set_default_dtype(torch.float32)


def namespace(notebook, framework="numpy", changes=()):
    """The names that a solved notebook defines; in the solutions each old text is changed to the new one."""
    names = {"np": np}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in keep_edition(notebook, Edition("en", framework)).cells:
            if cell.cell_type == "code" and "plt." not in cell.source and not cell.id.startswith("capstone"):
                source = cell.source
                for old, new in changes:
                    source = source.replace(old, new)
                try:
                    exec(compile(source, cell.id, "exec"), names)
                except AssertionError:
                    assert changes, cell.id
    return names


def functions(names):
    return {name: value for name, value in names.items() if callable(value)}


def graded(judge, grade_id, answers, seed=1, framework="numpy"):
    return judge.grade(
        grade_id, TrustedSession(answers), max_score=1, seed=lambda name: seed + len(name), framework=framework
    )


@pytest.mark.usefixtures("_float32_again")
@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_reference_solutions_pass_visible_asserts_and_hidden_checks(notebook, judge, framework):
    answers = functions(namespace(notebook, framework))
    if framework == "torch":
        answers = {name: in_torch(answer) for name, answer in answers.items()}
    for grade_id in judge.exercises:
        for seed in range(5):
            assert failed(graded(judge, grade_id, answers, seed)) == set(), grade_id


def in_torch(function):
    """``function`` of tensors as the judge reaches it over the wire."""

    def bridged(*given, **named):
        tensors = [torch.from_numpy(value) if isinstance(value, np.ndarray) else value for value in given]
        return plain(function(*tensors, **named))

    return bridged


def plain(value):
    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return type(value)(plain(item) for item in value) if isinstance(value, tuple | list) else value


def occurs_in(wrong):
    return "numpy" if wrong.occurs_in("numpy") else "torch"


@pytest.fixture(scope="module")
def wrong_graded(judge, notebook):
    """(exercise, wrong answer, its verdicts with three seeds), each in the place of the notebook's own function."""
    names, found = namespace(notebook), []
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in answers:
            own = names[wrong.function]
            names[wrong.function] = wrong  # in place: given cells call it by its name
            seeds = [graded(judge, grade_id, functions(names), seed, occurs_in(wrong)) for seed in range(3)]
            names[wrong.function] = own
            found.append((grade_id, wrong, seeds))
    return found


def test_every_wrong_answer_fails_exactly_its_declared_checks_whatever_the_seed(wrong_graded):
    for grade_id, wrong, seeds in wrong_graded:
        for verdict in seeds:
            assert failed(verdict) == set(wrong.fails), (grade_id, wrong.name)


RAISING = {"walks_each_path", "calls_itself", "inputs_only", "changes_w"}
"""Wrong answers that fail by an exception or a missing part: its own text says what happened."""
ALIKE = {"middle_factor_lost", "inner_factor_lost", "number_minus_value_turned_round"}
"""Wrong answers that may be named by a neighbour that gives the same value: both hints ask the same."""


def test_a_wrong_answer_is_recognised_as_itself_in_the_first_check_that_it_fails(wrong_graded):
    for grade_id, wrong, seeds in wrong_graded:
        if wrong.name not in RAISING | ALIKE:
            first = [next(check for check in verdict.checks if check.outcome != "passed") for verdict in seeds]
            named = [check.wrong_answer for check in first]
            assert named.count(wrong.name) >= 2, (grade_id, wrong.name, named)


def test_every_exercise_has_three_wrong_answers_and_three_honest_ones_at_least(judge):
    assert all(len(judge.wrong_answers[grade_id]) >= 3 for grade_id in judge.exercises)
    assert {f"test_{exercise}" for exercise in HONEST} == set(judge.exercises)
    assert min(map(len, HONEST.values())) >= 3


def test_the_endless_ladders_come_last_and_have_two_seconds(judge):
    last = judge.exercises["test_path_sum"].checks[-1]
    assert (last.name, last.limit) == ("test_does_not_walk_each_of_many_paths", 2)
    assert [check.limit for check in judge.exercises["test_value"].checks[-2:]] == [2, None]


def test_memorised_examples_are_worth_nothing(judge):
    answers = {
        "forward": lambda *given: (1, 1, 4, 0, 16),
        "df_da": lambda a, b: 16,
        "df_dw": lambda *given: (16, 0, 128),
        "backward": lambda *given: {"u": 8, "v": 8, "a": 32, "b": 32, "w": 128, "x": 128, "y": 0, "z": 0},
        "backward_weighted": lambda *given: {"u": 8, "v": 8, "a": 32, "b": 32, "inputs": np.array([128.0, 128.0])},
        "autograd_gradients": lambda *given: (128, 128, 0, 0),
        "call_twice": lambda *given: ((128, 128, 0, 0), (128, 128, 0, 0), []),
        "run_program": lambda program, inputs: ([1] * len(program), [1] * len(program)),
    }
    for grade_id in judge.exercises:
        assert graded(judge, grade_id, answers).score == 0, grade_id
    for constant in (0, 1, 40):
        assert graded(judge, "test_path_sum", {"path_sum": lambda *given, c=constant: c}).score == 0


# ---- the notebook ---------------------------------------------------------------------------------------------------


def code_of(notebook, framework):
    return {c.id: c.source for c in keep_edition(notebook, Edition("en", framework)).cells if c.cell_type == "code"}


@pytest.mark.usefixtures("_float32_again")
@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_the_capstone_takes_the_numerical_gradient_of_the_assignment_gradients(notebook, framework):
    earlier = code_of(twin_to_notebook(ROOT / "notebooks" / "gradients.md"), framework)
    own = [earlier[name] for name in ("unit-vector", "partial_derivative", "numerical_gradient")]
    here, names = code_of(notebook, framework), {"np": np}
    with contextlib.redirect_stdout(io.StringIO()):
        for source in (here[f"prelude-{framework}"], here["value"], *own, here["capstone-network"]):
            exec(source, names)
    assert 0 < abs(names["yours"] - names["differences"]).max() < 1e-8


def test_the_backward_pass_takes_fewer_than_fifty_operations_and_the_long_formula_64(notebook):
    names = namespace(notebook)
    assert names["operations"] == 64
    assert 30 < names["Counted"].operations < 50


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_twenty_points_in_every_edition(notebook, language, framework):
    cells = keep_edition(notebook, Edition(language, framework)).cells
    marks = [cell.metadata.nbgrader for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert {mark.grade_id.removeprefix("test_"): mark.points for mark in marks} == POINTS
    assert len(marks) == len(POINTS)
    assert sum(POINTS.values()) == 20


def test_what_students_read_gives_no_written_answer_away(notebook):
    shown = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("solution")]
    text = "\n".join(cell.source for cell in shown)
    found = r"(one|a) pass for each|pass(es)? for each (in|out)put|\$[nk]\$ passes|small multiple|につき一回|数倍|\$[nk]\$ 回"
    assert re.findall(found, text) == []


def test_no_line_of_code_is_wider_than_the_page(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert [line for line in cell.source.splitlines() if len(line) > 120] == [], cell.id
