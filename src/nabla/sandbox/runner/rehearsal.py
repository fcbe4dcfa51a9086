"""A call on an accelerator that isn't there: tensors without numbers, and a record of what a real one would wait for.

Torch's own ``meta`` device stands for it. Loaded when first asked for; says what happened and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from . import child

DEVICE = "meta"
_DEPTH = 3
"""So many truth tests of a call are answered in every way; those that follow are answered no."""
_MOST_TRUTHS, _MOST_EVENTS, _MOST_ITEMS = 200, 20, 16
_TRUTHS = {"__bool__", "is_nonzero", "equal", "allclose"}
_READS = {"__float__", "__int__", "__index__", "__complex__", "__array__", "item", "tolist", "numpy"}
_BUILDERS = {"tensor", "as_tensor", "asarray"}
_TAKE_BOTH = {"copy_", "index", "index_put", "index_put_", "_index_put_impl_"}
"""Operations for which a real accelerator takes a whole array of the CPU's, too."""
_TAKE_NO_NUMBER = {"cat", "stack"}
"""Those that don't even take a single number of the CPU's."""


class LeftTheDevice(RuntimeError):
    """What the student's code meets where it leaves the device; caught or not, it has been recorded."""


class AskedTooOften(RuntimeError):
    """What ends a loop that waits for another answer."""


@dataclass
class Record:
    """What one call did. ``script``: the answers to its first truth tests."""

    script: tuple[bool, ...]
    asked: int = 0
    operations: int = 0
    transfers: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def truth(self) -> bool:
        """The answer to the next truth test."""
        self.asked += 1
        if self.asked > _MOST_TRUTHS:
            raise AskedTooOften(f"more than {_MOST_TRUTHS} truth tests")
        return self.asked <= len(self.script) and self.script[self.asked - 1]

    def left(self, events: list[str], name: str) -> LeftTheDevice:
        """The exception for an event, which is recorded."""
        if len(events) < _MOST_EVENTS:
            events.append(name)
        return LeftTheDevice(f"{name} leaves the device")


class Questions(TorchFunctionMode):
    """Sees what Python asks of a tensor: truth tests, which may be, and numbers, which may not."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """The answer, or what the operation gives."""
        name, first = getattr(func, "__name__", ""), args[0] if args else None
        if name in _TRUTHS and any(map(_there, _leaves(args))):
            return self.record.truth()
        if name in _READS and isinstance(first, torch.Tensor) and _there(first):
            raise self.record.left(self.record.reads, name)
        if name in _BUILDERS and isinstance(first, list | tuple) and any(map(_there, _leaves(first))):
            raise self.record.left(self.record.reads, name)
        return func(*args, **(kwargs or {}))


class Operations(TorchDispatchMode):
    """Sees every operation as the device would: counts them, and stops where one needs the CPU's memory."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """What the operation gives: a shape without numbers."""
        record, kwargs, name = self.record, kwargs or {}, func.overloadpacket.__name__
        record.operations += 1
        given = list(_leaves((args, kwargs)))
        if not any(map(_there, given)):
            return func(*args, **kwargs)
        if name == "_local_scalar_dense":
            if args[0].dtype is torch.bool:
                return record.truth()
            raise record.left(record.reads, "item")
        if _is_transfer(name, args, kwargs):
            raise record.left(record.transfers, name)
        changed_there = func._schema.is_mutable and isinstance(args[0], torch.Tensor) and not _there(args[0])
        if name not in _TAKE_BOTH and (changed_there or any(_whole_array_of_the_cpu(value, name) for value in given)):
            raise record.left(record.mixed, name)
        if name == "linalg_lstsq":  # torch has no shape for it
            return _least_squares(*args[:2])
        try:
            return func(*args, **kwargs)
        except NotImplementedError:
            waits = {torch.Tag.dynamic_output_shape, torch.Tag.data_dependent_output} & set(func.tags)
            raise record.left(record.reads if waits else record.unknown, name) from None


def rehearse(function: Callable[..., Any], arguments: list[Any], batches: list[int], dtypes: list[str]) -> list[dict]:
    """What each run of ``function`` did: for each way to answer its truth tests, every batch in every dtype.

    ``arguments``: values, or ``{"outline": shape}`` for a tensor, with ``None`` for the length of the batch.
    """
    scenes = [(batch, dtype) for dtype in dtypes for batch in batches]
    found: list[dict] = []
    todo: list[tuple[bool, ...]] = [()]
    for script in todo:  # grows while it is read
        runs = [_run(function, arguments, batch, dtype, script) for batch, dtype in scenes]
        found += runs
        places = range(len(script), min(runs[0]["asked"], _DEPTH))
        todo += [(*script, *[False] * (place - len(script)), True) for place in places]
    return found


def _run(function: Callable[..., Any], arguments: list[Any], batch: int, dtype: str, script: tuple) -> dict:
    record, error, result = Record(script), None, None
    given = [_argument(value, batch, getattr(torch, dtype)) for value in arguments]
    try:
        with Questions(record), Operations(record):
            value = function(*given)
        result = _told(value)
    except BaseException as raised:  # SystemExit too: it is the student's answer
        error = child.describe_error(raised)
    events = {name: getattr(record, name) for name in ("transfers", "reads", "mixed", "unknown")}
    told = {"asked": record.asked, "operations": record.operations, "error": error, "result": result}
    return {"script": list(script), "batch": batch, "dtype": dtype, **events, **told}


def _argument(value: Any, batch: int, dtype: Any) -> Any:
    if not isinstance(value, dict):
        return value
    shape = [batch if length is None else length for length in value["outline"]]
    return torch.empty(shape, dtype=dtype, device=DEVICE)


def _there(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.device.type == DEVICE


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))
    else:
        yield value


def _is_transfer(name: str, args: Any, kwargs: Any) -> bool:
    if name == "_to_copy":
        return kwargs.get("device") is not None and torch.device(kwargs["device"]).type != DEVICE
    return name == "copy_" and not _there(args[0])


def _whole_array_of_the_cpu(value: Any, name: str) -> bool:
    """Whether a real device would refuse ``value``: a number of shape () may lie on the CPU."""
    if not isinstance(value, torch.Tensor) or _there(value):
        return False
    return value.dim() > 0 or name in _TAKE_NO_NUMBER


def _least_squares(a: Any, b: Any) -> tuple:
    solution = b.new_empty((*a.shape[:-2], a.shape[-1], *b.shape[a.dim() - 1 :]))
    return solution, b.new_empty(0), a.new_empty(0, dtype=torch.long), a.new_empty(0)


def _told(value: Any, depth: int = 0) -> dict:
    """Where a result lies, and its dtype and shape; the same of each item of a tuple or list."""
    if isinstance(value, torch.Tensor):
        device = "accelerator" if _there(value) else value.device.type
        return {"device": device, "dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape)}
    if isinstance(value, list | tuple) and depth < 2 and len(value) <= _MOST_ITEMS:
        return {"items": [_told(item, depth + 1) for item in value]}
    return {"type": type(value).__name__[:100]}
