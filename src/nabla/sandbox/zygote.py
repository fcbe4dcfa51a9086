"""The judge's hold on a zygote: starts it, has it fork, limits and kills what it forked, replaces it when gone."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import platformdirs

from nabla.answers import QuestionLost
from nabla.course import Course, Limits
from nabla.sandbox import keeper, levels, scratch, watch
from nabla.sandbox.accelerators import CPU, nodes
from nabla.sandbox.channel import Channel
from nabla.sandbox.file_facts import forget_old_bytecode
from nabla.sandbox.runner.wire import ANSWER_BYTES, COMMAND_BYTES
from nabla.sandbox.runtimes import Runtime, is_installed_by_us, runtime_of

_START_SECONDS = 180.0
_FORK_SECONDS = 20.0
_LAST_WORDS_SECONDS = 1.0
_LOG_CAP = 64 * 1024
_BASE_PROCESSES = 4
_SLOTS = 2  # sandlock 0.9 never frees the slot of a process that was killed before it made certain calls
_PREFIX = "nabla-zygote-"
_LEAST_OPEN_FILES = 256  # the channel lies at 200 and 201


def sweep() -> None:
    """Take away what judges left behind that were killed."""
    scratch.sweep(_PREFIX, lambda folder: (folder / "scratch").is_dir())


def _folders() -> tuple[Path, int | None, Path]:
    """A fresh working folder, what holds it, and the lasting cache, without what is old in it.

    Raises `levels.SandboxUnavailable`.
    """
    try:
        work = Path(tempfile.mkdtemp(prefix=_PREFIX))
        held = scratch.hold(work)  # before it looks like one that can be swept
        for folder in ("channels", "scratch"):
            (work / folder).mkdir(mode=0o700)
        cache = Path(platformdirs.user_cache_dir("nabla")) / "runner"
        cache.mkdir(parents=True, exist_ok=True)
        forget_old_bytecode(cache)
    except OSError as error:
        hint = "Make room there, or set TMPDIR and XDG_CACHE_HOME to folders that can be written."
        raise levels.SandboxUnavailable(f"the runner gets no folder ({error}). {hint}") from error
    return work, held, cache


class Zygote:
    """One zygote process and its working folder. A context manager; `close` leaves no process and no file."""

    def __init__(
        self,
        *,
        level: str,
        preload: tuple[str, ...] = ("numpy",),
        python: str = "",
        limits: Limits | None = None,
        accelerator: str = "",
    ) -> None:
        self.level, self.limits = level, limits or Limits()
        sweep()
        self.work, self._held, cache = _folders()
        self.launch = levels.Launch(
            level=level,
            python=python or sys.executable,
            preload=preload,
            work=self.work,
            cache=cache,
            processes=_SLOTS * self.limits.processes + _BASE_PROCESSES,
            accelerator=accelerator,
            nodes=tuple(nodes()) if accelerator not in ("", CPU) else (),
        )
        self.started: levels.Started | None = None
        self.pid = 0
        self._helpers = 0
        self.draws = False
        """Whether a submission has drawn a figure: the next ones will too."""
        self._draws_warm = False
        self._errors = bytearray()
        self._listener: threading.Thread | None = None
        self._closed = False

    @classmethod
    def for_course(cls, course: Course, assignments: Sequence[str] = (), framework: str = "") -> Zygote:
        """The zygote that ``course`` needs for ``assignments`` in ``framework``'s edition, not started.

        Raises `levels.SandboxUnavailable`.
        """
        return cls.for_runtime(course, runtime_of(course, framework, assignments))

    @classmethod
    def for_runtime(cls, course: Course, runtime: Runtime, accelerator: str = "") -> Zygote:
        """One of ``runtime``, not started; its children may use ``accelerator``. Raises `levels.SandboxUnavailable`."""
        if not os.path.exists(runtime.python) and is_installed_by_us(runtime):
            raise levels.SandboxUnavailable(
                f"the {runtime.framework} edition has no interpreter ({runtime.python} is missing). "
                f"Make its environment: nabla runtime install {runtime.framework}"
            )
        if course.settings.sandbox != "none":
            levels.keep_out(runtime.python, course.root)
        return cls(
            level=course.settings.sandbox,
            preload=runtime.preload,
            python=runtime.python,
            limits=course.limits,
            accelerator=accelerator,
        )

    def __enter__(self) -> Zygote:
        self.ensure()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self) -> None:
        """Start the process where none runs, and don't wait for it. Raises `levels.SandboxUnavailable`."""
        if self._closed:
            raise levels.SandboxUnavailable("the runner is closed already: what graded with it is being ended")
        if self.started is None:
            self.started = levels.start(self.launch)
            self._listen()

    def begin_ahead(self) -> None:
        """Start the process for one that this process will fork, which then has to `take_over`; others `leave` it.

        This process must have no threads.
        """
        self.started = keeper.start(self.launch)

    def take_over(self) -> None:
        """Use what the process that forked this one has begun."""
        self._listen()

    def leave(self) -> None:
        """Let go of what another process takes over: it ends it, and takes the folder away."""
        started, self.started = self.started, None
        if started is not None:
            for stream in (started.stdin, started.stdout, started.stderr):
                stream.close()
        self._let_go()

    def _listen(self) -> None:
        assert self.started is not None
        listener = threading.Thread(target=self._drain_errors, args=(self.started.stderr,), daemon=True)
        listener.start()
        self._listener = listener  # another thread, which closes this, may join only what has started

    def ensure(self) -> None:
        """Have the process ready. Raises `levels.SandboxUnavailable` with what it printed."""
        if self.started is not None and self.pid and self._draws_warm == self.draws:
            return
        try:
            self.begin()
            if not self.pid:
                self.pid = int(self._answer(_START_SECONDS).split()[1])
            if self.draws:
                self._warm_drawing()
        except (QuestionLost, OSError, IndexError, ValueError) as error:
            self.stop()
            said = self._errors.decode("utf-8", "replace").strip()[-2000:]
            raise levels.SandboxUnavailable(f"the runner did not start ({error}). It said:\n{said}") from error

    def _warm_drawing(self) -> None:
        assert self.started is not None
        os.write(self.started.stdin.fileno(), b"D".ljust(COMMAND_BYTES))
        self._answer(_START_SECONDS)
        self._draws_warm = True

    def _drain_errors(self, stream: object) -> None:
        with contextlib.suppress(OSError, ValueError):
            while part := os.read(stream.fileno(), 65536):  # type: ignore[attr-defined]
                self._errors += part[: max(0, _LOG_CAP - len(self._errors))]

    def _answer(self, seconds: float) -> str:
        assert self.started is not None
        descriptor, data = self.started.stdout.fileno(), b""
        deadline = time.monotonic() + seconds
        while len(data) < ANSWER_BYTES:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(descriptor, ANSWER_BYTES - len(data)) if ready else b""
            if not part:
                raise QuestionLost("crash", "the zygote ended" if ready else "the zygote is silent")
            data += part
        return data.decode("ascii", "replace")

    def fork(self) -> tuple[int, Channel]:
        """A fresh child, connected and limited, that has run nothing yet. Replaces a zygote that died.

        Raises `levels.SandboxUnavailable`: no submission has a part in it.
        """
        for attempt in (1, 2):
            self.ensure()
            try:
                return self._fork()
            except (QuestionLost, OSError, ValueError) as error:
                self.stop()
                if attempt == 2:
                    raise levels.SandboxUnavailable(f"the runner could not begin a submission ({error})") from error
        raise AssertionError("unreachable")

    def _fork(self) -> tuple[int, Channel]:
        assert self.started is not None
        name = secrets.token_hex(12)
        limits = self.limits
        channel = Channel(self.launch.channels, name, cap=limits.answer + (1 << 20), log_cap=limits.output)
        try:
            os.write(self.started.stdin.fileno(), b"F" + name.encode("ascii").ljust(COMMAND_BYTES - 1))
            pid = int(self._answer(_FORK_SECONDS))
            channel.connect(time.monotonic() + _FORK_SECONDS)
            watch.limit(
                pid,
                memory=limits.memory,
                cpu_seconds=limits.cpu_seconds,
                file_size=limits.disk,
                open_files=max(limits.open_files, _LEAST_OPEN_FILES),
            )
        except BaseException:
            channel.close()
            raise
        return pid, channel

    def died(self) -> bool:
        """Whether the process is gone without having been told to: nothing that a submission can be blamed for."""
        return self.started is None or not watch.alive(self.pid)

    def kill_children(self) -> None:
        """Kill whatever the submission left; a zygote whose children refuse to die is given up with them.

        So is one below which so many were killed that the next submission may find no free slot for a process.
        """
        self._helpers += max(0, len(list(watch.descendants(self.pid))) - 1)
        if self.died() or not watch.kill_all(self.pid) or self._helpers > self.limits.processes:
            self.stop()

    def stop(self) -> None:
        """End the process and everything below it; the next `fork` starts a fresh one."""
        started, self.started, self._helpers, self._draws_warm = self.started, None, 0, False
        if started is None:
            return
        if self.pid:
            watch.kill_all(self.pid)
        self.pid = 0
        with contextlib.suppress(Exception):
            started.kill()
        with contextlib.suppress(Exception):
            started.wait()
        if self._listener is not None:
            self._listener.join(_LAST_WORDS_SECONDS)
        for stream in (started.stdin, started.stdout, started.stderr):
            with contextlib.suppress(OSError):
                stream.close()

    def close(self) -> None:
        """Stop and take the working folder away; nothing starts again."""
        self._closed = True
        self.stop()
        if self.work.exists():
            scratch.remove_scratch(self.work)
        self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None
