"""A submission is saved in one piece: rows, notebook and what is remembered."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from nabla.grading.saving import _in_one_piece


@pytest.fixture(autouse=True)
def terminal() -> Iterator[None]:
    """Ctrl-C means what it means in a terminal, whatever runs the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_control_c_waits_until_the_submission_is_saved() -> None:
    done = []

    def save() -> None:
        with _in_one_piece():
            interrupt()
            done.append("rows")
            interrupt()
            done.append("notebook")

    with pytest.raises(KeyboardInterrupt):
        save()
    assert done == ["rows", "notebook"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_control_c_is_heard_even_where_saving_fails() -> None:
    def save() -> None:
        with _in_one_piece():
            interrupt()
            raise OSError("disk full")

    with pytest.raises(KeyboardInterrupt):
        save()


def test_other_threads_save_without_listening() -> None:
    saved = []

    def save() -> None:
        with _in_one_piece():
            saved.append("rows")

    thread = threading.Thread(target=save)
    thread.start()
    thread.join()
    assert saved == ["rows"]
