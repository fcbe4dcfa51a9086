"""Whether a notebook says the same in each language: same formulas, same code, cell by cell in the same order.

Knows markdown and Python source as text; what the words mean is for reviewers.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from nbformat import NotebookNode

FENCE = re.compile(r"^```.*?^```", re.M | re.S)
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$(?!\$)(.+?)(?<!\\)\$", re.S)
CODE = re.compile(r"`([^`\n]+)`")
WORDS = re.compile(r"\\(?:text|mathrm|textrm|tag|label)\{[^{}]*\}")
HEADING = re.compile(r"^(#+) ", re.M)


def differences(nb: NotebookNode, original: str = "en", translation: str = "ja") -> list[str]:
    """One sentence for each cell of ``nb`` (a source notebook) whose translation has other formulas or other code."""
    left, right = _cells(nb, original), _cells(nb, translation)
    found = []
    for number, (one, other) in enumerate(zip_longest(left, right), 1):
        if one is None or other is None:
            present, lacking = (translation, original) if one is None else (original, translation)
            cell = one if other is None else other
            found.append(f"cell {number} for {present} ({_name(cell)}) has none for {lacking}")
        else:
            found += [f"cell {number} for {translation} ({_name(other)}): {why}" for why in _compared(one, other)]
    return found


def _cells(nb: NotebookNode, language: str) -> list[NotebookNode]:
    return [cell for cell in nb.cells if language in cell.metadata.get("tags", [])]


def _name(cell: NotebookNode) -> str:
    return repr(cell.source.strip().splitlines()[0][:50] if cell.source.strip() else "")


def _compared(one: NotebookNode, other: NotebookNode) -> Iterator[str]:
    if one.cell_type != other.cell_type:
        yield f"is {other.cell_type}, its original {one.cell_type}"
    elif one.cell_type == "code":
        if _program(one.source) != _program(other.source):
            yield "other code than its original (comments and docstrings aside)"
    else:
        yield from _texts_compared(one.source, other.source)


def _texts_compared(one: str, other: str) -> Iterator[str]:
    """What stands in lines of its own is counted; what stands inside a line may be repeated by a translation."""
    kinds = (
        ("formulas", _displays),
        ("formulas", _inline),
        ("code", _blocks),
        ("code", _code),
        ("headings", _headings),
    )
    for name, parts in kinds:
        missing, extra = Counter(parts(one)) - Counter(parts(other)), Counter(parts(other)) - Counter(parts(one))
        if missing or extra:
            yield f"other {name}: lacks {_list(missing)}, has instead {_list(extra)}"


def _displays(text: str) -> list[str]:
    return [_bare(block) for block, _ in FORMULA.findall(_without_code(text)) if block]


def _inline(text: str) -> set[str]:
    return {_bare(inline) for _, inline in FORMULA.findall(_without_code(text)) if inline}


def _bare(formula: str) -> str:
    """A formula without spaces, and without the words that are set inside it."""
    return "".join(WORDS.sub("", formula).split())


def _blocks(text: str) -> list[str]:
    """Code blocks without their comments."""
    return ["\n".join(line.split("#")[0].rstrip() for line in fence.splitlines()) for fence in FENCE.findall(text)]


def _code(text: str) -> set[str]:
    return set(CODE.findall(FORMULA.sub("", FENCE.sub("", text))))


def _without_code(text: str) -> str:
    return CODE.sub("", FENCE.sub("", text))


def _headings(text: str) -> Sequence[str]:
    return HEADING.findall(FENCE.sub("", text))


def _program(source: str) -> str:
    """The code without comments, docstrings and texts; the source itself where it isn't plain Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def _list(parts: Counter[str]) -> str:
    return ", ".join(repr(part) for part in parts.elements()) or "nothing"
