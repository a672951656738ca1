"""Real servers over both transports, real clients, and the home that they read."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import CallToolResult

from tests.make import build_home, load_files, write_ndjson
from warehouse.build_files import build_path, current, write_pointer

MAIN = "import sys; from warehouse.cli import main; sys.exit(main())"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)
VISITORS = 60


def _event(user: str, time: str, event: str, url: str | None = None, **others: Any) -> Any:
    return {"user": user, "time": f"{time}Z", "event": event, "url": url, **others}


# Ann came twice, and asked a model; Bob is there as of the newest event; the others saw one page.
EVENTS = [
    _event("ann", "2026-03-08T09:00:00", "page_view", "/a"),
    _event("ann", "2026-03-08T09:00:10", "page_view", "/b"),
    _event("ann", "2026-03-08T09:00:40", "click", "/b"),
    _event("ann", "2026-03-10T12:00:00", "page_view", "/a", session_type="research"),
    _event(
        "ann",
        "2026-03-10T12:00:20",
        "prompt",
        text="secret question",
        query_type="how_to",
        chat_id="c1",
    ),
    _event(
        "ann",
        "2026-03-10T12:00:25",
        "model_response",
        text="hidden answer",
        model="m-1",
        chat_id="c1",
    ),
    _event("ann", "2026-03-10T12:00:30", "error", tags=["x", "y"], assets=["AAPL"]),
    _event("bob", "2026-03-10T13:00:00", "click", "/b", tags=["x"]),
    *(
        _event(
            f"v{number:02}", "2026-03-09T10:00:00", "page_view", f"/p/{number:02}", user_agent=PHONE
        )
        for number in range(VISITORS)
    ),
]


def make_home(folder: Path) -> Path:
    """A home of these events, with one build."""
    home = folder / "home"
    load_files(home, write_ndjson(folder / "events.ndjson", EVENTS))
    build_home(home)
    return home


def publish_again(home: Path) -> int:
    """Publishes the current build anew under the next number, which is told."""
    build = current(home)
    number = build.number + 1
    path = build_path(build.path.parent, number)
    shutil.copy(build.path, path)
    write_pointer(replace(build, number=number, path=path))
    return number


def command(home: Path, *words: str) -> list[str]:
    """The words that start a server."""
    return [sys.executable, "-c", MAIN, "mcp", "--home", str(home), *words]


@contextmanager
def http_server(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a port of its own: its process, and its address."""
    process = subprocess.Popen(
        command(home, "--http", "--port", "0"),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        assert process.stdout
        said = process.stderr.readline()
        address = re.search(r"http://\S+", said)
        assert address, said + process.stderr.read()
        yield process, address[0]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        process.stdout.close()


@contextmanager
def token_server(
    home: Path, folder: Path, config: str, secrets: Mapping[str, str], *words: str
) -> Iterator[tuple[str, Path]]:
    """A server with such a dwell.toml, whose variables are these: its address, and its log."""
    log = folder / "log"
    (folder / "dwell.toml").write_text(config, encoding="utf-8")
    words = ("--http", "--port", "0", "--config", str(folder / "dwell.toml"), *words)
    with log.open("wb") as file:
        process = subprocess.Popen(
            command(home, *words), stderr=file, stdout=file, env={**os.environ, **secrets}
        )
    try:
        while not (address := re.search(r"http://\S+?/mcp", log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        yield address[0], log
    finally:
        process.kill()
        process.wait()


@asynccontextmanager
async def with_token(address: str, token: str) -> AsyncIterator[Any]:
    """What a client goes by that sends a token."""
    async with (
        create_mcp_http_client(headers={"Authorization": f"Bearer {token}"}) as client,
        streamable_http_client(address, http_client=client) as streams,
    ):
        yield streams


class Caller:
    """A client whose calls wait for their answers. Its loop runs in a thread of its own."""

    def __init__(self, call: Any, client: Client):
        self._call = call
        self.client = client

    def ask(self, tool: str, **arguments: Any) -> CallToolResult:
        """The result as it came, an error too."""
        result = self._call(self.client.call_tool, tool, arguments)
        assert isinstance(result, CallToolResult)
        return result

    def answer(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The object of an answer that is no error."""
        result = self.ask(tool, **arguments)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return result.structured_content

    def refusal(self, tool: str, **arguments: Any) -> str:
        """The text of an answer that is an error."""
        result = self.ask(tool, **arguments)
        assert result.is_error, result.content
        (content,) = result.content
        assert content.type == "text"
        return content.text

    def run(self, question: Any, *arguments: Any) -> Any:
        """What another coroutine comes to, in the loop of the client."""
        return self._call(question, *arguments)


@contextmanager
def calling(server: Any, mode: str = "auto") -> Iterator[Caller]:
    """A client of an address, of a command, or of a server in this process."""
    with start_blocking_portal() as portal:
        client = Client(server, mode=mode)
        with portal.wrap_async_context_manager(client):
            yield Caller(portal.call, client)


def over_stdio(home: Path, *words: str) -> StdioServerParameters:
    """What a client starts by itself."""
    program, *rest = command(home, *words)
    environment = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    return StdioServerParameters(command=program, args=rest, env=environment)


def open_files(process: int) -> int:
    """How many files a process has open."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def memory(process: int) -> int:
    """Bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
