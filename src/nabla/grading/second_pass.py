"""The submission once more, where an accelerator is: for the checks that need one, and only where there are any.

In a process of another zygote: a context of the device doesn't survive a fork, and what a sandbox closed stays closed.
"""

from __future__ import annotations

from collections.abc import Callable

from nabla.sandbox import SandboxUnavailable, SubmissionSession

_UNAVAILABLE = (
    "checks that need an accelerator could not be run on {name} ({error}). To leave them ungraded, set "
    "c.Nabla.accelerator = 'none' in nbgrader_config.py and grade again."
)


class SecondPass:
    """A submission on the device ``name``; implements `nabla.answers.Accelerator`. Starts when a check first asks.

    Raises `nabla.sandbox.SandboxUnavailable` then, where the device is there and the sandbox can't be run on it.
    """

    def __init__(self, name: str, open_session: Callable[[], SubmissionSession]) -> None:
        self.name = name
        self._open = open_session
        self._session: SubmissionSession | None = None
        self._waiting: list[tuple[int, str]] = []

    def ran(self, index: int, source: str) -> None:
        """Note a cell that has run in the first pass."""
        self._waiting.append((index, source))

    def session(self) -> SubmissionSession:
        """The session on the device, in which the cells so far have run. What they show, nobody sees."""
        if self._session is None:
            self._session = self._open()
        cells, self._waiting = self._waiting, []
        try:
            for index, source in cells:
                self._session.run_cell(index, source, draw=False)
        except SandboxUnavailable as error:
            raise SandboxUnavailable(_UNAVAILABLE.format(name=self.name, error=error)) from error
        return self._session

    @property
    def lost(self) -> list[str]:
        """The questions that were lost in it, by kind."""
        return self._session.lost if self._session is not None else []

    def close(self) -> None:
        """End its process, where there is one."""
        if self._session is not None:
            self._session.close()
