"""`nabla classroom publish`: a result reaches the repository that the roster names, and nothing else does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nabla.classroom.publish import BRANCH, publish, read_addresses
from nabla.classroom.roster import Person
from nabla.course import CourseError
from tests.classroom.student import commit_all, git

PEOPLE = [Person("s1", username="ann"), Person("s2", username="ben")]


def submission(student, score=3.0, hint="", assignment="tiny"):
    check = {"name": "test_is_double", "outcome": "failed", "message": "secret?", "hint": hint, "wrong_answer": ""}
    exercise = {"id": "test_double", "score": score, "max_score": 4.0, "sealed": True, "checks": [check]}
    found = {"student": student, "assignment": assignment, "status": "graded", "reason": "", "score": score}
    found |= {"max_score": 4.0, "manual_points_open": 1.0, "not_graded_points": 0.0, "sandbox": "sandlock"}
    return found | {"runtime": "", "engine": "", "key_fingerprint": "", "seconds": 0.1, "exercises": [exercise]}


@pytest.fixture
def repositories(tmp_path):
    """A bare repository for each student, with one commit on main."""
    for name in ("ann", "ben"):
        work = tmp_path / f"work-{name}"
        work.mkdir()
        git(work, "init", "--quiet", "--initial-branch", "main")
        (work / "notebook.txt").write_text(name)
        commit_all(work)
        git(tmp_path, "clone", "--quiet", "--bare", str(work), f"tiny-{name}.git")
    return tmp_path


@pytest.fixture
def send(repositories):
    """Publishes submissions and says what became of each."""

    def run(*submissions):
        file = repositories / "result.json"
        file.write_text(json.dumps({"version": 1, "submissions": list(submissions)}))
        copies = publish(file, PEOPLE, {"tiny": f"{repositories}/tiny-{{username}}.git"})
        return [(copy.student, copy.state) for copy in copies]

    return run


def page(repositories, name):
    return git(repositories / f"tiny-{name}.git", "show", f"{BRANCH}:tiny.md")


def branches(repositories, name):
    return git(repositories / f"tiny-{name}.git", "branch", "--format=%(refname:short)").split()


def test_each_student_gets_the_own_result_and_the_work_stays_as_it_is(repositories, send):
    before = git(repositories / "tiny-ann.git", "rev-parse", "main")
    assert send(submission("s1", 3.0, "A hint?"), submission("s2", 0.0)) == [("s1", "published"), ("s2", "published")]
    assert "3 / 4" in page(repositories, "ann")
    assert "A hint?" in page(repositories, "ann")
    assert "0 / 4" in page(repositories, "ben")
    assert "s2" not in page(repositories, "ann")
    assert git(repositories / "tiny-ann.git", "rev-parse", "main") == before


def test_messages_of_checks_and_names_of_others_never_leave(repositories, send):
    send(submission("s1"))
    assert "secret?" not in page(repositories, "ann")


def test_the_branch_starts_no_workflow(repositories, send):
    send(submission("s1"))
    files = git(repositories / "tiny-ann.git", "ls-tree", "-r", "--name-only", BRANCH).split()
    assert files == ["README.md", "tiny.md"]


def test_what_has_not_changed_is_not_written_again(repositories, send):
    send(submission("s1", 3.0))
    assert send(submission("s1", 3.0)) == [("s1", "unchanged")]
    assert send(submission("s1", 4.0)) == [("s1", "published")]
    assert len(git(repositories / "tiny-ann.git", "rev-list", BRANCH).split()) == 2


def test_a_student_who_corrects_the_copy_gets_it_put_right(repositories, send):
    send(submission("s1", 0.0))
    git(repositories, "clone", "--quiet", "--branch", BRANCH, "tiny-ann.git", "mine")
    (repositories / "mine/tiny.md").write_text("4 / 4 points")
    (repositories / "mine/note.txt").write_text("kept")
    commit_all(repositories / "mine")
    git(repositories / "mine", "push", "--quiet", "origin", BRANCH)
    assert send(submission("s1", 0.0)) == [("s1", "published")]
    assert "0 / 4" in page(repositories, "ann")
    assert git(repositories / "tiny-ann.git", "show", f"{BRANCH}:note.txt") == "kept"


@pytest.mark.parametrize("stranger", [submission("s3"), submission("s1", assignment="../x"), submission("..")])
def test_a_result_that_names_anybody_else_is_refused_as_a_whole(repositories, send, stranger):
    with pytest.raises(CourseError, match="Nothing was published"):
        send(submission("s1"), stranger)
    assert branches(repositories, "ann") == ["main"]


def test_a_file_that_is_no_result_is_refused_as_a_whole(repositories, send):
    with pytest.raises(CourseError, match="no result of version 1"):
        send(submission("s1"), {**submission("s2"), "address": "https://example.org/evil"})
    assert branches(repositories, "ann") == ["main"]


def test_a_number_larger_than_any_float_is_cut_to_what_it_may_be(repositories, send):
    assert send(submission("s1", 10**400)) == [("s1", "published")]
    assert "4 / 4" in page(repositories, "ann")


def test_a_repository_that_cannot_be_written_fails_alone(repositories, send):
    (repositories / "tiny-ann.git").rename(repositories / "gone")
    (repositories / "tiny-ann.git").write_text("")
    assert send(submission("s1"), submission("s2")) == [("s1", "failed"), ("s2", "published")]


def test_a_hostile_hint_is_no_markup_in_the_page(repositories, send):
    send(submission("s1", 0.0, "<script>alert(1)</script> | [x](javascript:1)\n# Points 100/100 `"))
    (line,) = [line for line in page(repositories, "ann").splitlines() if "script" in line]
    assert line.endswith("`<script>alert(1)</script> ¦ [x](javascript:1) # Points 100/100 '` |")


def test_the_list_of_assignments_names_what_is_wrong_with_it(tmp_path):
    file = tmp_path / "assignments.csv"
    for text, told in [
        ("", "first line"),
        ("name,url\n", "first line"),
        ("assignment,deadline,address\ntiny,2026-10-01\n", "not three columns"),
        ("assignment,deadline,address\n../x,2026-10-01,\n", "is no name of an assignment"),
    ]:
        file.write_text(text)
        with pytest.raises(CourseError, match=told):
            read_addresses(file)
    file.write_text(
        "assignment,deadline,address\r\ntiny,2026-10-01T23:59+09:00,https://example.org/tiny-{username}\r\n\r\n"
    )
    assert read_addresses(file) == {"tiny": "https://example.org/tiny-{username}"}


def test_the_command_says_what_became_of_each_and_who_has_no_result(repositories, send):
    send(submission("s1"))
    (repositories / "roster.csv").write_text("identifier,github_username,name\ns1,ann,\ns2,ben,\n")
    list_ = f"assignment,deadline,address\ntiny,2026-10-01,{repositories}/tiny-{{username}}.git\n"
    (repositories / "assignments.csv").write_text(list_)
    command = [str(Path(sys.executable).with_name("nabla")), "classroom", "publish", "result.json"]
    command += ["--roster", "roster.csv", "--assignments", "assignments.csv"]
    done = subprocess.run(command, cwd=repositories, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "s1, tiny: unchanged" in done.stdout
    assert "nothing published, for: s2" in done.stdout


@pytest.fixture
def traced(repositories):
    """Ann's repository, in which whatever a push could run leaves the file ``ran``; and that file."""
    trace, repository = repositories / "ran", repositories / "tiny-ann.git"
    script = repositories / "run.sh"
    script.write_text(f"#!/bin/sh\ntouch {trace}\n")
    script.chmod(0o755)
    (repository / "hooks").mkdir(exist_ok=True)
    for hook in ("pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive"):
        (repository / "hooks" / hook).symlink_to(script)
    for key in ("core.sshCommand", "core.alternateRefsCommand", "core.fsmonitor", "uploadpack.packObjectsHook"):
        git(repository, "config", key, str(script))
    git(repository, "config", "core.hooksPath", str(repository / "hooks"))
    (repository / "objects" / "info").mkdir(exist_ok=True)
    (repository / "objects" / "info" / "alternates").write_text(f"{repositories}/tiny-ben.git/objects\n")
    return repository, trace


