"""Runs a workflow with `act`, on this machine and without Docker; what can't be fetched is replaced by tests/workflows/actions."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

ACTIONS = Path(__file__).parent / "actions"
STAND_INS = {
    "actions/setup-python": "setup-python",
    "actions/upload-artifact": "upload-artifact",
    "actions/download-artifact": "download-artifact",
    "classroom-resources/autograding-grading-reporter": "reporter",
}
RUNNERS = ("ubuntu-latest", "ubuntu-24.04")


@dataclass(frozen=True)
class Log:
    """What act printed. ``jobs``: how each job ended, by its name in the workflow."""

    text: str
    jobs: dict[str, bool]

    def annotations(self) -> list[str]:
        """Every notice, warning and error that the log took for one."""
        return re.findall(r"^\[[^]]*\]\s+[❓🚧❗]+\s+::(.*)$", self.text, re.M)


def run_workflow(
    repository: Path, event: str, workflow: str, scratch: Path, *options: str, environment: dict[str, str] | None = None
) -> Log:
    """Run ``workflow`` of ``repository`` as ``event`` would start it. ``scratch`` gets act's own files and artifacts."""
    path = repository / ".github" / "workflows" / workflow
    command = ["act", event, "--workflows", str(path), "--directory", str(repository)]
    command += [part for name in RUNNERS for part in ("--platform", f"{name}=-self-hosted")]
    command += ["--pull=false", "--action-offline-mode", "--container-daemon-socket", "-", "--no-cache-server"]
    command += [part for use in _uses(path) for part in ("--local-repository", use)]
    # act gives commands a terminal, which a host doesn't.
    command += ["--env", f"ARTIFACTS={scratch / 'artifacts'}", "--env", "TERM=dumb", "--env", "COLUMNS=200"]
    home = scratch / "home"
    home.mkdir(parents=True, exist_ok=True)
    variables = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    variables |= {"HOME": str(home), "XDG_CACHE_HOME": str(scratch / "cache"), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    done = subprocess.run(
        [*command, *options],
        env=variables | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    ended = re.findall(r"^\[[^/\]]*/([^]]*?)\s*\]\s+🏁\s+Job (succeeded|failed)", done.stdout, re.M)
    return Log(done.stdout, {name: how == "succeeded" for name, how in ended})


def _uses(path: Path) -> set[str]:
    """A stand-in for each action that the workflow uses, at the commit that it pins."""
    found = set()
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        for step in job["steps"]:
            name = step.get("uses", "").partition("@")[0]
            if name in STAND_INS:
                found.add(f"{step['uses']}={ACTIONS / STAND_INS[name]}")
    return found
