"""Runs git on a repository that students wrote: no checkout, no hook, no filter, no configuration of theirs.

Everything is fetched into a bare repository of our own and read from there: of all git commands only ``upload-pack``,
the other end of a fetch, is meant to run in a repository that nobody vouches for. ``receive-pack``, the other end of a
push, runs hooks: where it runs on this computer, it is told to run none. Knows nothing of notebooks.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from nabla.sandbox.scratch import held, sweep

_PREFIX = "nabla-git-"
_SECONDS = 300
_LARGEST_FILE = 512 * 2**20
_MOST_MEMORY = 4 * 2**30
_LONGEST_ANSWER = 64 * 2**20
_REMOTE = re.compile(r"(?:https|ssh|file)://[^\s-]\S*|[\w.-]+@[\w][\w.-]*:[\w~/][\w./~-]*")
_KEPT = re.compile(r"GIT_(?:CONFIG_(?:COUNT|KEY_\d+|VALUE_\d+)|SSH|SSH_COMMAND|SSL_\w+|ASKPASS)\Z")
_LONGEST_LISTING = 2**20
_LIMITED = f'ulimit -f {_LARGEST_FILE // 512} -v {_MOST_MEMORY // 1024} -t {_SECONDS}; exec git "$@"'
_RUNS_NOTHING = (
    "core.hooksPath=/dev/null",
    "core.alternateRefsCommand=true",
    "core.fsmonitor=false",
    "core.sshCommand=false",
    "gc.auto=0",
    "receive.autogc=false",
    "receive.denyCurrentBranch=refuse",
)
_SETTINGS = """
[core]
	hooksPath = /dev/null
	fsmonitor = false
	askPass =
	bigFileThreshold = 16m
	attributesFile = /dev/null
[safe]
	directory = *
[protocol]
	allow = never
[protocol "https"]
	allow = always
[protocol "ssh"]
	allow = always
[protocol "file"]
	allow = always
[user]
	name = Nabla
	email = nabla@localhost
[gc]
	auto = 0
[maintenance]
	auto = false
[fetch]
	recurseSubmodules = false
"""


class GitError(Exception):
    """Git couldn't do it; the message says what, where and what to do."""


@dataclass(frozen=True)
class Commit:
    """A commit and its committer date, seconds since 1970: what its author's computer said."""

    id: str
    time: int


@dataclass(frozen=True)
class Entry:
    """A file in a commit. ``mode`` says what it is: 100644 and 100755 are plain files, 120000 is a link."""

    mode: str
    kind: str
    id: str

    @property
    def is_plain(self) -> bool:
        """Whether it is a file that may be read."""
        return self.kind == "blob" and self.mode in ("100644", "100755")


class Repository:
    """A fetched copy, bare and ours."""

    def __init__(self, folder: Path, settings: Path) -> None:
        self.folder, self._settings = folder, settings

    def commits(self, start: str = "refs/nabla/head") -> list[tuple[Commit, tuple[str, ...]]]:
        """All commits from ``start`` back, newest committer date first, each with its parents."""
        out = self._git("rev-list", "--timestamp", "--parents", "--max-count=200000", start, "--")
        lines = (line.split() for line in out.decode("ascii").splitlines())
        return [(Commit(key, int(time)), tuple(parents)) for time, key, *parents in lines]

    def tags(self) -> dict[str, Commit]:
        """What each tag names, with the time at which the tag was made."""
        facts = ("refname:lstrip=2", "creatordate:unix", "objectname", "*objectname", "objecttype", "*objecttype")
        form = "%00".join(f"%({fact})" for fact in facts)
        out = self._git("for-each-ref", f"--format={form}", "refs/nabla-tags/").decode("utf-8", "replace")
        found = {}
        for line in filter(None, out.split("\n")):  # other ends of a line may stand in a name
            name, time, own, peeled, kind, peeled_kind = line.split("\0")
            if time and "commit" in (kind, peeled_kind):
                found[name] = Commit(peeled or own, int(time))
        return found

    def entries(self, commit: str, *paths: str) -> dict[str, Entry]:
        """The files of ``commit`` at or below ``paths``, taken literally."""
        out = self._git("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
        found = {}
        for line in out.split(b"\0"):
            facts, tab, name = line.partition(b"\t")
            if tab:
                mode, kind, key = facts.decode("ascii").split()
                found[name.decode("utf-8", "replace")] = Entry(mode, kind, key)
        return found

    def last_change(self, commit: str, path: str) -> int:
        """Committer date of the last commit, up to ``commit``, that changed ``path``."""
        out = self._git("rev-list", "--max-count=1", "--timestamp", commit, "--", path)
        return int(out.split()[0])

    def size(self, entry: Entry) -> int:
        """Bytes of a file, found out without unpacking it."""
        return int(self._git("cat-file", "-s", entry.id))

    def content(self, entry: Entry, *, limit: int) -> bytes | None:
        """A file's bytes, as they are in the repository; ``None`` where there are more than ``limit``."""
        return None if self.size(entry) > limit else self._git("cat-file", "blob", entry.id, limit=limit)

    def fetch(self, address: str, branch: str | None, *, tags: bool) -> bool:
        """Fetch the branch (``None``: the default one). False where the repository has no commit there yet."""
        source = f"refs/heads/{branch}" if branch else "HEAD"
        wanted = [f"+{source}:refs/nabla/head", *(["+refs/tags/*:refs/nabla-tags/*"] if tags else [])]
        options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
        try:
            self._git("fetch", *options, "--", address, *wanted)
        except GitError as error:
            if "couldn't find remote ref" in str(error):
                return False
            raise
        return True

    def commit(self, files: Mapping[str, bytes], message: str, *, parent: str | None) -> str | None:
        """A commit on ``parent`` with ``files`` in it, all others as they were; ``None`` where that changes nothing."""
        if parent:
            self._git("ls-tree", "-r", "--name-only", parent, limit=_LONGEST_LISTING)  # folders in folders: no end
        self._git("read-tree", parent if parent else "--empty")
        for path, content in files.items():
            stored = self.folder / "nabla-content"
            stored.write_bytes(content)
            key = self._git("hash-object", "-w", "--no-filters", "--", str(stored)).decode("ascii").strip()
            self._git("update-index", "--add", "--replace", "--cacheinfo", f"100644,{key},{path}")
        tree = self._git("write-tree").decode("ascii").strip()
        if parent and tree == self._git("rev-parse", "--verify", f"{parent}^{{tree}}").decode("ascii").strip():
            return None
        on = ["-p", parent] if parent else []
        return self._git("commit-tree", "-m", message, *on, tree).decode("ascii").strip()

    def push(self, address: str, commit: str, branch: str) -> None:
        """Put ``branch`` at ``address`` forward to ``commit``, never over somebody's commit in between."""
        here = Path(address).is_dir() or address.startswith("file:")
        other_end = [f"--receive-pack={_quiet_receiver()}"] if here else []
        self._git("push", "--quiet", *other_end, "--", address, f"{commit}:refs/heads/{branch}")

    def _git(self, *arguments: str, limit: int = _LONGEST_ANSWER) -> bytes:
        command = ["/bin/sh", "-c", _LIMITED, "git", "--git-dir", str(self.folder), *arguments]
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=_environment(self._settings),
                cwd=self.folder.parent,
                start_new_session=True,
            )
            out = _answer(process, limit, arguments[0])
            complaints.seek(0)
            said = complaints.read(20_000).decode("utf-8", "replace")
        if process.returncode:
            raise GitError(_first_complaint(said) or f"git {arguments[0]} ended with {process.returncode}")
        return out


