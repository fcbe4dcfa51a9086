"""The judge, and what a check may use: hidden pytest checks ask a student's functions and decide about the answers.

Authors of checks import from here; the engine uses `Judge` alone. Nothing here knows a sandbox or a notebook.
"""

from nabla.checks.answer import Answer, Call
from nabla.checks.assertions import (
    assert_close,
    assert_dtype,
    assert_equal,
    assert_one_of,
    assert_shape,
    assert_unchanged,
    raises,
)
from nabla.checks.device import BATCH, assert_on_device, assert_stays_on_device, outline
from nabla.checks.examination import Recorder, Submission, recorded
from nabla.checks.failure import CheckFailed, CheckFileError
from nabla.checks.judge import Judge, Margin
from nabla.checks.wrong_answers import WrongAnswer, load_wrong_answers, wrong

__all__ = [
    "BATCH",
    "Answer",
    "Call",
    "CheckFailed",
    "CheckFileError",
    "Judge",
    "Margin",
    "Recorder",
    "Submission",
    "WrongAnswer",
    "assert_close",
    "assert_dtype",
    "assert_equal",
    "assert_on_device",
    "assert_one_of",
    "assert_shape",
    "assert_stays_on_device",
    "assert_unchanged",
    "load_wrong_answers",
    "outline",
    "raises",
    "recorded",
    "wrong",
]
