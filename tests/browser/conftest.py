"""Chromium, a graded class with a hostile and an honest student in it, and formgrader on a port of its own."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from nabla.course import Course
from nabla.grading import pool
from nabla.grading.feedback import make_feedback
from tests.bad_input.classroom import Classroom, OneProcess, make_course
from tests.browser.payloads import CANARY

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HINTS = '''
from nabla.checks import wrong


@wrong(
    fails=("test_is_three_times_its_argument_and_one",),
    hint={"en": "What does x = 0 give?", "ja": "x = 0 のとき、何になりますか。"},
)
def forgot_the_one(x):
    """Returns 3x."""
    return 3 * x
'''


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


class Visit:
    """An opened page, and all that student code could have done in it."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1000, "height": 1400})
        self.asked: list[str] = []
        self.page.on("dialog", lambda dialog: (self.asked.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.route("**/*", self._only_here)

    def _only_here(self, route: Route) -> None:
        url = route.request.url
        if url.startswith(CANARY):
            self.asked.append(url.removeprefix(f"{CANARY}/"))
        if url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:")):
            route.continue_()
        else:
            route.abort()

    def open(self, url: str) -> Visit:
        if "token=" in url:
            self.page.set_extra_http_headers({"Authorization": f"token {url.partition('token=')[2]}"})
        self.page.goto(url, wait_until="load")
        self.page.wait_for_timeout(300)
        return self

    def ran(self) -> list[str]:
        """Names of the scripts that ran and of the addresses that were asked for."""
        return sorted({*self.page.evaluate("window.hacked || []"), *self.asked})

    def loaded(self) -> list[str]:
        """Attributes that would run something when clicked or pointed at."""
        return self.page.evaluate(
            r"""() => [...document.querySelectorAll('*')].flatMap(element => [...element.attributes]
            .filter(a => /^on/i.test(a.name) || /^\s*(j\s*a\s*v\s*a|vbscript|data:text|data:image.svg)/i.test(a.value))
            .map(a => `${element.tagName} ${a.name}=${a.value.slice(0, 80)}`))"""
        )


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    made = Visit(browser)
    yield made
    made.page.close()


@pytest.fixture(scope="session")
def make_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Classroom]]:
    """Makes released courses with a wrong answer that has hints."""

    def make(name: str) -> Classroom:
        root = tmp_path_factory.mktemp(name) / "course"
        make_course(root)
        folder = root / "grader_tests" / "wrong" / "sums"
        folder.mkdir(parents=True)
        (folder / "scaled.py").write_text(HINTS)
        return Classroom(root)

    with pytest.MonkeyPatch.context() as patch:  # nbgrader calls `alembic` by name
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        yield make


def grade_here(room: Classroom) -> None:
    """Grades in this process, so that a test can take a defence away, and makes the pages."""
    interrupt = signal.getsignal(signal.SIGINT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "local_pool", OneProcess)
        room.grade(workers=1)
    signal.signal(signal.SIGINT, interrupt)
    assert not make_feedback(Course.load(room.root), "sums").failures


def feedback_page(room: Classroom, student: str) -> str:
    return (room.root / "feedback" / student / "sums" / "sums.html").as_uri()


@pytest.fixture(scope="session")
def formgrader() -> Iterator[Callable[[Classroom], str]]:
    """Starts formgrader for a course: gives its address, with the token."""
    servers: list[subprocess.Popen] = []

    def start(room: Classroom) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        token, home = secrets.token_hex(16), room.root.parent / "home"
        home.mkdir(exist_ok=True)
        settings = {
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.ip": "127.0.0.1",
            "IdentityProvider.token": token,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
        }
        words = [f"--{name}={value}" for name, value in settings.items()]
        words.append(f"--ServerApp.jpserver_extensions={ {'nbgrader.server_extensions.formgrader': True} }")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-m", "jupyter", "server", *words]
        servers.append(subprocess.Popen(command, cwd=room.root, env={**os.environ, "HOME": str(home)}, **quiet))
        address = f"http://127.0.0.1:{port}/formgrader"
        wait_for(f"{address}/?token={token}")
        return f"{address}{{}}?token={token}"

    yield start
    for server in servers:
        server.terminate()
        server.wait(20)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=20).close()
            return
        except (URLError, OSError):
            assert time.monotonic() < deadline, "formgrader did not start"
            time.sleep(0.3)
