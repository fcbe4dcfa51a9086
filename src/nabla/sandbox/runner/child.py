"""One submission's process: reads its cells from a channel of its own, runs them, answers the judge's calls, dies.

Everything here runs in the student's power after the first cell: nothing that it says is believed on its word alone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from . import arrays, names, shell, wire

_MAX_MESSAGE = 2000
_MAX_TRACEBACK = 4000


class Channel:
    """Frames in and out over two descriptors."""

    def __init__(self, requests: int, replies: int) -> None:
        self._requests, self._replies = requests, replies
        self._lock = threading.RLock()

    def read(self) -> Any:
        """The next frame. Ends the process where the judge has closed the channel."""
        (size,) = wire.HEADER.unpack(self._exactly(wire.HEADER.size))
        return wire.unpack(self._exactly(size))

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            part = os.read(self._requests, min(size, 1 << 20))
            if not part:
                os._exit(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def write(self, message: Any) -> None:
        """Send one frame, whole: other threads wait."""
        data = memoryview(wire.pack(message))
        with self._lock:
            while data:
                data = data[os.write(self._replies, data) :]

    def forget(self) -> None:
        """Give up both ends: a process that student code forks answers no question and takes none away."""
        for descriptor in (self._requests, self._replies):
            os.close(descriptor)
        self._requests = self._replies = -1

    def exchange(self, message: Any) -> Any:
        """The judge's answer to ``message``; one thread at a time."""
        with self._lock:
            self.write(message)
            return self.read()


class Submission:
    """The judge's requests, answered from the student's namespace."""

    def __init__(self, ipython: shell.Shell, channel: Channel, settings: dict) -> None:
        self.shell, self.channel, self.limits = ipython, channel, settings["limits"]
        self.framework, self.device = settings["framework"], settings["device"]
        self.remotes: dict[int, Any] = {}
        self.nonce = b""

    def serve(self) -> NoReturn:
        """Answer requests until the judge closes the channel."""
        while True:
            request = self.channel.read()
            self.nonce = request["nonce"]
            answers = {"cell": self.cell, "call": self.call, "names": self.names, "rehearse": self.rehearse}
            answer = answers[request["do"]](request)
            self.channel.write({"nonce": self.nonce, "kind": "done", **answer})

    def cell(self, request: dict) -> dict:
        """Run a cell; its outputs travel as they appear, so a crash loses only the last of them."""

        def sink(output: dict) -> None:
            self.channel.write({"nonce": self.nonce, "kind": "output", "output": output})

        ok = shell.run_cell(self.shell, request["source"], sink, self.limits["output"], draw=request["draw"])
        return {"ok": ok, "cut": self.shell.was_cut}

    def names(self, request: dict) -> dict:
        """The names that each of some cells binds and touches; nothing is run."""
        return {"names": [names.names_of(source, self.shell.transform_cell) for source in request["sources"]]}

    def call(self, request: dict) -> dict:
        """The result of one call: the value, what is claimed of it, and the arguments as they are now."""
        arguments, keywords = self._incoming(request["arguments"]), self._incoming(request["keywords"])
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.shell.stdout, self.shell.stderr
        try:
            value = self._target(request["target"])(*arguments, **keywords)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: they are the student's answer
            return {"error": describe_error(error)}
        finally:
            sys.stdout, sys.stderr = before
        outgoing = arrays.Outgoing(self.remotes, self.limits["answer"])
        after = arrays.Outgoing({}, self.limits["answer"])
        return {
            "value": outgoing.convert(value),
            "claims": arrays.describe(value),
            "arguments": [after.convert(argument) for argument in arguments],
        }

    def rehearse(self, request: dict) -> dict:
        """What a function does on an accelerator that isn't there (`.rehearsal`)."""
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.shell.stdout, self.shell.stderr
        try:
            from . import rehearsal  # torch only, and of no use to most submissions

            function, given = self._target(request["target"]), request["arguments"]
            return {"value": rehearsal.rehearse(function, given, request["batches"], request["dtypes"])}
        except BaseException as error:
            return {"error": describe_error(error)}
        finally:
            sys.stdout, sys.stderr = before

    def _incoming(self, value: Any) -> Any:
        value = self._resolve(value)
        return arrays.incoming(value, self.framework, self._callback, self.device)

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, wire.Remote):
            return self.remotes[value.number]
        if isinstance(value, list | tuple):
            return type(value)(self._resolve(item) for item in value)
        return value

    def _target(self, target: Any) -> Any:
        if isinstance(target, wire.Remote):
            return self.remotes[target.number]
        if target not in self.shell.user_ns:
            raise NameError(f"name '{target}' is not defined")
        return self.shell.user_ns[target]

    def _callback(self, number: int) -> Callable[..., Any]:
        def judged(*arguments: Any) -> Any:
            data = [arrays.Outgoing({}, self.limits["answer"]).convert(argument) for argument in arguments]
            message = {"nonce": self.nonce, "kind": "callback", "number": number, "arguments": data}
            answer = self.channel.exchange(message)
            if "error" in answer:
                raise ValueError(answer["error"])
            return arrays.incoming(answer["value"], self.framework, self._callback, self.device)

        return judged


def describe_error(error: BaseException) -> dict:
    """Class names along the MRO and capped text of an exception; never raises."""
    import traceback

    try:
        names = [base.__name__ for base in type(error).__mro__ if base is not object]
        text = shell._text_of(error)[:_MAX_MESSAGE]
        lines = "".join(traceback.format_exception(type(error), error, own_frames(error), limit=-8))[-_MAX_TRACEBACK:]
    except BaseException:  # a hostile exception class
        names, text, lines = ["Exception"], "", ""
    return {"names": [str(name)[:100] for name in names[:20]], "message": text, "traceback": lines}


def own_frames(error: BaseException) -> Any:
    """The traceback from the student's first frame on."""
    trace, here = error.__traceback__, os.path.dirname(os.path.abspath(__file__))
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(here):
        trace = trace.tb_next
    return trace


def start(ipython: shell.Shell, directory: str, name: str, confine: Callable[[str], None]) -> NoReturn:
    """Become the submission ``name``: open its channel, give up everything else, confine, serve."""
    replies = os.open(os.path.join(directory, f"{name}.rsp"), os.O_WRONLY)
    log = os.open(os.path.join(directory, f"{name}.log"), os.O_WRONLY)
    os.write(replies, b"1")
    requests = os.open(os.path.join(directory, f"{name}.req"), os.O_RDONLY)
    requests, replies = own_descriptors(requests, replies, log)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    channel = Channel(requests, replies)
    os.register_at_fork(after_in_child=channel.forget)
    settings = channel.read()
    confine(settings["scratch"])
    shell.scratch_environment(settings["scratch"])
    os.chdir(os.path.join(settings["scratch"], "work"))
    sys.path.append(os.getcwd())  # last: a submitted numpy.py shadows nothing
    channel.write({"ready": True})
    Submission(ipython, channel, settings).serve()


def own_descriptors(requests: int, replies: int, log: int) -> tuple[int, int]:
    """The channel's descriptors, moved out of the way; 0 is /dev/null, 1 and 2 the log, all others are closed."""
    null = os.open(os.devnull, os.O_RDONLY)
    high = [os.dup2(descriptor, 200 + place, inheritable=False) for place, descriptor in enumerate((requests, replies))]
    for target, source in ((0, null), (1, log), (2, log)):
        os.dup2(source, target)
    os.closerange(3, 200)
    os.closerange(202, 4096)
    return high[0], high[1]
