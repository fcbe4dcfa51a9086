"""Running a submission without trusting it: zygote, one confined process per submission, replay after a failure.

Knows cells, calls and limits; knows nothing of checks, grades or nbgrader.
"""

from nabla.sandbox.accelerators import accelerator_of
from nabla.sandbox.levels import SandboxUnavailable, check_level, keep_out, runtime_description
from nabla.sandbox.runner.names import names_of
from nabla.sandbox.runner.wire import NOT_DRAWN
from nabla.sandbox.runtimes import Runtime, runtime_of
from nabla.sandbox.session import SubmissionSession
from nabla.sandbox.zygote import Zygote

__all__ = [
    "NOT_DRAWN",
    "Runtime",
    "SandboxUnavailable",
    "SubmissionSession",
    "Zygote",
    "accelerator_of",
    "check_level",
    "keep_out",
    "names_of",
    "runtime_description",
    "runtime_of",
]
