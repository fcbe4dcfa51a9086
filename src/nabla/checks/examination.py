"""One check on one submission: asks the student's functions, keeps what the check has seen and based itself on.

Knows the session only as `nabla.answers.Session`; never sees a check's code.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nabla.answers import QuestionLost, RemoteError, Reply, Session
from nabla.checks import messages
from nabla.checks.answer import Answer, Call
from nabla.checks.failure import CheckFailed, StudentRaised
from nabla.checks.wrong_answers import WrongAnswer

log = logging.getLogger(__name__)
current: ContextVar[Examination | None] = ContextVar("examination", default=None)


class CallbackRefused(TypeError):
    """A call-back of the check can't take what student code gave it: the student's mistake, raised in their code."""


@dataclass(eq=False)
class Examination:
    """What one check asks and learns. ``distance``: the largest so far, in tolerances."""

    session: Session
    check: str = ""
    language: str = "en"
    framework: str = "torch"
    reveal_expected: bool = False
    call_seconds: float = 10.0
    wrong_answers: tuple[WrongAnswer, ...] = ()
    last: Answer | None = None
    answers: list[Answer] = field(default_factory=list)
    unpacked: Answer | None = None
    values_used: int = 0
    claims_used: int = 0
    distance: float = field(default=0.0)

    def ask(
        self, target: Any, name: str, parent: Answer | None, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> Answer:
        """The answer of a function of the notebook or of a returned one. Raises `CheckFailed`."""
        try:
            call = Call(name, kept(tuple(arguments)), kept(dict(keywords)), parent)
        except RecursionError:  # only an answer that is passed on can be so deep
            raise CheckFailed(messages.TOO_DEEP) from None
        reply = self._reply(target, call)
        if reply.error is not None:
            raise _raised(call, reply.error)
        claims = reply.claims if isinstance(reply.claims, Mapping) else {}
        self.last = Answer(reply.value, call=call, claims=claims, arguments_after=reply.arguments, examination=self)
        self.answers.append(self.last)
        return self.last

    def rehearse(
        self, name: str, arguments: tuple[Any, ...], *, batches: tuple[int, ...], dtypes: tuple[str, ...]
    ) -> Any:
        """What the student's process says of a rehearsal: raw data, all of it a claim. Raises `CheckFailed`."""
        call = Call(name, arguments, {})
        self.claims_used += 1
        try:
            reply = self.session.rehearse(name, arguments, batches=batches, dtypes=dtypes, seconds=self.call_seconds)
        except QuestionLost as lost:
            reason = messages.sanitise(str(lost)) or lost.kind
            raise CheckFailed(messages.LOST.format(call=call, reason=reason)) from None
        if reply.error is not None:
            raise _raised(call, reply.error)
        return reply.value

    def _reply(self, target: Any, call: Call) -> Reply:
        arguments = tuple(_sent(value) for value in call.arguments)
        keywords = {name: _sent(value) for name, value in call.keywords.items()}
        try:
            return self.session.call(target, arguments, keywords, seconds=self.call_seconds)
        except QuestionLost as lost:
            reason = messages.sanitise(str(lost)) or lost.kind
            raise CheckFailed(messages.LOST.format(call=call, reason=reason)) from None
        except CallbackRefused:
            return Reply(error=RemoteError(("TypeError", "Exception"), messages.REFUSED_CALL))


class Submission:
    """The student's functions by name: ``submission.norm_gradient(v)`` is an `Answer`."""

    def __init__(self, examination: Examination) -> None:
        self._examination = examination

    def __getattr__(self, name: str) -> Callable[..., Answer]:
        if name.startswith("_"):
            raise AttributeError(name)
        examination = self._examination

        def function(*arguments: Any, **keywords: Any) -> Answer:
            return examination.ask(name, name, None, arguments, keywords)

        return function


def examination_of(submission: Submission) -> Examination:
    """What ``submission`` is asked in; no attribute of its own could tell, for each is a function of the student's."""
    return submission._examination


class Recorder:
    """A call-back that keeps what it was called with: ``calls`` holds a tuple of answers for each call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.calls: list[tuple[Answer, ...]] = []

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives for ``arguments``."""
        source = f"call number {len(self.calls) + 1} of the given function had the argument"
        examination = current.get()
        self.calls.append(tuple(Answer(kept(value), examination=examination, source=source) for value in arguments))
        return self.function(*arguments)


def recorded(function: Callable[..., Any]) -> Recorder:
    """``function`` as a call-back that keeps the arguments of each call in ``.calls``."""
    return Recorder(function)


def kept(value: Any) -> Any:
    """A copy of data that nothing later can change. Functions stay themselves."""
    if isinstance(value, Answer):
        return kept(value.peek())
    if isinstance(value, np.generic):
        return value.item() if value.dtype.kind in "biufc" and value.dtype.itemsize <= 16 else value
    if isinstance(value, np.ndarray):
        return np.array(value)
    if type(value) in (tuple, list):
        return type(value)(kept(item) for item in value)
    return {key: kept(item) for key, item in value.items()} if type(value) is dict else value


def _sent(value: Any) -> Any:
    """What is given to the session for ``value``: another copy, call-backs guarded."""
    if type(value) in (tuple, list):
        return type(value)(_sent(item) for item in value)
    if type(value) is dict:
        return {key: _sent(item) for key, item in value.items()}
    return _guarded(value) if callable(value) else kept(value)


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` for numbers and arrays of numbers only; what it raises is `CallbackRefused`, without details."""

    def callback(*arguments: Any, **keywords: Any) -> Any:
        if not all(_is_numeric(value) for value in (*arguments, *keywords.values())):
            raise CallbackRefused(messages.REFUSED_CALL)
        try:
            with np.errstate(all="ignore"):
                return kept(function(*(kept(value) for value in arguments), **keywords))
        except Exception as error:
            log.info("a call-back of a check raised %s", type(error).__name__)
            raise CallbackRefused(messages.REFUSED_CALL) from None

    return callback


def _is_numeric(value: Any) -> bool:
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return value.dtype.kind in "biufc"
    return type(value) in (bool, int, float, complex)


def _raised(call: Call, error: RemoteError) -> CheckFailed:
    names = tuple(messages.sanitise(str(name), 80) for name in error.names) or ("Exception",)
    text = messages.sanitise(str(error.message))
    if "NotImplementedError" in names:
        return CheckFailed(messages.NOT_ANSWERED.format(name=call.name or call))
    if names[0] == "NameError" and f"'{call.name}'" in text:
        return CheckFailed(messages.MISSING.format(name=call.name))
    inside = "  File " in error.traceback  # a line of the student's own called something else
    if call.name and names[0] == "TypeError" and text.endswith("object is not callable") and not inside:
        return CheckFailed(messages.NOT_CALLABLE.format(name=call.name))
    template = messages.RAISED if text else messages.RAISED_SILENTLY
    return StudentRaised(template.format(call=call, name=names[0], text=text), error)
