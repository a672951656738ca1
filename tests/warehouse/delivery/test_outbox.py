"""The outbox: what is put stays until it is there, in its order, and no receiver holds anything."""

import fcntl
import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.config.settings import Settings, load_settings
from etl.errors import DwellError
from tests.warehouse.delivery.servers import Answer, Hooks, free_port, hooks, talker
from warehouse.delivery.message import Message, as_text
from warehouse.delivery.outbox import deliver, put, revive, waiting

SECRET = "T0-s3cret-B0"


@pytest.fixture
def web() -> Iterator[Hooks]:
    with hooks() as web:
        yield web


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def settings_of(home: Path, **webhooks: str) -> Settings:
    """Settings of a home with a file, `log`, and these webhooks."""
    text = '[receivers.log]\nfile = "log.ndjson"\n' + "".join(
        f'[receivers.{name}]\nwebhook = "{address}"\n' for name, address in webhooks.items()
    )
    (home / "dwell.toml").write_text(text, encoding="utf-8")
    return load_settings(home, home / "dwell.toml")


def message(number: int) -> Message:
    return Message(f"m-{number:04}", f"Number {number}", f"text {number}", {"number": number})


def put_numbers(home: Path, numbers: range, *receivers: str) -> int:
    return put(home, [(message(number), receivers) for number in numbers])


def age(home: Path, days: float) -> None:
    """Makes the outbox older."""
    con = sqlite3.connect(home / "outbox/outbox.sqlite")
    with con:
        for column in ("put_at", "changed_at"):
            con.execute(f"update deliveries set {column} = {column} - ?", (days * 86400,))
        con.execute("update receivers set next_attempt = next_attempt - ?", (days * 86400,))
    con.close()


