"""The wire: what is sent comes back, and bytes that nobody sent are refused without harm."""

from __future__ import annotations

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabla.sandbox.runner import wire

DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


def round_trip(value: object) -> object:
    return wire.unpack(wire.pack(value)[wire.HEADER.size :])


@given(DATA)
def test_plain_data_comes_back_as_it_was(value: object) -> None:
    assert round_trip(value) == value


@pytest.mark.parametrize("dtype", sorted(wire.DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3, 4)])
def test_arrays_come_back_with_dtype_shape_and_values(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.ones(shape, dtype=dtype)
    back = round_trip(array)
    assert isinstance(back, np.ndarray)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert np.array_equal(back, array)


def test_numpy_scalars_tuples_and_handles_keep_their_kind() -> None:
    assert isinstance(round_trip(np.float32(2.5)), np.float32)
    remote = wire.Remote(3, "builtins.function", callable=True)
    assert round_trip((remote, wire.Opaque("T", "why"))) == (remote, wire.Opaque("T", "why"))


@settings(max_examples=2000)
@given(st.binary(max_size=200))
def test_random_bytes_give_data_or_a_wire_error(body: bytes) -> None:
    try:
        wire.unpack(body)
    except wire.WireError:
        pass


@settings(max_examples=500)
@given(DATA, st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_frame_gives_data_or_a_wire_error(value: object, place: int, byte: int) -> None:
    body = bytearray(wire.pack(value)[wire.HEADER.size :])
    body[place % len(body)] = byte
    try:
        wire.unpack(bytes(body))
    except wire.WireError:
        pass


def extension(code: int, parts: object) -> bytes:
    return msgpack.packb(msgpack.ExtType(code, msgpack.packb(parts)))


@pytest.mark.parametrize(
    "body",
    [
        b"\x91" * 100_000,  # lists in lists
        extension(1, ["|O", [1], b"x" * 8]),  # objects
        extension(1, ["<f8", [2**40, 2**40], b""]),  # a shape that no memory holds
        extension(1, ["<f8", [-1], b""]),
        extension(1, ["<f8", [2], b"x"]),
        extension(1, ["<M8[s]", [1], b"x" * 8]),
        extension(5, ["a", 1, 1]),
        extension(99, []),
        extension(4, 3),
        msgpack.packb({"a": 1})[:-1],
        b"",
        b"\xdd\xff\xff\xff\xff",  # a list of four billion items
        b"\xc1",
    ],
)
def test_malformed_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack(body)


def test_extensions_nested_without_end_are_refused() -> None:
    body = msgpack.packb([])
    for _ in range(5000):
        body = msgpack.packb(msgpack.ExtType(4, msgpack.packb([]) if len(body) > 60_000 else b"\x91" + body))
    try:
        wire.unpack(body)
    except wire.WireError:
        pass


@pytest.mark.parametrize("value", [object(), {1: object()}, {(1, 2): 3}, np.array([object()])])
def test_what_is_no_data_is_never_sent(value: object) -> None:
    with pytest.raises(wire.WireError):
        wire.pack(value)
