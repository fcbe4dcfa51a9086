"""Whether a function stays on its arguments' device: judged from a rehearsal on an accelerator that isn't there.

All that a rehearsal says is a claim, so these checks earn points only beside a passed check of values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nabla.answers import Outline
from nabla.checks import messages
from nabla.checks.answer import Answer
from nabla.checks.examination import Examination, Submission, current, examination_of
from nabla.checks.failure import CheckFailed

BATCH = None
"""In an `outline`: the length of the batch."""
BATCHES = (2, 8)
DTYPES = ("float64", "float32")

_MESSAGES = {
    "transfer": messages.TRANSFER,
    "assignment": messages.TRANSFER,
    "numpy": messages.READ,
    "read": messages.READ,
    "cpu_array": messages.CPU_ARRAY,
    "untried": messages.UNTRIED,
    "left_behind": messages.LEFT_BEHIND,
    "dtype": messages.OTHER_DTYPE,
    "shape": messages.OTHER_SHAPE,
    "loop": messages.LOOPS,
    "raised": messages.RAISED_THERE,
}
FAULTS = tuple(_MESSAGES)
"""What can be wrong, the most telling first; a wrong answer names its own: ``@wrong(fault="transfer", …)``."""
_EVENTS = {"transfers": "transfer", "reads": "read", "mixed": "cpu_array", "unknown": "untried"}
_MORE_EXACTLY = {"copy_": "assignment", "numpy": "numpy", "__array__": "numpy"}
_MOST_TOLD = 10_000
_NAMES = {
    "_to_copy": "as `.cpu()` does",
    "copy_": "by an assignment into an array there",
    "item": "`float()` or `.item()`",
    "__float__": "`float()`",
    "__int__": "`int()`",
    "numpy": "`.numpy()`",
    "__array__": "`np.asarray`",
    "tensor": "a new tensor of old numbers",
}


def outline(*shape: int | None) -> Outline:
    """An array of this shape without numbers; `BATCH` stands for the length of the batch."""
    return Outline(shape)


def assert_stays_on_device(
    submission: Submission, name: str, *arguments: Any, result: Outline | tuple[Outline, ...]
) -> None:
    """Nothing, if the student's function ``name`` leaves the work and the result on its arguments' device.

    ``arguments`` are `outline`s and numbers, ``result`` is the outline that comes back, or a tuple of them. Truth tests
    are allowed: one way to answer them must do. No array is copied to the CPU, no number read, no array of the CPU
    used (a number of shape () may be); dtypes stay; a batch of eight takes as many operations as one of two.
    """
    examination = examination_of(submission)
    batches = BATCHES if any(isinstance(a, Outline) and BATCH in a.shape for a in arguments) else BATCHES[:1]
    told = examination.rehearse(name, arguments, batches=batches, dtypes=DTYPES)
    try:
        faults = list(_faults(told, result))
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError):  # the student's process wrote it
        faults = []
    if not faults:
        raise CheckFailed(messages.UNTOLD.format(name=name))
    if None not in faults:
        worst = min((fault for fault in faults if fault is not None), key=lambda fault: FAULTS.index(fault.kind))
        raise _failed(examination, name, worst)


def assert_on_device(actual: Answer, device: str) -> None:
    """Nothing, if what came back lay on ``device``, all of it. A claim: the student's process says so."""
    examination = actual.examination or current.get()
    if examination is not None:
        examination.claims_used += 1
    for found in _devices(actual.claims):
        if found.partition(":")[0] != device:
            shown = messages.sanitise(found, 60)
            raise CheckFailed(messages.WRONG_DEVICE.format(told=actual.told(), actual=shown, expected=device))


def _devices(claims: Any) -> Iterator[str]:
    items = claims.get("items") if isinstance(claims, Mapping) else None
    if isinstance(items, list):
        for item in items:
            yield from _devices(item)
    else:
        found = claims.get("device") if isinstance(claims, Mapping) else None
        yield found if isinstance(found, str) else "no device"


