"""What a cell left behind, made fit to be shown: plain data only, nothing in it runs in anybody's browser.

Also writes a verdict into its graded cell. Knows neither the sandbox nor the judge, only their results.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

import nh3
from nbformat import NotebookNode

from nabla.notebook.markdown import inert_markdown, inert_tex
from nabla.notebook.pictures import PICTURES, is_picture
from nabla.notebook.reading import node
from nabla.verdicts import CellResult, CheckVerdict, ExerciseVerdict

MAX_OUTPUTS = 500
MAX_BYTES = 2**20
CUT = "[output cut: the limit is used up]\n"
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
_UNWANTED = re.compile(
    r"\x1b(?!\[[0-9;]{0,20}m)(?:\][^\x07\x1b]{0,1000}(?:\x07|\x1b\\)?|\[[0-?]{0,20}[ -/]{0,5}[@-~]?|.?)"
    "|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]",
    re.DOTALL,
)
_SIZE_LIMIT = 10_000
_MARKS = {"passed": "✓", "failed": "✗", "not_graded": "–", "error": "!"}
_WORDS = {"passed": "passed", "failed": "not passed", "not_graded": "not graded", "error": "could not be checked"}


def safe_outputs(result: CellResult, *, limit: int = MAX_BYTES) -> list[NotebookNode]:
    """The outputs of a run cell as nbformat outputs, at most about ``limit`` bytes of them in all."""
    return clean_outputs(result.outputs, limit=limit)


def clean_outputs(outputs: Iterable[Mapping[str, Any]], *, limit: int = MAX_BYTES) -> list[NotebookNode]:
    """A student's outputs, of which only inert text and pictures are left; what is malformed is dropped."""
    kept: list[NotebookNode] = []
    left = limit
    for output in outputs:
        if output.get("output_type") == "clear_output":
            kept.clear()
            continue
        clean = _clean_output(output)
        if clean is None:
            continue
        size = _size(clean)
        if size > left or len(kept) >= MAX_OUTPUTS:
            kept += [_cut(clean, left), _stream("stderr", CUT)]
            break
        left -= size
        if not _joined(kept, clean):
            kept.append(clean)
    return kept


def verdict_outputs(exercise: ExerciseVerdict) -> list[NotebookNode]:
    """What a sealed graded cell shows of its verdict: a line for each check, then the score as nbgrader shows one."""
    lines = [_display(_check_text(check), _check_html(check)) for check in exercise.checks]
    if exercise.score is None:
        text = "No points yet: this exercise could not be graded automatically."
        return [*lines, _display(text, f"<p>{html.escape(text)}</p>")]
    score: dict[str, Any] = {"output_type": "execute_result", "execution_count": None, "metadata": {}}
    return [*lines, node({**score, "data": {"text/plain": f"{exercise.score:g}"}})]


def with_verdict(outputs: list[NotebookNode], exercise: ExerciseVerdict) -> list[NotebookNode]:
    """A sealed graded cell's own outputs, none of which looks like a score any longer, and its verdict below them."""
    return [_no_result(output) for output in outputs] + verdict_outputs(exercise)


def safe_html(text: str) -> str:
    """HTML of which only plain formatting, tables, links and pictures are left."""
    clean = nh3.clean(
        text,
        tags=nh3.ALLOWED_TAGS - {"map", "area"},
        attributes={
            "a": {"href", "title"},
            "img": {"alt", "height", "src", "title", "width"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan", "scope"},
            "ol": {"start"},
        },
        attribute_filter=_only_own_pictures,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    return inert_tex(clean)


def _only_own_pictures(tag: str, name: str, value: str) -> str | None:
    """A picture must hold its own bytes: one from elsewhere would tell its server who opens the page, and when."""
    if name == "src":
        kind, _, data = value.removeprefix("data:").partition(";base64,")
        return value if value.startswith("data:") and is_picture(kind, data) else None
    return None if value.strip().lower().startswith("data:") else value


def safe_text(text: str) -> str:
    """Text without control characters; colours stay, and of a line written over itself its last state."""
    clean = _UNWANTED.sub("", text.replace("\r\n", "\n"))
    if "\r" in clean:
        clean = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in clean.split("\n"))
    return clean if clean.isascii() else clean.encode("utf-8", "replace").decode("utf-8")


def _clean_output(output: Mapping[str, Any]) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream" and isinstance(output.get("text"), str):
        return _stream("stderr" if output.get("name") == "stderr" else "stdout", safe_text(output["text"]))
    if kind == "error":
        return _error(output)
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), Mapping):
        return _bundle(kind, output)
    return None


