"""What a page may do in a browser: its Content-Security-Policy. Never sends one."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
# Of files that readers save, opened by their address: they are looked at, and do nothing.
OF_FILES = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


def policy_of(page: str, embed_in: Iterable[str] = ()) -> str:
    """The policy under which this HTML runs its own scripts, and no others.

    Each script that stands in it is named by its hash; none may make code out of text
    (unsafe-eval). Styles may stand anywhere: the client and its charts write them as they go.
    `embed_in` are the sites whose pages may show it in a frame.
    """
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in _INLINE.findall(page)]
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *(f"'sha256-{each}'" for each in hashes))),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            " ".join(("frame-ancestors", *embed_in)) if embed_in else "frame-ancestors 'none'",
        )
    )
