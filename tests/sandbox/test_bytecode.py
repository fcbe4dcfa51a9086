"""Bytecode from one file: what is there is right, what has changed is read anew, and damage costs only time."""

from __future__ import annotations

import os
import py_compile
import time
from pathlib import Path

import pytest

from nabla.sandbox import Zygote
from nabla.sandbox.file_facts import bytecode_file
from nabla.sandbox.runner import bytecode
from nabla.sandbox.runner.bytecode import Bytecode


@pytest.fixture
def modules(tmp_path: Path) -> dict[str, Path]:
    """Two compiled modules."""
    found = {}
    for name in ("one", "two"):
        source = tmp_path / f"{name}.py"
        source.write_text(f"x = '{name}'\n")
        found[name] = Path(py_compile.compile(str(source), cfile=str(tmp_path / f"{name}.pyc")))
    return found


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "all.bin"


def kept(place: Path, *paths: Path) -> list[bytes]:
    """What is read and left for the next."""
    store = Bytecode(str(place))
    found = [bytes(store.read(str(path))) for path in paths]
    store.save()
    return found


def from_the_file_alone(place: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes | None:
    """What is handed out where no module's file may be opened; ``None`` where it would have to be."""

    def refuse(path: str) -> bytes:
        raise PermissionError(path)

    with monkeypatch.context() as patch:
        patch.setattr(bytecode, "_read_at_once", refuse)
        try:
            return bytes(Bytecode(str(place)).read(str(path)))
        except PermissionError:
            return None


def test_what_was_read_once_is_in_the_file(modules, place, monkeypatch) -> None:
    expected = [modules["one"].read_bytes(), modules["two"].read_bytes()]
    assert from_the_file_alone(place, modules["one"], monkeypatch) is None
    assert kept(place, *modules.values()) == expected
    assert [from_the_file_alone(place, path, monkeypatch) for path in modules.values()] == expected


def test_a_new_module_joins_the_others(modules, place, monkeypatch) -> None:
    kept(place, modules["one"])
    kept(place, modules["two"])
    for path in modules.values():
        assert from_the_file_alone(place, path, monkeypatch) == path.read_bytes()


@pytest.mark.parametrize("same_size", [True, False])
def test_a_changed_module_is_read_anew(modules, place, monkeypatch, same_size: bool) -> None:
    [before] = kept(place, modules["one"])
    after = before[:-1] + b"?" if same_size else before + b"?"
    modules["one"].write_bytes(after)
    os.utime(modules["one"], ns=(1, 1))
    assert from_the_file_alone(place, modules["one"], monkeypatch) is None
    assert kept(place, modules["one"]) == [after]
    assert from_the_file_alone(place, modules["one"], monkeypatch) == after


def test_a_module_that_is_gone_goes_from_the_file_too(modules, place) -> None:
    kept(place, modules["one"])
    size = place.stat().st_size
    modules["one"].unlink()
    kept(place, modules["two"])
    assert place.stat().st_size <= size
    with pytest.raises(FileNotFoundError):
        Bytecode(str(place)).read(str(modules["one"]))


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:5],
        lambda content: content[:-1],
        lambda content: b"\xff" * 8 + content[8:],
        lambda content: content[:8] + b"[]" + content[10:],
        lambda content: (2).to_bytes(8, "little") + b"[]",
        lambda content: content[:-9] + bytes(9),
    ],
    ids=["empty", "no length", "cut", "endless head", "no json", "a list", "zeros in a module"],
)
def test_a_damaged_file_only_means_that_all_is_read(modules, place, damage) -> None:
    expected = kept(place, modules["one"])
    place.write_bytes(damage(place.read_bytes()))
    assert kept(place, modules["one"]) == expected


def test_damage_is_mended_by_the_next_one_that_reads(modules, place, monkeypatch) -> None:
    [expected] = kept(place, modules["one"])
    place.write_bytes(place.read_bytes()[:-9] + bytes(9))
    assert from_the_file_alone(place, modules["one"], monkeypatch) is None
    kept(place, modules["one"])
    assert from_the_file_alone(place, modules["one"], monkeypatch) == expected


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_is_not_used(modules, place, monkeypatch, mode: int) -> None:
    kept(place, modules["one"])
    place.chmod(mode)
    assert from_the_file_alone(place, modules["one"], monkeypatch) is None


def test_a_link_is_not_followed(modules, place, tmp_path, monkeypatch) -> None:
    kept(place, modules["one"])
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert from_the_file_alone(place, modules["one"], monkeypatch) is None


def test_of_two_that_read_the_same_one_writes(modules, place) -> None:
    first, second = Bytecode(str(place)), Bytecode(str(place))
    for store in (first, second):
        store.read(str(modules["one"]))
        store.save()
        written = place.stat()
        if store is first:
            before = written
    assert (written.st_ino, written.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_full_disk_leaves_the_old_file_and_no_other(modules, place, monkeypatch) -> None:
    kept(place, modules["one"])
    before = place.read_bytes()

    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        kept(place, modules["two"])
    assert place.read_bytes() == before
    assert [path.name for path in place.parent.iterdir() if path.name.startswith("all.bin")] == ["all.bin"]


def test_sources_and_other_files_are_read_as_they_are(modules, place, tmp_path) -> None:
    (tmp_path / "data.txt").write_text("data")
    assert kept(place, tmp_path / "data.txt", tmp_path / "one.py") == [b"data", b"x = 'one'\n"]
    assert not place.exists()


def test_a_zygote_leaves_its_bytecode_and_the_next_one_starts_from_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    written = []
    for _ in range(2):
        with Zygote(level="sandlock", preload=("numpy",)) as zygote:
            place = bytecode_file(zygote.launch.cache, zygote.launch.python)
            written.append(place.stat().st_mtime_ns)
    assert written[0] == written[1]
    assert place.stat().st_size > 1_000_000


def test_bytecode_that_was_written_months_ago_is_taken_away(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    Zygote(level="none").close()
    [cache] = tmp_path.glob("nabla/runner")
    hours = {"bytecode-1.bin": 91 * 24, "bytecode-2.bin": 89 * 24, "bytecode-3.bin.half": 2, "bytecode-4.bin.half": 0.5}
    for name, age in {**hours, "asked-1.json": 10_000}.items():
        (cache / name).touch()
        os.utime(cache / name, (then := time.time() - age * 3600, then))
    Zygote(level="none").close()
    left = {file.name for file in cache.iterdir() if file.is_file()}
    assert left == {"bytecode-2.bin", "bytecode-4.bin.half", "asked-1.json"}
