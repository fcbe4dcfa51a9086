"""Which names of the notebook a cell binds or uses: told from its bytecode, without running it.

The runner tells it of students' cells, the judge itself of the course's own.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

_BINDS = {"STORE_NAME", "STORE_GLOBAL"}
_USES = {"LOAD_NAME", "LOAD_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}
_REACH_ANY = {"eval", "exec", "compile", "globals", "locals", "vars", "get_ipython", "__import__", "__main__", "sys"}


def names_of(source: str, transform: Callable[[str], str]) -> dict[str, Any] | None:
    """``{"binds": […], "touches": […], "needs": […], "any": …}``; ``None`` for what isn't Python.

    Names that the cell binds, all that it binds or uses, those that it uses before it has bound them, line by line, and
    whether any name may be among them. ``transform`` makes Python of what only IPython reads (it is slow).
    """
    code = _compiled(source) or _compiled(transform(source))
    if code is None:
        return None
    found = list(_operations(code, "STORE_NAME"))
    binds: set[str] = set()
    needs: set[str] = set()
    for operation, name in found:
        if operation in _USES and name not in binds:
            needs.add(name)
        elif operation in _BINDS:
            binds.add(name)
    touches = {name for operation, name in found if operation in _USES | _BINDS}
    wild = bool(touches & _REACH_ANY) or any(operation == "IMPORT_STAR" for operation, _ in found)
    return {"binds": sorted(binds), "touches": sorted(touches), "needs": sorted(needs), "any": wild}


def _compiled(source: str) -> CodeType | None:
    try:
        code: CodeType = compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return code


def _operations(code: CodeType, store: str) -> Iterator[tuple[str, str]]:
    """Each operation with its name, also within functions and classes: a class's own names bind nothing."""
    for instruction in dis.get_instructions(code):
        if isinstance(instruction.argval, CodeType):
            yield from _operations(instruction.argval, "LOAD_NAME")
        else:
            yield (store if instruction.opname == "STORE_NAME" else instruction.opname), str(instruction.argval)
