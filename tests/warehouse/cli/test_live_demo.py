"""`dwell demo --live`: visits reach the demo's collector, and nothing else, until it is stopped."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.demo.live import Sent
from etl.errors import ConfigError, DwellError
from tests.docs.examples.collecting import collecting
from tests.docs.examples.recording import recording
from warehouse.cli import main
from warehouse.cli.live_demo import play
from warehouse.demo_home import LIVE_KEY, LIVE_SOURCE

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "import sys; from warehouse.cli import main; sys.exit(main())"]
SMALL = ["--no-dashboard", "--events", "1000", "--days", "3"]


@pytest.fixture
def home(tmp_path):
    """A home with the demo's collector, and no demo in it."""
    text = f'[sources.{LIVE_SOURCE}]\nwrite_key = "{LIVE_KEY}"\n'
    (tmp_path / "dwell.toml").write_text(text)
    return tmp_path


def spooled(home):
    """The events that lie in the spool of the demo's visits."""
    files = (home / "landing" / "live" / "collected").glob("*.ndjson*")
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def wait_for(count, home, process):
    end = time.monotonic() + 90
    while len(spooled(home)) < count:
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.1)


@contextmanager
def demo(home, *words):
    """The command; it is stopped when a test fails that would stop it."""
    process = subprocess.Popen(
        [*COMMAND, "demo", "--home", str(home), *SMALL, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def children_of(pid):
    """The processes that one has started, by what they run."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def now():
    """A moment that has come."""
    return time.time_ns() // 1_000_000


def views(count, then):
    """So many page views of now, and then what `then` does."""
    for number in range(count):
        body = {"session_id": "s", "events": [{"id": f"{now()}-{number}", "type": "page_view"}]}
        yield Sent(now(), "Mozilla/5.0 Firefox/141.0", body)
    then()
    while True:
        yield Sent(now() + 60_000, "Mozilla/5.0 Firefox/141.0", body)


def interrupt():
    raise KeyboardInterrupt


def test_visits_are_collected_until_ctrl_c_and_loaded_by_the_next_demo(tmp_path, capsys):
    home = tmp_path / "demo"
    with demo(home, "--live") as process:
        wait_for(4, home, process)
        (child,) = children_of(process.pid).items()
        assert " collect " in child[1]
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert re.search(r"Stopped\. \d+ events sent", said)
    assert not Path(f"/proc/{child[0]}").exists()
    # It was stopped as it should be: its file is finished.
    assert not list((home / "landing" / "live").rglob("*.open"))
    events = len({row["event_id"] for row in spooled(home)})
    assert main(["demo", "--home", str(home), *SMALL]) == 0
    capsys.readouterr()
    query = (
        "select count(*) as n, bool_or(is_bot) as bots from session_events where source = 'live'"
    )
    assert main(["sql", query, "--home", str(home), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"n": events, "bots": False}]


def test_a_running_collector_of_the_demo_is_used_and_goes_on(home, capsys):
    before = len(spooled(home))
    with collecting(home) as address:
        played = views(3, interrupt)
        assert play(load_settings(home), played, address, None, has_dashboard=False) == 0
        urllib.request.urlopen(f"{address}/health").close()
    assert "Stopped. 3 events sent" in capsys.readouterr().err
    assert len(spooled(home)) == before + 3


def test_sigterm_stops_what_was_started_as_ctrl_c_does(home):
    found = {}

    def told_to_stop():
        found.update(children_of(os.getpid()))
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    played = views(1, told_to_stop)
    assert play(load_settings(home), played, "", None, has_dashboard=False) == 0
    assert len([words for words in found.values() if " collect " in words]) == 1
    assert not [words for words in children_of(os.getpid()).values() if " collect " in words]
    assert signal.getsignal(signal.SIGTERM) is before


def test_it_ends_with_a_collector_that_is_killed(home):
    def killed():
        for child, words in children_of(os.getpid()).items():
            if " collect " in words:
                os.kill(child, signal.SIGKILL)

    with pytest.raises(DwellError, match="'dwell collect' has ended"):
        play(load_settings(home), views(1, killed), "", None, has_dashboard=False)


@pytest.mark.parametrize("answers", [[204], [401, 401], [401, 403], [404]])
def test_a_collector_of_another_home_is_left_alone(home, answers):
    with recording() as server:
        server.answers = answers
        with pytest.raises(ConfigError, match="is not of the demo's home"):
            play(load_settings(home), views(1, interrupt), server.address, 1, has_dashboard=True)
        # It was asked who it is, and got no event.
        assert server.events(0) == []
        assert 1 <= len(server.requests) <= 2


def test_what_a_collector_cannot_take_now_is_sent_again(home):
    with recording() as server:
        server.answers = [401, 204, 503, 204]
        play(load_settings(home), views(1, interrupt), server.address, 1, has_dashboard=False)
        first, again = server.events(2)
        assert first == again


def test_what_a_collector_refuses_is_told(home):
    with recording() as server:
        server.answers = [401, 204, 400]
        with pytest.raises(DwellError, match="answered 400"):
            play(load_settings(home), views(1, interrupt), server.address, 1, has_dashboard=False)


def test_an_address_that_is_none_is_told(home):
    with pytest.raises(ConfigError, match="'nonsense' is no address"):
        play(load_settings(home), views(1, interrupt), "nonsense", 1, has_dashboard=False)