@dataclass(frozen=True)
class _Fault:
    """What is wrong with one way through the function. ``event``: in which words of its own."""

    kind: str
    event: str
    dtype: str
    not_answered: bool = False


def _faults(told: Any, result: Any) -> Iterator[_Fault | None]:
    """For each way to answer the truth tests what is wrong there, or ``None``. Raises for what no runner would say."""
    if len(told) > _MOST_TOLD:
        raise ValueError
    ways: dict[tuple, list[Mapping]] = {}
    for run in told:
        ways.setdefault(tuple(bool(truth) for truth in run["script"]), []).append(run)
    for runs in ways.values():
        found = [fault for run in runs if (fault := _fault(run, result)) is not None]
        yield min(found, key=lambda fault: FAULTS.index(fault.kind)) if found else _growth(runs)


def _fault(run: Mapping, result: Any) -> _Fault | None:
    dtype = _word(run["dtype"])
    for events, kind in _EVENTS.items():
        for name in run[events]:
            return _Fault(_MORE_EXACTLY.get(name, kind), _NAMES.get(name) or f"`{_word(name)}`", dtype)
    if (error := run["error"]) is not None:
        names, text = error["names"], messages.sanitise(str(error["message"]))
        event = f"{_word(names[0])}: {text}" if text else _word(names[0])
        return _Fault("raised", event, dtype, "NotImplementedError" in names)
    return _unlike(run["result"], result, run["batch"], dtype)


def _unlike(told: Mapping, expected: Any, batch: int, dtype: str) -> _Fault | None:
    """How the result differs from what is expected, without its numbers."""
    if isinstance(expected, tuple):
        items = told.get("items")
        if items is None or len(items) != len(expected):
            return _Fault("shape", f"{_said(told)}, expected {len(expected)} arrays", dtype)
        found = (_unlike(item, one, batch, dtype) for item, one in zip(items, expected, strict=True))
        return next((fault for fault in found if fault is not None), None)
    if "device" not in told:
        return _Fault("shape", f"{_said(told)}, expected an array", dtype)
    if told["device"] != "accelerator":
        return _Fault("left_behind", _said(told), dtype)
    shape = [batch if length is BATCH else length for length in expected.shape]
    if told["shape"] != shape:
        return _Fault("shape", f"{_said(told)}, expected shape {tuple(shape)}", dtype)
    return None if told["dtype"] == dtype else _Fault("dtype", _word(told["dtype"]), dtype)


def _growth(runs: list[Mapping]) -> _Fault | None:
    """Whether more problems take more operations."""
    for run in runs:
        first = next(other for other in runs if other["dtype"] == run["dtype"])
        few, many = int(first["operations"]), int(run["operations"])
        if few != many:
            event = f"{few} operations for {int(first['batch'])} problems and {many} for {int(run['batch'])}"
            return _Fault("loop", event, _word(run["dtype"]))
    return None


def _said(told: Mapping) -> str:
    if "shape" in told:
        return f"an array of shape {messages.show(tuple(told['shape']))}"
    return f"{len(told['items'])} items" if "items" in told else f"a {_word(told['type'])}"


def _word(text: Any) -> str:
    return messages.sanitise(str(text), 80)


def _failed(examination: Examination, name: str, fault: _Fault) -> CheckFailed:
    if fault.not_answered:
        return CheckFailed(messages.NOT_ANSWERED.format(name=name))
    told = messages.ON_ACCELERATOR.format(name=name, dtype=fault.dtype)
    problem = _MESSAGES[fault.kind].format(told=told, event=fault.event, dtype=fault.dtype)
    for wrong in examination.wrong_answers:
        if wrong.fault == fault.kind and wrong.function == name and wrong.occurs_in(examination.framework):
            return CheckFailed(problem, hint=wrong.hint_in(examination.language), wrong_answer=wrong.name)
    return CheckFailed(problem)
