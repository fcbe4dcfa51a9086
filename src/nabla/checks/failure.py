"""The one exception that means that the student's answer is wrong: anything else that a check raises is our mistake."""

from __future__ import annotations

from nabla.answers import RemoteError


class CheckFailed(AssertionError):
    """A check that the submission didn't pass. Its message is for the student: capped, in one line."""

    def __init__(self, message: str, *, hint: str = "", wrong_answer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.wrong_answer = wrong_answer


class StudentRaised(CheckFailed):
    """The student's function raised where a value was expected; `nabla.checks.raises` takes it as an answer."""

    def __init__(self, message: str, error: RemoteError) -> None:
        super().__init__(message)
        self.error = error


class CheckFileError(Exception):
    """A file of checks or wrong answers can't be used: the message says file and line, what is wrong, what to do."""
