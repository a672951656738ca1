"""A small home for the pages, and the programs that look at them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from etl.demo import generate

ROOT = Path(__file__).parents[2]
ODD_USER = "![x](http://elsewhere.example/x.png)"
UNTIL = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one build: 40 days of a small product up to 20 Nov 2026, 15:00 UTC."""
    export = generate(tmp_path_factory.mktemp("demo"), seed=7, events=4000, days=40, until=UNTIL)
    folder = tmp_path_factory.mktemp("home")
    load(folder, "--config", export.config)
    return folder


@pytest.fixture(scope="session")
def berlin_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in another time zone, with one user whose id is full of markup."""
    folder = tmp_path_factory.mktemp("berlin")
    events = folder / "events.csv"
    events.write_text(f"user_id,time,event\n{ODD_USER},2026-03-10T22:30:00Z,page_view\n")
    load(folder / "home", events, DWELL_TIME_ZONE="Europe/Berlin")
    return folder / "home"


@pytest.fixture(scope="session")
def failed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one event, and a file that failed."""
    folder = tmp_path_factory.mktemp("failed")
    (folder / "events.csv").write_text("user_id,time,event\nann,2026-03-10T22:30:00Z,page_view\n")
    load(folder / "home", "absent.csv", folder / "events.csv")
    return folder / "home"


def load(home: Path, *arguments: str | Path, **settings: str) -> None:
    """Loads something into a home, as an operator would."""
    command = [Path(sys.executable).with_name("dwell"), "load", "--home", home, *arguments]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | settings,
        cwd=home.parent,
    )
    # Some rows of the demo are broken on purpose: a build is what counts, not the exit code.
    assert (home / "builds" / "current.json").exists(), done.stderr


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Runs one page on a home, with parameters in its address."""

    def run(file: str, home: Path, **params: str) -> AppTest:
        monkeypatch.setenv("DWELL_HOME", str(home))
        monkeypatch.chdir(ROOT)
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        if file != "app.py":
            test.switch_page(file)
        for name, value in params.items():
            test.query_params[name] = value
        test.run()
        assert not test.exception
        return test

    return run


def texts(test: AppTest) -> str:
    """All sentences on a page that are no numbers."""
    kinds = (test.info, test.warning, test.error, test.caption, test.markdown, test.subheader)
    answer = " ".join(element.value for kind in kinds for element in kind)
    return answer.replace("\\", "")


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """A home in which nothing was loaded yet."""
    return tmp_path / "nothing"


@pytest.fixture
def broken_pointer(tmp_path: Path) -> Path:
    """A home whose pointer names a build file that is gone."""
    builds = tmp_path / "broken" / "builds"
    builds.mkdir(parents=True)
    pointer = {
        "build": 7,
        "file": "wh-000007.duckdb",
        "built_at": "2026-11-20T15:00:00+00:00",
        "as_of": "2026-11-20T14:59:00",
        "time_zone": "UTC",
        "batches": 1,
        "events": 1,
        "sessions": 1,
        "seconds": 0.1,
    }
    (builds / "current.json").write_text(json.dumps(pointer))
    return tmp_path / "broken"


@pytest.fixture
def broken_file(broken_pointer: Path) -> Path:
    """A home whose current build is no database."""
    (broken_pointer / "builds" / "wh-000007.duckdb").write_text("no database at all")
    return broken_pointer


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serve(home: Path, log: Path, port: int | None = None, **environment: str) -> Iterator[str]:
    """The address of a dashboard on that home; the server ends with the block."""
    port = port or free_port()
    dwell = "import sys; from warehouse.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", dwell, "dashboard", "--home", str(home), "--port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/livez", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"the dashboard did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one dashboard for all browser tests."""
    with serve(home, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@pytest.fixture
def serve_home(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Starts a dashboard that nobody has visited yet, and gives its address."""
    with ExitStack() as servers:
        yield lambda home: servers.enter_context(serve(home, tmp_path / "server.log"))


@pytest.fixture
def visit(browser: Any, server: str) -> Iterator[Callable[..., Any]]:
    """Opens an address of the dashboard; fails on faults in the console and on foreign requests."""
    contexts: list[Any] = []
    faults: list[str] = []

    def open_address(path: str, base: str = server, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        watch(page, faults)
        page.goto(base + path)
        page.locator("h1").wait_for(timeout=30_000)
        return page

    yield open_address
    for context in contexts:
        context.close()
    assert faults == []


# Streamlit's reader of messages tries WebAssembly, and takes JavaScript where it may not.
_TELL_OF_POLICY = """document.addEventListener('securitypolicyviolation', (one) => {
  if (one.blockedURI !== 'wasm-eval')
    console.error(`${one.violatedDirective} forbids ${one.blockedURI} in ${one.sourceFile}`);
});"""


def watch(page: Any, faults: list[str]) -> None:
    """Notes every error or warning in the console, everything that the policy of the page forbids,
    and every request to another host.
    """
    page.add_init_script(_TELL_OF_POLICY)
    # A busy machine is slow, not wrong: what never comes is told late, not falsely.
    page.set_default_timeout(45_000)

    def on_console(message: Any) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"console: {message.text}")

    def on_request(request: Any) -> None:
        local = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
        if not request.url.startswith(local):
            faults.append(f"foreign request: {request.url}")

    page.on("console", on_console)
    page.on("request", on_request)
    page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
