"""A file is the old one or the new one, and nothing else is left in its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nabla.grading.atomic import write_atomically


def test_a_new_text_replaces_the_old_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    write_atomically(path, "old")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert os.listdir(path.parent) == ["file.json"]


def test_a_full_disk_leaves_the_old_text_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    write_atomically(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.json"]


def test_only_the_owner_reads_it_unless_told_otherwise(tmp_path: Path) -> None:
    write_atomically(tmp_path / "grades.csv", "ann,3")
    write_atomically(tmp_path / "handed-in.ipynb", b"{}", mode=0o644)
    assert (tmp_path / "grades.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "handed-in.ipynb").stat().st_mode & 0o777 == 0o644