def log(home: Path) -> list[int]:
    lines = (home / "log.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["number"] for line in lines]


def numbers(web: Hooks) -> list[int]:
    return [post.body["number"] for post in web.taken]


def test_what_is_put_goes_to_each_receiver_once_and_in_order(home: Path, web: Hooks) -> None:
    settings = settings_of(home, ops=web.address)
    assert put_numbers(home, range(20), "log", "ops") == 40
    assert [(each.id, each.receiver, each.state) for each in waiting(home)][:1] == [
        ("m-0000", "log", "waiting")
    ]
    came = deliver(settings)
    assert (came.sent, came.problems, came.waiting, came.is_busy) == (
        {"log": 20, "ops": 20}, {}, 0, False
    )  # fmt: skip
    assert log(home) == numbers(web) == list(range(20))
    assert waiting(home) == []
    # Known ones are not put again; only what is new to a receiver is.
    assert put_numbers(home, range(18, 22), "log", "ops") == 4
    assert put_numbers(home, range(5), "log") == 0
    assert deliver(settings).sent == {"log": 2, "ops": 2}
    assert log(home) == list(range(22))


def test_without_messages_nothing_is_made(home: Path) -> None:
    assert deliver(settings_of(home)).sent == {}
    assert put(home, []) == put(home, [(message(1), [])]) == 0
    revive(home)
    assert waiting(home) == []
    assert not (home / "outbox").exists()


def test_all_or_none_is_put(home: Path) -> None:
    put_numbers(home, range(1), "log")
    unnamed: list[str] = [None]  # type: ignore[list-item]
    with pytest.raises(DwellError):
        put(home, [(message(1), ["log"]), (message(2), unnamed)])
    assert [each.id for each in waiting(home)] == ["m-0000"]


def test_a_dead_receiver_holds_no_other_and_is_spared(home: Path, web: Hooks) -> None:
    settings = settings_of(home, ops=web.address, dead=f"http://127.0.0.1:{free_port()}/{SECRET}")
    put_numbers(home, range(3), "log", "dead", "ops")
    before = datetime.now(UTC)
    came = deliver(settings)
    assert (came.sent, came.waiting) == ({"log": 3, "ops": 3}, 3)
    assert "Connection refused" in came.problems["dead"]
    first, second, _ = waiting(home)
    assert (first.attempts, second.attempts) == (1, 0)
    assert first.next_attempt
    pause = (first.next_attempt - before).total_seconds()
    assert 59 < pause < 65
    # It is not asked before then, unless somebody wants it.
    assert deliver(settings).problems == {}
    assert deliver(settings, at_once=True).problems.keys() == {"dead"}
    assert [each.attempts for each in waiting(home)] == [2, 0, 0]
    assert SECRET not in (home / "outbox/outbox.sqlite").read_bytes().decode("latin-1")


def test_pauses_grow_to_six_hours_and_end_with_a_success(home: Path, web: Hooks) -> None:
    settings = settings_of(home, ops=web.address)
    web.answer = lambda _: Answer(503)
    put_numbers(home, range(1), "ops")
    pauses = []
    for _ in range(12):
        deliver(settings, at_once=True)
        after = waiting(home)[0].next_attempt
        assert after
        pauses.append(round((after - datetime.now(UTC)) / timedelta(minutes=1)))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    web.answer = lambda _: Answer()
    assert deliver(settings).sent == {}
    age(home, 0.25)
    assert deliver(settings).sent == {"ops": 1}
    web.answer = lambda _: Answer(503)
    put_numbers(home, range(1, 2), "ops")
    deliver(settings)
    after = waiting(home)[0].next_attempt
    assert after
    assert after - datetime.now(UTC) < timedelta(seconds=61)


@pytest.mark.parametrize(
    ("asked", "seconds"), [("120", 120), ("0", 1), ("9999999", 6 * 3600)], ids=str
)
def test_what_a_receiver_asks_for_holds_within_bounds(
    home: Path, web: Hooks, asked: str, seconds: int
) -> None:
    web.answer = lambda _: Answer(429, {"Retry-After": asked})
    put_numbers(home, range(1), "ops")
    deliver(settings_of(home, ops=web.address), 0.9)
    after = waiting(home)[0].next_attempt
    assert after
    assert abs((after - datetime.now(UTC)).total_seconds() - seconds) < 2


def test_a_short_pause_is_waited_for(home: Path, web: Hooks) -> None:
    web.answer = lambda _: Answer(429 if len(web.posts) == 1 else 200, {"Retry-After": "1"})
    put_numbers(home, range(2), "ops")
    assert deliver(settings_of(home, ops=web.address), 5).sent == {"ops": 2}


def test_a_clock_that_was_wrong_spares_nobody(home: Path, web: Hooks) -> None:
    settings = settings_of(home, ops=web.address)
    web.answer = lambda _: Answer(503)
    put_numbers(home, range(1), "ops")
    deliver(settings)
    web.answer = lambda _: Answer()
    age(home, -400)
    assert deliver(settings).sent == {"ops": 1}


def test_what_is_refused_is_parked_told_and_may_be_sent_again(home: Path, web: Hooks) -> None:
    settings = settings_of(home, ops=web.address)
    web.answer = lambda post: Answer(400 if post.body["number"] == 1 else 200)
    put_numbers(home, range(3), "ops")
    came = deliver(settings)
    assert (came.sent, came.waiting) == ({"ops": 2}, 0)
    assert "answered 400" in came.problems["ops"]
    (refused,) = waiting(home)
    assert (refused.id, refused.state, refused.next_attempt) == ("m-0001", "refused", None)
    assert deliver(settings, at_once=True).sent == {}
    web.answer = lambda _: Answer()
    revive(home)
    assert deliver(settings).sent == {"ops": 1}
    assert numbers(web) == [0, 2, 1]


def test_one_that_a_receiver_stumbles_over_does_not_hold_the_others_for_ever(
    home: Path, web: Hooks
) -> None:
    settings = settings_of(home, ops=web.address)
    web.answer = lambda post: Answer(500 if post.body["number"] == 0 else 200)
    put_numbers(home, range(3), "ops")
    for _ in range(5):
        assert deliver(settings, at_once=True).sent == {}
    assert deliver(settings, at_once=True).sent == {"ops": 2}
    assert [each.id for each in waiting(home)] == ["m-0000"]


def test_what_waits_for_a_month_is_given_up_and_told(home: Path) -> None:
    settings = settings_of(home, dead=f"http://127.0.0.1:{free_port()}")
    put_numbers(home, range(2), "dead")
    deliver(settings)
    age(home, 31)
    put_numbers(home, range(2, 3), "dead")
    problem = deliver(settings).problems["dead"]
    assert problem.startswith("2 given up after 30 days; 127.0.0.1:")
    assert [each.state for each in waiting(home)] == ["waiting", "given_up", "given_up"]
    assert put_numbers(home, range(2), "dead") == 0
    revive(home)
    assert {each.state for each in waiting(home)} == {"waiting"}


def test_what_is_long_over_is_forgotten(home: Path) -> None:
    settings = settings_of(home)
    put_numbers(home, range(2), "log")
    deliver(settings)
    age(home, 89)
    deliver(settings)
    assert put_numbers(home, range(2), "log") == 0
    age(home, 2)
    deliver(settings)
    assert put_numbers(home, range(2), "log") == 2


def test_content_goes_with_its_last_receiver(home: Path, web: Hooks) -> None:
    settings = settings_of(home, ops=web.address)
    web.answer = lambda _: Answer(503)
    put(home, [(Message("m", "b", "c", {"number": 1}, files={"x": b"large"}), ["log", "ops"])])
    deliver(settings)
    con = sqlite3.connect(home / "outbox/outbox.sqlite")
    assert con.execute("select count(*) from messages").fetchone() == (1,)
    web.answer = lambda _: Answer()
    deliver(settings, at_once=True)
    assert con.execute("select count(*) from messages").fetchone() == (0,)
    con.close()


def test_a_receiver_that_dwell_toml_does_not_have(home: Path) -> None:
    put_numbers(home, range(1), "logg")
    settings = settings_of(home)
    assert deliver(settings).problems == {
        "logg": "dwell.toml has no [receivers.logg]. Did you mean 'log'?"
    }
    (left,) = waiting(home)
    assert (left.error, left.attempts) == (
        "dwell.toml has no [receivers.logg]. Did you mean 'log'?",
        0,
    )


def test_one_delivery_at_a_time(home: Path) -> None:
    settings = settings_of(home)
    put_numbers(home, range(1), "log")
    with (home / "outbox/.lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        started = time.monotonic()
        assert deliver(settings).is_busy
        assert time.monotonic() - started < 1
    assert deliver(settings).sent == {"log": 1}


def test_who_holds_the_outbox_holds_no_delivery(home: Path) -> None:
    settings = settings_of(home)
    put_numbers(home, range(1), "log")
    other = sqlite3.connect(home / "outbox/outbox.sqlite", isolation_level=None)
    other.execute("begin exclusive")
    started = time.monotonic()
    assert deliver(settings, 0.4).is_busy
    assert time.monotonic() - started < 0.8
    other.execute("rollback")
    other.close()
    deadline = time.monotonic() + 10
    while waiting(home) and time.monotonic() < deadline:
        deliver(settings, 1)
    assert log(home) == [0]


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 ")
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(0.05)


def test_a_slow_receiver_holds_neither_a_delivery_nor_the_end_of_a_process(home: Path) -> None:
    with talker(drip) as port:
        settings = settings_of(home, slow=f"http://127.0.0.1:{port}/{SECRET}")
        put_numbers(home, range(2), "slow", "log")
        started = time.monotonic()
        came = deliver(settings, 1.4)
        assert time.monotonic() - started < 1.7
        assert (came.sent, "no answer within" in came.problems["slow"]) == ({"log": 2}, True)
        assert waiting(home)[0].error.endswith("no answer within 1 s")
        code = (
            "import duckdb, sys, time; from pathlib import Path\n"
            "from etl.config.settings import load_settings\n"
            "from warehouse.delivery.outbox import deliver\n"
            "settings = load_settings(Path(sys.argv[1]))\n"
            "began = time.monotonic(); deliver(settings, 0.5, at_once=True)\n"
            "print(time.monotonic() - began, time.time())"
        )
        told = subprocess.run(
            [sys.executable, "-P", "-c", code, str(home)], capture_output=True, text=True,
            check=True, env={"PYTHONPATH": str(Path(__file__).parents[3])},
        )  # fmt: skip
        ended = time.time()
        seconds, at = map(float, told.stdout.split())
        assert seconds < 0.8
        assert ended - at < 1.5
        assert told.stderr == ""


def test_no_mail_is_begun_that_would_have_to_be_cut_off(home: Path, web: Hooks) -> None:
    web.answer = lambda _: Answer(after=0.5)
    put_numbers(home, range(5), "ops")
    came = deliver(settings_of(home, ops=web.address), 1.9)
    assert came.problems == {}
    assert len(web.posts) == came.sent["ops"] in (1, 2, 3)


def test_a_killed_attempt_is_known_and_not_repeated_at_once(home: Path, web: Hooks) -> None:
    settings = settings_of(home, ops=web.address)
    put_numbers(home, range(1), "ops")
    code = (
        "import os, sys; from pathlib import Path\n"
        "from etl.config.settings import load_settings\n"
        "from warehouse.delivery import rounds\n"
        "from warehouse.delivery.outbox import deliver\n"
        "send = rounds.send\n"
        "def killed(*args, **more):\n"
        "    send(*args, **more); os.kill(os.getpid(), 9)\n"
        "rounds.send = killed\n"
        "deliver(load_settings(Path(sys.argv[1])))"
    )
    ended = subprocess.run(
        [sys.executable, "-P", "-c", code, str(home)], check=False, capture_output=True,
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert (ended.returncode, len(web.taken)) == (-9, 1)
    (left,) = waiting(home)
    assert (left.attempts, left.error) == (1, "The process ended while it was being sent")
    assert deliver(settings).sent == {}
    assert deliver(settings, at_once=True).sent == {"ops": 1}
    assert [post.headers["idempotency-key"] for post in web.taken] == ["m-0000", "m-0000"]
    assert web.taken[0].body == web.taken[1].body


def test_thousands_wait_and_go(home: Path) -> None:
    settings = settings_of(home)
    assert put_numbers(home, range(3000), "later", "log") == 6000
    started = time.monotonic()
    came = deliver(settings, 1)
    assert time.monotonic() - started < 1.5
    assert came.sent["log"] >= 1
    assert came.waiting == 6000 - came.sent["log"]
    assert len(waiting(home)) == came.waiting


def test_a_damaged_outbox_is_told(home: Path) -> None:
    put_numbers(home, range(50), "log")
    path = home / "outbox/outbox.sqlite"
    path.write_bytes(b"no database" * 500)
    for ask in (lambda: waiting(home), lambda: deliver(settings_of(home)),
                lambda: put_numbers(home, range(1), "log")):  # fmt: skip
        with pytest.raises(DwellError, match=r"outbox.sqlite is damaged: .+ move it away"):
            ask()


def test_an_outbox_that_was_being_made_is_made(home: Path) -> None:
    path = home / "outbox/outbox.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"")
    assert waiting(home) == []
    assert deliver(settings_of(home)).sent == {}
    assert put_numbers(home, range(1), "log") == 1


def test_an_outbox_of_a_newer_dwell(home: Path) -> None:
    put_numbers(home, range(1), "log")
    con = sqlite3.connect(home / "outbox/outbox.sqlite")
    con.execute("pragma user_version = 2")
    con.close()
    with pytest.raises(DwellError, match="newer Dwell"):
        waiting(home)


# What stands in the outbox instead of a message.
DAMAGED = {
    "half a text": "{",
    "another text": "[1]",
    "of another shape": '{"id": "m-0000"}',
    "no text": b"\xff\x00",
    "a subject that is none": as_text(message(0)).replace("Number 0", ""),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_one_that_cannot_be_read_is_parked_and_the_next_goes(
    home: Path, web: Hooks, case: str
) -> None:
    put_numbers(home, range(2), "log", "ops")
    con = sqlite3.connect(home / "outbox/outbox.sqlite")
    with con:
        con.execute("update messages set content = ? where id = 'm-0000'", (DAMAGED[case],))
    con.close()
    came = deliver(settings_of(home, ops=web.address))
    assert came.sent == {"log": 1, "ops": 1}
    told = "m-0000 cannot be read: its content in the outbox is damaged"
    assert came.problems == {"log": told, "ops": told}
    assert [(each.id, each.state) for each in waiting(home)] == [("m-0000", "refused")] * 2
    assert (log(home), numbers(web)) == ([1], [1])
