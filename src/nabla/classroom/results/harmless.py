"""Makes student text harmless for where it goes: a workflow's log, XML, Markdown. Knows nothing of results.

Numbers need none of this, but `points` keeps them finite, within their limits and free of rounding noise.
"""

from __future__ import annotations

import math
import re
import unicodedata

LONGEST = 2_000
_CUT = " …"
_COMMAND = re.compile(r":(?=:)|#(?=#+\[)")  # of ``::error::`` at the start of a line, and ``##[error]`` anywhere
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def one_line(text: str, longest: int = LONGEST) -> str:
    r"""``text`` on one line: no workflow command (``::``, ``##[``), no control characters, no lone surrogates.

    >>> one_line("a\n::notice title=Autograding complete::Points 100/100")
    'a :notice title=Autograding complete:Points 100/100'
    """
    head = text[: 4 * longest]
    shown = "".join(" " if character.isspace() else character for character in head)
    shown = "".join(character for character in shown if unicodedata.category(character) not in _UNSEEN)
    shown = _COMMAND.sub("", " ".join(shown.split()))
    return shown if len(shown) <= longest and len(head) == len(text) else shown[: longest - len(_CUT)] + _CUT


def markdown(text: str, longest: int = LONGEST) -> str:
    """``text`` as a code span, also in a table: no markup, link, HTML, formula or mention in it is live.

    >>> markdown("<b> | [x](javascript:1) `@everyone`")
    "`<b> ¦ [x](javascript:1) '@everyone'`"
    """
    plain = one_line(text, longest).replace("`", "'").replace("|", "¦")
    return f"`{plain}`" if plain else ""


def points(value: float | None, most: float) -> float:
    """``value`` within 0..``most``, rounded to six digits; 0 for what is no finite number.

    >>> points(0.1 + 0.2, 1), points(7, 5), points(float("nan"), 5), points(None, 5)
    (0.3, 5.0, 0.0, 0.0)
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):  # an int may be too large to ask
        return 0.0
    return round(float(min(max(value, 0.0), max(most, 0.0))), 6)
