"""What the zygote needn't ask about the interpreter's files: right, fresh, and gone when a submission runs."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from nabla.sandbox import SubmissionSession, Zygote
from nabla.sandbox.file_facts import asked_file, write_facts
from nabla.sandbox.runner.fonts import keep_fonts_in_memory
from nabla.sandbox.runner.remember import spared_calls


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder of packages with one file, and another that is none of them."""
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "one.py").write_text("x = 1\n")
    (tmp_path / "elsewhere.py").write_text("y = 2\n")
    return tmp_path / "packages"


def imported(package: Path) -> None:
    """Ask what an import asks, as a zygote does that knows what the judge has looked up."""
    folder = package.parent
    with spared_calls([str(package)], *(str(folder / name) for name in ("facts", "asked", "bytecode"))):
        os.stat(package / "one.py")  # a Path is asked in the ordinary way
        assert os.stat(str(package / "one.py")).st_size == (package / "one.py").stat().st_size
        assert os.listdir(str(package)) == ["one.py"]
        with pytest.raises(FileNotFoundError):
            os.lstat(str(package / "two.py"))


def test_what_was_asked_once_is_looked_up_for_the_next_start(package: Path) -> None:
    imported(package)
    write_facts(package.parent / "asked", package.parent / "facts", [str(package)])
    facts = json.loads((package.parent / "facts").read_text())
    assert facts["listdir"] == {str(package): ["one.py"]}
    assert facts["lstat"] == {str(package / "two.py"): None}
    (package.parent / "asked").unlink()
    imported(package)
    assert not (package.parent / "asked").exists()  # nothing had to be asked


def test_facts_are_those_of_this_start_and_of_the_packages_only(package: Path) -> None:
    asked, facts = package.parent / "asked", package.parent / "facts"
    paths = [str(package / "one.py"), str(package.parent / "elsewhere.py")]
    asked.write_text(json.dumps({"stat": paths, "lstat": [], "listdir": []}))
    (package / "one.py").write_text("x = 'longer than before'\n")
    write_facts(asked, facts, [str(package)])
    assert list(json.loads(facts.read_text())["stat"]) == paths[:1]
    with spared_calls([str(package)], str(facts), str(asked), str(package.parent / "bytecode")):
        found, times = os.stat(paths[0]), (package / "one.py").stat()
    assert (found.st_size, found.st_mtime, found.st_mtime_ns) == (times.st_size, times.st_mtime, times.st_mtime_ns)


def test_what_was_remembered_is_forgotten_afterwards(package: Path) -> None:
    imported(package)
    (package / "two.py").write_text("")
    assert os.lstat(str(package / "two.py")).st_size == 0
    assert sorted(os.listdir(str(package))) == ["one.py", "two.py"]


@pytest.mark.parametrize("damage", ["", "[]", '{"stat": 1}', '{"stat": [1]}', "\x00"])
def test_a_damaged_list_only_means_that_all_is_asked(package: Path, damage: str) -> None:
    (package.parent / "asked").write_text(damage)
    write_facts(package.parent / "asked", package.parent / "facts", [str(package)])
    imported(package)


def test_a_zygote_leaves_its_list_and_the_next_one_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    sizes = []
    for _ in range(2):
        with Zygote(level="none", preload=("numpy",)) as zygote:
            launch = zygote.launch
            sizes.append(len(json.loads(launch.facts.read_text())["stat"]))
            assert asked_file(launch.cache, launch.python, launch.preload).is_file()
    assert sizes[0] == 0
    assert sizes[1] > 100


def test_a_font_is_read_once_and_keeps_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(io, "open", io.open)
    (tmp_path / "a.ttf").write_bytes(b"glyphs")
    (tmp_path / "a.txt").write_text("text")
    keep_fonts_in_memory()
    for _ in range(2):
        with io.open(str(tmp_path / "a.ttf"), "rb") as font:  # noqa: UP020  as matplotlib's reader of fonts opens it
            assert (font.read(), font.name) == (b"glyphs", str(tmp_path / "a.ttf"))
        (tmp_path / "a.ttf").unlink(missing_ok=True)
    with io.open(tmp_path / "a.txt") as text:  # noqa: UP020
        assert text.read() == "text"


COUNTED = """
%matplotlib inline
import matplotlib.figure as module
import matplotlib.pyplot as plt
drawn, original = [], module.Figure.draw
def draw(*arguments):
    drawn.append(1)
    return original(*arguments)
module.Figure.draw = draw
"""


def test_a_figure_that_a_failing_cell_left_open_is_not_drawn_in_vain() -> None:
    with Zygote(level="none", preload=("matplotlib",)) as zygote, SubmissionSession(zygote) as session:
        assert session.run_cell(0, COUNTED).status == "ok"
        assert session.run_cell(1, "plt.plot([1, 2])\n1 / 0", draw=False).status == "error"
        assert session.run_cell(2, "len(drawn)").outputs[0]["data"]["text/plain"] == "0"
        shown = session.run_cell(3, "plt.plot([1, 2]);").outputs
        assert "image/png" in shown[-1]["data"]
