"""Text of unknown origin made safe for a terminal: no control sequences, no markup, one line."""

from __future__ import annotations

import unicodedata

from rich.text import Text


def plain(text: str, width: int = 200) -> str:
    r"""``text`` on one line, with control and direction characters shown as ``\x1b`` and the rest cut at ``width``.

    >>> plain("a\x1b[2Jb\nc")
    'a\\x1b[2Jb c'
    """
    shown = "".join(_shown(character) for character in text[: 4 * width])
    shown = " ".join(shown.split())
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def safe(text: str, style: str = "", width: int = 200) -> Text:
    """``plain(text)`` as rich text, in which square brackets mean nothing."""
    return Text(plain(text, width), style=style)


def _shown(character: str) -> str:
    if character in "\n\t\r":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co"):
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character
