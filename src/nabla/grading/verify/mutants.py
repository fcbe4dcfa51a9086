"""Every small slip in a piece of Python: an operator, sign, constant, index, transpose, argument, term or loop bound.

Knows syntax and nothing of courses. What only says what is wrong (an exception's text, a docstring) is left alone.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ORDERED = (ast.Sub, ast.Div, ast.Pow, ast.MatMult)
"""Operators whose operands can't change places."""

SYMMETRIC = ("max", "min", "maximum", "minimum")
"""Functions whose arguments can."""

TWINS = {"max": "min", "any": "all", "argmax": "argmin", "maximum": "minimum"}
TWINS |= {other: one for one, other in TWINS.items()}
"""Functions and methods that are easily taken for each other."""

RANGES = ("range", "arange")
VALUES = (ast.Name, ast.BinOp, ast.Call, ast.Attribute, ast.Subscript)
"""What may be a number or an array, so that a minus sign before it means something."""


@dataclass(frozen=True)
class Mutant:
    """A solution with one slip, in ``function``.

    `was`, `becomes`: the statement before and after, of a block its head. `nth`: which of equal statements, from 1.
    """

    function: str
    kind: str
    was: str
    becomes: str
    nth: int
    source: str

    @property
    def name(self) -> tuple[str, str, str, int]:
        """What it is known by within its exercise: changes with its statement, and with nothing else."""
        return self.function, normal(self.was), normal(self.becomes), self.nth


def normal(statement: str) -> str:
    """The same text for all ways to write one statement, or the head of a block: spaces, brackets, quotes don't count.

    Another version of Python may write a mutant in another way.

    >>> normal("a, b = (1e-8, 'x')") == normal('a,b = 1e-08, "x"')
    True
    """
    try:
        return ast.dump(ast.parse(f"{statement} pass" if statement.rstrip().endswith(":") else statement))
    except SyntaxError:
        return statement


def mutants(source: str, lines: Collection[int] | None = None) -> list[Mutant]:
    """The mutants of the functions in ``source``, no two alike; only of ``lines`` (counted from 1) where given."""
    tree = ast.parse(source)
    found: dict[str, Mutant] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for function, statement in list(_statements(tree, "")):
        if lines is not None and statement.lineno not in lines:
            continue
        was = _head(statement)
        seen[function, was] += 1
        for kind, old, new in list(_slips(statement, tree)):
            _Exchange(old, new).visit(tree)
            text, becomes = ast.unparse(tree), _head(new if old is statement else statement)
            _Exchange(new, old).visit(tree)
            if becomes != was:
                found.setdefault(text, Mutant(function, kind, was, becomes, seen[function, was], text))
    return list(found.values())


class _Exchange(ast.NodeTransformer):
    """Puts ``new`` where ``old`` is, which is found by identity."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def _statements(parent: ast.AST, function: str) -> Iterator[tuple[str, ast.stmt]]:
    """Each statement within a function, with the function's name; no definition, ``raise`` or docstring."""
    for child in ast.iter_child_nodes(parent):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield from _statements(child, f"{function}.{child.name}".lstrip("."))
        elif isinstance(child, ast.stmt):
            docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if function and not docstring and not isinstance(child, ast.Raise):
                yield function, child
            yield from _statements(child, function)


def _head(statement: ast.AST) -> str:
    """A statement on one line; of a block only its head."""
    text = ast.unparse(statement)
    return text.partition("\n")[0] if hasattr(statement, "body") else " ".join(text.split())


def _slips(statement: ast.stmt, tree: ast.AST) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """(kind, what, what instead) of each slip in a statement; those within a block belong to its own statements."""
    texts = dict.fromkeys(_texts(statement))
    strings = list(texts if len(texts) > 1 else dict.fromkeys(_answers(tree)))
    for node in _own_nodes(statement):
        for kind, slips in KINDS.items():
            yield from ((kind, node, instead) for instead in slips(node))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield "constant", node, ast.Constant(_next(node.value, strings))


def _own_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    yield statement
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt | ast.JoinedStr):
            yield from _own_nodes(child)


def _texts(node: ast.AST) -> list[str]:
    """The strings in a node, in their order."""
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def _answers(tree: ast.AST) -> list[str]:
    """The strings that functions return."""
    return [text for node in ast.walk(tree) if isinstance(node, ast.Return) for text in _texts(node)]


def _next(string: str, strings: list[str]) -> str:
    others = [*strings, *strings]
    return others[others.index(string) + 1] if string in others and len(strings) > 1 else ""


