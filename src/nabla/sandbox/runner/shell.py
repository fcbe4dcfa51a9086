"""IPython without a kernel: runs cells as Jupyter would and hands their outputs to a sink, capped.

Made and warmed in the zygote, before any submission exists; each forked child uses its own copy.
"""

from __future__ import annotations

import builtins
import gc
import inspect
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from types import CodeType
from typing import Any

from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from .fonts import keep_fonts_in_memory
from .wire import NOT_DRAWN

Sink = Callable[[dict], None]
_FLUSH_AT = 8192
_MAX_TRACEBACK = 60
_MAX_TEXT = 20_000
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml", "application/pdf")


class Outputs:
    """Where a cell's outputs go: to ``sink`` until ``left`` bytes are spent, then nowhere (one line says so)."""

    def __init__(self) -> None:
        self.sink: Sink | None = None
        self.left = 0
        self.cut = False

    def open(self, sink: Sink | None, limit: int) -> None:
        """Begin a cell, or with ``None`` end one."""
        self.sink, self.left, self.cut = sink, limit, False

    def send(self, output: dict, size: int) -> None:
        """Pass on an output of ``size`` bytes, if there is room for it."""
        if self.sink is None or self.cut:
            return
        self.left -= size
        if self.left < 0:
            self.cut = True
            output = {"output_type": "stream", "name": "stderr", "text": "\n[output cut: the limit is used up]\n"}
        self.sink(output)


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a cell: text in pieces of about 8 kB."""

    def __init__(self, name: str, outputs: Outputs) -> None:
        self.stream_name, self.outputs = name, outputs
        self.parts: list[str] = []
        self.size = 0

    encoding = "utf-8"
    errors = "replace"

    def fileno(self) -> int:
        """The descriptor that programs started by the cell inherit."""
        return {"stdout": 1, "stderr": 2}[self.stream_name]

    def isatty(self) -> bool:
        """False: nobody watches."""
        return False

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, text: str) -> int:
        """The number of characters taken."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not self.outputs.cut and self.outputs.sink is not None:
            self.parts.append(text[: self.outputs.left + 1])
            self.size += len(text)
            if self.size >= _FLUSH_AT:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Pass on what is there."""
        text, self.parts, self.size = "".join(self.parts), [], 0
        if text:
            self.outputs.send({"output_type": "stream", "name": self.stream_name, "text": text}, len(text))


class _Publisher(DisplayPublisher):
    shell: Any

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        if not self.shell.draws and str(data.get("text/plain", "")).startswith("<Figure size"):
            data = {"text/plain": NOT_DRAWN}
        self.shell.emit({"output_type": "display_data", "data": data, "metadata": metadata or {}})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.emit({"output_type": "clear_output", "wait": bool(wait)})


class _Hook(DisplayHook):
    shell: Any

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        output = {"output_type": "execute_result", "data": format_dict, "metadata": md_dict or {}}
        self.shell.emit({**output, "execution_count": self.prompt_count})

    def finish_displayhook(self) -> None:
        pass


class Shell(InteractiveShell):
    """An InteractiveShell that writes no history, starts no event loop of a GUI and emits nbformat outputs."""

    def __init__(self, **keywords: Any) -> None:
        self.outputs = Outputs()
        self.draws = True
        self.was_cut = False
        self.stdout, self.stderr = Stream("stdout", self.outputs), Stream("stderr", self.outputs)
        super().__init__(**keywords)

    def init_history(self) -> None:
        """Write no history."""
        super().init_history()
        manager: Any = self.history_manager
        manager.enabled = False

    def enable_gui(self, gui: Any = None) -> None:
        """`%matplotlib inline` asks for this; there is no event loop to enable."""

    def ask_exit(self) -> None:
        """``exit`` and ``quit`` in a cell mean nothing here: the next cell runs."""

    def system(self, command: str) -> None:
        """`!command`, through pipes: there is no terminal to give it."""
        done = subprocess.run(command, shell=True, capture_output=True, text=True, errors="replace", check=False)
        sys.stdout.write(done.stdout)
        sys.stderr.write(done.stderr)
        self.user_ns["_exit_code"] = done.returncode

    system_piped = system_raw = system

    def emit(self, output: dict) -> None:
        """Send an output after what was printed before it."""
        self.stdout.flush()
        self.stderr.flush()
        clean = {**output, "data": plain_bundle(output["data"])} if "data" in output else output
        self.outputs.send(clean, sum(len(str(text)) for text in clean.get("data", {}).values()))

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        lines = [str(line)[:_MAX_TEXT] for line in stb]
        if len(lines) > _MAX_TRACEBACK:
            half = _MAX_TRACEBACK // 2
            lines = [*lines[:half], "... traceback cut ...", *lines[-half:]]
        output = {"output_type": "error", "ename": etype.__name__, "evalue": _text_of(evalue), "traceback": lines}
        self.emit(output)


def _text_of(value: Any) -> str:
    try:
        return str(value)[:_MAX_TEXT]
    except BaseException as error:
        return f"<its text can't be made: {type(error).__name__}>"


def plain_bundle(data: Any) -> dict[str, str]:
    """A mime bundle with text only (bytes as base64, the way Jupyter sends pictures)."""
    import base64

    bundle = {}
    for mime, content in dict(data).items():
        text = base64.b64encode(content).decode("ascii") if isinstance(content, bytes) else content
        bundle[str(mime)[:100]] = text if isinstance(text, str) else repr(text)[:_MAX_TEXT]
    return bundle


def no_input(prompt: object = "") -> str:
    """Raise: nobody is there to answer while a notebook is graded."""
    raise EOFError("input() has nobody to answer it while a notebook is graded")


def make_shell() -> Shell:
    """A warmed shell: the first cell, a failing cell, `await`, `%matplotlib inline` and a PNG are paid for here."""
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config, display_pub_class=_Publisher, displayhook_class=_Hook)
    builtins.input = no_input
    inspect.getmodule = module_or_none(inspect.getmodule)
    return shell


def module_or_none(original: Callable[..., Any]) -> Callable[..., Any]:
    """`inspect.getmodule`, told that the frames of a cell are in no module: to find that out it looks at each module.

    A traceback asks nine times.
    """

    def getmodule(object: Any, _filename: str | None = None) -> Any:  # noqa: A002  the argument's name in Python
        code = getattr(getattr(object, "tb_frame", object), "f_code", object)
        if isinstance(code, CodeType) and code.co_filename.startswith("<"):
            return None
        return original(object, _filename)

    return getmodule


_INLINE = "%matplotlib inline\nimport matplotlib.pyplot"
_DRAWING = """
import matplotlib.pyplot as plt, numpy as np
f, (a, b) = plt.subplots(1, 2, layout="constrained")
x = np.linspace(1, 2, 9)
c = a.contour(x, x, np.outer(x, x)); a.clabel(c); a.contourf(x, x, np.outer(x, x)); a.quiver(x, x, x, x)
a.set(title="$x^2$", xlabel="x", ylabel="y", aspect="equal")
a.annotate("a", (1, 1), (2, 2), arrowprops={"arrowstyle": "->"})
b.loglog(x, x, marker="o", label="x"); b.scatter(x, x); b.axhline(1); b.fill_between(x, x); b.legend(); b.grid()
plt.show()
f = plt.figure(); f.add_subplot(projection="3d").plot_wireframe(*np.meshgrid(x, x), np.outer(x, x)); plt.show()
"""
"""What figures use, drawn once: imports, fonts and mathtext that each submission would otherwise pay for."""


def warm(shell: Shell) -> None:
    """Run what the first cell of a notebook would otherwise pay for in each child."""
    run_cell(shell, "1 + 1\nawait __import__('asyncio').sleep(0)", lambda output: None, 10_000)
    if "matplotlib" in sys.modules:
        keep_fonts_in_memory()
        run_cell(shell, _INLINE, lambda output: None, 10_000)
        draw_once(shell)
    # Last: a traceback asks where the file of every module lies, and is told so once for each (0.2 s in a child).
    run_cell(shell, "def f(x):\n    return g(x)\nf(1)", lambda output: None, 100_000)
    get_asyncio_loop().close()  # an event loop doesn't survive a fork; the child makes its own when it needs one
    forget(shell)


def warm_drawing(shell: Shell) -> None:
    """Draw what figures use, for the children to come: 0.3 s, which a class that draws nothing needn't pay."""
    run_cell(shell, _DRAWING, lambda output: None, 10_000_000)
    forget(shell)


