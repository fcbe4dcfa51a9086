"""Fonts in memory: FreeType seeks and reads for each glyph that is drawn, and each is a call that the sandbox sees."""

from __future__ import annotations

import io
from typing import Any


class _Memory(io.BytesIO):
    """A file's bytes under its name, which matplotlib asks for."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


def keep_fonts_in_memory() -> None:
    """From now on a font's file is read once. Before the fork: matplotlib opens its fonts anew in each child."""
    original, contents = io.open, {}  # type: Any, dict[str, bytes]

    def opened(file: Any, *arguments: Any, **keywords: Any) -> Any:
        if type(file) is not str or not file.endswith(".ttf"):
            return original(file, *arguments, **keywords)
        if file not in contents:
            with original(file, "rb") as font:
                contents[file] = font.read()
        return _Memory(file, contents[file])

    io.open = opened
