"""A course on disk: its folders, its configuration and its key.

Reads ``nbgrader_config.py`` (the same file that every nbgrader command reads). Knows nothing of grading.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, fields, replace
from pathlib import Path

from traitlets import Bool, Dict, Integer, List, Unicode
from traitlets.config import Config, Configurable
from traitlets.config.loader import PyFileConfigLoader

CONFIG_NAME = "nbgrader_config.py"
KEY_NAME = "nabla.key"


class CourseError(Exception):
    """The course can't be used as it is; the message says what is wrong and what to do next."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Seconds are the judge's own clock; sizes are bytes."""

    cell_seconds: float = 30.0
    call_seconds: float = 10.0
    cpu_seconds: float = 120.0
    submission_seconds: float = 300.0
    memory: int = 2 * 2**30
    processes: int = 64
    open_files: int = 256
    output: int = 2**20
    disk: int = 64 * 2**20
    answer: int = 64 * 2**20
    callbacks: int = 100_000
    replays: int = 64
    notebook: int = 32 * 2**20


class Nabla(Configurable):
    """The part of ``nbgrader_config.py`` that is ours: ``c.Nabla.<name> = ...``."""

    preload = List(Unicode(), ["numpy"], help="modules that the zygote imports once").tag(config=True)
    preload_for = Dict(help="more of them by assignment, e.g. {'hessians': ['torch.func']}").tag(config=True)
    python = Unicode("", help="interpreter of the runner; empty: the one that runs nabla").tag(config=True)
    runtimes = Dict(help="'python' and 'preload' of other frameworks, e.g. {'jax': {'python': '…'}}").tag(config=True)
    sandbox = Unicode("sandlock", help="'sandlock', or 'none' (no protection; marked in every result)").tag(config=True)
    limits = Dict(help="any field of nabla.course.Limits, e.g. {'call_seconds': 20}").tag(config=True)
    exercise_limits = Dict(help="limits by grade_id, e.g. {'test_path_sum': {'call_seconds': 2}}").tag(config=True)
    reveal_expected = Bool(False, help="show expected values in feedback").tag(config=True)
    language = Unicode("en", help="language of hints where the submission doesn't name one").tag(config=True)
    framework = Unicode("torch", help="default edition's framework").tag(config=True)
    frameworks = List(Unicode(), help="other editions that may be handed in, e.g. ['numpy']").tag(config=True)
    accelerator = Unicode("auto", help="for checks that need one: 'auto', 'none', or a device's name").tag(config=True)
    workers = Integer(0, help="worker processes; 0: one per core").tag(config=True)
    extensions = Dict(help="more time, e.g. {'ann': {'hessians': 2}} (days; docs/lms.md)").tag(config=True)
    drop_lowest = Integer(0, min=0, help="so many assignments don't count in exported totals").tag(config=True)
    draw_given = Bool(False, help="render the pictures of unchanged given cells again").tag(config=True)


@dataclass(frozen=True)
class Course:
    """A course folder with its settings; every path is absolute."""

    root: Path
    config: Config
    settings: Nabla
    limits: Limits
    db_url: str

    @classmethod
    def load(cls, root: Path | str = ".", *, db_url: str | None = None) -> Course:
        """The course in ``root``. Raises `CourseError` for a missing folder or a configuration that can't be read."""
        root = Path(root).resolve()
        if not root.is_dir():
            raise CourseError(f"{root}: no such folder. Give the course's folder with --course DIR.")
        config = _read_config(root)
        settings = Nabla(config=config)
        url = db_url or config.CourseDirectory.get("db_url") or f"sqlite:///{root / 'gradebook.db'}"
        return cls(root=root, config=config, settings=settings, limits=limits_of(settings, config), db_url=str(url))

    def folder(self, name: str) -> Path:
        """The folder that plays the part ``source``, ``release``, ``submitted``, ``autograded`` or ``feedback``."""
        return self.root / str(self.config.CourseDirectory.get(f"{name}_directory", name))

    @property
    def grader_tests(self) -> Path:
        """The folder of hidden checks; it needn't exist (an ordinary nbgrader course has none)."""
        return self.root / "grader_tests"

    def assignments(self) -> list[str]:
        """Names of the assignments in ``source/``, sorted."""
        source = self.folder("source")
        return sorted(path.name for path in source.iterdir() if path.is_dir()) if source.is_dir() else []


def limits_of(settings: Nabla, config: Config) -> Limits:
    """The limits with what ``c.Nabla.limits`` says of them. Raises `CourseError` for a name that isn't known.

    nbgrader's own ``c.Execute.timeout`` still sets the time of a cell. There -1, 0 and None mean without end: here the
    submission's time ends it.
    """
    limits = changed_limits(Limits(), settings.limits, "c.Nabla.limits")
    if "timeout" not in config.Execute:
        return limits
    timeout = float(config.Execute.timeout or 0)
    return replace(limits, cell_seconds=timeout if timeout > 0 else limits.submission_seconds)


def changed_limits(limits: Limits, changes: object, where: str) -> Limits:
    """``limits`` with ``changes``, which stand at ``where``. Raises `CourseError` for a name that isn't known."""
    known = sorted(field.name for field in fields(Limits))
    if not isinstance(changes, dict) or set(changes) - set(known):
        unknown = ", ".join(sorted(set(changes) - set(known))) if isinstance(changes, dict) else repr(changes)
        raise CourseError(f"{where}: unknown {unknown}. Known: {', '.join(known)}.")
    return replace(limits, **changes)


def course_key(course: Course) -> bytes:
    """The course's secret, made at first use beside the gradebook with mode 0600; two commands at once get the same."""
    path = course.root / KEY_NAME
    try:
        return _read_key(path)
    except FileNotFoundError:
        pass
    fresh = path.with_name(f".{KEY_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
    try:
        os.link(fresh, path)  # atomic, and never replaces a key that another command has just made
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return _read_key(path)


def fingerprint(key: bytes) -> str:
    """Twelve hex digits that name the key without telling it."""
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:12]


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise CourseError(
            f"{path}: not a course key (64 hex digits). Restore it from a backup, or delete it to get a new one."
        )
    return key


def _read_config(root: Path) -> Config:
    path = root / CONFIG_NAME
    if not path.exists():
        return Config()
    try:
        config: Config = PyFileConfigLoader(path.name, path=str(root)).load_config()
    except Exception as error:
        raise CourseError(
            f"{path}: can't be read ({type(error).__name__}: {error}). Correct it and try again."
        ) from error
    return config
