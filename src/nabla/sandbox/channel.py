"""The judge's end of one submission's channel: frames with a deadline, and the log that is always drained."""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nabla.answers import QuestionLost
from nabla.sandbox.runner import wire

_PIECE = 1 << 18
_PIPE = 1 << 20
_F_SETPIPE_SZ = 1031


class Channel:
    """Three FIFOs, made for one submission and unlinked once open.

    ``watch`` is asked every ``tick`` seconds of waiting and may raise `QuestionLost`.
    """

    def __init__(self, folder: Path, name: str, *, cap: int, log_cap: int) -> None:
        self.paths = {end: folder / f"{name}.{end}" for end in ("req", "rsp", "log")}
        for path in self.paths.values():
            os.mkfifo(path, 0o600)
        self._replies = os.open(self.paths["rsp"], os.O_RDONLY | os.O_NONBLOCK)
        self._log = os.open(self.paths["log"], os.O_RDONLY | os.O_NONBLOCK)
        self._requests = -1
        self._buffer = bytearray()
        self._cap, self._log_cap = cap, log_cap
        self.log = bytearray()
        self.flood = 0
        self.watch: Callable[[], None] = lambda: None
        self.tick = 0.05
        self._watch_at = 0.0

    def connect(self, deadline: float) -> None:
        """Wait for the child to open its ends, then take the names away."""
        try:
            if self._exactly(1, deadline) != b"1":
                raise QuestionLost("malformed", "the runner did not start as it should")
            self._requests = self._open_requests(deadline)
            for descriptor in (self._requests, self._replies):
                _enlarge(descriptor)
        finally:
            for path in self.paths.values():
                path.unlink(missing_ok=True)

    def _open_requests(self, deadline: float) -> int:
        while True:
            try:
                return os.open(self.paths["req"], os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO or time.monotonic() > deadline:
                    raise QuestionLost("crash", "the runner did not open its channel") from error
                time.sleep(0.0005)

    def send(self, frame: bytes, deadline: float) -> None:
        """Send one packed frame. Raises `QuestionLost` where the child takes no more by ``deadline``."""
        data = memoryview(frame)
        while data:
            _, ready, _ = select.select([], [self._requests], [], 0 if len(data) <= 4096 else self.tick)
            if ready:
                try:
                    data = data[os.write(self._requests, data) :]
                    continue
                except BlockingIOError:
                    pass
                except BrokenPipeError:
                    raise QuestionLost("crash", "the process ended") from None
            self._wait(self.tick, deadline)

    def receive(self, deadline: float) -> Any:
        """The next frame. Raises `QuestionLost`: late, gone, too large or malformed."""
        (size,) = wire.HEADER.unpack(self._exactly(wire.HEADER.size, deadline))
        if size > self._cap:
            raise QuestionLost("too_large", f"the answer is larger than {self._cap >> 20} MB")
        try:
            return wire.unpack(self._exactly(size, deadline))
        except wire.WireError as error:
            raise QuestionLost("malformed", f"the answer could not be read ({error})") from None

    def _exactly(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._wait(self.tick, deadline)
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _wait(self, seconds: float, deadline: float) -> None:
        """Take in whatever comes within ``seconds``; replies into the buffer, everything else into the capped log."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise QuestionLost("timeout", "it took longer than it may")
        ready, _, _ = select.select([self._replies, self._log], [], [], min(seconds, left))
        if self._log in ready:
            self._drain()
        if self._replies in ready:
            part = self._read(self._replies)
            if part == b"":
                raise QuestionLost("crash", "the process ended")
            self._buffer += part or b""
            if len(self._buffer) > self._cap + 2 * _PIECE:  # it talks on and on where it should listen
                raise QuestionLost("too_large", f"it sent more than {self._cap >> 20} MB at once")
        if not ready or time.monotonic() > self._watch_at:  # who talks all the time is watched too
            self.watch()
            self._watch_at = time.monotonic() + self.tick

    def _drain(self) -> None:
        part = self._read(self._log) or b""
        self.flood += len(part)
        self.log += part[: max(0, self._log_cap - len(self.log))]
        if part == b"":
            time.sleep(0.001)  # all writers of 1 and 2 are closed: that is the student's business

    @staticmethod
    def _read(descriptor: int) -> bytes | None:
        try:
            return os.read(descriptor, _PIECE)
        except BlockingIOError:
            return None

    def take_log(self) -> str:
        """What came on descriptors 1 and 2 since the last time, as text."""
        for _ in range(16):
            ready, _, _ = select.select([self._log], [], [], 0)
            if not ready:
                break
            before = self.flood
            self._drain()
            if self.flood == before:
                break
        text, self.log = self.log.decode("utf-8", "replace"), bytearray()
        self.flood = 0
        return text

    def close(self) -> None:
        """Close every descriptor and take away names that are left."""
        for descriptor in (self._requests, self._replies, self._log):
            if descriptor >= 0:
                os.close(descriptor)
        self._requests = self._replies = self._log = -1
        for path in self.paths.values():
            path.unlink(missing_ok=True)


def _enlarge(descriptor: int) -> None:
    import fcntl

    try:
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE)
    except OSError:
        pass  # a smaller pipe is slower, no more
