"""The wire: data that crosses between judge and runner, as msgpack with a small tagged codec.

The only module that both sides import. Decoding makes plain data and never code: no pickle, no attribute looked up by
a name from the other side. Everything that can't be said is an `Opaque` with a reason, so a strange answer costs only
its own question.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

HEADER = struct.Struct("<I")
NOT_DRAWN = "(a picture of a given cell, not drawn again while grading)"
COMMAND_BYTES, ANSWER_BYTES = 40, 16
"""Sizes of a command to the zygote and of its answer."""
MAX_DEPTH = 24
MAX_ITEMS = 1_000_000
MAX_INT_BITS = 1 << 16

_ARRAY, _COMPLEX, _BIG_INT, _TUPLE, _REMOTE, _SCALAR, _OPAQUE, _CALLBACK = range(1, 9)
DTYPES = frozenset(
    ["|b1", "|i1", "|u1"]
    + [
        f"<{kind}{size}"
        for kind, sizes in {"i": (2, 4, 8), "u": (2, 4, 8), "f": (2, 4, 8), "c": (8, 16)}.items()
        for size in sizes
    ]
)


class WireError(ValueError):
    """The bytes are not a message of this protocol."""


@dataclass(frozen=True)
class Remote:
    """A function or object that stays where it is; the other side holds its number."""

    number: int
    type_name: str
    callable: bool


@dataclass(frozen=True)
class Callback:
    """A function of the judge's, by number."""

    number: int


@dataclass(frozen=True)
class Opaque:
    """A value that can't cross, with the reason."""

    type_name: str
    reason: str


def pack(message: Any) -> bytes:
    """The bytes of one frame: four of length, then msgpack. Raises `WireError` for what the codec doesn't know."""
    try:
        body = _packed(_tag(message, 0))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise WireError(f"can't be sent: {error}") from None
    return bytes(HEADER.pack(len(body)) + body)


def unpack(body: bytes) -> Any:
    """The message in ``body``, a frame without its length. Raises `WireError`, and nothing else, for other bytes."""
    return _unpack(body, 0, _Budget(len(body)))


class _Budget:
    """What one frame may become: a million parts, and its own size a few times over (extensions copy what they hold).

    Without it, 64 MB of empty lists become 4 GB of them, and extensions in extensions 24 times 64 MB.
    """

    def __init__(self, size: int) -> None:
        self.parts, self.bytes = MAX_ITEMS, 8 * size + (1 << 20)

    def spend(self, body: bytes) -> None:
        """Count the parts of ``body`` before any of them is made. Raises `WireError`."""
        self.bytes -= len(body)
        place, end = 0, len(body)
        while place < end and self.bytes >= 0 and self.parts >= 0:
            self.parts -= 1
            skip, width = _TOKENS[body[place]]
            place += skip + int.from_bytes(body[place + 1 : place + 1 + width], "big")
        if self.bytes < 0 or self.parts < 0:
            raise WireError("malformed: too many parts")


def _token(tag: int) -> tuple[int, int]:
    """How long a msgpack item with this first byte is (without the items in it), and the width of its length field."""
    if 0xA0 <= tag <= 0xBF:
        return 1 + (tag & 0x1F), 0
    widths = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
    if tag in widths:
        return 1 + widths[tag] + (0xC7 <= tag <= 0xC9), widths[tag]
    fixed = {0xCA: 5, 0xCB: 9, **dict(zip(range(0xCC, 0xD4), (2, 3, 5, 9) * 2, strict=True))}
    fixed |= {**dict(zip(range(0xD4, 0xD9), (3, 4, 6, 10, 18), strict=True)), 0xDC: 3, 0xDD: 5, 0xDE: 3, 0xDF: 5}
    return fixed.get(tag, 1), 0


_TOKENS = tuple(map(_token, range(256)))


def _unpack(body: bytes, depth: int, budget: _Budget) -> Any:
    if depth > MAX_DEPTH:  # each extension recurses on the C stack: unbounded, it would end the judge
        raise WireError("malformed: extensions nested too deep")
    budget.spend(body)
    try:
        return msgpack.unpackb(
            body,
            ext_hook=lambda code, data: _untag(code, data, depth + 1, budget),
            object_pairs_hook=_mapping,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
            raw=False,
            strict_map_key=False,
            use_list=True,
            unicode_errors="replace",
        )
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"malformed: {type(error).__name__}") from None


