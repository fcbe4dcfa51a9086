"""The frameworks' arrays as wire data and back. Runs in the student's process: what it says is a claim."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from . import wire

_CAP_TEXT = 200


def describe(value: Any, depth: int = 0) -> dict:
    """What ``value`` is: type, dtype, device, and for a tuple or list the same of each item."""
    kind = type(value)
    claims: dict[str, Any] = {"type": _type_name(kind), "framework": _framework(value)}
    for name in ("dtype", "device"):
        attribute = getattr(value, name, None) if claims["framework"] else None
        if attribute is not None:
            # torch.float64, <dtype: 'float64'>, <class 'numpy.float64'>: each framework says it in its own way
            claims[name] = str(getattr(attribute, "name", None) or attribute).removeprefix("torch.")[:_CAP_TEXT]
    if claims["framework"] == "torch":
        claims["requires_grad"] = bool(getattr(value, "requires_grad", False))  # a module has none
    if kind in (tuple, list) and depth < 2 and len(value) <= 16:
        claims["items"] = [describe(item, depth + 1) for item in value]
    return claims


def _type_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"[:_CAP_TEXT]


def _framework(value: Any) -> str:
    for base in type(value).__mro__:
        root = str(base.__module__).partition(".")[0]
        if root in ("numpy", "torch", "tensorflow", "jax", "jaxlib", "mxnet"):
            return "jax" if root == "jaxlib" else root
    return ""


class Outgoing:
    """Turns a student's values into wire data; what can't cross becomes a `Remote` or an `Opaque`."""

    def __init__(self, remotes: dict[int, Any], max_bytes: int) -> None:
        self.remotes = remotes
        self.left = max_bytes
        self.items = wire.MAX_ITEMS

    def convert(self, value: Any, depth: int = 0) -> Any:
        """Wire data for ``value``. Never raises for a student's value: the reason travels instead."""
        try:
            return self._convert(value, depth)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a hostile __array__, __len__, dtype ... costs this value only
            return wire.Opaque(_type_name(type(value)), f"{type(error).__name__} while it was read"[:_CAP_TEXT])

    def _convert(self, value: Any, depth: int) -> Any:
        self.items -= 1
        if self.items < 0 or depth > wire.MAX_DEPTH - 4:
            return wire.Opaque(_type_name(type(value)), "too deep or too many parts")
        for kind in (bool, int, float, complex):
            if isinstance(value, kind) and not isinstance(value, np.generic):
                return value if type(value) is kind else _plain(value, kind)
        if value is None:
            return None
        if isinstance(value, str | bytes):
            return self._text(value)
        if isinstance(value, list | tuple):
            items = [self._convert(item, depth + 1) for item in value]
            return items if isinstance(value, list) else tuple(items)
        if isinstance(value, dict):
            return self._dict(value, depth)
        array = self._array(value)
        return self._remote(value) if array is None else array

    def _text(self, value: str | bytes) -> Any:
        self.left -= len(value)
        if self.left < 0:
            return wire.Opaque(type(value).__name__, "too large")
        return str(value) if isinstance(value, str) else bytes(value)

    def _dict(self, value: dict, depth: int) -> Any:
        if not all(type(key) in (str, int, float, bool) or key is None for key in value):
            return wire.Opaque("dict", "its keys are neither text nor numbers")
        return {key: self._convert(item, depth + 1) for key, item in value.items()}

    def _array(self, value: Any) -> Any:
        array = to_numpy(value)
        if array is None:
            return None
        self.left -= array.nbytes
        if self.left < 0:
            return wire.Opaque(_type_name(type(value)), f"too large ({array.nbytes} bytes)")
        if array.dtype.newbyteorder("<").str not in wire.DTYPES:
            return wire.Opaque(_type_name(type(value)), f"an array of dtype {array.dtype}"[:_CAP_TEXT])
        return np.ascontiguousarray(array).reshape(array.shape) if isinstance(array, np.ndarray) else array

    def _remote(self, value: Any) -> wire.Remote:
        number = len(self.remotes) + 1
        self.remotes[number] = value
        return wire.Remote(number, _type_name(type(value)), callable(value))


def _plain(value: Any, kind: type) -> Any:
    """The number in a subclass instance, without calling the subclass's own methods."""
    return {int: int.__int__, float: float.__float__, complex: complex.__complex__}[kind](value)


def to_numpy(value: Any) -> Any:
    """``value`` as a numpy array or scalar, or ``None`` where it is no framework's array."""
    framework = _framework(value)
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if isinstance(value, np.generic):
        return value
    if framework == "torch" and isinstance(value, sys.modules["torch"].Tensor):
        return _from_torch(value)
    if framework == "tensorflow" and hasattr(value, "numpy"):
        return np.asarray(value.numpy())
    if framework == "mxnet" and hasattr(value, "asnumpy"):
        return np.asarray(value.asnumpy())
    if framework == "jax" and hasattr(value, "__array__"):
        return np.asarray(value)
    return None


def _from_torch(value: Any) -> np.ndarray:
    torch = sys.modules["torch"]
    plain = value.detach().to("cpu").to_dense() if value.layout is not torch.strided else value.detach().to("cpu")
    plain = plain.resolve_conj().resolve_neg()
    return np.asarray((plain.float() if plain.dtype is torch.bfloat16 else plain).numpy())


def incoming(value: Any, framework: str, callback: Any, device: str = "") -> Any:
    """``value`` from the judge, with numpy arrays as the edition's own type and `Callback`s as functions."""
    if isinstance(value, np.ndarray):
        return from_numpy(value, framework, device)
    if isinstance(value, wire.Callback):
        return callback(value.number)
    if isinstance(value, list | tuple):
        return type(value)(incoming(item, framework, callback, device) for item in value)
    if isinstance(value, dict):
        return {key: incoming(item, framework, callback, device) for key, item in value.items()}
    return value


def from_numpy(array: np.ndarray, framework: str, device: str = "") -> Any:
    """``array`` as ``framework``'s own type, with the same dtype; a copy that the student may change.

    On the CPU, or on torch's ``device``.
    """
    if framework == "torch":
        import torch

        made = torch.from_numpy(array.copy())
        return made.to(device) if device else made
    if framework == "tensorflow":
        import tensorflow

        return tensorflow.constant(array)
    if framework == "jax":
        import jax.numpy

        return jax.numpy.asarray(array)
    if framework == "mxnet":
        import mxnet

        return mxnet.np.array(array, dtype=array.dtype)
    return array.copy()
