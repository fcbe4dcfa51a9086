"""What a student's function returns or does when it is asked: the fair score, and a line that says why."""

import pytest

from tests.bad_input.classroom import FULL, SCALED, TOTAL

IMPORTS = "import numpy as np\n"
WRONG = {  # body of scaled(x): what it returns, and words of the line that the student reads
    "none": ("return None", "returned None, expected an array"),
    "no_return": ("3 * x + 1", "returned None, expected an array"),
    "list": ("return [3 * v + 1 for v in x.tolist()]", "returned a list, expected an array"),
    "tuple": ("return tuple(3 * x + 1)", "returned a tuple, expected an array"),
    "number": ("return float(3 * x[0] + 1)", "returned a number, expected an array"),
    "boolean": ("return True", "returned a truth value, expected an array"),
    "text": ("return str(3 * x + 1)", "returned a string, expected an array"),
    "bytes": ("return bytes(3)", "returned a byte string, expected an array"),
    "shape": ("return (3 * x + 1)[:, None]", "of shape (2, 1), expected shape (2,)"),
    "empty": ("return np.zeros(0)", "of shape (0,), expected shape (2,)"),
    "nan": ("return x * np.nan", "NaN or infinite"),
    "inf": ("return x + np.inf", "NaN or infinite"),
    "complex": ("return (3 * x + 1).astype(complex)", "expected an array"),
    "objects": ("return (3 * x + 1).astype(object)", "expected an array"),
    "strings": ("return (3 * x + 1).astype(str)", "expected an array"),
    "record": ("return np.zeros(2, dtype=[('a', float)])", "expected an array"),
    "date": ("return np.zeros(2, dtype='datetime64[s]')", "expected an array"),
    "generator": ("return (3 * v + 1 for v in x)", "expected an array"),
    "lazy_map": ("return map(lambda v: 3 * v + 1, x)", "expected an array"),
    "function": ("return lambda: 3 * x + 1", "expected an array"),
    "class": ("return np.ndarray", "expected an array"),
    "module": ("return np", "expected an array"),
    "exception_object": ("return ValueError('x')", "expected an array"),
    "agreeable": (
        "class Yes:\n        def __eq__(self, other): return True\n        __le__ = __ge__ = __eq__\n"
        "        def __abs__(self): return 0\n        def __sub__(self, other): return self\n"
        "        __rsub__ = __sub__\n    return Yes()",
        "expected an array",
    ),
    "agreeable_array": (
        "class Yes(np.ndarray):\n        def __eq__(self, other): return np.ones(self.shape, bool)\n"
        "        def __sub__(self, other): return np.zeros(self.shape)\n        __rsub__ = __sub__\n"
        "        def __array_ufunc__(self, *a, **k): return np.zeros(self.shape)\n"
        "    return np.zeros(x.shape).view(Yes)",
        "2 of 2 entries are not right",
    ),
    "agreeable_number": (
        "class Yes(float):\n        def __eq__(self, other): return True\n        __hash__ = None\n    return Yes(7)",
        "returned a number, expected an array",
    ),
    "array_protocol": (
        "class Fake:\n        shape, dtype, ndim = (2,), np.dtype(float), 1\n"
        "        def __array__(self, *a, **k): return 3 * x + 1\n    return Fake()",
        "expected an array",
    ),
    "huge_array": ("return np.zeros(10**9)", ""),
    "huge_view": ("return np.broadcast_to(np.zeros(1), 10**9)", "too large"),
    "huge_list": ("return [0.0] * 10**9", ""),
    "large_list": ("return [0.0] * 10**7", ""),
    "huge_text": ("return 'x' * 10**8", ""),
    "huge_integer": ("return 10**1_000_000", ""),
    "huge_range": ("return range(10**9)", "expected an array"),
    "deep_nest": ("nest = []\n    for _ in range(10**5): nest = [nest]\n    return nest", "expected an array"),
    "own_loop": ("loop = []\n    loop.append(loop)\n    return loop", "expected an array"),
    "own_dict": ("loop = {}\n    loop['a'] = loop\n    return loop", "expected an array"),
    "bad_repr": (
        "class Bad:\n        def __repr__(self): raise SystemExit\n        __str__ = __len__ = __repr__\n    return Bad()",
        "expected an array",
    ),
    "raises": ("raise ValueError('\\x1b[31mno\\n::error::')", "it raised ValueError"),
    "raises_text": ("raise 'text'", "it raised TypeError"),
    "not_implemented": ("raise NotImplementedError", "not answered yet"),
    "stop_iteration": ("raise StopIteration", "it raised StopIteration"),
    "exits": ("import sys; sys.exit(0)", "it raised SystemExit"),
    "interrupts": ("raise KeyboardInterrupt", "it raised KeyboardInterrupt"),
    "missing_import": ("import no_such_package", "it raised ModuleNotFoundError"),
    "asks": ("return float(input('?')) * x", "it raised EOFError"),
    "too_few": ("return y", "it raised NameError"),
    "recursion": ("return scaled(x)", "it raised RecursionError"),
}
RIGHT = {  # body of scaled(x) that gets all points
    "float32": "return (3 * x + 1).astype(np.float32)",
    "subclass": "class Mine(np.ndarray): pass\n    return (3 * x + 1).view(Mine)",
    "matrix_free": "return np.asfortranarray(3 * x + 1)",
    "reversed_view": "return (3 * x + 1)[::-1].copy()[::-1]",
    "big_endian": "return (3 * x + 1).astype('>f8')",
    "read_only": "y = 3 * x + 1\n    y.flags.writeable = False\n    return y",
    "masked": "return np.ma.masked_array(3 * x + 1)",
    "warns": "import sys, warnings\n    warnings.warn('careful')\n    print('careful', file=sys.stderr)\n    return 3 * x + 1",
    "prints": "print('x' * 10**6)\n    return 3 * x + 1",
    "divides_by_zero": "np.ones(2) / np.zeros(2)\n    return 3 * x + 1",
    "changes_settings": "np.seterr(all='raise')\n    np.set_printoptions(precision=1)\n    return 3 * x + 1",
}
TOTALS = {  # body of total(x), and its points
    "python_float": ("return float((x * x).sum())", 2),
    "numpy_scalar": ("return (x * x).sum()", 2),
    "zero_dimensional": ("return np.array((x * x).sum())", 2),
    "one_element": ("return np.array([(x * x).sum()])", 0),
    "int_total": ("return int((x * x).sum())", 0),
    "list_total": ("return [(x * x).sum()]", 0),
    "fraction": ("import fractions\n    return fractions.Fraction(float((x * x).sum()))", 0),
    "text_total": ("return str((x * x).sum())", 0),
    "true_total": ("return True", 0),
}
STATEFUL = """
count = 0
def scaled(x):
    global count
    count += 1
    if count > 1:
        raise RuntimeError("only once")
    return 3 * x + 1
"""
MUTATES = "def scaled(x):\n    x *= 3\n    x += 1\n    return x"
REDEFINES = f"{SCALED}\nscaled = None"


