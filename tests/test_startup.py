"""What each process of a command does first."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, os, sys
import nabla.startup
opened = os.open(os.devnull, os.O_RDONLY)
with open(sys.argv[1], "w") as file:
    json.dump([opened > 2, *(os.readlink(f"/proc/self/fd/{number}") for number in range(3))], file)
"""


@pytest.mark.parametrize("closed", [(), (0,), (1, 2), (0, 1, 2)])
def test_no_file_gets_the_number_of_a_standard_stream(tmp_path: Path, closed: tuple[int, ...]) -> None:
    def close() -> None:
        for number in closed:
            os.close(number)

    place = tmp_path / "found.json"
    with (tmp_path / "stream").open("w+") as stream:
        run = functools.partial(subprocess.run, stdin=stream, stdout=stream, stderr=stream, preexec_fn=close)
        run([sys.executable, "-c", SCRIPT, str(place)], check=True)
    streams = ["/dev/null" if number in closed else stream.name for number in range(3)]
    assert place.read_text() == f"[true, {', '.join(f'{name!r}' for name in streams)}]".replace("'", '"')
