"""Many answers to each of several exercises, so put together that each submission holds one of each exercise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def rounds(todo: Mapping[str, Sequence[Item]]) -> Iterator[dict[str, Item]]:
    """The first of each, then the second of each…; what has ended is left out.

    >>> list(rounds({"f": "ab", "g": "c"}))
    [{'f': 'a', 'g': 'c'}, {'f': 'b'}]
    """
    for number in range(max(map(len, todo.values()), default=0)):
        yield {name: items[number] for name, items in todo.items() if number < len(items)}
