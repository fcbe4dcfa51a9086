"""A worker whose coordinator is gone ends, whatever its zygote says to that."""

from __future__ import annotations

import multiprocessing
import os
import threading
from types import SimpleNamespace

import pytest

from nabla.grading import worker
from nabla.sandbox import SandboxUnavailable, Zygote


class Ended(BaseException):
    """The process would have ended."""


@pytest.fixture
def coordinator_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(multiprocessing, "parent_process", lambda: SimpleNamespace(join=lambda: None))
    monkeypatch.setattr(os, "_exit", end)


@pytest.mark.usefixtures("coordinator_gone")
@pytest.mark.parametrize("error", [None, RuntimeError("cannot join thread before it is started")])
def test_a_worker_ends_with_its_coordinator(error: Exception | None) -> None:
    closed = []

    def close() -> None:
        closed.append(True)
        if error is not None:
            raise error

    with pytest.raises(Ended):
        worker._end_with_the_coordinator(SimpleNamespace(close=close))  # type: ignore[arg-type]
    assert closed


@pytest.mark.usefixtures("coordinator_gone")
def test_a_process_without_a_coordinator_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: None)
    worker._end_with_the_coordinator(SimpleNamespace())  # type: ignore[arg-type]


def test_a_closed_zygote_is_not_started_again_by_another_thread() -> None:
    zygote = Zygote(level="none", preload=("numpy",))
    zygote.ensure()
    closing = threading.Thread(target=zygote.close)
    closing.start()
    closing.join()
    with pytest.raises(SandboxUnavailable, match="closed already"):
        zygote.ensure()
    assert zygote.started is None
