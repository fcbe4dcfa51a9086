"""A class of git repositories on disk, with commits at times of the test's choosing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class StudentRepository:
    """A repository as a student has it; commits are made with given dates, files written as bytes."""

    def __init__(self, folder: Path, *, git: tuple[str, ...] = ()) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", *git)

    def git(self, *arguments: str, time: str = "2026-10-01T12:00:00Z") -> str:
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_DATE": time,
            "GIT_COMMITTER_DATE": time,
            **{f"GIT_{role}_{part}": "s@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")},
        }
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()

    def commit(self, time: str, files: dict[str, bytes | str | Path | None]) -> StudentRepository:
        """Commits ``files``: contents, links (a `Path`), or ``None`` for one that goes."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            elif content is not None:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "-m", time, time=time)
        return self
