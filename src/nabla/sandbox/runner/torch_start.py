"""PyTorch as the zygote starts it: one thread, first uses paid for, its compiler left alone until somebody compiles."""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

_COMPILER = "torch._dynamo"


def put_off_compiler(torch: Any) -> None:
    """Keep `torch._dynamo`, 340 modules and 0.7 s, from being imported by functions that only say "don't compile me".

    PyTorch marks several hundred functions so, among them those behind arrays on the ``meta`` device, and imports its
    compiler at the first call of any. Where nothing compiles there is nothing to keep them from; once something has
    imported the compiler they are marked as ever. Does nothing where a PyTorch is built otherwise.
    """
    compile_module = sys.modules.get("torch._compile")
    original = getattr(compile_module, "_disable_dynamo", None)
    code = _inner_code(original)
    if original is None or code is None:
        return

    def disable(fn: Any = None, recursive: bool = True) -> Any:
        if fn is None:
            return functools.partial(disable, recursive=recursive)
        _put_off(torch, fn, recursive)
        return original(fn, recursive)

    for found in gc.get_objects():
        if type(found) is FunctionType and found.__code__ is code:
            cells = dict(zip(code.co_freevars, found.__closure__ or (), strict=True))
            _put_off(torch, cells["fn"].cell_contents, cells["recursive"].cell_contents)
    torch._disable_dynamo = compile_module._disable_dynamo = disable  # type: ignore[union-attr]


def _inner_code(original: Any) -> CodeType | None:
    """The code of the functions that stand for the marked ones, if it is the one that we know."""
    for part in getattr(getattr(original, "__code__", None), "co_consts", ()):
        if (
            isinstance(part, CodeType)
            and part.co_freevars == ("fn", "recursive")
            and "__dynamo_disable" in str(part.co_consts)
        ):
            return part
    return None


def _put_off(torch: Any, fn: Callable[..., Any], recursive: bool) -> None:
    """What PyTorch finds as the marked ``fn``: the function itself, until the compiler is there."""

    def until_it_is_there(*given: Any, **named: Any) -> Any:
        if _COMPILER not in sys.modules:
            return fn(*given, **named)
        fn.__dynamo_disable = marked = torch._dynamo.disable(fn, recursive, wrapping=False)  # type: ignore[attr-defined]
        return marked(*given, **named)

    fn.__dynamo_disable = until_it_is_there  # type: ignore[attr-defined]


def warm(torch: Any, *, autograd: bool, functions: bool) -> None:
    """One thread (a fork copies one only), and the first uses of autograd, and of `torch.func`, paid for.

    On the main thread: a CPU backward pass starts no other. Without ``autograd`` it stays cold: on an accelerator it
    would start a thread, and a context.
    """
    torch.set_num_threads(1)
    if not autograd:
        return
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    (x * x).sum().backward()
    if functions:
        torch.func.hessian(lambda t: (t**3).sum())(x.detach())
    torch.linalg.solve(torch.eye(2), torch.ones(2))
