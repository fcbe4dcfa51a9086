"""Whatever a student's process sends back, every assertion fails with a clear line: never an error, never a pass."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from nabla.answers import Handle, QuestionLost, RemoteError, Reply
from nabla.checks import Judge
from tests.checks.fake_session import ReplyingSession

CHECKS = """
import numpy as np
from nabla.checks import (assert_close, assert_dtype, assert_equal, assert_one_of, assert_shape, assert_unchanged,
                          raises, recorded)

A = np.arange(12.0).reshape(3, 4)


class TestF:
    def test_close_to_an_array(self, submission):
        assert_close(submission.f(A), np.array([1.0, 2.0, 3.0]), tolerance=1e-9)

    def test_close_to_a_matrix(self, submission):
        assert_close(submission.f(A), A + 1, tolerance=1e-9)

    def test_close_to_a_number(self, submission):
        assert_close(submission.f(2), 17.25, tolerance=1e-9)

    def test_close_to_a_tuple(self, submission):
        assert_close(submission.f(2), (A, 17.25), tolerance=1e-9)

    def test_close_to_a_dict(self, submission):
        assert_close(submission.f(2), {"u": 17.25, "v": 1.0}, tolerance=1e-9)

    def test_equal_to_a_string(self, submission):
        assert_equal(submission.f(2), "minimum")

    def test_equal_to_true(self, submission):
        assert_equal(submission.f(2), [True, True, False])

    def test_equal_to_a_big_number(self, submission):
        assert_equal(submission.f(2), 2**60 + 1)

    def test_equal_to_a_list(self, submission):
        assert_equal(submission.f(2), ["a", ("b", 3), None])

    def test_one_of(self, submission):
        assert_one_of(submission.f(2), {"neither", "saddle"})

    def test_shape(self, submission):
        assert_shape(submission.f(2), (3, 5))

    def test_dtype(self, submission):
        assert_dtype(submission.f(2), "float16")

    def test_unchanged(self, submission):
        assert_unchanged(submission.f(A, [1, 2], "a"))

    def test_raises(self, submission):
        with raises("ValueError"):
            submission.f(2)

    def test_float(self, submission):
        assert float(submission.f(2)) == 17.25

    def test_int(self, submission):
        assert int(submission.f(2)) == 17

    def test_truth(self, submission):
        assert submission.f(2) and not submission.f(3)

    def test_arithmetic(self, submission):
        assert_close(A @ submission.f(2) - 1, np.arange(3.0), tolerance=1e-9)

    def test_an_answer_is_expected(self, submission):
        assert_close(np.full((7, 7), 0.5), submission.f(2), tolerance=1e-9)

    def test_numpy(self, submission):
        assert_close(np.linalg.norm(submission.f(2)), 17.25, tolerance=1e-9)

    def test_stacked(self, submission):
        assert_close(np.stack([submission.f(2), np.ones(7)]), np.ones((2, 7)), tolerance=1e-9)

    def test_as_an_array(self, submission):
        assert_close(np.asarray(submission.f(2)), np.ones(7), tolerance=1e-9)

    def test_unpacked(self, submission):
        x, y, z, u, v = submission.f(2)
        assert_close(x, 17.25, tolerance=1e-9)

    def test_iterated(self, submission):
        assert_equal([float(item) for item in submission.f(2)], [17.25])

    def test_item(self, submission):
        assert_close(submission.f(2)[1]["w"], 17.25, tolerance=1e-9)

    def test_length(self, submission):
        assert len(submission.f(2)) == 17

    def test_called(self, submission):
        assert_close(submission.f(2)(3), 17.25, tolerance=1e-9)

    def test_passed_on(self, submission):
        assert_equal(submission.g(submission.f(2)), "minimum")
