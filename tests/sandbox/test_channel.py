"""The judge's end of a channel, with a child that is no runner: what it sends costs the judge neither time nor memory."""

from __future__ import annotations

import os
import pickle
import tempfile
import threading
import time
from pathlib import Path

import pytest

from nabla.answers import QuestionLost
from nabla.sandbox import SandboxUnavailable, Zygote
from nabla.sandbox.channel import Channel


def test_who_talks_where_it_should_listen_fills_no_memory(tmp_path: Path) -> None:
    channel = Channel(tmp_path, "x", cap=1 << 20, log_cap=1000)
    replies = os.open(channel.paths["rsp"], os.O_WRONLY)
    requests = os.open(channel.paths["req"], os.O_RDONLY | os.O_NONBLOCK)
    log = os.open(channel.paths["log"], os.O_WRONLY)

    def talk() -> None:
        try:
            os.write(replies, b"1")
            while os.write(replies, bytes(1 << 16)):
                pass
        except BrokenPipeError:
            pass

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        channel.connect(time.monotonic() + 5)
        with pytest.raises(QuestionLost, match="at once"):
            channel.send(bytes(1 << 23), time.monotonic() + 5)
        assert len(channel._buffer) < 3 << 20
    finally:
        channel.close()
        talking.join()
        for descriptor in (requests, replies, log):
            os.close(descriptor)


def test_a_lost_question_survives_the_way_between_processes() -> None:
    lost = pickle.loads(pickle.dumps(QuestionLost("crash", "the process ended")))
    assert (lost.kind, str(lost)) == ("crash", "the process ended")


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(SandboxUnavailable, match="set TMPDIR"):
        Zygote(level="none")
