"""Files of Streamlit's client, as small as they get. Never changes what is in them.

A file is squeezed once, when a browser has asked for it, and kept: the first one gets it as it is
squeezed at each visit, the next ones a fifth fewer bytes, with no work for the server.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import streamlit as st
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_FOLDER = Path(st.__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css"}
# Names of these files carry a hash: a new version is another file.
_REFUSED = re.compile(r";q=0(\.0*)?$")
_FOR_EVER = "public, immutable, max-age=31536000"


def _zstd(data: bytes) -> bytes:
    squeezed: bytes = pa.Codec("zstd", compression_level=19).compress(data, asbytes=True)
    return squeezed


# The best first. Browsers take zstd from this machine and over https.
_WAYS: dict[str, Callable[[bytes], bytes]] = {"zstd": _zstd, "gzip": gzip.compress}


def _step_back() -> None:
    """Readers come first; but on a busy machine the turn of this thread has to come too."""
    if sys.platform == "linux":
        me = threading.get_native_id()
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, me, max(5, os.getpriority(os.PRIO_PROCESS, me)))


WORKER = ThreadPoolExecutor(1, "small-files", initializer=_step_back)


class SmallFiles:
    """Answers for files that it has; hands on all other requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        files = (file for file in (_FOLDER / "static").rglob("*") if file.suffix in _TYPES)
        self._files = {f"/{file.relative_to(_FOLDER).as_posix()}": file for file in files}
        self._kept: dict[tuple[str, str], Response] = {}
        self._asked: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The file as it is kept; what is not kept yet will be."""
        way = _way_of(scope) if scope["type"] == "http" and scope["path"] in self._files else None
        if way is None:
            await self.app(scope, receive, send)
            return
        key = scope["path"], way
        if key in self._kept:
            await self._kept[key](scope, receive, send)
            return
        if key not in self._asked:
            # Once, whatever comes of it: who asks again gets the file as it is.
            self._asked.add(key)
            WORKER.submit(self._squeeze, *key)
        await self.app(scope, receive, send)

    def _squeeze(self, path: str, way: str) -> None:
        file = self._files[path]
        headers = {
            "content-encoding": way,
            "cache-control": _FOR_EVER,
            "vary": "accept-encoding",
        }
        content = _WAYS[way](file.read_bytes())
        self._kept[path, way] = Response(content, headers=headers, media_type=_TYPES[file.suffix])


def _way_of(scope: Scope) -> str | None:
    """How the browser takes a file; None where it asks for none, or as it is."""
    if scope["method"] != "GET":
        return None
    accepted = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
    words = [word.replace(" ", "") for word in accepted.split(",")]
    taken = {word.split(";")[0] for word in words if not _REFUSED.search(word)}
    return next((way for way in _WAYS if way in taken), None)