def submissions(room):
    for name, (body, _) in WRONG.items():
        room.hand_in(name, room.answered(scaled=f"{IMPORTS}def scaled(x):\n    {body}"))
    for name, body in RIGHT.items():
        room.hand_in(name, room.answered(scaled=f"{IMPORTS}def scaled(x):\n    {body}"))
    for name, (body, _) in TOTALS.items():
        room.hand_in(name, room.answered(total=f"{IMPORTS}def total(x):\n    {body}"))
    room.hand_in("mutates", room.answered(scaled=MUTATES))
    room.hand_in("depends_on_earlier_calls", room.answered(scaled=STATEFUL))
    room.hand_in("no_function", room.answered(scaled=REDEFINES))
    room.hand_in("other_signature", room.answered(scaled="def scaled():\n    return 1"))
    room.hand_in("coroutine", room.answered(scaled="async def scaled(x):\n    return 3 * x + 1"))
    room.hand_in("breaks_the_other", room.answered(scaled=f"{SCALED}\ndef total(x): return 0", total=TOTAL))


@pytest.mark.parametrize("student", WRONG)
def test_a_wrong_answer_costs_its_exercise_and_says_why(graded, student):
    assert graded.results[student].status == "graded"
    assert graded.scores(student) == {"test_scaled": 0, "test_total": 2}
    message = graded.message(student, "test_scaled")
    assert WRONG[student][1] in message
    assert message
    assert len(message) < 1600
    assert message.isprintable()


@pytest.mark.parametrize("student", ["honest", *RIGHT, "breaks_the_other"])
def test_a_right_answer_in_an_unusual_form_gets_all_points(graded, student):
    assert graded.results[student].status == "graded"
    assert graded.scores(student) == FULL


@pytest.mark.parametrize("student", TOTALS)
def test_a_number_is_a_number_and_not_its_look(graded, student):
    assert graded.scores(student) == {"test_scaled": 4, "test_total": TOTALS[student][1]}


def test_a_changed_argument_costs_the_check_that_forbids_it(graded):
    assert graded.scores("mutates") == {"test_scaled": 3, "test_total": 2}
    assert "it changed its argument number 1" in graded.message("mutates", "test_scaled")


def test_an_answer_that_depends_on_earlier_calls_fails(graded):
    assert graded.scores("depends_on_earlier_calls")["test_scaled"] == 0


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("no_function", "`scaled` in the notebook is not a function"),
        ("other_signature", "it raised TypeError"),
        ("coroutine", "coroutine"),
    ],
)
def test_a_name_that_is_no_such_function_is_told(graded, student, words):
    assert graded.scores(student) == {"test_scaled": 0, "test_total": 2}
    assert words in graded.message(student, "test_scaled")


def test_each_of_the_class_stands_in_the_gradebook(graded):
    graded.assert_gradebook_agrees()
