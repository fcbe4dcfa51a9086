"""Working folders of judges that were killed go; those of living ones, and anybody else's, stay."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from nabla.sandbox import Zygote
from nabla.sandbox.zygote import sweep


def test_only_a_folder_that_nobody_holds_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, other = tmp_path / "nabla-zygote-left", tmp_path / "nabla-zygote-thesis"
    (left / "scratch").mkdir(parents=True)
    other.mkdir()
    living = Zygote(level="none")
    sweep()
    assert (left.exists(), other.exists(), living.work.exists()) == (False, True, True)
    living.close()
    assert not living.work.exists()