# Each gives what could stand in the place of a node.


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign):
        yield from (_like(node, op=other()) for other in OPERATORS.get(type(node.op), ()))
    elif isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in OPERATORS.get(type(operator), ()):
                yield _like(node, ops=_placed(node.ops, place, other()))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.BoolOp):
        yield _like(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Name) and node.id in TWINS:
        yield _like(node, id=TWINS[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in TWINS:
        yield _like(node, attr=TWINS[node.attr])


def _signs(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.Return | ast.Assign | ast.AugAssign) and isinstance(node.value, VALUES):
        yield _like(node, value=_minus(node.value))
    elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        yield from (_like(node, elts=new) for new in _one_negated(node.elts))
    elif isinstance(node, ast.Dict):
        yield from (_like(node, values=new) for new in _one_negated(node.values))


def _one_negated(nodes: list[ast.expr]) -> Iterator[list[ast.expr]]:
    return (_placed(nodes, place, _minus(node)) for place, node in enumerate(nodes) if isinstance(node, VALUES))


def _minus(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), node)


def _indices(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Subscript) and isinstance(index := _integer(node.slice), int):
        yield from (_like(node, slice=ast.Constant(other)) for other in (index - 1, index + 1))
    elif isinstance(node, ast.Slice):
        for bound in ("lower", "upper", "step"):
            index = _integer(getattr(node, bound))
            if bound != "step" and index is not None:
                yield from (_like(node, **{bound: ast.Constant(other)}) for other in (index - 1, index + 1))
            if getattr(node, bound) is not None:
                yield _like(node, **{bound: None})


def _integer(node: ast.AST | None) -> int | None:
    try:
        found = ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None
    return found if type(found) is int else None


def _constants(node: ast.AST) -> Iterator[ast.AST]:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, float):
        yield from (ast.Constant(2 * value), ast.Constant(value / 2)) if value else (ast.Constant(1.0),)


def _transposes(node: ast.AST) -> Iterator[ast.AST]:
    """Only a capital letter is sure to be a matrix: a vector is its own transpose."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.BinOp):
        for side in ("left", "right"):
            operand = getattr(node, side)
            if isinstance(operand, ast.Name) and operand.id[0].isupper():
                yield _like(node, **{side: ast.Attribute(operand, "T", ast.Load())})


def _orders(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] not in SYMMETRIC:
        yield from (_like(node, args=new) for new in _neighbours_exchanged(node.args))
    elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        yield from (_like(node, elts=new) for new in _neighbours_exchanged(node.elts))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ORDERED):
        yield _like(node, left=node.right, right=node.left)


def _neighbours_exchanged(nodes: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for place in range(len(nodes) - 1):
        yield [*nodes[:place], nodes[place + 1], nodes[place], *nodes[place + 2 :]]


def _dropped(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp):
        yield node.left
        if isinstance(node.op, ast.Add | ast.Mult | ast.MatMult):
            yield node.right
        elif isinstance(node.op, ast.Sub):
            yield _minus(node.right)
    elif isinstance(node, ast.BoolOp):
        for place in range(len(node.values)):
            left = node.values[:place] + node.values[place + 1 :]
            yield left[0] if len(left) == 1 else _like(node, values=left)
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        yield _like(node, ops=node.ops[1:], left=node.comparators[0], comparators=node.comparators[1:])
        yield _like(node, ops=node.ops[:-1], comparators=node.comparators[:-1])
    elif isinstance(node, ast.comprehension):
        yield from (_like(node, ifs=node.ifs[:place] + node.ifs[place + 1 :]) for place in range(len(node.ifs)))
    elif isinstance(node, ast.Expr | ast.AugAssign) or (isinstance(node, ast.If) and not node.orelse):
        yield ast.Pass()


def _loops(node: ast.AST) -> Iterator[ast.AST]:
    """A range that begins one later, or ends one earlier or later."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in RANGES:
        return
    place = min(1, len(node.args) - 1)
    if isinstance(node.args[place], ast.Constant) or _integer(getattr(node.args[place], "right", None)) is not None:
        return  # range(5), range(n + 1): the constant itself is changed
    for operator in (ast.Sub(), ast.Add()):
        yield _like(node, args=_placed(node.args, place, ast.BinOp(node.args[place], operator, ast.Constant(1))))
    if place == 0:
        yield _like(node, args=[ast.Constant(1), *node.args])


KINDS: dict[str, Callable[[ast.AST], Iterable[ast.AST]]] = {
    "index": _indices,
    "loop": _loops,
    "operator": _operators,
    "sign": _signs,
    "constant": _constants,
    "transpose": _transposes,
    "order": _orders,
    "dropped": _dropped,
}


def _like(node: ast.AST, **changes: object) -> Any:
    """A shallow copy of ``node`` with other fields."""
    fields = {name: getattr(node, name, None) for name in node._fields}
    return ast.copy_location(type(node)(**{**fields, **changes}), node)


def _placed(nodes: list, place: int, node: ast.AST) -> list:
    return [*nodes[:place], node, *nodes[place + 1 :]]
