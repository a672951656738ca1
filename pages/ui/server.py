"""The dashboard as served: Streamlit's application, guarded, quicker and quieter. Shows nothing.

Streamlit's client finds the server by trying every folder of the address it was opened with,
so that a link to a page begins with two failed requests; here the page tells it. Its files are
sent compressed, and the fonts that every page needs are named at its head.
"""

import gc
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui import first_fonts, readiness, small_files
from pages.ui.guard import Entrance, Guard
from pages.ui.page_policy import policy_of
from pages.ui.small_files import SmallFiles
from pages.ui.visitor import serve_by
from pages.ui.way_back import WayBack
from warehouse.serving import login_secrets, serving_of

SCRIPT = Path(__file__).parents[2] / "app.py"
PAGES = {"", *(page.stem for page in (SCRIPT.parent / "pages").glob("*.py"))}
# How links of tables are followed, and a session is drawn and replayed.
SCRIPTS = tuple(
    Path(__file__).with_name(f"{name}.js") for name in ("links", "track", "stage", "replay")
)
# Told which pages may speak to this one, which is none but itself, the client need not ask first.
_SCRIPT = (
    'window.__streamlit={BACKEND_BASE_URL:location.origin+"/",'
    "HOST_CONFIG:{allowedOrigins:[location.origin],useExternalAuthToken:false}};\n"
    + "".join(path.read_text("utf-8") for path in SCRIPTS)
)
# What Streamlit's page says to programs: that they may use it by addresses that are closed here.
_FOR_PROGRAMS = re.compile(r'<link rel="service-desc"[^>]*>|<noscript>.*?</noscript>', re.DOTALL)

# Streamlit would show its main page below a box of its own.
_NO_PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dwell</title>
<meta name="color-scheme" content="light dark"><style>
body{font:1rem/1.5 sans-serif;margin:12vh auto;max-width:30rem;padding:0 1rem}h1{font-size:1.3rem}
</style></head><body><h1>No such page</h1>
<p>Dwell has no page at this address. It may be mistyped, or from another version.</p>
<p><a href="/">Go to the overview</a></p></body></html>"""


class TellServer:
    """Adds to every HTML page where its server is, and how the links of tables are followed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on but pages: those are held back until they are whole."""
        if scope["type"] != "http" or b"text/html" not in dict(scope["headers"]).get(
            b"accept", b""
        ):
            await self.app(scope, receive, send)
            return
        # Compressed inside, a page could not be added to; it is compressed on its way out.
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = b""
        is_html = False

        async def tell(message: Message) -> None:
            nonlocal start, body, is_html
            if message["type"] == "http.response.start":
                start = message
                # Anything else is a file that was opened by its address.
                is_html = b"text/html" in dict(start["headers"]).get(b"content-type", b"")
            if not is_html:
                await send(message)
                return
            if message is start:
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                page = told(body.decode()).encode()
                if b"</head>" in body and not is_page(scope["path"]):
                    start["status"] = 404
                    page = _NO_PAGE
                kept = [(k, v) for k, v in start["headers"] if k.lower() not in _OF_THE_BYTES]
                length = (b"content-length", str(len(page)).encode())
                await send({**start, "headers": [*kept, length]})
                await send({"type": "http.response.body", "body": page})

        await self.app({**scope, "headers": plain}, receive, tell)


def told(page: str) -> str:
    """The HTML of Streamlit's page as the dashboard sends it."""
    page = first_fonts.in_head(_FOR_PROGRAMS.sub("", page))
    return page.replace("</head>", f"<script>{_SCRIPT}</script></head>", 1)


def is_page(path: str) -> bool:
    """Whether an address is one of a page of the dashboard."""
    return path.strip("/") in PAGES


# What the server says of the bytes that it would have sent itself.
_OF_THE_BYTES = (b"content-length", b"etag", b"last-modified")


@asynccontextmanager
async def ready(_: st.App) -> AsyncIterator[None]:
    """Imports what pages need when they are first drawn, before anybody waits for it."""
    import polars as pl

    from pages.ui import ask, charts, theme

    charts.figure(100, theme.LIGHT).add_bar(y=[1]).add_scatter(y=[1]).to_json()
    pl.DataFrame({"n": [1]}).select(pl.col("n") + 1)
    # What is there now stays for good: Python need not look through it for garbage each time.
    gc.collect()
    gc.freeze()
    yield
    # Who stops the server does not wait for what nobody will see.
    for workers in (ask.WORKERS, small_files.WORKER):
        workers.shutdown(wait=False, cancel_futures=True)


def entrance() -> Entrance:
    """Where this server is reached, and how people log in to its pages; their policy, of the page
    that is installed.
    """
    serve, names = serving_of(os.environ.get("DWELL_HOME"))
    serve_by(serve)
    index = Path(st.__file__).parent / "static" / "index.html"
    policy = policy_of(told(index.read_text("utf-8")), serve.embed_in)
    return Entrance(serve, names, st.get_option("server.address") or "127.0.0.1", policy)


app = st.App(
    SCRIPT,
    secrets=login_secrets(os.environ.get("DWELL_HOME")) or None,
    lifespan=ready,
    routes=readiness.routes(),
    middleware=[
        Middleware(Guard, entrance()),
        Middleware(WayBack, is_page),
        Middleware(SmallFiles),
        Middleware(GZipMiddleware, minimum_size=1024),
        Middleware(TellServer),
    ],
)
