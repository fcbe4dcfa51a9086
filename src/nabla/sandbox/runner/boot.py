"""Entry point of the runner: loads this folder as a package by its path, so that any interpreter can run it.

Everything that is imported is spared its file calls, so nothing is imported here but what that needs.
"""

import ctypes
import gc
import importlib.util
import json
import os
import signal
import sys

PACKAGE = "nabla_runner"
PR_SET_PDEATHSIG = 1


def load() -> None:
    """Make this folder importable as ``nabla_runner``, and nothing beside it."""
    folder = os.path.dirname(os.path.abspath(__file__))
    place = os.path.join(folder, "__init__.py")
    spec = importlib.util.spec_from_file_location(PACKAGE, place, submodule_search_locations=[folder])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    # Who started this may be killed before it serves; later it takes its submissions along (`zygote.serve`).
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    load()
    from nabla_runner.remember import spared_calls  # type: ignore[import-not-found]  # load() makes it of this folder

    settings = json.loads(sys.argv[1])
    sys.dont_write_bytecode = True
    gc.disable()  # what is imported stays: looking through it again and again is a tenth of the start
    with spared_calls(*(settings[name] for name in ("packages", "facts", "asked", "bytecode"))):
        from nabla_runner import zygote  # type: ignore[import-not-found]

        ready = zygote.prepare(settings)
    zygote.serve(settings, ready)
