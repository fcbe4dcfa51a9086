"""A class is collected: who is in the roster, at the time that counts, and nothing of a repository but notebooks."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from nabla.classroom.git import GitError, require_address
from nabla.classroom.repositories import assign_folders
from nabla.classroom.roster import Person
from nabla.cli.app import app
from nabla.course import CourseError
from nabla.notebook.files import submission_time
from tests.classroom.git_class import StudentRepository

DEADLINE = "2026-10-05T00:00:00Z"
WORKFLOW = ".github/workflows/classroom.yml"
GIVEN = files("nabla.classroom").joinpath("student", "classroom.yml").read_bytes()


@pytest.fixture(scope="module")
def released(released_once) -> bytes:
    return (released_once / "release" / "tiny" / "tiny.ipynb").read_bytes()


@pytest.fixture
def classroom(released_course, tmp_path):
    return Classroom(released_course, tmp_path / "tiny-submissions", tmp_path / "roster.csv")


class Classroom:
    """A course, a folder of cloned repositories, and a roster."""

    def __init__(self, root: Path, folder: Path, roster: Path) -> None:
        self.root, self.folder, self.roster = root, folder, roster
        self.people: list[str] = []
        folder.mkdir()

    def student(self, name: str, username: str | None = None) -> StudentRepository:
        username = name if username is None else username
        self.enrol(name, username)
        return StudentRepository(self.folder / f"tiny-{username}")

    def enrol(self, name: str, username: str = "") -> None:
        self.people.append(f'"{name}","{username}","",""')
        text = '"identifier","github_username","github_id","name"\n' + "\n".join(self.people) + "\n"
        self.roster.write_text(text)

    def collect(self, *arguments, code: int = 0, place: Path | None = None) -> str:
        words = ["classroom", "collect", "tiny", "--roster", self.roster, "--course", self.root, *arguments]
        if "--address" not in arguments and "--deadline" not in arguments:
            words += ["--deadline", DEADLINE]
        if "--address" not in arguments:
            words += ["--from", place or self.folder]
        found = CliRunner().invoke(app, [str(word) for word in words])
        if isinstance(found.exception, Exception):
            raise found.exception
        assert found.exit_code == code, found.output
        return found.output

    def lines(self, *arguments, **keywords) -> dict[str, dict]:
        path = self.root / "lines.json"
        self.collect("--json", path, *arguments, **keywords)
        return {line["student"]: line for line in json.loads(path.read_text())}

    def submitted(self, student: str) -> dict[str, bytes]:
        folder = self.root / "submitted" / student
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def time(self, student: str) -> datetime | None:
        return submission_time(self.root / "submitted" / student / "tiny")


def version(released: bytes, number: int) -> bytes:
    """The released notebook with an answer of its own."""
    nb = json.loads(released)
    cell = next(c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "double")
    cell["source"] = f"def double(x):\n    return {number} * x"
    return json.dumps(nb).encode()


def test_the_last_commit_at_or_before_the_deadline_counts_and_only_its_notebook_is_kept(classroom, released):
    ann = classroom.student("ann")
    ann.commit("2026-10-01T00:00:00Z", {"tiny/tiny.ipynb": version(released, 1), "numpy.py": "", WORKFLOW: GIVEN})
    ann.commit("2026-10-05T00:00:00Z", {"tiny/tiny.ipynb": version(released, 2), "solutions/x.ipynb": "{}"})
    ann.commit("2026-10-05T00:00:01Z", {"tiny/tiny.ipynb": version(released, 3)})
    line = classroom.lines()["ann"]
    assert (line["state"], line["time"], line["late_seconds"]) == ("collected", "2026-10-05T00:00:00Z", 0)
    assert line["remarks"] == ["1 later commit not looked at"]
    kept = classroom.submitted("ann")
    assert set(kept) == {"tiny/tiny.ipynb", "tiny/timestamp.txt"}
    assert kept["tiny/tiny.ipynb"] == version(released, 2)
    assert classroom.time("ann") == datetime(2026, 10, 5)


def test_late_work_is_taken_until_the_time_given_and_told_by_how_much(classroom, released):
    classroom.student("ann").commit("2026-10-06T01:05:00Z", {"tiny.ipynb": released})
    assert "missing; no commit until 2026-10-05 00:00 UTC" in classroom.collect()
    assert "ann: collected 2026-10-06 01:05:00 UTC, late by 1 d 1 h 5 min" in classroom.collect("--until", "end")


def test_a_change_of_another_file_after_the_deadline_makes_nobody_late(classroom, released):
    ann = classroom.student("ann").commit("2026-10-04T00:00:00Z", {"tiny.ipynb": released})
    ann.commit("2026-10-07T00:00:00Z", {"README.md": "x"})
    line = classroom.lines("--until", "end")["ann"]
    assert (line["time"], line["late_seconds"]) == ("2026-10-04T00:00:00Z", 0)


def test_a_deadline_without_a_zone_is_in_the_zone_that_is_named(classroom, released):
    classroom.student("ann").commit("2026-10-04T15:00:00Z", {"tiny.ipynb": released})
    assert "collected" in classroom.collect("--deadline", "2026-10-05T00:00", "--timezone", "Asia/Tokyo")
    shutil.rmtree(classroom.root / "submitted")
    assert "missing" in classroom.collect("--deadline", "2026-10-04T23:59", "--timezone", "Asia/Tokyo")


def test_an_extension_moves_a_students_own_deadline(classroom, released):
    with (classroom.root / "nbgrader_config.py").open("a") as config:
        config.write('\nc.Nabla.extensions = {"ben": {"tiny": 2}}\n')
    for name in ("ann", "ben"):
        classroom.student(name).commit("2026-10-06T00:00:00Z", {"tiny.ipynb": released})
    lines = classroom.lines()
    assert {name: line["state"] for name, line in lines.items()} == {"ann": "missing", "ben": "collected"}
    assert lines["ben"]["late_seconds"] == 0


def test_collecting_again_changes_nothing_and_never_goes_back(classroom, released):
    ann = classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": version(released, 1)})
    assert "1 collected" in classroom.collect()
    assert "1 unchanged" in classroom.collect()
    ann.commit("2026-10-02T00:00:00Z", {"tiny.ipynb": version(released, 2)})
    assert "1 collected" in classroom.collect()
    before = classroom.submitted("ann")
    said = classroom.collect("--deadline", "2026-10-01T12:00:00Z")
    assert "holds newer work, of 2026-10-02" in said
    assert classroom.submitted("ann") == before
    assert "1 collected" in classroom.collect("--deadline", "2026-10-01T12:00:00Z", "--force")
    assert classroom.time("ann") == datetime(2026, 10, 1)


def test_work_whose_time_is_not_known_is_not_replaced(classroom, released):
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    place = classroom.root / "submitted" / "ann" / "tiny"
    place.mkdir(parents=True)
    (place / "tiny.ipynb").write_text("by hand")
    assert "which is newer isn't known" in classroom.collect()
    assert (place / "tiny.ipynb").read_text() == "by hand"


def test_a_dry_run_writes_nothing(classroom, released):
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    assert "Nothing was written" in classroom.collect("--dry-run")
    assert not (classroom.root / "submitted").exists()


def test_who_handed_in_nothing_is_missing_and_who_is_not_in_the_roster_is_named(classroom, released):
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    classroom.student("empty")
    classroom.student("wrong").commit("2026-10-01T00:00:00Z", {"other.ipynb": released})
    classroom.enrol("not yet, Anna")
    classroom.enrol("no repository", "norepo")
    StudentRepository(classroom.folder / "tiny-stranger").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    said = classroom.collect(code=1)
    for told in (
        "empty: missing; no commit on the default branch yet",
        "wrong: missing; no tiny.ipynb in commit",
        "not yet, Anna: missing; no repository (no user name in the roster",
        "no repository: missing; no repository (norepo)",
        "tiny-stranger: of nobody in the roster",
        "1 collected, 4 missing",
    ):
        assert told in said
    assert sorted(path.name for path in (classroom.root / "submitted").iterdir()) == ["ann"]


def test_an_altered_workflow_and_altered_locked_cells_are_told_and_the_work_is_collected(classroom, released):
    nb = json.loads(released)
    test = next(c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "test_double")
    test["source"] = "assert True"
    first = {"tiny/tiny.ipynb": released, WORKFLOW: GIVEN}
    classroom.student("ann").commit("2026-10-01T00:00:00Z", first)
    ben = classroom.student("ben").commit("2026-10-01T00:00:00Z", first)
    ben.commit("2026-10-02T00:00:00Z", {WORKFLOW: GIVEN + b"# mine", "tiny/tiny.ipynb": json.dumps(nb)})
    classroom.student("cat").commit("2026-10-01T00:00:00Z", {**first, WORKFLOW: "on: push"})
    classroom.student("dan").commit("2026-10-01T00:00:00Z", first).commit("2026-10-02T00:00:00Z", {WORKFLOW: None})
    eve = classroom.student("eve").commit("2026-10-01T00:00:00Z", first)
    eve.commit("2026-10-02T00:00:00Z", {".github/workflows/more.yml": "on: push"})
    lines = classroom.lines()
    assert {line["state"] for line in lines.values()} == {"collected"}
    assert lines["ann"]["remarks"] == []
    assert lines["ben"]["remarks"][0] == "altered workflow: classroom.yml"
    assert "altered cells: test_double: its text was changed" in lines["ben"]["remarks"][1]
    assert lines["cat"]["remarks"] == lines["dan"]["remarks"] == ["altered workflow: classroom.yml"]
    assert lines["eve"]["remarks"] == ["altered workflow: more.yml"]


def test_workflows_are_compared_with_the_template_that_is_given(classroom, released, tmp_path):
    template = tmp_path / "template" / WORKFLOW
    template.parent.mkdir(parents=True)
    template.write_text("name: ours\n")
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released, WORKFLOW: "name: ours\n"})
    classroom.student("ben").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released, WORKFLOW: "name: mine\n"})
    lines = classroom.lines("--template", tmp_path / "template")
    assert lines["ann"]["remarks"] == []
    assert lines["ben"]["remarks"] == ["altered workflow: classroom.yml"]


def test_a_tag_counts_by_the_time_at_which_it_was_made(classroom, released):
    ann = classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": version(released, 1)})
    ann.git("tag", "-a", "-m", "x", "submit/1", time="2026-10-02T00:00:00Z")
    ann.commit("2026-10-03T00:00:00Z", {"tiny.ipynb": version(released, 2)})
    ann.git("tag", "-a", "-m", "x", "submit/2", time="2026-10-06T00:00:00Z")
    ann.git("tag", "other")
    classroom.student("ben").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    lines = classroom.lines("--tag", "submit/*")
    assert (lines["ann"]["time"], lines["ann"]["remarks"]) == ("2026-10-02T00:00:00Z", ["1 later tag not looked at"])
    assert lines["ben"]["remarks"] == ["no tag submit/*"]
    assert classroom.submitted("ann")["tiny/tiny.ipynb"] == version(released, 1)


def test_dates_that_are_out_of_order_are_told(classroom, released):
    ann = classroom.student("ann").commit("2026-10-09T00:00:00Z", {"tiny.ipynb": version(released, 1)})
    ann.commit("2026-10-04T00:00:00Z", {"tiny.ipynb": version(released, 2)})
    assert any("out of order" in remark for remark in classroom.lines()["ann"]["remarks"])


def test_another_branch_can_be_named(classroom, released):
    ann = classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": version(released, 1)})
    ann.git("checkout", "--quiet", "-b", "work")
    ann.commit("2026-10-02T00:00:00Z", {"tiny.ipynb": version(released, 2)})
    ann.git("checkout", "--quiet", "main")
    classroom.collect()
    assert classroom.submitted("ann")["tiny/tiny.ipynb"] == version(released, 1)
    classroom.collect("--branch", "work")
    assert classroom.submitted("ann")["tiny/tiny.ipynb"] == version(released, 2)


def test_nothing_that_a_repository_holds_is_run_and_no_link_is_followed(classroom, released, tmp_path):
    trace, secret = tmp_path / "ran", tmp_path / "secret.ipynb"
    secret.write_bytes(released)
    run = f"#!/bin/sh\ntouch {trace}\n"
    ann = classroom.student("ann").commit(
        "2026-10-01T00:00:00Z", {"tiny.ipynb": released, ".gitattributes": "* filter=x"}
    )
    for hook in ("post-checkout", "pre-upload-pack", "reference-transaction", "post-update"):
        (ann.folder / ".git" / "hooks").mkdir(exist_ok=True)
        (ann.folder / ".git" / "hooks" / hook).write_text(run)
        (ann.folder / ".git" / "hooks" / hook).chmod(0o755)
    (tmp_path / "run.sh").write_text(run)
    (tmp_path / "run.sh").chmod(0o755)
    for key in ("core.fsmonitor", "filter.x.smudge", "core.sshCommand", "uploadpack.packObjectsHook", "core.pager"):
        ann.git("config", key, str(tmp_path / "run.sh"))
    classroom.student("ben").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": secret})
    classroom.student("cat").commit("2026-10-01T00:00:00Z", {"tiny": tmp_path, "x": ""})
    lines = classroom.lines(code=1)
    assert lines["ann"]["state"] == "collected"
    assert not trace.exists()
    assert lines["ben"]["state"] == "failed"
    assert "is a link or a repository" in lines["ben"]["remarks"][0]
    assert lines["cat"]["state"] == "missing"


def test_a_clone_that_leads_to_another_repository_is_refused(classroom, released, tmp_path):
    secret = StudentRepository(tmp_path / "secret").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    for name in ("ann", "ben", "cat"):
        classroom.enrol(name, name)
    (classroom.folder / "tiny-ann").symlink_to(secret.folder)
    (classroom.folder / "tiny-ben").mkdir()
    (classroom.folder / "tiny-ben" / ".git").write_text(f"gitdir: {secret.folder}/.git\n")
    secret.git("clone", "--quiet", "--shared", str(secret.folder), str(classroom.folder / "tiny-cat"))
    lines = classroom.lines(code=1)
    assert {line["state"] for line in lines.values()} == {"failed"}
    assert all("leads to another repository" in line["remarks"][0] for line in lines.values())


@pytest.mark.parametrize("part", ["objects", "config"])
def test_a_clone_of_which_a_part_is_a_link_is_refused(classroom, released, tmp_path, part):
    secret = StudentRepository(tmp_path / "secret").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    ann = classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": "{}"})
    inside = ann.folder / ".git"
    (inside / part).rename(tmp_path / "own")
    (inside / part).symlink_to(secret.folder / ".git" / part)
    (inside / "refs" / "heads" / "main").write_text(secret.git("rev-parse", "HEAD") + "\n")
    line = classroom.lines(code=1)["ann"]
    assert (line["state"], "leads to another repository" in line["remarks"][0]) == ("failed", True)


def test_a_link_among_the_files_of_a_student_without_history_is_no_reason_to_refuse(classroom, released):
    classroom.enrol("ann", "ann")
    (classroom.folder / "tiny-ann" / "data").mkdir(parents=True)
    (classroom.folder / "tiny-ann" / "data" / "latest").symlink_to("elsewhere")
    (classroom.folder / "tiny-ann" / "tiny.ipynb").write_bytes(released)
    assert classroom.lines()["ann"]["state"] == "collected"


def test_the_name_of_a_tag_is_one_line_whatever_is_in_it(classroom, released):
    ann = classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    for name in ("submit/1\u2028x", "submit/\x85", "submit/2"):
        ann.git("tag", "-a", "-m", "x", name)
    classroom.student("ben").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released}).git("tag", "submit/1")
    assert {line["state"] for line in classroom.lines("--tag", "submit/*").values()} == {"collected"}


def test_a_student_whose_work_breaks_the_collector_fails_alone(classroom, released, monkeypatch):
    def broken(self, commit, path):
        raise IndexError("not foreseen")

    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    monkeypatch.setattr("nabla.classroom.git.Repository.last_change", broken)
    classroom.enrol("ben")
    lines = classroom.lines(code=1)
    assert {name: line["state"] for name, line in lines.items()} == {"ann": "failed", "ben": "missing"}
    assert "IndexError: not foreseen" in lines["ann"]["remarks"][0]


def test_what_a_killed_run_had_begun_to_write_is_finished_by_the_next(classroom, released):
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    classroom.collect()
    (classroom.root / "submitted" / "ann" / "tiny" / "timestamp.txt").unlink()  # the time is written last
    assert "1 collected" in classroom.collect()
    assert classroom.time("ann") == datetime(2026, 10, 1)


def test_a_notebook_that_is_too_large_fails_alone(classroom, released):
    with (classroom.root / "nbgrader_config.py").open("a") as config:
        config.write(f'\nc.Nabla.limits = {{"notebook": {len(released) + 10}}}\n')
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released + b" " * 11})
    classroom.student("ben").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    lines = classroom.lines(code=1)
    assert (lines["ann"]["state"], lines["ben"]["state"]) == ("failed", "collected")
    assert "is larger than" in lines["ann"]["remarks"][0]


def test_a_notebook_that_cannot_be_read_is_collected_and_told(classroom):
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": '{"cells": ['})
    line = classroom.lines()["ann"]
    assert line["state"] == "collected"
    assert "not valid JSON" in line["remarks"][0]


def test_a_folder_of_a_submission_that_is_a_link_is_not_written_through(classroom, released, tmp_path):
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    (classroom.root / "submitted").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (classroom.root / "submitted" / "ann").symlink_to(tmp_path / "elsewhere")
    assert "is a link, not a folder" in classroom.collect(code=1)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_repositories_are_fetched_from_the_addresses_in_the_roster(classroom, released, tmp_path):
    bare = tmp_path / "remotes" / "ann.git"
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released}).git(
        "clone", "-q", "--bare", ".", str(bare)
    )
    rows = [
        f"ann,file://{bare}",
        "ben,ext::sh -c touch% /tmp/x",
        "cat,--upload-pack=touch x",
        "dan,https://u:pw@127.0.0.1:1/x",
    ]
    classroom.roster.write_text("student,address\n" + "\n".join(rows) + "\n")
    path = classroom.root / "lines.json"
    words = ["classroom", "collect", "tiny", "--roster", classroom.roster, "--course", classroom.root, "--json", path]
    found = CliRunner().invoke(app, list(map(str, words)))
    assert found.exit_code == 1, found.output
    lines = {line["student"]: line for line in json.loads(path.read_text())}
    assert {name: line["state"] for name, line in lines.items()} == {
        "ann": "collected",
        "ben": "failed",
        "cat": "failed",
        "dan": "failed",
    }
    assert "is no address of a repository" in lines["ben"]["remarks"][0]
    assert "is no address of a repository" in lines["cat"]["remarks"][0]
    assert "pw" not in found.output
    assert "No deadline" in found.output


def test_an_address_can_be_made_from_the_user_name(classroom, released, tmp_path):
    classroom.student("ann", "ann-lee").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    said = classroom.collect("--address", f"file://{classroom.folder}/tiny-{{username}}", "--until", "end")
    assert "1 collected" in said
    classroom.enrol("mallory", "../tiny-ann-lee")
    with pytest.raises(CourseError, match="is no user name"):
        classroom.collect("--address", f"file://{classroom.folder}/tiny-{{username}}")


@pytest.mark.parametrize(
    "address", ["ext::sh -c id", "-u", "--upload-pack=x", "http://x/y", "fd::3", "git@-x:y", "x::y", "https://-x"]
)
def test_what_is_no_address_is_refused_before_git_sees_it(address):
    with pytest.raises(GitError, match="no address"):
        require_address(address)


def test_a_class_without_history_is_collected_and_its_time_is_said_to_be_unknown(classroom, released):
    classroom.enrol("ann", "ann")
    (classroom.folder / "tiny-ann" / "tiny").mkdir(parents=True)
    (classroom.folder / "tiny-ann" / "tiny" / "tiny.ipynb").write_bytes(released)
    assert "its time isn't known" in classroom.collect()
    assert set(classroom.submitted("ann")) == {"tiny/tiny.ipynb"}


def test_a_roster_of_classroom_50_names_students_by_user_and_leaves_out_staff(classroom, released):
    header = "username,first_name,last_name,email,section,github_id,role\n"
    classroom.roster.write_text(header + "ann,Ann,Lee,a@x.org,1,7,student\nprof,P,Q,p@x.org,1,8,instructor\n")
    StudentRepository(classroom.folder / "calculus-tiny-ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    lines = classroom.lines()
    assert {name: line["state"] for name, line in lines.items()} == {"ann": "collected"}


def test_user_names_with_hyphens_go_to_whom_they_belong():
    people = [Person("1", "lee"), Person("2", "ann-lee"), Person("3", "Ito"), Person("4", "")]
    names = ["hw-ann-lee", "hw-lee", "hw-ito", "hw2-ito", "notes"]
    assert assign_folders(names, people, "hw") == (
        {"1": "hw-lee", "2": "hw-ann-lee", "3": "hw-ito"},
        ["hw2-ito", "notes"],
    )
    assert assign_folders(["c-hw-1-lee", "c-hw-2-lee"], people, "hw_2")[0] == {"1": "c-hw-2-lee"}
    assert assign_folders(["hw-lee", "hw-LEE"], people, "hw") == ({}, ["hw-lee", "hw-LEE"])


@given(
    st.lists(st.text("ab-", min_size=1, max_size=6), unique=True, max_size=6),
    st.lists(st.text("ab-", max_size=8), max_size=6),
)
def test_no_folder_ever_goes_to_two_students(usernames, names):
    people = [Person(str(number), name) for number, name in enumerate(usernames)]
    found, others = assign_folders(names, people, "ab")
    assert sorted([*found.values(), *others]) == sorted(names) or len(set(names)) < len(names)
    for student, folder in found.items():
        assert folder.endswith(usernames[int(student)])


def test_wrong_usage_says_what_to_do(classroom, released, tmp_path):
    classroom.student("ann").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    for arguments, told in (
        (("--deadline", "tomorrow"), "Write it like"),
        (("--timezone", "Mars/Base"), "no such time zone"),
        (("--until", "2026-01-01T00:00:00Z"), "before the deadline"),
        (("--template", tmp_path), "nabla classroom template"),
    ):
        with pytest.raises(CourseError, match=told):
            classroom.collect(*arguments)
    with pytest.raises(CourseError, match="no such folder"):
        classroom.collect(place=tmp_path / "nowhere")


def test_git_reads_neither_a_configuration_nor_a_terminal_of_the_computer(classroom, released, tmp_path, monkeypatch):
    trace = tmp_path / "ran"
    (tmp_path / "global").write_text(f'[core]\n\tfsmonitor = "touch {trace}"\n\thooksPath = {tmp_path}\n')
    (tmp_path / "reference-transaction").write_text(f"#!/bin/sh\ntouch {trace}\n")
    (tmp_path / "reference-transaction").chmod(0o755)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "global"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    repository = classroom.folder.parent / "plain"
    monkeypatch.delenv("GIT_DIR")
    StudentRepository(repository).commit("2026-10-01T00:00:00Z", {"tiny.ipynb": released})
    classroom.enrol("ann", "ann")
    repository.rename(classroom.folder / "tiny-ann")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert "1 collected" in classroom.collect()
    assert not trace.exists()
