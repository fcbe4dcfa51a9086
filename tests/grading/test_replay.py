"""A replay asks the session exactly what grading asked it, and keeps each question."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nabla.answers import QuestionLost, Reply, Session
from nabla.course import Limits
from nabla.grading.replay import Question, _Recorded


class Asked:
    """A session that answers with what it was asked."""

    def __init__(self) -> None:
        self.limits = Limits()

    def call(self, target: str, arguments: tuple[Any, ...], keywords: Any, *, seconds: float | None) -> Reply:
        return Reply(("call", target, arguments, keywords, seconds))

    def rehearse(self, target: str, arguments: tuple[Any, ...], **others: Any) -> Reply:
        return Reply(("rehearse", target, arguments, others))


@pytest.fixture
def recorded() -> SimpleNamespace:
    kept: list[Question] = []
    inner: Any = Asked()
    return SimpleNamespace(kept=kept, inner=inner, session=_Recorded(inner, kept.append))


def test_all_that_a_judge_may_ask_is_handed_on() -> None:
    asked = {name for name in vars(Session) if not name.startswith("_")}
    assert asked >= {"call", "rehearse"}
    assert sorted(asked - set(vars(_Recorded))) == []


def test_each_question_is_kept_with_its_answer(recorded: SimpleNamespace) -> None:
    replies = [
        recorded.session.call("f", (1,), {"x": 2}, seconds=3.0),
        recorded.session.rehearse("f", (1,), batches=(2,), dtypes=("float32",)),
    ]
    assert [reply.value[:3] for reply in replies] == [("call", "f", (1,)), ("rehearse", "f", (1,))]
    assert replies[1].value[3] == {"batches": (2,), "dtypes": ("float32",)}
    assert [question.reply for question in recorded.kept] == replies
    assert [question.target for question in recorded.kept] == ["f", "rehearsal of f"]


def test_a_lost_question_is_kept_with_its_reason(recorded: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any, **__: Any) -> Reply:
        raise QuestionLost("timeout", "it took longer than 2 s")

    monkeypatch.setattr(recorded.inner, "call", lost)
    with pytest.raises(QuestionLost):
        recorded.session.call("f")
    assert [(question.reply, question.lost) for question in recorded.kept] == [
        (None, "timeout: it took longer than 2 s")
    ]


def test_an_exercises_own_limits_reach_the_session(recorded: SimpleNamespace) -> None:
    recorded.session.limits = Limits(call_seconds=9)
    assert recorded.inner.limits.call_seconds == recorded.session.limits.call_seconds == 9
