"""Which interpreter and which modules run the submissions of a framework's edition, and how its environment is made.

A framework that can't share the judge's environment has one of its own, outside of any course. Runs no submission.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import platformdirs

from nabla.course import Course, CourseError

RUNNER = ("ipython", "matplotlib", "matplotlib-inline", "msgpack", "sandlock")
"""What the runner itself needs there."""
REQUIREMENTS: Mapping[str, tuple[str, ...]] = {
    "torch": ("torch>=2.6",),
    "numpy": ("numpy>=1.26",),
    "tensorflow": ("tensorflow-cpu>=2.18",),
    "jax": ("jax>=0.6", "numpy>=2"),
    # The last release of MXNet, and the last numpy that still has the names that it uses.
    "mxnet": ("mxnet==1.9.1", "numpy==1.23.5"),
}
_MODULES = {"torch": ("numpy", "torch", "matplotlib"), "numpy": ("numpy", "matplotlib")}


@dataclass(frozen=True)
class Runtime:
    """An interpreter and the modules that its zygote imports; runtimes that are equal share a zygote."""

    python: str
    preload: tuple[str, ...]
    framework: str = field(default="", compare=False)


def runtime_of(course: Course, framework: str = "", assignments: Sequence[str] = ()) -> Runtime:
    """The runtime of ``framework``'s edition; of the course's default one where none is named.

    ``c.Nabla.runtimes`` comes first, then what the course's own runtime has, then what was installed with
    ``nabla runtime install``. Whether it is there, its zygote says.
    """
    settings = course.settings
    framework = framework or settings.framework
    if framework in (settings.framework, *settings.preload) and framework not in settings.runtimes:
        found = Runtime(settings.python or sys.executable, tuple(settings.preload), framework)
    else:
        found = _other(course, framework)
    more = (name for assignment in assignments for name in settings.preload_for.get(assignment, ()))
    roots = {name.partition(".")[0] for name in found.preload}
    fitting = (name for name in more if name.partition(".")[0] in roots)
    return replace(found, preload=tuple(dict.fromkeys([*found.preload, *fitting])))


def _other(course: Course, framework: str) -> Runtime:
    said = course.settings.runtimes.get(framework, {})
    if not isinstance(said, dict) or set(said) - {"python", "preload"}:
        raise CourseError(f"c.Nabla.runtimes[{framework!r}]: give 'python' and 'preload' only, both may be missing.")
    here = sys.executable if _importable(framework) else environment(framework).python
    preload = said.get("preload") or _MODULES.get(framework, ("numpy", framework, "matplotlib"))
    return Runtime(str(said.get("python") or here), tuple(map(str, preload)), framework)


def _importable(framework: str) -> bool:
    return importlib.util.find_spec(framework) is not None


@dataclass(frozen=True)
class Environment:
    """A venv of one framework, in the user's cache: named by what is to be in it, so a change makes another."""

    framework: str
    folder: Path

    @property
    def python(self) -> str:
        """Its interpreter: a copy, whose path must not say "python".

        TensorFlow then wants to read its own command line below /proc, which no submission may, and aborts.
        """
        return str(self.folder / "bin" / "runner")

    @property
    def ready(self) -> bool:
        """Whether it was installed to the end."""
        return (self.folder / ".ready").is_file()


def environment(framework: str) -> Environment:
    """Where the environment of ``framework`` is, or will be."""
    wanted = "\n".join([*packages(framework), sys.version])
    name = f"{framework}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    return Environment(framework, Path(platformdirs.user_data_dir("nabla")) / "runtimes" / name)


def is_installed_by_us(runtime: Runtime) -> bool:
    """Whether its interpreter is one that ``nabla runtime install`` makes; else the course names it."""
    return runtime.framework in REQUIREMENTS and runtime.python == environment(runtime.framework).python


def packages(framework: str) -> tuple[str, ...]:
    """What is installed for ``framework``. Raises `CourseError` for one that nobody knows."""
    if framework not in REQUIREMENTS:
        raise CourseError(f"{framework}: no such framework. Known: {', '.join(REQUIREMENTS)}.")
    return (*REQUIREMENTS[framework], *RUNNER)


def install(framework: str) -> Environment:
    """The environment of ``framework``, made where it is missing or was left half made. Raises `CourseError`."""
    made = environment(framework)
    if made.ready:
        return made
    shutil.rmtree(made.folder, ignore_errors=True)
    pip = [str(made.folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages(framework)]
    for command in ([sys.executable, "-m", "venv", str(made.folder)], pip):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CourseError(
                f"{framework}: {' '.join(command[1:4])} failed:\n{done.stderr.strip()[-1500:]}\n"
                f"When that is mended: nabla runtime install {framework}"
            )
    shutil.copy(os.path.realpath(sys.executable), made.python)
    (made.folder / ".ready").touch()
    return made