def forget(shell: Shell) -> None:
    """Make ``shell`` as new: what it has warmed leaves no name."""
    gc.freeze()  # `reset` looks through all that is not frozen
    shell.reset(new_session=True)
    shell.execution_count = 1


def draw_once(shell: Shell) -> None:
    """Take back that pyplot draws every open figure after a cell: the inline backend draws it again to show it."""
    for callback in list(shell.events.callbacks["post_execute"]):
        if callback.__name__ == "_draw_all_if_interactive":
            shell.events.unregister("post_execute", callback)


def run_cell(shell: Shell, source: str, sink: Sink, limit: int, *, draw: bool = True) -> bool:
    """Whether the cell ran without an exception; its outputs go to ``sink``, at most ``limit`` bytes of them.

    Without ``draw`` a figure is shown by its text only: it is made, but not rendered.
    """
    shell.outputs.open(sink, limit)
    shell.draws = draw
    formatter: Any = shell.display_formatter
    for mime in _PICTURES:
        formatter.formatters[mime].enabled = draw
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = shell.stdout, shell.stderr
    try:
        result = shell.run_cell(source, store_history=True)
        return bool(result.success)
    finally:
        shell.stdout.flush()
        shell.stderr.flush()
        shell.was_cut = shell.outputs.cut
        sys.stdout, sys.stderr = before
        shell.outputs.open(None, 0)


def scratch_environment(scratch: str) -> None:
    """Point everything that programs write to at ``scratch``."""
    places = {"HOME": "home", "TMPDIR": "tmp", "IPYTHONDIR": "home/.ipython", "MPLCONFIGDIR": "home/.matplotlib"}
    for name, place in places.items():
        os.environ[name] = os.path.join(scratch, place)
    tempfile.tempdir = None  # the zygote has remembered its own
