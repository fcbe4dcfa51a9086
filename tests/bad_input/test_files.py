"""Files that aren't the notebook that was asked for."""

import json
import os

import pytest

from tests.bad_input.classroom import FULL

PNG = b"\x89PNG\r\n\x1a\n"


def submissions(room):
    good = json.dumps(room.answered()).encode()
    room.hand_in("truncated", good[: len(good) // 2])
    room.hand_in("latin1", good.replace(b"import numpy as np", "import numpy as np  # é".encode("latin-1")))
    room.hand_in("utf16", good.decode().encode("utf-16"))
    room.hand_in("empty", b"")
    room.hand_in("blank", b" \n\n")
    room.hand_in("picture", PNG)
    room.hand_in("html", "<!DOCTYPE html><title>404</title>")
    room.hand_in("list", "[1, 2]")
    room.hand_in("bare", "{}")
    room.hand_in("deep", b"[" * 100_000)
    room.hand_in("long_number", b'{"nbformat": ' + b"9" * 10_000 + b"}")
    room.hand_in("format3", json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}))
    room.hand_in("format5", json.dumps(room.answered() | {"nbformat": 5}))
    room.hand_in("no_cells", json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}}))
    room.hand_in(
        "odd_cell", json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "x"}]})
    )
    room.hand_in("renamed", name="my_sums (1).ipynb")
    room.folder("nothing")
    room.hand_in("other_case", name="Sums.ipynb")
    room.hand_in("link").rename(room.root / "elsewhere.ipynb")
    (room.folder("link") / "sums.ipynb").symlink_to(room.root / "source" / "sums" / "sums.ipynb")
    (room.folder("dangling") / "sums.ipynb").symlink_to("nowhere.ipynb")
    (room.folder("directory") / "sums.ipynb").mkdir()
    os.mkfifo(room.folder("pipe") / "sums.ipynb")
    room.folder("link_folder").rmdir()
    (room.root / "submitted" / "link_folder" / "sums").symlink_to(room.root / "source" / "sums")
    (room.root / "submitted" / "link_person").symlink_to(room.root / "submitted" / "honest")
    (room.root / "submitted" / "nowhere").mkdir()
    (room.root / "submitted" / "nowhere" / "sums").symlink_to("nothing")
    (room.root / "submitted" / "file").mkdir()
    (room.root / "submitted" / "file" / "sums").write_text("my answers")
    (room.root / "submitted" / "notes.txt").write_text("no student")
    room.hand_in("shadows")
    room.hand_in("shadows", "raise SystemExit('not the real one')", name="numpy.py")
    room.hand_in("shadows", "raise SystemExit('not the real one')", name="random.py")
    room.hand_in("link_beside", room.with_scratch_cell("print(open('secret.py').read())"))
    (room.folder("link_beside") / "secret.py").symlink_to(room.root / "grader_tests" / "test_sums.py")
    room.hand_in("data", room.with_scratch_cell("assert open('data.txt').read() == 'mine'"))
    room.hand_in("data", "mine", name="data.txt")
    room.hand_in("huge_beside")
    (room.folder("huge_beside") / "film.mp4").write_bytes(bytes(2**23 + 1))
    room.hand_in("bad_time")
    room.hand_in("bad_time", "last week", name="timestamp.txt")
    room.hand_in("with_bom", b"\xef\xbb\xbf" + good)
    room.hand_in("surrogates", json.dumps(room.with_scratch_cell("print('\ud800')")))


REFUSED = {
    "truncated": ("is not valid JSON", "cut off", "submit it again"),
    "latin1": ("is not UTF-8 text", "save it and submit it again"),
    "utf16": ("is not UTF-8 text", "save it and submit it again"),
    "empty": ("is empty", "submit it again"),
    "blank": ("is empty", "submit it again"),
    "picture": ("is not UTF-8 text", "submit it again"),
    "html": ("is not valid JSON", "submit it again"),
    "list": ("is JSON but no notebook", "submit it again"),
    "bare": ("is JSON but no notebook", "submit it again"),
    "deep": ("nested too deep", "submit it again"),
    "long_number": ("endless number", "submit it again"),
    "format3": ("has notebook format 3, not 4", "Open it in JupyterLab, save it"),
    "format5": ("has notebook format 5, not 4", "Open it in JupyterLab, save it"),
    "no_cells": ("has no list of cells", "submit it again"),
    "odd_cell": ("cell 1 is neither code nor text", "submit it again"),
    "renamed": ("not handed in", "my_sums (1).ipynb", "rename it to sums.ipynb"),
    "other_case": ("not handed in", "Sums.ipynb", "rename it to sums.ipynb"),
    "nothing": ("not handed in",),
    "link": ("is a link, not a file", "submit it again as a plain file"),
    "dangling": ("is a link, not a file", "submit it again as a plain file"),
    "directory": ("is a folder, not a file", "submit it again as a plain file"),
    "pipe": ("is a named pipe, not a file", "submit it again as a plain file"),
    "link_folder": ("is a link, not a folder", "Put the files themselves in its place"),
    "link_person": ("is a link, not a folder", "Put the files themselves in its place"),
    "nowhere": ("is a link, not a folder", "Put the files themselves in its place"),
    "file": ("can't be opened as a folder (Not a directory)",),
    "huge_beside": ("film.mp4", "is larger than 8 MiB"),
    "bad_time": ("timestamp.txt", "holds no time", "Write the time of submission there, or delete it"),
}


@pytest.mark.parametrize("student", REFUSED)
def test_what_cannot_be_graded_is_named_with_what_to_do(graded, student):
    result = graded.results[student]
    assert (result.status, result.score, result.exercises) == ("failed", None, ())
    assert student in result.reason
    for words in REFUSED[student]:
        assert words in result.reason


@pytest.mark.parametrize("student", ["honest", "shadows", "link_beside", "data", "with_bom", "surrogates"])
def test_what_can_be_graded_is_graded(graded, student):
    assert graded.results[student].status == "graded"
    assert graded.scores(student) == FULL


def test_a_link_beside_the_notebook_leads_nowhere(graded):
    page = graded.autograded("link_beside").read_text()
    assert "FileNotFoundError" in page
    assert "TestScaled" not in page


def test_the_files_beside_a_notebook_are_there_when_it_runs(graded):
    assert "AssertionError" not in graded.autograded("data").read_text()


def test_each_of_the_class_stands_in_the_gradebook(graded):
    graded.assert_gradebook_agrees()
