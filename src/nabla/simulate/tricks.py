"""Broken and dishonest submissions: what each does to a notebook, and what it declares to be worth.

Each trick begins with a solved or an untouched notebook. Its worth is written by hand: it decides a true score.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Notebook = dict[str, Any]
Worth = Literal["everything", "nothing", "all but one", "unreadable"]


@dataclass(frozen=True)
class Trick:
    """``change`` makes the file's bytes out of a notebook; ``worth`` is the fair score of the result."""

    name: str
    begins: Literal["solved", "untouched"]
    worth: Worth
    change: Callable[[Notebook], bytes]
    file_name: str = "{notebook}.ipynb"
    extra_files: tuple[tuple[str, str], ...] = ()


def as_bytes(nb: Notebook) -> bytes:
    """The notebook as the file that Jupyter would save."""
    return (json.dumps(nb, ensure_ascii=False, indent=1) + "\n").encode()


def spoilt_exercise(nb: Notebook) -> str:
    """The grade_id of the solution cell that an ``all but one`` trick spoils: the first."""
    grade_id: str = _marked(nb, "solution")[0]["metadata"]["nbgrader"]["grade_id"]
    return grade_id


def _truncated(nb: Notebook) -> bytes:
    whole = as_bytes(nb)
    return whole[: len(whole) // 2]


def _empty(_: Notebook) -> bytes:
    return b""


def _not_utf8(nb: Notebook) -> bytes:
    nb["cells"][0]["source"] = "caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    return json.dumps(nb, ensure_ascii=False).encode("latin-1", "replace")


def _format_3(nb: Notebook) -> bytes:
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": nb["cells"]}]}
    ).encode()


def _syntax_error(nb: Notebook) -> bytes:
    _marked(nb, "solution")[0]["source"] = "def almost(:\n    return"
    return as_bytes(nb)


def _failing_scratch_cell(nb: Notebook) -> bytes:
    return as_bytes(_with_first_cell(nb, "1 / 0"))


def _shown_points(nb: Notebook) -> bytes:
    for cell in _marked(nb, "solution"):
        cell["source"] = "get_ipython().displayhook(5)"
    return as_bytes(nb)


def _skip_tags(nb: Notebook) -> bytes:
    for cell in _marked(nb, "grade"):
        cell["metadata"]["tags"] = ["skip-execution"]
    return as_bytes(nb)


def _agreeable(nb: Notebook) -> bytes:
    first = "class Agree(float):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
    first += "    __lt__ = __le__ = __gt__ = __ge__ = __eq__\n    __hash__ = float.__hash__\n"
    for cell in _marked(nb, "solution"):
        cell["source"] = first + _all_functions(cell, "return Agree()")
    return as_bytes(nb)


def _blunted_asserts(nb: Notebook) -> bytes:
    source = "import numpy, numpy.testing\nnumpy.allclose = numpy.array_equal = lambda *a, **k: True\n"
    source += "numpy.testing.assert_allclose = numpy.testing.assert_array_equal = lambda *a, **k: None"
    return as_bytes(_with_first_cell(nb, source))


def _printed_score(nb: Notebook) -> bytes:
    lines = ["::notice title=Autograding complete::Points 100/100", "<script>document.title = 'full marks'</script>"]
    return as_bytes(_with_first_cell(nb, "\n".join(f"print({line!r})" for line in lines)))


def _always_value_error(nb: Notebook) -> bytes:
    for cell in _marked(nb, "solution"):
        cell["source"] = _all_functions(cell, "raise ValueError('no')")
    return as_bytes(nb)


def _own_points(nb: Notebook) -> bytes:
    for cell in _marked(nb, "grade"):
        cell["metadata"]["nbgrader"]["points"] = 100
    return as_bytes(nb)


def _early_exit(nb: Notebook) -> bytes:
    nb["cells"].append(_code_cell("import os\nos._exit(0)"))
    return as_bytes(nb)


def _all_functions(cell: dict[str, Any], body: str) -> str:
    """Source that defines each function of ``cell`` with this one line as its body."""
    names = re.findall(r"^def (\w+)", "".join(cell["source"]), re.M)
    return "\n".join(f"def {name}(*given, **named):\n    {body}" for name in names)


def _with_first_cell(nb: Notebook, source: str) -> Notebook:
    nb["cells"].insert(0, _code_cell(source))
    return nb


def _code_cell(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "scratch",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _marked(nb: Notebook, mark: str) -> list[dict[str, Any]]:
    """The code cells that carry nbgrader's ``mark``."""
    return [c for c in nb["cells"] if c["cell_type"] == "code" and c["metadata"].get("nbgrader", {}).get(mark)]


NUMPY_OF_ONES_OWN = (("numpy.py", "raise ImportError('this numpy is not numpy')\n"),)

BROKEN = (
    Trick("truncated JSON", "solved", "unreadable", _truncated),
    Trick("syntax error in one cell", "solved", "all but one", _syntax_error),
    Trick("wrong file name", "solved", "unreadable", as_bytes, file_name="my homework (1).ipynb"),
    Trick("scratch cell that fails", "solved", "everything", _failing_scratch_cell),
    Trick("empty file", "solved", "unreadable", _empty),
    Trick("numpy.py beside the notebook", "solved", "everything", as_bytes, extra_files=NUMPY_OF_ONES_OWN),
    Trick("not UTF-8", "solved", "unreadable", _not_utf8),
    Trick("leaves by os._exit at the end", "solved", "everything", _early_exit),
    Trick("notebook format 3", "solved", "unreadable", _format_3),
)
DISHONEST = (
    Trick("shows 5 points", "untouched", "nothing", _shown_points),
    Trick("skip-execution tags", "untouched", "nothing", _skip_tags),
    Trick("equal to everything", "untouched", "nothing", _agreeable),
    Trick("blunted asserts", "untouched", "nothing", _blunted_asserts),
    Trick("prints a score", "untouched", "nothing", _printed_score),
    Trick("always ValueError", "untouched", "nothing", _always_value_error),
    Trick("gives itself 100 points a cell", "solved", "everything", _own_points),
)
