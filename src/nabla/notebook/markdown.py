"""Decides whether a student's markdown is inert once rendered, and makes it inert where it isn't.

Text is rendered by the very renderer that makes feedback and formgrader pages; only a page of known tags passes.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from html.parser import HTMLParser

# Anything that can lead to markup, a link or a TeX command with effects; without it there is nothing to look at.
_SUSPICIOUS = re.compile(r"[<&]|\]\s*[(:\[]|:\s*//|\\")
_TEX_WITH_EFFECTS = re.compile(
    r"\\(?=(?:href|url|style|class|cssId|data|require|unicode|html\w*|toggle|mathtip|texttip|action|mmlToken|bbox)"
    r"(?![a-zA-Z]))",
    re.I,
)
_TAGS = frozenset(
    """a b blockquote br caption center code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5
    h6 hr i img ins kbd li mark ol p pre q s samp section small span strike strong sub summary sup table tbody td tfoot
    th thead tr tt u ul var""".split()  # noqa: SIM905  sixty words in a list would be sixty lines
)
_ATTRIBUTES = frozenset(
    ("align", "alt", "colspan", "height", "open", "rel", "rowspan", "scope", "start", "title", "width")
)
_SPECIAL = {
    "class": re.compile(r"[\w -]*\Z"),
    "href": re.compile(r"https?://|mailto:|#|[\w./%-]+(?:[?#]|\Z)", re.I),
    # With an apostrophe, since a heading's words make its id: "Newton's method".
    "id": re.compile(r"[^\s<>\"`]*\Z"),
    # No other server, which would learn who looks and when; no absolute path and no way up: the page's own server would
    # be asked, /logout for one.
    "src": re.compile(r"data:image/(?:png|jpeg);base64,[\w+/=]*\Z|(?!/|.*\.\.|.*%)[\w./-]+\Z", re.I),
    "style": re.compile(r"text-align:\s*(?:left|right|center);?\Z"),
}
_LONG = 20_000
_TAG_LIKE = re.compile(r"<[a-z/!?]", re.I)


def inert_markdown(source: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
    """``source`` itself where nothing in its rendering can run, else the same text shown literally."""
    remembered = not attachments and len(source) < _LONG
    if not _SUSPICIOUS.search(source) or (_inert_text(source) if remembered else is_inert(source, attachments)):
        return source
    return f"<pre>{html.escape(source, quote=False)}</pre>"


@lru_cache(maxsize=512)
def _inert_text(source: str) -> bool:
    """`is_inert`, remembered: most text cells of a class are the ones that everybody was given."""
    return is_inert(source)


def is_inert(source: str, attachments: dict[str, dict[str, str]] | None = None) -> bool:
    """Whether the page rendered from ``source`` has only known tags, attributes and kinds of links."""
    try:
        page = _rendered(source, attachments)
    except Exception:  # the renderer raises many things; a page that can't be made would end a class's feedback
        return False
    if _TEX_WITH_EFFECTS.search(source) or _TEX_WITH_EFFECTS.search(html.unescape(page)):
        return False
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.inert


def inert_tex(text: str) -> str:
    r"""``text`` in which no TeX command that MathJax gives effects (``\href`` and its like) is a command any longer."""
    return _TEX_WITH_EFFECTS.sub(r"\\ ", text)


def _rendered(source: str, attachments: dict[str, dict[str, str]] | None) -> str:
    # Imported late: it takes a third of a second, and most notebooks never need it.
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return str(MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=attachments or {})).render(source))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.inert = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inert &= tag in _TAGS and all(_plain_attribute(name, value or "") for name, value in attrs)

    def handle_data(self, data: str) -> None:
        # What this parser takes for text might be a tag to a browser.
        self.inert &= not _TAG_LIKE.search(data)

    def handle_comment(self, data: str) -> None:
        self.inert = False

    def handle_decl(self, decl: str) -> None:
        self.inert = False

    def handle_pi(self, data: str) -> None:
        self.inert = False

    def unknown_decl(self, data: str) -> None:
        self.inert = False


def _plain_attribute(name: str, value: str) -> bool:
    pattern = _SPECIAL.get(name)
    return name in _ATTRIBUTES if pattern is None else bool(pattern.match(value))
