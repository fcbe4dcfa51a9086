"""Which names of the notebook a cell binds or uses: told from its bytecode, without running it.

The runner tells it of students' cells, the judge itself of the course's own.
"""

from __future__ import annotations

import ast
import dis
import warnings
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

_BINDS = {"STORE_NAME", "STORE_GLOBAL"}
_USES = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_NAME", "DELETE_GLOBAL"}
_REACH_ANY = {"eval", "exec", "compile", "globals", "locals", "vars", "get_ipython", "__import__"}
_REACH_ANY |= {"__main__", "builtins", "inspect", "sys"}
_STAR = {("IMPORT_STAR", "None"), ("CALL_INTRINSIC_1", "INTRINSIC_IMPORT_STAR")}  # the latter since Python 3.12


def names_of(source: str, transform: Callable[[str], str]) -> dict[str, Any] | None:
    """``{"binds": […], "touches": […], "needs": […], "any": …}``; ``None`` for what isn't Python, or can't be read.

    Names that the cell binds, all that it binds or uses, those that it uses before it has bound them, line by line, and
    whether any name may be among them. ``transform`` makes Python of what only IPython reads (it is slow).
    """
    try:
        code = _compiled(source) or _compiled(transform(source))
        found = [] if code is None else list(_operations(code, "STORE_NAME"))
    except Exception:  # too deep, or a number with more digits than Python writes: this process is to go on
        code = None
    if code is None:
        return None
    binds: set[str] = set()
    needs: set[str] = set()
    for operation, name in found:
        if operation in _USES and name not in binds:
            needs.add(name)
        elif operation in _BINDS:
            binds.add(name)
    touches = {name for operation, name in found if operation in _USES | _BINDS}
    modules = {name.partition(".")[0] for operation, name in found if operation == "IMPORT_NAME"}
    wild = bool((touches | modules) & _REACH_ANY) or not _STAR.isdisjoint(found)
    return {"binds": sorted(binds), "touches": sorted(touches), "needs": sorted(needs), "any": wild}


def _compiled(source: str) -> CodeType | None:
    """The bytecode as IPython makes it, but silently: a warning is said where the cell runs."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Not inherited: annotations are looked up when a student's function is made, unlike in this module.
            code: CodeType = compile(source, "<cell>", "exec", flags, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return code


def _operations(code: CodeType, store: str) -> Iterator[tuple[str, str]]:
    """Each operation with its name, also within functions and classes: a class's own names bind nothing."""
    for instruction in dis.get_instructions(code):
        if isinstance(instruction.argval, CodeType):
            yield from _operations(instruction.argval, "LOAD_NAME")
        else:
            operation = store if instruction.opname == "STORE_NAME" else instruction.opname
            said = instruction.argrepr if operation == "CALL_INTRINSIC_1" else instruction.argval
            yield operation, str(said)