def test_nothing_of_a_repository_on_this_computer_runs_when_its_result_arrives(traced, send):
    assert send(submission("s1")) == [("s1", "published")]
    assert not traced[1].exists()


def test_a_repository_that_wants_a_program_of_its_own_to_receive_fails_alone(traced, send):
    repository, trace = traced
    git(repository, "config", "receive.procReceiveRefs", "refs/heads")
    assert send(submission("s1"), submission("s2")) == [("s1", "failed"), ("s2", "published")]
    assert not trace.exists()


def test_a_branch_of_endless_files_fails_alone(repositories, send):
    """Ten folders with the same ten folders, and so on: a few small objects, and a million files. They could be more."""
    repository = repositories / "tiny-ann.git"

    def stored(kind, data, *options):
        command = ["git", "-C", str(repository), "hash-object", "-t", kind, "-w", "--stdin", *options]
        return subprocess.run(command, input=data, check=True, capture_output=True).stdout.decode().strip()

    key, mode = stored("blob", b"x"), b"100644"
    for _ in range(6):
        key = stored("tree", b"".join(mode + b" %d\0" % name + bytes.fromhex(key) for name in range(10)))
        mode = b"40000"
    git(repository, "branch", BRANCH, git(repository, "commit-tree", "-m", "x", key).strip())
    assert send(submission("s1"), submission("s2")) == [("s1", "failed"), ("s2", "published")]
