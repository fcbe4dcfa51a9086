"""Our copies of repositories: gone when done with, and swept where a command was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile

from nabla.classroom.git import emptied
from tests.classroom.git_class import StudentRepository

COPY = """
import sys
from nabla.classroom.git import fetched
with fetched(sys.argv[1]) as repository:
    print(repository.folder.parent, flush=True)
    sys.stdin.read()
"""


def test_a_copy_is_swept_once_the_command_that_made_it_is_killed_and_not_before(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    StudentRepository(tmp_path / "ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": "{}"})
    fresh, foreign = tmp_path / "nabla-git-fresh", tmp_path / "nabla-gitolite"
    fresh.mkdir()  # another command is about to take it
    foreign.mkdir()
    command = [sys.executable, "-c", COPY, tmp_path / "ann"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment, **pipes) as other:
        copy = type(tmp_path)(other.stdout.readline().strip())
        with emptied(str(tmp_path / "ann")) as (repository, _):
            assert (copy / "copy.git" / "HEAD").is_file()
            assert len(list(tmp_path.glob("nabla-git-*"))) == 3
        other.send_signal(signal.SIGKILL)
    assert copy.is_dir()
    with emptied(str(tmp_path / "ann")) as (repository, _):
        assert sorted(tmp_path.glob("nabla-git*")) == sorted([repository.folder.parent, fresh, foreign])
    assert sorted(tmp_path.glob("nabla-git*")) == [fresh, foreign]
