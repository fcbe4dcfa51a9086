"""One zygote for all tests of this room: small, with numpy alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from nabla.course import Limits
from nabla.sandbox import SubmissionSession, Zygote

QUICK = Limits(cell_seconds=5, call_seconds=2, memory=512 * 2**20, disk=8 * 2**20, output=64 * 1024, answer=8 * 2**20)


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote(level="sandlock", preload=("numpy", "matplotlib"), limits=QUICK) as zygote:
        yield zygote


@pytest.fixture
def open_session(zygote: Zygote) -> Iterator[Callable[..., SubmissionSession]]:
    sessions: list[SubmissionSession] = []

    def open_one(*cells: str, **keywords: object) -> SubmissionSession:
        session = SubmissionSession(zygote, **keywords)  # type: ignore[arg-type]
        sessions.append(session)
        for index, source in enumerate(cells):
            session.run_cell(index, source)
        return session

    yield open_one
    for session in sessions:
        session.close()
