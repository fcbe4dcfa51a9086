"""Which names of the notebook a cell binds or uses: told from its bytecode, without running it."""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Iterator
from types import CodeType

_BINDS = {"STORE_NAME", "STORE_GLOBAL"}
_USES = {"LOAD_NAME", "LOAD_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}
_REACH_ANY = {"eval", "exec", "compile", "globals", "locals", "vars", "get_ipython", "__import__", "__main__", "sys"}


def names_of(source: str, transform: Callable[[str], str]) -> dict | None:
    """``{"binds": […], "touches": […], "needs": […], "any": …}``; ``None`` for what isn't Python.

    Names that the cell binds, all that it binds or uses, those that it uses before it has bound them, line by line, and
    whether any name may be among them.
    """
    try:
        code = compile(transform(source), "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
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


def _operations(code: CodeType, store: str) -> Iterator[tuple[str, str]]:
    """Each operation with its name, those of functions and classes too, whose own names (``STORE_NAME``) bind nothing."""
    for instruction in dis.get_instructions(code):
        if isinstance(instruction.argval, CodeType):
            yield from _operations(instruction.argval, "LOAD_NAME")
        else:
            yield (store if instruction.opname == "STORE_NAME" else instruction.opname), str(instruction.argval)
