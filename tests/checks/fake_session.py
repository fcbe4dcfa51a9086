"""A session without a sandbox: Python functions in this process answer, through copies as if over the wire.

For tests of checks and of the judge; never for a student's code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nabla.answers import Handle, Reply
from nabla.checks.examination import Examination, Submission, current
from nabla.checks.trusted import TrustedSession


class FakeSession(TrustedSession):
    """Answers from functions by name and keeps the names of those asked for in ``questions``."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]] | None = None, **more: Callable[..., Any]) -> None:
        super().__init__({**(functions or {}), **more})
        self.questions: list[str] = []

    def call(
        self,
        target: str | Handle,
        arguments: tuple[Any, ...] = (),
        keywords: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
    ) -> Reply:
        self.questions.append(target if isinstance(target, str) else target.type_name)
        return super().call(target, arguments, keywords, seconds=seconds)


class ReplyingSession:
    """Answers every question with the same reply: raw, as no wire would let it through."""

    def __init__(self, value: Any = None, **reply: Any) -> None:
        self.reply = Reply(value=value, **reply)

    def call(self, *arguments: Any, **keywords: Any) -> Reply:
        return self.reply


@contextmanager
def examined(session: Any, **settings: Any) -> Iterator[Submission]:
    """The functions of ``session`` as a check sees them, without pytest and judge."""
    examination = Examination(session, **settings)
    token = current.set(examination)
    try:
        yield Submission(examination)
    finally:
        current.reset(token)
