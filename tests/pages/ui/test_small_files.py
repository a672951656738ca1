"""Files of the client: squeezed once, the same when they are opened again."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pyarrow as pa
import pytest
import streamlit as st
from starlette.responses import PlainTextResponse

from pages.ui.small_files import SmallFiles
from tests.apart import run_apart

STATIC = Path(st.__file__).parent / "static"
SCRIPT = min((STATIC / "static" / "js").glob("*.js"), key=lambda file: file.stat().st_size)
PATH = f"/static/js/{SCRIPT.name}"


def get(files, path, accepted=b"gzip, deflate, br, zstd", method="GET"):
    """Headers and body that a browser gets."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"accept-encoding", accepted)],
    }
    sent = []

    async def send(message):
        sent.append(message)

    run_apart(files(scope, None, send))
    return dict(sent[0]["headers"]), sent[1]["body"]


def kept(files, path, accepted):
    """What is answered once the file is squeezed."""
    for _ in range(200):
        headers, body = get(files, path, accepted)
        if b"content-encoding" in headers:
            return headers, body
        time.sleep(0.05)
    pytest.fail(f"{path} was never squeezed")


def opened(way, body):
    if way == b"gzip":
        return gzip.decompress(body)
    return pa.CompressedInputStream(pa.BufferReader(body), "zstd").read()


@pytest.mark.parametrize(
    ("accepted", "way"),
    [
        (b"gzip, deflate, br, zstd", b"zstd"),
        (b"gzip;q=1.0, deflate", b"gzip"),
    ],
)
def test_a_file_is_squeezed_once_and_opens_to_what_it_was(accepted, way):
    files = SmallFiles(PlainTextResponse("as it comes"))
    assert get(files, PATH, accepted)[1] == b"as it comes"
    headers, body = kept(files, PATH, accepted)
    assert headers[b"content-encoding"] == way
    assert headers[b"content-type"].startswith(b"text/javascript")
    assert b"immutable" in headers[b"cache-control"]
    assert opened(way, body) == SCRIPT.read_bytes()


@pytest.mark.parametrize(
    ("path", "accepted", "method"),
    [
        (PATH, b"identity", "GET"),
        (PATH, b"zstd;q=0, gzip; q=0.0", "GET"),
        (PATH, b"zstd", "POST"),
        ("/static/js/none.js", b"zstd", "GET"),
        ("/static/js/../../index.html", b"zstd", "GET"),
        ("/users", b"zstd", "GET"),
    ],
)
def test_all_else_is_handed_on(path, accepted, method):
    files = SmallFiles(PlainTextResponse("as it comes"))
    for _ in range(2):
        assert get(files, path, accepted, method)[1] == b"as it comes"
    assert not files._asked


def test_a_file_that_is_gone_stops_no_other(tmp_path):
    files = SmallFiles(PlainTextResponse("as it comes"))
    files._files["/static/js/gone.js"] = tmp_path / "gone.js"
    for _ in range(2):
        assert get(files, "/static/js/gone.js")[1] == b"as it comes"
    assert b"content-encoding" in kept(files, PATH, b"zstd")[0]