"""


def cyclic() -> list:
    items: list = []
    items.append(items)
    return items


def deep(levels: int) -> list:
    nest: list = []
    for _ in range(levels):
        nest = [nest]
    return nest


REPLIES = {
    "none": None,
    "true": True,
    "false": False,
    "numpy bool": np.bool_(True),
    "bool array": np.array([True, False, True]),
    "0-d bool": np.array(False),
    "zero": 0,
    "one": 1,
    "negative": -1.5,
    "huge int": 10**5000,
    "negative huge int": -(10**400),
    "int64 edge": np.array(-(2**63)),
    "uint64": np.array([2**64 - 1], dtype=np.uint64),
    "nan": float("nan"),
    "inf": float("inf"),
    "minus inf": np.array(-np.inf),
    "complex": 1j,
    "complex nan": complex("nan+nanj"),
    "complex array": np.ones(3, dtype=complex),
    "string": "x",
    "empty string": "",
    "ansi": "\x1b[2J\x1b]0;title\x07",
    "log command": "\n::notice title=Points::Points 100/100\n",
    "html": "<script>alert(1)</script>",
    "right to left": "\u202e\u2066abc",
    "lone surrogate": "\ud800",
    "format fields": "{call.__class__.__mro__} %s %n {0}",
    "long string": "y" * 10**6,
    "bytes": b"\x00\xff",
    "tuple": (1.0, 2.0),
    "empty tuple": (),
    "list": [1.0, 2.0, 3.0],
    "list like the answer": [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]],
    "ragged": [[1.0], [1.0, 2.0]],
    "deep": deep(60),
    "very deep": deep(100_000),
    "cyclic": cyclic(),
    "many items": [0.0] * 10**5,
    "dict": {"u": 1.0},
    "dict of nan": {"u": float("nan"), "v": 1.0},
    "dict with odd keys": {None: 1, True: 2, 1.5: 3, "\n": 4, (1, 2): 5},
    "tuple of nones": (None, None),
    "mixed": (np.ones(3), "x", None, {"w": [1]}),
    "nested arrays": [np.ones(3), np.ones(4)],
    "0-d": np.array(1.0),
    "numpy float": np.float64(1.0),
    "longdouble": np.longdouble(1.0),
    "empty array": np.zeros(0),
    "empty matrix": np.zeros((3, 0)),
    "column": np.ones((3, 1)),
    "row": np.ones((1, 3)),
    "scalar in axes": np.ones((1, 1, 1)),
    "many axes": np.ones((2,) * 16),
    "float16": np.ones((3, 4), dtype=np.float16).astype(np.float32),
    "nan array": np.full((3, 4), np.nan),
    "inf array": np.full(4, np.inf),
    "largest floats": np.full(4, 1.7e308),
    "smallest float": np.full(4, 5e-324),
    "objects": np.array([None, object()], dtype=object),
    "object with an array": np.array([np.ones(2), "x"], dtype=object),
    "strings": np.array(["a", "b"]),
    "byte strings": np.array([b"a"]),
    "records": np.zeros(2, dtype=[("a", "f8")]),
    "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "masked": np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    "matrix": np.ones((3, 4)).view(type("Matrix", (np.ndarray,), {"__eq__": lambda self, other: True})),
    "big array": np.zeros(10**6),
    "function": Handle(1, "function", True),
    "lazy object": Handle(2, "LazyTensor", False),
    "object with a hostile name": Handle(3, "\x1b[31m" + "A" * 10_000 + "\n::error::", False),
    "object with a name that is no text": Handle(4, None, True),  # type: ignore[arg-type]
    "unknown object": object(),
    "class": int,
    "always equal": type("Always", (), {"__eq__": lambda self, other: True, "__hash__": None})(),
    "always a number": type("Number", (float,), {})(17.25),
    "string subclass": type("Text", (str,), {})("minimum"),
    "int subclass": type("Int", (int,), {})(17),
    "dict subclass": type("Dict", (dict,), {})({"u": 17.25, "v": 1.0}),
    "poisonous": type("Poison", (), dict.fromkeys(("__array__", "__len__", "__iter__", "__class_getitem__")))(),
}


@pytest.fixture(scope="module")
def judge(tmp_path_factory) -> Judge:
    folder = tmp_path_factory.mktemp("course")
    Path(folder, "test_hostile.py").write_text(CHECKS)
    return Judge(folder, "hostile")


def graded(judge, session, caplog):
    with caplog.at_level(logging.ERROR):
        verdict = judge.grade("test_f", session, max_score=28, seed=lambda name: 1)
    return verdict, caplog.text


def test_there_are_enough_hostile_replies():
    assert len(REPLIES) >= 50


@pytest.mark.parametrize("name", REPLIES)
def test_a_hostile_reply_fails_every_check_with_a_clear_line(name, judge, caplog):
    verdict, logged = graded(judge, ReplyingSession(REPLIES[name]), caplog)
    others = {check.name: check.outcome for check in verdict.checks if check.outcome != "failed"}
    assert (others, logged) == ({}, "")
    assert verdict.score == 0
    for check in verdict.checks:
        assert any(start in check.message for start in ("called ", "the value is", "too deeply"))
        assert check.message.isprintable()
        assert len(check.message) <= 1500


class LosingSession:
    def call(self, *arguments, **keywords):
        raise QuestionLost("timeout", "no answer within 10 s\n::error::")


@pytest.mark.parametrize(
    "session",
    [
        LosingSession(),
        ReplyingSession(
            error=RemoteError(("KeyError", "LookupError", "Exception"), "\x1b[2J\n::error::" + "z" * 10**5)
        ),
        ReplyingSession(error=RemoteError((), "")),
        ReplyingSession(error=RemoteError(("\n::error::" * 1000,), "")),
        ReplyingSession(error=RemoteError(("NotImplementedError", "RuntimeError"), "to do")),
        ReplyingSession(error=RemoteError(("CheckFailed", "AssertionError"), "passed")),
        ReplyingSession(error=RemoteError(("SystemExit", "BaseException"), "0")),
        ReplyingSession(error=RemoteError(("NameError", "Exception"), "name 'f' is not defined")),
        ReplyingSession(error=RemoteError(("TypeError", "Exception"), "'int' object is not callable")),
    ],
)
def test_no_answer_and_every_exception_fail_every_check(session, judge, caplog):
    verdict, logged = graded(judge, session, caplog)
    assert ({check.outcome for check in verdict.checks}, logged) == ({"failed"}, "")
    assert all(check.message.isprintable() and 0 < len(check.message) <= 1500 for check in verdict.checks)


@pytest.mark.parametrize("arguments", [None, (), (1,), (None, None, None), "abc", (np.zeros((3, 4)), [1, 2], "a")])
@pytest.mark.parametrize("claims", [None, {}, {"dtype": 3}, {"dtype": "x\ny" * 1000}, {"dtype": None}, "claims"])
def test_forged_claims_and_arguments_pass_nothing(arguments, claims, judge, caplog):
    reply = Reply(value=np.ones(3), arguments=arguments, claims=claims)
    session = ReplyingSession()
    session.reply = reply
    verdict, logged = graded(judge, session, caplog)
    assert ({check.outcome for check in verdict.checks}, logged) == ({"failed"}, "")


def test_a_check_that_only_a_claim_has_passed_earns_nothing(judge):
    error = RemoteError(("ValueError", "Exception"), "always")
    verdict = judge.grade("test_f", ReplyingSession(error=error), max_score=28, seed=lambda name: 1)
    passed = [check for check in verdict.checks if check.outcome == "passed"]
    assert [(check.name, check.claim) for check in passed] == [("test_raises", True)]
    assert verdict.score == 0
    assert "Counts as soon as" in passed[0].message
