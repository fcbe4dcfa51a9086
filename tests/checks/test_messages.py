"""What students read: every value in one safe, short line."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from nabla.answers import Handle
from nabla.checks.messages import VALUE_LIMIT, error_names, kind, sanitise, show

HOSTILE_TEXTS = [
    "\x1b[2J\x1b[31mred",
    "a\n::notice title=Points::100/100",
    "a\r\nb",
    "\u202egnp.exe",
    "\ud800",
    "\u2028line",
    "\x00\x07\x7f\x9b",
    "x" * 10**6,
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_no_text_of_a_student_leaves_its_line_or_its_cap(text):
    for safe in (sanitise(text), show(text), show([text]), show({text: text})):
        assert safe.isprintable()
        assert len(safe) <= VALUE_LIMIT
        safe.encode()


def test_text_that_fits_stays_as_it_is():
    assert sanitise("∂f/∂x は 2x です") == "∂f/∂x は 2x です"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.array([1.0, -2.5]), "array([1., -2.5])"),
        (np.array([[1, 2], [3, 4]]), "array([[1, 2], [3, 4]])"),
        (np.array(2.0), "array(2.)"),
        (np.array([1.0], dtype=np.float32), "array([1.], dtype=float32)"),
        (np.zeros((100, 2)), "array([0., 0., 0., 0., …], shape=(100, 2))"),
        (np.array([None, 1]), "an array of objects of shape (2,)"),
        (np.float64(0.5), "0.5"),
        ((1,), "(1,)"),
        ([1, "a", None], "[1, 'a', None]"),
        (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, …]"),
        ([[[[[1]]]]], "[[[[…]]]]"),
        ({"u": 1.0}, "{'u': 1.0}"),
        (10**400, "an integer of 1329 bits"),
        (Handle(3, "function", True), "a function"),
        (Handle(3, "Lazy\nTensor", False), "an object of type Lazy\\nTensor"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_values_are_shown_much_as_python_writes_them(value, shown):
    assert show(value) == shown


@pytest.mark.parametrize(
    "value",
    [np.zeros((2,) * 24), np.zeros(10**7), list(range(10**6)), 1 << 10**6, "x" * 10**7],
    ids=["axes", "entries", "items", "bits", "letters"],
)
def test_of_a_large_value_only_what_is_shown_is_looked_at(value):
    tracemalloc.start()
    try:
        assert len(show(value)) <= VALUE_LIMIT
        assert tracemalloc.get_traced_memory()[1] < 500_000  # the whole of any of them, written out, is megabytes
    finally:
        tracemalloc.stop()


def test_no_code_of_a_value_runs_when_it_is_shown():
    class Trap:
        def __repr__(self):
            raise AssertionError("ran")

        __str__ = __format__ = __len__ = __iter__ = __repr__

    assert show(Trap()) == "an object of type Trap"
    assert show([Trap()]) == "[an object of type Trap]"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "None"),
        (True, "a truth value"),
        (np.bool_(True), "a truth value"),
        (1, "a number"),
        (np.float32(1), "a number"),
        (1j, "a complex number"),
        ("a", "a string"),
        (b"a", "a byte string"),
        ((), "a tuple"),
        ([], "a list"),
        ({}, "a dict"),
        (np.zeros(1), "an array"),
        (np.array(["a"]), "an array of strings"),
    ],
)
def test_kinds_have_plain_names(value, name):
    assert kind(value) == name


def test_names_of_errors_read_as_a_choice():
    assert error_names(["ValueError", "IndexError"]) == "a ValueError or an IndexError"
