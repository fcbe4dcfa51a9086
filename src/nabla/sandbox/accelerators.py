"""Whether this machine has an accelerator for checks that need one, and what of it a sandbox must let through.

Asks an interpreter of a runner, never this process: a context of the judge's would be of no use to anybody.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable

from nabla.sandbox import levels

AUTO, NONE, CPU = "auto", "none", "cpu"
NODES = ("/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/kfd", "/dev/dri/*", "/dev/accel/*")
_ASK = (
    "import torch; a = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None; "
    "print(a.type if a else '')"
)


def nodes(patterns: Iterable[str] = NODES) -> list[str]:
    """The device files of accelerators that are there, sorted."""
    return sorted(path for pattern in patterns for path in glob.glob(pattern))


def accelerator_of(python: str, wanted: str = AUTO) -> str:
    """The device for checks that need one, as the torch of ``python`` calls it (``cuda``); empty where there is none.

    A machine without device files isn't asked: that would import torch. ``wanted``: a device by name is taken for there
    (``cpu`` tries such checks without one), ``none`` has none. Raises `nabla.sandbox.SandboxUnavailable` where the
    interpreter can't be run.
    """
    if wanted not in (AUTO, NONE):
        return wanted
    return levels.said_by(python, _ASK).strip() if wanted == AUTO and nodes() else ""