def _mapping(pairs: list[tuple[Any, Any]]) -> dict:
    """A dict with the keys that `pack` sends. Others could all have one hash, and a dict of them would take hours."""
    for key, _ in pairs:
        if type(key) is int and not -(2**63) <= key < 2**64:
            raise WireError("malformed: a key that is too large")
        _key(key)
    return dict(pairs)


def _tag(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return _ext(_OPAQUE, ["nested", f"nested more than {MAX_DEPTH} deep"])
    kind = type(value)
    if value is None or kind in (bool, str, bytes, float):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else _big_int(value)
    if kind in (list, tuple):
        items = [_tag(item, depth + 1) for item in value]
        return items if kind is list else _ext(_TUPLE, items)
    if kind is dict:
        return {_key(key): _tag(item, depth + 1) for key, item in value.items()}
    return _tag_special(value)


def _key(key: Any) -> Any:
    if type(key) in (str, int, float, bool) or key is None:
        return key
    raise WireError(f"a dict key of type {type(key).__name__}")


def _big_int(value: int) -> msgpack.ExtType:
    if value.bit_length() > MAX_INT_BITS:
        return _ext(_OPAQUE, ["int", "an integer of more than 65536 bits"])
    return msgpack.ExtType(_BIG_INT, value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))


def _tag_special(value: Any) -> msgpack.ExtType:
    if isinstance(value, np.ndarray):
        return _ext(_ARRAY, _array_parts(value))
    if isinstance(value, np.generic):
        return _ext(_SCALAR, _array_parts(np.asarray(value)))
    if isinstance(value, complex):
        return _ext(_COMPLEX, [value.real, value.imag])
    if isinstance(value, Remote):
        return _ext(_REMOTE, [value.number, value.type_name, value.callable])
    if isinstance(value, Callback):
        return _ext(_CALLBACK, [value.number])
    if isinstance(value, Opaque):
        return _ext(_OPAQUE, [value.type_name, value.reason])
    raise WireError(f"a value of type {type(value).__name__}")


def _ext(code: int, parts: list) -> msgpack.ExtType:
    return msgpack.ExtType(code, _packed(parts))


def _packed(parts: Any) -> bytes:
    r"""The msgpack bytes; half a character (``print("\ud83d")``) goes as its escape, as no UTF-8 can say it."""
    return bytes(msgpack.packb(parts, use_bin_type=True, unicode_errors="backslashreplace"))


def _array_parts(array: np.ndarray) -> list:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if little.dtype.str not in DTYPES:
        raise WireError(f"an array of dtype {array.dtype}")
    return [little.dtype.str, list(little.shape), little.tobytes()]


def _untag(code: int, data: bytes, depth: int, budget: _Budget) -> Any:
    parts = None if code == _BIG_INT else _unpack(data, depth, budget)
    if code == _BIG_INT:
        return _read_big_int(data)
    if not isinstance(parts, list):
        raise WireError("malformed: an extension that is no list")
    if code == _TUPLE:
        return tuple(parts)
    if code in (_ARRAY, _SCALAR):
        return _read_array(parts, scalar=code == _SCALAR)
    if code == _COMPLEX:
        real, imaginary = _typed(parts, (float, int), (float, int))
        return complex(real, imaginary)
    if code == _REMOTE:
        return Remote(*_typed(parts, int, str, bool))
    if code == _CALLBACK:
        return Callback(*_typed(parts, int))
    if code == _OPAQUE:
        return Opaque(*_typed(parts, str, str))
    raise WireError(f"malformed: unknown extension {code}")


def _typed(parts: list, *kinds: Any) -> list:
    if len(parts) != len(kinds) or not all(isinstance(part, kind) for part, kind in zip(parts, kinds, strict=True)):
        raise WireError("malformed: an extension with the wrong parts")
    return parts


def _read_big_int(data: bytes) -> int:
    if len(data) > MAX_INT_BITS // 8 + 2:
        raise WireError("malformed: an integer too long")
    return int.from_bytes(data, "little", signed=True)


def _read_array(parts: list, *, scalar: bool) -> Any:
    dtype, shape, data = _typed(parts, str, list, bytes)
    if dtype not in DTYPES or len(shape) > 16 or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
        raise WireError("malformed: an array's header")
    if math.prod(shape) * np.dtype(dtype).itemsize != len(data):
        raise WireError("malformed: an array whose bytes don't fill its shape")
    array = np.frombuffer(data, dtype=dtype).reshape(shape).copy()
    return array[()] if scalar and array.ndim == 0 else array
