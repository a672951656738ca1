"""A visit to a product with the collector, seen in the dashboard while it goes on."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.pages.conftest import ROOT, load

# It is a moment here; a busy machine is slow, not wrong.
WITHIN = 20.0
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_DWELL = "import sys; from warehouse.cli import main; sys.exit(main())"


@contextmanager
def collecting(home: Path) -> Iterator[str]:
    """The address of a collector that writes into the home; it ends with the block."""
    command = [
        sys.executable,
        "-c",
        _DWELL,
        "collect",
        "--home",
        str(home),
        "--port",
        "0",
        "--json",
    ]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert server.stderr
    try:
        for text in server.stderr:
            if told := re.search(r"http://127\.0\.0\.1:\d+", text):
                yield told[0]
                break
        else:
            pytest.fail("the collector did not start")
    finally:
        server.terminate()
        server.wait(timeout=10)
        server.stderr.close()


def post(collector: str, **event: Any) -> None:
    """Sends an event of now, and returns once it is acknowledged."""
    now = datetime.now(UTC).isoformat()
    body = json.dumps({"sessionId": "s-live", "timestamp": now, **event}).encode()
    request = urllib.request.Request(
        f"{collector}/session/event",
        body,
        # A program's own name would be that of a bot, which is left out.
        {"content-type": "application/json", "user-agent": _AGENT},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@pytest.fixture
def live_home(tmp_path: Path) -> Path:
    """A home with a build, of one event of March."""
    events = tmp_path / "events.csv"
    events.write_text("user_id,time,event\nann,2026-03-10T22:30:00Z,page_view\n")
    load(tmp_path / "home", events)
    return tmp_path / "home"


def test_a_visit_is_seen_as_it_goes_on(
    live_home: Path,
    serve_home: Callable[[Path], str],
    visit: Callable[..., Any],
) -> None:
    with collecting(live_home) as collector:
        post(collector, action="page_view", userId="first", page="/start")
        page = visit("/active_now", base=serve_home(live_home))
        page.get_by_text("Live", exact=True).wait_for()
        page.get_by_text("/start").first.wait_for()
        seconds = []
        for number in range(3):
            post(collector, action="page_view", userId="first", page=f"/step-{number}")
            sent = time.monotonic()
            page.get_by_text(f"/step-{number}").first.wait_for(timeout=1000 * WITHIN)
            seconds.append(round(time.monotonic() - sent, 2))
        sys.stderr.write(f"seen after {seconds} s\n")
        assert min(seconds) < WITHIN
        # It is of the build again once that has it.
    load(live_home)
    page.get_by_text("nothing came since").wait_for()
