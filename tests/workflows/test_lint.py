"""Every workflow of the repository, and the one that students get, passes three linters that know GitHub's rules."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STUDENTS = ROOT / "src/nabla/classroom/student/classroom.yml"
WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), STUDENTS]


def said(command, *arguments):
    """The exit code and the words of a command beside this Python."""
    line = [str(Path(sys.executable).with_name(command)), *map(str, arguments)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_there_are_workflows_to_check():
    assert {path.name for path in WORKFLOWS} >= {"ci.yml", "grade.yml", "classroom.yml"}


def test_zizmor_finds_no_security_fault():
    code, words = said("zizmor", "--offline", "--no-progress", *WORKFLOWS)
    assert code == 0, words


def test_zizmor_would_find_one(tmp_path):
    broken = STUDENTS.read_text().replace(
        "run: python -m pip", 'run: echo "${{ github.event.head_commit.message }}" && pip'
    )
    (tmp_path / "classroom.yml").write_text(broken)
    code, words = said("zizmor", "--offline", "--no-progress", tmp_path / "classroom.yml")
    assert code != 0
    assert "template-injection" in words


def test_actionlint_finds_no_fault():
    code, words = said("actionlint", *WORKFLOWS)
    assert code == 0, words


def test_github_s_schema_holds():
    code, words = said("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    assert code == 0, words


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_that_others_write_is_pasted_into_a_script(path):
    """An expression in `run:` is text before the shell reads it; values go through `env:`."""
    steps = [step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]]
    assert steps
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_students_get_no_secret_and_may_only_read():
    workflow = yaml.safe_load(STUDENTS.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow["jobs"]["run-autograding-tests"]
    assert "secrets." not in STUDENTS.read_text()


def test_the_job_that_runs_students_code_holds_no_token():
    text = (ROOT / ".github/workflows/grade.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]
    assert yaml.safe_load(text)["permissions"] == {}
    for name in ("grade", "grade-gpu"):
        job = jobs[name]
        assert job["permissions"] == {"contents": "read"}
        assert "secrets." not in str(job)
        assert job["steps"][0]["with"]["persist-credentials"] is False
    assert "vars.GPU_RUNNER != ''" in jobs["grade-gpu"]["if"]
    assert jobs["grade-gpu"]["runs-on"] == ["self-hosted", "linux", "x64", "gpu"]
    for name in ("publish", "publish-gpu"):
        assert "nabla grade" not in str(jobs[name])


@pytest.mark.parametrize(("job", "secret"), [("collect", "READ_TOKEN"), ("publish", "WRITE_TOKEN")])
def test_a_token_goes_to_the_host_of_the_class_and_to_no_other(job, secret):
    steps = yaml.safe_load((ROOT / ".github/workflows/grade.yml").read_text())["jobs"][job]["steps"]
    (settings,) = [step["env"] for step in steps if secret in step.get("env", {})]
    settings = {name: str(value) for name, value in settings.items() if name.startswith("GIT_")}
    settings["GIT_CONFIG_KEY_0"] = settings["GIT_CONFIG_KEY_0"].replace(
        "${{ github.server_url }}", "https://github.com"
    )
    environment = {
        "PATH": os.environ["PATH"],
        secret: "a token",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, **settings}

    def asked(host):
        question = f"protocol=https\nhost={host}\n\n"
        command = ["git", "-c", "core.askPass=", "credential", "fill"]
        return subprocess.run(
            command, input=question, env=environment, capture_output=True, text=True, check=False
        ).stdout

    assert "password=a token\n" in asked("github.com")
    assert "a token" not in asked("github.com.example.org")
