"""How the server begins, goes on and ends: transports, builds, strangers, signals, leaks."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest

from tests.make import settings_of
from tests.soak.mcp import MOST_MORE_MEMORY, call_often
from tests.warehouse.cli.conftest import Dwell
from tests.warehouse.mcp.serving import (
    MAIN,
    VISITORS,
    Caller,
    calling,
    command,
    http_server,
    over_stdio,
    publish_again,
)
from tests.warehouse.small_builds import write_build
from warehouse.mcp.builds import Builds
from warehouse.mcp.server import server_of

OLD_HOME = Path(__file__).parents[2] / "old_homes" / "a35daef.tar.xz"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """A copy of the home, to be written to."""
    return Path(shutil.copytree(home, tmp_path / "home"))


def post(address: str, **headers: str) -> int:
    """The status of a request with these headers."""
    parts = urlsplit(address)
    assert parts.hostname
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    accepted = {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
    }
    connection.request("POST", parts.path, json.dumps(PING), accepted | headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost"}, 200),
        ({"Host": "localhost:8601"}, 200),
        ({"Origin": "http://localhost:6274"}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8601"}, 421),
        ({"Host": "127.0.0.1.evil.example:8601"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "https://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_a_page_of_elsewhere_is_not_answered(
    address: str, headers: dict[str, str], status: int
) -> None:
    assert post(address, **headers) == status


def test_over_http_a_signal_ends_it_well(home: Path) -> None:
    with http_server(home) as (process, address):
        assert post(address) == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr
        assert process.stderr.read() == "Stopped.\n"


@pytest.mark.parametrize("stop", [signal.SIGINT, None])
def test_over_stdio_a_signal_or_the_end_of_stdin_ends_it(
    home: Path, stop: signal.Signals | None
) -> None:
    process = subprocess.Popen(
        command(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(HELLO).encode() + b"\nno JSON\n")
    process.stdin.flush()
    answered = json.loads(process.stdout.readline())
    assert answered["result"]["serverInfo"]["name"] == "dwell"
    if stop:
        process.send_signal(stop)
        # A client that sends a signal may still hold the other end.
        assert process.wait(60) == 0
    out, said = process.communicate(timeout=60)
    assert process.returncode == 0
    # Nothing but the protocol, whatever came.
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())
    assert b"Traceback" not in said


def test_strangers_are_refused_unless_asked_for(dwell: Dwell) -> None:
    result = dwell("mcp", "--http", "--host", "0.0.0.0", "--port", "0")
    assert result.code == 2
    assert "there is no token" in result.err
    assert "--insecure" in result.err


@pytest.mark.parametrize(
    "words", [["--port", "8601"], ["--insecure"], ["--host", "0.0.0.0"], ["--port", "0"]]
)
def test_what_is_of_http_is_not_passed_over(dwell: Dwell, words: list[str]) -> None:
    result = dwell("mcp", *words)
    assert result.code == 2
    assert "Add --http" in result.err


def test_a_port_that_is_taken_is_told(home: Path, dwell: Dwell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = dwell("mcp", "--http", "--port", port, "--home", str(home))
    assert result.code == 2
    assert f"Port {port} of 127.0.0.1 cannot be had: Address already in use" in result.err


def test_without_the_package_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.modules['mcp'] = None; {MAIN}", "mcp"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert (
        done.stderr
        == "dwell: The package mcp is not installed. Run 'make mcp', which installs it.\n"
    )


def test_other_commands_do_not_need_the_package(home: Path) -> None:
    done = subprocess.run(
        [
            sys.executable, "-c",
            f"import sys; sys.modules['mcp'] = sys.modules['pydantic'] = None; {MAIN}",
            "stats", "--home", str(home),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_home_without_a_build_is_served_until_there_is_one(home: Path, tmp_path: Path) -> None:
    new = tmp_path / "home"
    with calling(over_stdio(new)) as caller:
        for tool, arguments in (
            ("list_metrics", {}),
            ("query_metric", {"metric": "session_count"}),
            ("get-session-analytics", {}),
            ("describe_tables", {}),
            ("run_sql", {"sql": "select 1"}),
            ("get_user_timeline", {"user_id": "ann"}),
            ("get_session", {"session_id": "s"}),
        ):
            text = caller.refusal(tool, **arguments)
            assert "No warehouse build" in text, tool
            assert "dwell load" in text
        shutil.copytree(home, new)
        answer = caller.answer("query_metric", metric="session_count")
        assert answer["rows"][0]["value"] == VISITORS + 3


def test_an_empty_build_is_answered(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_build(home, ())
    with calling(server_of(Builds(settings_of(home)), "1")) as caller:
        assert caller.answer("query_metric", metric="session_count")["rows"] == [
            {"value": 0, "session_count": 0}
        ]
        split = caller.answer("query_metric", metric="bounce_rate", by="os")
        assert (split["rows"], split["as_of"]) == ([], None)
        assert "No session of the period" in split["note"]
        assert caller.answer("query_metric", metric="bounce_rate", by="day")["rows"] == []
        stats = caller.answer("get-session-analytics")
        assert "dwell load" in stats["message"]
        assert caller.answer("list_metrics")["first_day"] is None
        assert "dwell load" in caller.refusal("get_user_timeline", user_id="ann")
        assert "dwell load" in caller.refusal("get_session", session_id="s")


def test_the_home_of_an_earlier_dwell_is_read_as_it_is(tmp_path: Path) -> None:
    with tarfile.open(OLD_HOME) as archive:
        archive.extractall(tmp_path, filter="data")
    builds = Builds(settings_of(tmp_path / "home"))
    with calling(server_of(builds, "1")) as caller:
        (row,) = caller.answer(
            "run_sql", sql="select user_id, session_id from user_sessions limit 1"
        )["rows"]
        timeline = caller.answer("get_user_timeline", user_id=row[0])
        session = caller.answer("get_session", session_id=row[1])
        # Its reporting time zone is Europe/Berlin.
        assert session["facts"]["start_time"] == "2026-03-02T00:48:00+01:00"
        assert session["events"][0]["time"] == "2026-03-02T00:48:00+01:00"
        assert timeline["sessions"][-1]["start_time"] == "2026-03-02T00:48:00+01:00"
        assert timeline["as_of"] == "2026-03-11T02:03:44+01:00"
        assert timeline["time_zone"] == "Europe/Berlin"
        for tool, arguments in (
            ("list_metrics", {}),
            ("describe_tables", {}),
            ("get-session-analytics", {}),
            ("query_metric", {"metric": "bounce_rate", "by": "entry_page", "compare": "weekday"}),
        ):
            assert caller.answer(tool, **arguments)["build"] == 6
        # It knew nothing of answers in chats.
        lacking = caller.refusal("describe_tables", table="filtered_responses")
        assert "'dwell build' makes one that has it" in lacking
    builds.close()


def test_each_call_reads_the_newest_build_and_holds_no_older_one(own_home: Path) -> None:
    builds = Builds(settings_of(own_home))
    with calling(server_of(builds, "1")) as caller:
        assert caller.answer("list_metrics")["build"] == 1
        assert "wh-000001" in held_builds(own_home)
        assert publish_again(own_home) == 2
        assert caller.answer("list_metrics")["build"] == 2
        assert caller.answer("run_sql", sql="select 1")["build"] == 2
        assert caller.answer("query_metric", metric="session_count", build=1)["build"] == 1
        for number in range(3, 6):
            publish_again(own_home)
            assert caller.answer("query_metric", metric="session_count")["build"] == number
        assert "wh-000005" in held_builds(own_home)
        assert not held_builds(own_home) & {f"wh-{number:06}" for number in range(1, 5)}
    builds.close()
    assert held_builds(own_home) == set()


def held_builds(home: Path) -> set[str]:
    """The builds of a home that this process has open."""
    names = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            target = entry.readlink()
            if target.is_relative_to(home.resolve()) and target.suffix == ".duckdb":
                names.add(target.stem)
    return names


def test_a_build_that_is_read_stays_open_until_its_reader_ends(own_home: Path) -> None:
    builds = Builds(settings_of(own_home))
    with builds.open() as first:
        publish_again(own_home)
        with builds.open() as second:
            assert (first.build, second.build) == (1, 2)
            # The older one is still there for who began with it.
            assert first.sql("select count(*) from users").fetchall() == [(VISITORS + 2,)]
    with pytest.raises(Exception, match="Connection"):
        first.sql("select 1")
    assert second.sql("select 1").fetchall() == [(1,)]
    builds.close()


def test_a_named_build_is_that_one_also_when_another_is_published(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = Builds(settings_of(own_home))
    with builds.open():
        pass
    looked = builds._mark

    def published_behind() -> tuple[int, int] | None:
        mark = looked()
        publish_again(own_home)
        return mark

    monkeypatch.setattr(builds, "_mark", published_behind)
    with builds.open(1) as named:
        assert named.build == 1
    builds.close()


def test_many_calls_leave_nothing_behind(own_home: Path) -> None:
    figures = call_often(own_home, 300, 20, [60, 60, 60, 4, 2, 1, 1, 1, 1, 0])
    assert figures["files_at_end"] <= figures["files"] + 3
    assert figures["memory_at_end"] <= figures["memory"] + MOST_MORE_MEMORY


def test_a_long_query_keeps_no_other_call_waiting(over_http: Caller) -> None:
    endless = "select count(*) from range(100000000000) as numbers(n) where n % 7 = 3"

    async def ask() -> tuple[float, bool]:
        """Seconds of a quick call beside two long ones, which the client then gives up."""
        with anyio.move_on_after(20):
            async with anyio.create_task_group() as group:
                for _ in range(2):
                    group.start_soon(over_http.client.call_tool, "run_sql", {"sql": endless})
                await anyio.sleep(0.3)
                started = time.monotonic()
                result = await over_http.client.call_tool(
                    "query_metric", {"metric": "session_count"}
                )
                seconds = time.monotonic() - started
                group.cancel_scope.cancel()
        return seconds, bool(result.is_error)

    seconds, is_error = over_http.run(ask)
    assert not is_error
    assert seconds < 5
    # Those that nobody waits for any more make room, long before their time is over (30 s).
    started = time.monotonic()
    assert over_http.answer("run_sql", sql="select 1")["rows"] == [[1]]
    assert time.monotonic() - started < 20


def test_many_calls_at_once_have_the_same_answer(over_http: Caller) -> None:
    asked = {"metric": "bounce_rate", "by": "device_type"}
    alone = over_http.answer("query_metric", **asked)
    answers: list[Any] = []

    async def ask() -> None:
        result = await over_http.client.call_tool("query_metric", asked)
        answers.append(result.structured_content)

    async def ask_all() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(ask)

    over_http.run(ask_all)
    assert answers == [alone] * 8


def test_clients_of_the_older_protocol_are_answered(address: str) -> None:
    with calling(address, mode="legacy") as caller:
        assert caller.client.protocol_version < "2026"
        assert caller.answer("run_sql", sql="select 1")["rows"] == [[1]]
        assert "Did you mean" in caller.refusal("query_metric", metric="bounce")


def test_a_query_that_takes_too_long_is_told(own_home: Path) -> None:
    settings = settings_of(own_home, 'query_timeout = "1 ms"\n')
    builds = Builds(settings)
    with calling(server_of(builds, "1")) as caller:
        # A number of so small a home may be there before the limit is looked at.
        numbers = [
            str(caller.ask("query_metric", metric="bounce_rate", by="entry_page", days=days))
            for days in range(100, 130)
        ]
        assert any("longer than 0.001 s (query_timeout)" in one for one in numbers)
        endless = "select count(*) from range(100000000000) as numbers(n) where n % 7 = 3"
        assert "longer than 0.001 s (query_timeout)" in caller.refusal("run_sql", sql=endless)
    builds.close()


def test_texts_are_shown_where_the_operator_allows_it(own_home: Path) -> None:
    settings = settings_of(own_home, "show_texts = true\n")
    with calling(server_of(Builds(settings), "1")) as caller:
        sql = "select properties from session_events where event_type = 'prompt'"
        assert "secret" not in str(caller.answer("run_sql", sql=sql)["rows"])
        assert "secret" in str(caller.answer("run_sql", sql=sql, show_texts=True)["rows"])
        (session,) = caller.answer("get_user_timeline", user_id="ann", limit=1)["sessions"]
        told = caller.answer("get_session", session_id=session["session_id"], show_texts=True)
        turn = told["events"][2]["turn"]
        assert (turn["prompt_text"], turn["response_text"]) == ("secret question", "hidden answer")
        hidden = caller.answer("get_session", session_id=session["session_id"])
        assert "prompt_text" not in hidden["events"][2]["turn"]


def test_segments_and_settings_are_those_of_dwell_toml_as_it_is_now(own_home: Path) -> None:
    settings = settings_of(own_home, "")
    asked: dict[str, Any] = {"metric": "session_count", "segments": "phones"}
    with calling(server_of(Builds(settings), "1")) as caller:
        assert "None is known yet" in caller.refusal("query_metric", **asked)
        assert settings.config
        settings.config.write_text('[segments.phones]\ndevice_type = "mobile"\n')
        assert caller.answer("query_metric", **asked)["rows"][0]["value"] == VISITORS
