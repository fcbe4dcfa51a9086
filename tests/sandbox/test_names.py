"""Which names a cell binds, uses and needs from others."""

from __future__ import annotations

import sys

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from nabla.sandbox.runner.names import names_of

transform = TransformerManager().transform_cell


@pytest.mark.parametrize(
    ("source", "binds", "needs"),
    [
        ("y = x + 1", "y", "x"),
        ("x = 1\ny = x", "x y", ""),
        ("x = x + 1", "x", "x"),
        ("x += 1", "x", "x"),
        ("import numpy as np\nfrom a import b as c", "np c", ""),
        ("def f(x):\n    y = x\n    return y + w", "f", "w"),
        ("w = 1\ndef f(x):\n    return x + w", "w f", ""),
        ("def f():\n    global g\n    g = 1", "f g", ""),
        ("class A(B):\n    size = 2\n    def m(self):\n        return z", "A", "B z"),
        ("[a for b in c]", "", "a c"),
        ("for i in r:\n    print(a)\n    a = i", "i a", "r a print"),
        ("del u", "", "u"),
        ("await z", "", "z"),
        ("def f(a: x) -> y:\n    return z", "f", "x y z"),
        ("v: x = 1", "v", "x"),
        *([("class A:\n    type size = z", "A", "z")] if sys.version_info >= (3, 12) else []),
    ],
)
def test_names_are_told_without_running_the_cell(source: str, binds: str, needs: str) -> None:
    found = names_of(source, transform)
    assert found is not None
    assert set(found["binds"]) == set(binds.split())
    named = {name for name in found["needs"] if not name.startswith("__")}  # a class body's have underscores
    assert named - {"size", "m"} == set(needs.split())
    assert set(found["touches"]) >= set(found["binds"]) | set(found["needs"])
    assert not found["any"]


@pytest.mark.parametrize(
    "source",
    [
        "from math import *",
        "eval('x')",
        "def f():\n    return globals()['x']",
        "%time f(1)",
        "!ls",
        "import sys\nsys.modules['__main__'].x",
        "import __main__ as me\nme.x",
        "from sys import modules\nmodules['__main__'].x",
        "import builtins\nbuiltins.eval('x')",
        "import inspect as i\ni.currentframe().f_globals['x']",
    ],
)
def test_what_may_reach_any_name_says_so(source: str) -> None:
    found = names_of(source, transform)
    assert found is not None
    assert found["any"]


@pytest.mark.parametrize("source", ["def f(:", "(" * 3000, "x = " + "-" * 100_000 + "1", "\0", "x = 0x" + "f" * 9999])
def test_of_what_is_not_python_or_cannot_be_read_nothing_is_told(source: str) -> None:
    assert names_of(source, lambda text: text) is None
