"""The part of a notebook that some of its exercises need: their tests, and the cells that bind names which these use.

For notebooks of the course's own: what a cell changes without binding a name isn't seen.
"""

from __future__ import annotations

import copy
import re
import symtable
from collections.abc import Collection

from nbformat import NotebookNode

_MAGIC = re.compile(r"^[%!].*$", re.M)


def excerpt(nb: NotebookNode, grade_ids: Collection[str]) -> NotebookNode:
    """``nb`` with the tests ``grade_ids``, and with the code that they need. Shares its cells with ``nb``."""
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    tests = [cell for cell in code if cell.metadata.get("nbgrader", {}).get("grade_id") in grade_ids]
    asked = {name.removeprefix("test_") for name in grade_ids}
    solutions = [cell for cell in code if cell.metadata.get("nbgrader", {}).get("grade_id") in asked]
    others = [cell for cell in code if not cell.metadata.get("nbgrader", {}).get("grade")]
    names = {id(cell): _names(cell.source) for cell in code}
    kept = [*tests, *solutions]
    for cell in kept:  # grows while it is read
        _, uses = names[id(cell)]
        seen = set(map(id, kept))
        kept += [other for other in others if id(other) not in seen and names[id(other)][0] & uses]
    part = copy.copy(nb)
    chosen = {id(cell) for cell in kept}
    part.cells = [cell for cell in nb.cells if id(cell) in chosen]
    return part


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a cell binds, and those that it takes from other cells, also within its functions."""
    table = symtable.symtable(_MAGIC.sub("", source), "cell", "exec")
    binds = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    return frozenset(binds), frozenset(_used(table) - binds)


def _used(table: symtable.SymbolTable) -> set[str]:
    top = table.get_type() == "module"
    symbols = (symbol for symbol in table.get_symbols() if symbol.is_referenced() and (top or symbol.is_global()))
    return {symbol.get_name() for symbol in symbols}.union(*map(_used, table.get_children()))