def require_address(address: str) -> str:
    """``address`` itself, if it is one that may be fetched: https, ssh, file, or a folder. Raises `GitError`."""
    if _REMOTE.fullmatch(address) or (not address.startswith("-") and "::" not in address and Path(address).is_dir()):
        return address
    raise GitError(f"'{hidden(address)}' is no address of a repository (https://…, git@host:…, or a folder)")


def hidden(text: str) -> str:
    """Text in which no address shows a password."""
    return re.sub(r"//[^/@\s]+@", "//", text)


@contextmanager
def fetched(address: str, branch: str | None = None, *, tags: bool = False) -> Iterator[Repository | None]:
    """A copy of the repository at ``address`` for as long as the block lasts; ``None`` where it has no commit yet.

    Raises `GitError`.
    """
    with emptied(address) as (repository, place):
        yield repository if repository.fetch(place, branch, tags=tags) else None


@contextmanager
def emptied(address: str) -> Iterator[tuple[Repository, str]]:
    """An empty repository for as long as the block lasts, and what to call ``address`` in it. Raises `GitError`."""
    require_address(address)
    sweep(_PREFIX, lambda folder: (folder / "settings").is_file())
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as scratch, held(Path(scratch)):
        settings = Path(scratch, "settings")  # after the lock: without it, nobody sweeps the folder
        settings.write_text(_own_settings(), encoding="utf-8")
        repository = Repository(Path(scratch, "copy.git"), settings)
        repository.folder.mkdir()
        repository._git("init", "--quiet", "--bare", "--template=", str(repository.folder))
        yield repository, str(Path(address).resolve()) if Path(address).is_dir() else address


def _quiet_receiver() -> str:
    """The other end of a push on this computer, where a repository's own settings and hooks would run as we."""
    return " ".join(["GIT_NO_LAZY_FETCH=1 git", *(f"-c {setting}" for setting in _RUNS_NOTHING), "receive-pack"])


def _own_settings() -> str:
    """The instructor's own configuration, for credentials and proxies, and after it what has to hold here."""
    given = os.environ.get("GIT_CONFIG_GLOBAL")
    usual = (Path(platformdirs.user_config_dir("git"), "config"), Path.home() / ".gitconfig")
    included = [str(path) for path in ([given] if given else usual)]
    quoted = [path.replace("\\", "\\\\").replace('"', '\\"') for path in included]
    return "[include]\n" + "".join(f'\tpath = "{path}"\n' for path in quoted) + _SETTINGS


def _environment(settings: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or _KEPT.match(name)}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_ALLOW_PROTOCOL": "https:ssh:file",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }


def _answer(process: subprocess.Popen[bytes], limit: int, what: str) -> bytes:
    """What git writes, while it lasts and as far as it goes; it is ended where it writes more than ``limit``."""
    assert process.stdout is not None
    timer = threading.Timer(_SECONDS, _end, [process])
    timer.start()
    try:
        out = process.stdout.read(limit + 1)
        if len(out) > limit:
            _end(process)
            raise GitError(f"git {what} answers with more than {limit / 2**20:g} MiB")
    finally:
        process.stdout.close()
        process.wait()
        timer.cancel()
    return out


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends git and what it started: they are a session of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _first_complaint(said: str) -> str:
    lines = [line.strip() for line in hidden(said).splitlines() if line.strip()]
    worst = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (worst or lines or [""])[0].removeprefix("fatal: ").removeprefix("error: ")[:300]
