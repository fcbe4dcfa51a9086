"""One submission in its sandbox: runs its cells, answers calls, and replays without the culprit after a failure.

The process is forked when first needed. When it hangs, dies or breaks a limit, what failed is lost and nothing else:
the next question finds a fresh process in which the cells so far have run again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from nabla.answers import Handle, Outline, QuestionLost, RemoteError, Reply
from nabla.course import Limits
from nabla.sandbox import watch
from nabla.sandbox.channel import Channel
from nabla.sandbox.levels import SandboxUnavailable
from nabla.sandbox.runner import wire
from nabla.sandbox.scratch import make_scratch, remove_scratch
from nabla.sandbox.zygote import Zygote
from nabla.verdicts import CellResult

_GENERATION = 1_000_000
_MAX_OUTPUTS = 500
_LOSSES_AN_EXERCISE = 2
_FLOOD = 16
_ROOM = 4
_CROWD = 3
_MAX_NAMES, _MAX_NAME, _MAX_TEXT = 20, 200, 4000
_ZYGOTE_DEATHS = 2
_PERHAPS_ANOTHERS = ("crash", "disk", "malformed", "memory", "output")
"""Losses that something left behind by an earlier question can cause: a time bomb, a twin process, a full disk."""
_SETTLE_SECONDS = 20.0
_MAX_NESTED = 16

_T = TypeVar("_T")

_NOT_AS_DESCRIBED = "the given function can't take this argument (its type, shape or number is not as described)"
REASONS = {
    "timeout": "it took longer than {seconds:g} s",
    "crash": "the process ended",
    "memory": "it used more memory than it may",
    "disk": "it wrote more to disk than it may",
    "processes": "it started more processes than it may",
    "output": "it printed without end",
    "too_large": "its answer is too large",
    "malformed": "its answer could not be read",
    "budget": "the submission has used up its time",
}


class SubmissionSession:
    """A submission's process, seen from the judge; implements `nabla.answers.Session`."""

    def __init__(
        self,
        zygote: Zygote,
        *,
        files: Mapping[str, bytes] | None = None,
        framework: str = "numpy",
        limits: Limits | None = None,
    ) -> None:
        self.zygote, self.framework = zygote, framework
        self.limits = limits or zygote.limits
        self.files = dict(files or {})
        self.deadline = time.monotonic() + self.limits.submission_seconds
        self.replays = 0
        self.student_seconds = 0.0
        self._ran: list[tuple[int, str]] = []
        self._channel: Channel | None = None
        self._scratch: Path | None = None
        self._pid = 0
        self._generation = 0
        self._losses = 0
        self._baseline = 0
        self._room = 0
        self._zygote_died = False
        self._used = False
        self._cut = False
        self.lost: list[str] = []

    def __enter__(self) -> SubmissionSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # what the judge asks

    def run_cell(self, index: int, source: str, *, draw: bool = True) -> CellResult:
        """The outputs of one code cell; without ``draw`` its figures are made but not rendered.

        A cell that loses its process is left out of every replay.
        """
        self._losses = 0
        outputs: list[dict] = []
        seconds = self.limits.cell_seconds
        try:
            ok = self._surviving(lambda: self._cell(source, outputs, seconds, draw))
        except QuestionLost as lost:
            self.lost.append(lost.kind)
            reason = describe(lost, seconds)
            return CellResult(outputs=(*outputs, _lost_output(lost, reason)), status="lost", reason=reason)
        self._ran.append((index, source))
        self.zygote.draws = self.zygote.draws or any(map(_is_picture, outputs))
        return CellResult(outputs=tuple(outputs), status="ok" if ok else "error", cut=self._cut)

    def call(
        self,
        target: str | Handle,
        arguments: tuple[Any, ...] = (),
        keywords: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
    ) -> Reply:
        """The reply of the student's function ``target``. Raises `QuestionLost`."""
        return self._asked(lambda within: self._call(target, arguments, keywords or {}, within), seconds)

    def rehearse(
        self,
        target: str,
        arguments: tuple[Any, ...],
        *,
        batches: tuple[int, ...],
        dtypes: tuple[str, ...],
        seconds: float | None = None,
    ) -> Reply:
        """What ``target`` does on an accelerator that isn't there. Raises `QuestionLost`."""
        request = {
            "do": "rehearse",
            "target": target,
            "arguments": [{"outline": list(a.shape)} if isinstance(a, Outline) else a for a in arguments],
            "batches": list(batches),
            "dtypes": list(dtypes),
        }
        return self._asked(lambda within: self._answered(request, within, {}), seconds)

    def _asked(self, ask: Callable[[float], Reply], seconds: float | None) -> Reply:
        """``ask(seconds)``, and a loss is counted."""
        if self._losses >= _LOSSES_AN_EXERCISE:
            raise QuestionLost("budget", "two questions of this exercise ended the process already: no more are asked")
        seconds = seconds or self.limits.call_seconds
        try:
            return self._surviving(lambda: ask(seconds))
        except QuestionLost as lost:
            self._losses += 1
            self.lost.append(lost.kind)
            raise QuestionLost(lost.kind, describe(lost, seconds)) from None

    def names(self, sources: Sequence[str]) -> list[dict[str, Any] | None]:
        """What each source binds and touches (`nabla.sandbox.runner.names`); ``None`` where that can't be told.

        A claim, if a cell has run before. Nothing where the process is lost over it: compiling can end an interpreter.
        """
        self._ensure()
        try:
            done = self._exchange({"do": "names", "sources": list(sources)}, self.limits.call_seconds, [], {})
            found = done.get("names")
        except QuestionLost as lost:
            self.lost.append(lost.kind)
            found = None
        return found if isinstance(found, list) and len(found) == len(sources) else [None] * len(sources)

    def close(self) -> None:
        """Kill what runs and take the scratch folder away."""
        self._drop()

    # one exchange

    def _surviving(self, ask: Callable[[], _T]) -> _T:
        """``ask()``, asked again where it may not be to blame.

        The zygote itself was killed meanwhile: no submission pays for that. Or the process had answered before, and
        what an earlier question left in it can be the cause: only a loss in a fresh process counts.
        """
        second_tries = 0
        while True:
            used = self._channel is not None and self._used
            try:
                return ask()
            except QuestionLost as lost:
                second_tries += 1
                another = self._zygote_died or (used and lost.kind in _PERHAPS_ANOTHERS)
                if not another or second_tries > _ZYGOTE_DEATHS:
                    raise
                self.lost.append(lost.kind)

    def _cell(self, source: str, outputs: list[dict], seconds: float, draw: bool) -> bool:
        self._ensure()  # first: a replay writes outputs of its own
        outputs.clear()
        self._room, self._cut = _ROOM * self.limits.output, False
        done = self._exchange({"do": "cell", "source": source, "draw": draw}, seconds, outputs, {})
        assert self._channel is not None
        if text := self._channel.take_log():
            _append(outputs, {"output_type": "stream", "name": "stdout", "text": text})
        self._cut = self._cut or done.get("cut") is True
        return done.get("ok") is True

    def _call(self, target: str | Handle, arguments: tuple, keywords: Mapping[str, Any], seconds: float) -> Reply:
        callbacks: dict[int, Callable[..., Any]] = {}
        self._ensure()
        request = {
            "do": "call",
            "target": target if isinstance(target, str) else self._remote(target),
            "arguments": [self._outgoing(argument, callbacks) for argument in arguments],
            "keywords": {str(name): self._outgoing(value, callbacks) for name, value in keywords.items()},
        }
        return self._answered(request, seconds, callbacks)

    def _answered(self, request: dict, seconds: float, callbacks: Mapping[int, Callable[..., Any]]) -> Reply:
        done = self._exchange(request, seconds, [], callbacks)
        self._used = True
        try:
            return self._reply(done)
        except Exception as error:  # it lacks what an answer has: the student's process wrote it
            self._drop()
            raise QuestionLost("malformed", f"its answer could not be read ({type(error).__name__})") from None

    def _exchange(
        self, request: dict, seconds: float, outputs: list[dict], callbacks: Mapping[int, Callable[..., Any]]
    ) -> dict:
        """The frame that ends this request. Any failure drops the process.

        Raises `wire.WireError` where the request itself can't be said: the asker's mistake, not the submission's.
        """
        self._ensure()
        channel = self._channel
        assert channel is not None
        started = time.monotonic()
        deadline = min(started + seconds, self.deadline)
        self._zygote_died = False
        nonce = secrets.token_bytes(8)
        packed = wire.pack({**request, "nonce": nonce})
        calls = 0
        try:
            channel.send(packed, deadline)
            while True:
                frame = _frame(channel.receive(deadline), nonce)
                if frame["kind"] == "done":
                    return frame
                if frame["kind"] == "output":
                    self._output(outputs, frame)
                elif frame["kind"] == "callback":
                    calls += 1
                    channel.send(self._called_back(frame, callbacks, calls), deadline)
        except QuestionLost:
            self._zygote_died = self.zygote.died()
            self._drop()
            raise
        except Exception as error:  # a frame of the wrong shape: the student's process wrote it
            self._drop()
            raise QuestionLost("malformed", f"its answer could not be read ({type(error).__name__})") from None
        finally:
            self.student_seconds += time.monotonic() - started

    def _output(self, outputs: list[dict], frame: dict) -> None:
        output = _plain(frame.get("output"))
        if isinstance(output, dict) and output.get("output_type") == "clear_output":
            outputs.clear()
        elif isinstance(output, dict) and len(outputs) < _MAX_OUTPUTS:
            self._room -= len(str(output))
            if self._room >= 0:
                _append(outputs, output)
            else:
                self._cut = True
        else:
            self._cut = True

    def _called_back(self, frame: dict, callbacks: Mapping[int, Callable[..., Any]], calls: int) -> bytes:
        """The answer to a call-back: the judge's function evaluated, or a sentence that gives nothing away."""
        if calls > self.limits.callbacks:
            raise QuestionLost("budget", f"it called the given function more than {self.limits.callbacks} times")
        function = callbacks.get(frame["number"])
        try:
            if function is None:
                raise ValueError("no such function")
            value = function(*[self._incoming(argument) for argument in frame["arguments"]])
            return wire.pack({"value": self._outgoing(value, {})})
        except Exception:
            return wire.pack({"error": _NOT_AS_DESCRIBED})

    # translation

    def _reply(self, frame: dict) -> Reply:
        if "error" in frame:
            error = frame["error"]
            names = tuple(str(name)[:_MAX_NAME] for name in list(error["names"])[:_MAX_NAMES])
            message, trace = str(error["message"])[:_MAX_TEXT], str(error.get("traceback", ""))[:_MAX_TEXT]
            return Reply(error=RemoteError(names, message, trace))
        claims = frame.get("claims")
        after = frame.get("arguments")
        return Reply(
            value=self._incoming(frame["value"]),
            arguments=tuple(self._incoming(item) for item in after) if isinstance(after, list) else None,
            claims=claims if isinstance(claims, dict) else {},
        )

    def _incoming(self, value: Any) -> Any:
        if isinstance(value, wire.Remote):
            number = self._generation * _GENERATION + value.number % _GENERATION
            return Handle(number, value.type_name[:_MAX_NAME], value.callable)
        if isinstance(value, wire.Opaque):
            return Handle(0, f"{value.type_name[:_MAX_NAME]} ({value.reason[:_MAX_NAME]})", callable=False)
        if isinstance(value, list | tuple):
            return type(value)(self._incoming(item) for item in value)
        if isinstance(value, dict):
            return {key: self._incoming(item) for key, item in value.items()}
        return value

    def _outgoing(self, value: Any, callbacks: dict[int, Callable[..., Any]]) -> Any:
        if isinstance(value, Handle):
            return self._remote(value)
        if isinstance(value, list | tuple):
            return type(value)(self._outgoing(item, callbacks) for item in value)
        if isinstance(value, dict):
            return {key: self._outgoing(item, callbacks) for key, item in value.items()}
        if callable(value):
            callbacks[len(callbacks) + 1] = value
            return wire.Callback(len(callbacks))
        return value

    def _remote(self, handle: Handle) -> wire.Remote:
        generation, number = divmod(handle.number, _GENERATION)
        if generation != self._generation:
            raise QuestionLost("crash", "the function was lost with its process")
        return wire.Remote(number, handle.type_name, handle.callable)

    # the process

    def _ensure(self) -> None:
        """Have a process in which every cell so far, but the lost ones, has run."""
        while self._channel is None:
            if (self._generation and self.replays >= self.limits.replays) or time.monotonic() > self.deadline:
                raise QuestionLost("budget", REASONS["budget"])
            self.replays += bool(self._generation)
            self._fork()
            self._replay()

    def _replay(self) -> None:
        cells, self._ran = self._ran, []
        for place, (index, source) in enumerate(cells):
            try:
                self._cell(source, [], self.limits.cell_seconds, draw=False)
            except QuestionLost as lost:
                self.lost.append(lost.kind)
                innocent = place if self._zygote_died else place + 1
                self._ran += cells[innocent:]  # without the culprit, in the next round
                return
            self._ran.append((index, source))

    def _fork(self) -> None:
        """A process that has run nothing yet. What fails here, no submission has caused: it never costs points."""
        started = time.monotonic()
        self.zygote.ensure()
        self.deadline += time.monotonic() - started
        self._generation += 1
        self._used = False
        self._pid, channel = self.zygote.fork()
        self._channel = channel
        try:
            self._settle(channel)
        except QuestionLost as lost:
            self._drop()
            raise SandboxUnavailable(f"the runner did not begin a submission ({lost}). Grade it again.") from lost
        except BaseException:
            self._drop()
            raise

    def _settle(self, channel: Channel) -> None:
        self._baseline = watch.resident([self._pid])
        self._scratch = make_scratch(self.zygote.work / "scratch", secrets.token_hex(12), self.files)
        channel.watch = self._watch
        deadline = time.monotonic() + _SETTLE_SECONDS
        limits = {"output": self.limits.output, "answer": self.limits.answer}
        device = self.zygote.launch.accelerator
        settings = {"scratch": str(self._scratch), "framework": self.framework, "device": device, "limits": limits}
        channel.send(wire.pack(settings), deadline)
        if channel.receive(deadline) != {"ready": True}:
            raise QuestionLost("crash", "it did not start as it should")

    def _watch(self) -> None:
        """Asked while an answer is awaited: raise where the processes use more than they may."""
        assert self._channel is not None
        assert self._scratch is not None
        if self._channel.flood > _FLOOD * self.limits.output:
            raise QuestionLost("output", REASONS["output"])
        pids = list(watch.descendants(self.zygote.pid))
        watch.calm([self._pid, *(pid for pid in pids if pid != self._pid)])
        if len(pids) > _CROWD * self.limits.processes:  # dead ones too, which the sandbox doesn't count
            raise QuestionLost("crash", REASONS["processes"])
        allowed = self._baseline + self.limits.memory
        if watch.resident(pids) > allowed and watch.proportional(pids) > allowed:
            raise QuestionLost("memory", REASONS["memory"])
        if watch.disk_use(self._scratch, self.limits.disk, pids) > self.limits.disk:
            raise QuestionLost("disk", REASONS["disk"])

    def _drop(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            self.zygote.kill_children()
            channel.close()
        scratch, self._scratch = self._scratch, None
        if scratch is not None:
            remove_scratch(scratch)


def describe(lost: QuestionLost, seconds: float) -> str:
    """The reason in words; a time-out says how long it may take."""
    return REASONS["timeout"].format(seconds=seconds) if lost.kind == "timeout" else str(lost)


def _frame(frame: Any, nonce: bytes) -> dict:
    if not isinstance(frame, dict) or frame.get("nonce") != nonce:
        raise QuestionLost("malformed", "its answer does not belong to the question")
    return frame


def _plain(value: Any, depth: int = 0) -> Any:
    """``value`` as JSON could say it; whatever else a forged output holds (arrays, handles, deep nests) is ``None``."""
    if depth > _MAX_NESTED:
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    return value if value is None or type(value) in (str, int, float, bool) else None


def _is_picture(output: dict) -> bool:
    data = output.get("data")
    return isinstance(data, dict) and "image/png" in data


def _append(outputs: list[dict], output: dict) -> None:
    last = outputs[-1] if outputs else {}
    same = last.get("output_type") == "stream" == output.get("output_type") and last.get("name") == output.get("name")
    if same and isinstance(last.get("text"), str) and isinstance(output.get("text"), str):
        outputs[-1] = {**last, "text": last["text"] + output["text"]}
    else:
        outputs.append(output)


def _lost_output(lost: QuestionLost, reason: str) -> dict:
    """What the student sees below a cell that ended its process."""
    name = {"timeout": "CellTimeoutError", "memory": "MemoryError"}.get(lost.kind, "CellFailedError")
    line = f"{name}: {reason}. The notebook went on without this cell."
    return {"output_type": "error", "ename": name, "evalue": reason, "traceback": [line]}
