"""Tells a picture from what only says that it is one. Knows nothing but bytes."""

from __future__ import annotations

import base64
import binascii
from typing import Any

_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
PICTURES = tuple(_MAGIC)


def is_picture(kind: str, data: Any) -> bool:
    """Whether ``data`` is base64 of a file that starts as PNG or JPEG files of this ``kind`` do."""
    if kind not in _MAGIC or not isinstance(data, str):
        return False
    try:
        return base64.b64decode("".join(data.split()), validate=True).startswith(_MAGIC[kind])
    except (binascii.Error, ValueError):
        return False
