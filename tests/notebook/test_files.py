import os
from datetime import datetime

import pytest

from nabla.notebook.files import files_beside, links_in, submission_time
from nabla.notebook.reading import UnreadableNotebook


@pytest.fixture
def folders(tmp_path):
    submitted, source = tmp_path / "submitted", tmp_path / "source"
    for folder in (submitted, source):
        (folder / "data").mkdir(parents=True)
    (submitted / "data" / "x.csv").write_text("theirs")
    (submitted / "helper.py").write_text("theirs")
    (submitted / "p1.ipynb").write_text("{}")
    (submitted / "__pycache__").mkdir()
    (submitted / "__pycache__" / "helper.pyc").write_text("x")
    (source / "data" / "x.csv").write_text("ours")
    (source / "helper.py").write_text("ours")
    return submitted, source


def test_the_sources_files_replace_the_students(folders):
    assert files_beside(*folders, limit=1000) == {"data/x.csv": b"ours", "helper.py": b"ours"}


def test_a_file_that_students_may_change_stays_theirs(folders):
    assert files_beside(*folders, limit=1000, kept=["helper.py"])["helper.py"] == b"theirs"


def test_a_file_called_as_a_folder_of_the_source_gives_way(folders):
    submitted, source = folders
    (submitted / "data" / "x.csv").unlink()
    (submitted / "data").rmdir()
    (submitted / "data").write_text("theirs")
    (submitted / "helper.py").unlink()
    (submitted / "helper.py").mkdir()
    (submitted / "helper.py" / "x").write_text("theirs")
    assert files_beside(submitted, source, limit=1000) == {"data/x.csv": b"ours", "helper.py": b"ours"}


def test_links_are_left_out_and_not_followed(folders, tmp_path):
    submitted, source = folders
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("key")
    (submitted / "link").symlink_to(tmp_path / "secret" / "key")
    (submitted / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(submitted / "pipe")
    assert set(files_beside(submitted, source, limit=1000)) == {"data/x.csv", "helper.py"}
    assert [str(path) for path in links_in(submitted)] == ["folder", "link", "pipe"]


def test_too_much_is_refused(folders):
    with pytest.raises(UnreadableNotebook, match="larger"):
        files_beside(*folders, limit=6)


def test_too_many_are_refused(tmp_path):
    for number in range(1001):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(UnreadableNotebook, match="more than 1000 files"):
        files_beside(tmp_path, tmp_path / "none", limit=1000)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2015-02-02 15:58:23.948203 UTC", datetime(2015, 2, 2, 15, 58, 23, 948203)),
        ("2015-02-02T15:58:23+01:00", datetime(2015, 2, 2, 14, 58, 23)),
        ("", None),
        ("\n", None),
    ],
)
def test_the_time_of_submission_is_read_as_nbgrader_reads_it(text, time, tmp_path):
    (tmp_path / "timestamp.txt").write_text(text)
    assert submission_time(tmp_path) == time


def test_no_time_is_no_time(tmp_path):
    assert submission_time(tmp_path) is None


@pytest.mark.parametrize("text", ["soon", "x" * 2000, "9999999-01-01"])
def test_what_is_no_time_is_refused(text, tmp_path):
    (tmp_path / "timestamp.txt").write_text(text)
    with pytest.raises(UnreadableNotebook, match=r"timestamp\.txt"):
        submission_time(tmp_path)


def test_a_time_behind_a_link_is_refused(tmp_path):
    (tmp_path / "timestamp.txt").symlink_to("/etc/hostname")
    with pytest.raises(UnreadableNotebook, match="a link"):
        submission_time(tmp_path)