def _stream(name: str, text: str) -> NotebookNode:
    return node({"output_type": "stream", "name": name, "text": text})


def _error(output: Mapping[str, Any]) -> NotebookNode:
    lines = output.get("traceback")
    lines = [safe_text(line) for line in lines if isinstance(line, str)] if isinstance(lines, list | tuple) else []
    name, value = safe_text(str(output.get("ename", ""))), safe_text(str(output.get("evalue", "")))
    lines = lines or [f"{name}: {value}"]
    return node({"output_type": "error", "ename": name, "evalue": value, "traceback": lines})


def _bundle(kind: str, output: Mapping[str, Any]) -> NotebookNode | None:
    given = output["data"]
    data = {name: clean for name, value in given.items() if (clean := _clean_data(str(name), value)) is not None}
    if not data:
        names = ", ".join(sorted(re.sub(r"[^\w.+/-]", "?", str(name))[:60] for name in given)[:5])
        data = {"text/plain": f"[output of type {names} is not shown]"}
    shown: dict[str, Any] = {"output_type": kind, "data": data, "metadata": _sizes(output.get("metadata"), data)}
    if kind == "execute_result":
        count = output.get("execution_count")
        shown["execution_count"] = count if type(count) is int and 0 <= count < 2**31 else None
    return node(shown)


def _clean_data(kind: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if kind in PICTURES:
        return "".join(value.split()) if is_picture(kind, value) else None
    if kind == "text/plain":
        return safe_text(value)
    if kind == "text/html":
        return safe_html(safe_text(value))
    if kind == "text/latex":
        return inert_tex(safe_text(value))
    if kind == "text/markdown":
        return inert_markdown(safe_text(value))
    return None


def _sizes(given: Any, data: Mapping[str, str]) -> dict[str, Any]:
    """Of an output's metadata only the width and height of its pictures."""
    given = given if isinstance(given, Mapping) else {}
    kept: dict[str, Any] = {}
    for kind in PICTURES:
        sizes = given.get(kind)
        if kind in data and isinstance(sizes, Mapping):
            wanted = {name: sizes.get(name) for name in ("width", "height")}
            if clean := {k: v for k, v in wanted.items() if type(v) is int and 0 < v < _SIZE_LIMIT}:
                kept[kind] = clean
    return kept


def plain_text(text: str) -> str:
    """Text without control characters and colours; not escaped."""
    return _COLOUR.sub("", safe_text(text))


def _joined(kept: list[NotebookNode], output: NotebookNode) -> bool:
    """Whether ``output`` went on to the end of the stream before it, as Jupyter joins them."""
    if not kept or output.output_type != "stream" or kept[-1].output_type != "stream" or kept[-1].name != output.name:
        return False
    kept[-1].text += output.text
    return True


def _size(output: NotebookNode) -> int:
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    return sum(map(len, [*texts, *output.get("data", {}).values()]))


def _cut(output: NotebookNode, left: int) -> NotebookNode:
    """What fits of a stream; of anything else only a word that it was there."""
    if output.output_type == "stream":
        return _stream(output.name, output.text[:left] + "\n")
    return _stream("stdout", f"[{output.output_type} left out]\n")


def _no_result(output: NotebookNode) -> NotebookNode:
    if output.output_type != "execute_result":
        return output
    return node({"output_type": "display_data", "data": output.data, "metadata": output.metadata})


def _display(text: str, markup: str) -> NotebookNode:
    return node({"output_type": "display_data", "data": {"text/html": markup, "text/plain": text}, "metadata": {}})


def _check_text(check: CheckVerdict) -> str:
    lines = [f"{_MARKS[check.outcome]} {check_title(check)} ({_WORDS[check.outcome]})"]
    lines += [f"  {line}" for text in (check.message, check.hint) if text for line in safe_text(text).splitlines()]
    return "\n".join(lines)


def _check_html(check: CheckVerdict) -> str:
    head = f"<strong>{_MARKS[check.outcome]} {html.escape(check_title(check))}</strong> ({_WORDS[check.outcome]})"
    # no <pre>, which doesn't wrap: what is wrong stands at a line's end
    lines = html.escape(plain_text(check.message)).replace("\n", "<br>")
    message = f"<p><samp>{lines}</samp></p>" if lines else ""
    hint = f"<p><em>{html.escape(plain_text(check.hint))}</em></p>" if check.hint else ""
    return f"<p>{head}</p>{message}{hint}"


def check_title(check: CheckVerdict) -> str:
    """What students read in the place of a check's name; not escaped."""
    return safe_text(check.title or check.name.removeprefix("test_").replace("_", " "))
