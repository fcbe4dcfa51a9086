"""Reads a submitted notebook file: bounded, never through a link, and rebuilt field by field.

Nothing is executed and nothing that was not asked for is kept. Knows nothing of nbgrader, courses or grades.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.notebooknode import from_dict

MAX_CELLS = 10_000
NBFORMAT, NBFORMAT_MINOR = 4, 5
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_ASK_AGAIN = "Ask the student to submit it again"
_SAVE_AGAIN = "Open it in JupyterLab, save it and submit it again"


class UnreadableNotebook(Exception):
    """A submitted file that can't be graded; the message names the file, what is wrong and what to do."""

    def __init__(self, file: Path | str, wrong: str, remedy: str) -> None:
        super().__init__(f"{file}: {wrong}. {remedy}.")
        self.file, self.wrong, self.remedy = str(file), wrong, remedy


def read_notebook(path: Path | str, *, limit: int) -> NotebookNode:
    """The notebook in ``path``, as format 4.5. Raises `UnreadableNotebook`."""
    return parse_notebook(read_bytes(path, limit=limit), file=path)


def read_bytes(path: Path | str, *, limit: int) -> bytes:
    """The bytes of the regular file ``path``, at most ``limit`` of them. Raises `UnreadableNotebook`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableNotebook(path, _why_not_open(path, error), f"{_ASK_AGAIN} as a plain file") from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise UnreadableNotebook(path, f"is {_kind(mode)}, not a file", f"{_ASK_AGAIN} as a plain file")
    with os.fdopen(descriptor, "rb") as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        wrong = f"is larger than {limit / 2**20:g} MiB"
        raise UnreadableNotebook(path, wrong, "Clear its outputs, or raise c.Nabla.limits['notebook']")
    return raw


def parse_notebook(raw: bytes, *, file: Path | str) -> NotebookNode:
    """The notebook that ``raw`` holds, as format 4.5; ``file`` is only for messages. Raises `UnreadableNotebook`."""
    document = _document(raw, file)
    _check_format(document, file)
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise UnreadableNotebook(file, "has no list of cells", _SAVE_AGAIN)
    if len(cells) > MAX_CELLS:
        raise UnreadableNotebook(file, f"has more than {MAX_CELLS} cells", "Delete the needless ones")
    clean = [_cell(cell, number, file) for number, cell in enumerate(cells, 1)]
    _repair_ids(clean)
    metadata = _printable(_mapping(document.get("metadata")))
    return node({"nbformat": NBFORMAT, "nbformat_minor": NBFORMAT_MINOR, "metadata": metadata, "cells": clean})


def node(content: dict[str, Any]) -> NotebookNode:
    """``content`` as nbformat's dictionary with attributes."""
    made: NotebookNode = from_dict(content)
    return made


def _document(raw: bytes, file: Path | str) -> dict[str, Any]:
    if not raw.strip():
        raise UnreadableNotebook(file, "is empty", _ASK_AGAIN)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableNotebook(file, f"is not UTF-8 text (byte {error.start})", _SAVE_AGAIN) from error
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        wrong = f"is not valid JSON (line {error.lineno}: {error.msg}); it may have been cut off"
        raise UnreadableNotebook(file, wrong, _ASK_AGAIN) from error
    except (RecursionError, ValueError) as error:
        raise UnreadableNotebook(file, "is nested too deep or holds an endless number", _SAVE_AGAIN) from error
    if not isinstance(document, dict):
        raise UnreadableNotebook(file, "is JSON but no notebook", _ASK_AGAIN)
    return document


def _check_format(document: dict[str, Any], file: Path | str) -> None:
    found = document.get("nbformat")
    if isinstance(found, bool) or not isinstance(found, int):
        raise UnreadableNotebook(file, "is JSON but no notebook (it has no nbformat number)", _ASK_AGAIN)
    if found != NBFORMAT:
        raise UnreadableNotebook(file, f"has notebook format {found}, not {NBFORMAT}", _SAVE_AGAIN)


def _cell(cell: Any, number: int, file: Path | str) -> dict[str, Any]:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise UnreadableNotebook(file, f"cell {number} is neither code nor text", _SAVE_AGAIN)
    source = _joined(cell.get("source", ""))
    if source is None:
        raise UnreadableNotebook(file, f"cell {number} has no text as its source", _SAVE_AGAIN)
    kind = cell["cell_type"]
    metadata = _printable(_mapping(cell.get("metadata")))
    clean: dict[str, Any] = {"cell_type": kind, "id": cell.get("id"), "metadata": metadata, "source": source}
    if kind == "code":
        clean["execution_count"] = None
        clean["outputs"] = _outputs(cell.get("outputs"))
    elif _mapping(cell.get("attachments")):
        clean["attachments"] = _printable(cell["attachments"])
    return clean


def _outputs(outputs: Any) -> list[dict[str, Any]]:
    if not isinstance(outputs, list):
        return []
    return [_output(output) for output in outputs if isinstance(output, dict)]


def _output(output: dict[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = _printable(output)
    if "text" in clean:
        clean["text"] = _joined(clean["text"]) or ""
    if isinstance(clean.get("data"), dict):
        joined = ((kind, value, _joined(value)) for kind, value in clean["data"].items())
        clean["data"] = {kind: value if text is None else text for kind, value, text in joined}
    return clean


def _repair_ids(cells: list[dict[str, Any]]) -> None:
    """Every cell gets a valid id of its own; the same file gets the same ids each time."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if not isinstance(cell["id"], str) or not _CELL_ID.match(cell["id"]) or cell["id"] in seen:
            cell["id"] = fresh_id(f"{number}:{cell['source']}", seen)
        seen.add(cell["id"])


def fresh_id(text: str, taken: set[str]) -> str:
    """Eight hex digits that depend on ``text`` alone, or on it and a number where those are ``taken``."""
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{attempt}:{text}".encode()).hexdigest()[:8]
        if digest not in taken:
            return digest
        attempt += 1


def _joined(value: Any) -> str | None:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return _text(value) if isinstance(value, str) else None


def _text(text: str) -> str:
    """``text`` with lone surrogates, which no file can hold, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {_text(key): _printable(item) for key, item in value.items()}
    return value


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _why_not_open(path: Path | str, error: OSError) -> str:
    if Path(path).is_symlink():
        return "is a link, not a file"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"can't be opened ({error.strerror})"


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    return "a device or socket"
