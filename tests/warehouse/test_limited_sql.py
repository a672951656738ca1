"""SQL within limits: what is refused, what ends, and that whoever asks goes on."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore

import polars as pl
import pytest

import warehouse
from etl.errors import BeyondLimit, ConfigError, DwellError
from tests.warehouse.small_builds import NOON, event, session, write_build
from tests.warehouse.sql_attacks import ATTACKS, BOMBS, ENDLESS
from warehouse.limited_sql import ROOT, Limits, Question, Running, answered, limits_of
from warehouse.metrics import data
from warehouse.read_only import refuse_beyond

LIMITS = Limits(20, 200_000_000)
SHORT = Limits(0.3, 200_000_000)
SLOW = "select count(*) from range(10000000) a, range(10000000) b where a.range > b.range + 1"

# Asks what takes long, says who answers, and waits.
_ASKER = """
import sys
from pathlib import Path
from warehouse.limited_sql import Limits, Question, Running
question = Question(Path(sys.argv[1]), 1, sys.argv[2], Limits(20, 200_000_000))
with Running(question) as running:
    running.is_done(0)
    print(running.process_id, flush=True)
    running.answer()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    typed = '{"prompt": "secret", "n": 1}'
    write_build(
        folder, [session("ann", session_id="s")], [event("s", "ann", NOON, properties=typed)]
    )
    return folder


def asked(home, text, limits=LIMITS, **others):
    return Question(home, 1, text, limits, **others)


def rows(question):
    return pl.read_ipc_stream(BytesIO(answered(question)))


@pytest.fixture(scope="module")
def said(home):
    """What the process says to all attacks, one after the other, by their names."""
    run = [sys.executable, "-m", "tests.warehouse.sql_attacks", str(home)]
    done = subprocess.run(run, capture_output=True, cwd=ROOT, check=True, timeout=120)
    return json.loads(done.stdout)


def test_more_than_a_hundred_things_are_tried():
    names = [*(attack.name for attack in ATTACKS), *BOMBS, *ENDLESS]
    assert len(names) == len(set(names)) > 200


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_what_reads_more_than_the_build_is_refused(said, attack):
    kind, words = said[attack.name]
    assert kind == "R", words
    assert attack.refused_by in words


def test_a_refusal_names_a_query_that_tells_each_table_once(home):
    with pytest.raises(ConfigError) as refused:
        refuse_beyond("select getenv('HOME')")
    names = rows(asked(home, str(refused.value).split("'")[1]))["table_name"].to_list()
    with warehouse.open(home) as wh:
        assert sorted(names) == data.tables(wh)["table_name"].unique().sort().to_list()


@pytest.mark.parametrize("name", BOMBS)
def test_what_takes_more_memory_is_refused_with_the_setting(said, name):
    kind, words = said[name]
    assert kind == "L", words
    assert "needs more memory than 100 MB (query_memory)" in words


@pytest.mark.parametrize("name", ENDLESS)
def test_what_takes_longer_ends_with_the_setting(home, name):
    with pytest.raises(BeyondLimit, match=r"longer than 0\.3 s \(query_timeout\)"):
        answered(asked(home, ENDLESS[name], SHORT))


def test_the_process_answers_after_all_attacks_and_reaches_no_file(said):
    assert said["itself"][0] == "A"
    assert "Too many open files" in said["a file"][1]


def test_the_process_has_the_packages_but_knows_nothing_else(home, monkeypatch, tmp_path):
    monkeypatch.setenv("DWELL_APP_PASSWORD", "a-secret")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}packages")
    with Running(asked(home, SLOW)) as running:
        assert not running.is_done(0.1)
        environment = Path(f"/proc/{running.process_id}/environ").read_bytes()
    assert f"PYTHONPATH={ROOT}{os.pathsep}{tmp_path / 'packages'}\0".encode() in environment
    assert b"a-secret" not in environment


def test_two_are_answered_at_once_and_the_third_waits(home):
    turns = BoundedSemaphore(2)
    with Running(asked(home, SLOW), turns) as first, Running(asked(home, SLOW), turns) as second:
        assert not first.is_done(0.01)
        assert not second.is_done(0.01)
        assert not first.waits
        assert not second.waits
        with Running(asked(home, "select 1"), turns) as third:
            assert not third.is_done(0.1)
            assert third.waits
            first.cancel()
            assert third.answer()


def test_a_query_that_nobody_waits_for_ends(home):
    with Running(asked(home, SLOW)) as running:
        running.is_done(0.01)
        number = running.process_id
        assert os.getpgid(number) == number
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_rows_are_answered_up_to_a_bound(home):
    # One more than it may have tells that there are more.
    assert rows(asked(home, "from range(5)", most_rows=3)).height == 4
    with pytest.raises(BeyondLimit, match="more than 4 rows"):
        answered(asked(home, "from range(5)", most_rows=4, refuses=True))


def test_an_answer_that_is_too_large_is_refused(home):
    with pytest.raises(BeyondLimit, match=r"takes 8 MB\. Wanted: 1 MB at most"):
        answered(asked(home, "from range(1000000)", most_bytes=1_000_000))


def test_typed_texts_are_left_out_unless_they_may_be_shown(home):
    text = "select string_agg(properties) as p from session_events"
    told = [rows(asked(home, text, shows_texts=shows))["p"].item() for shows in (True, False)]
    assert ["secret" in each for each in told] == [True, False]


def test_a_process_that_cannot_begin_is_told_apart_from_one_that_takes_too_much(home, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    turns = BoundedSemaphore(1)
    long = f"select 1 -- {'x' * 90_000}"
    for _ in range(2):
        running = Running(asked(home, long), turns)
        with running, pytest.raises(DwellError, match=r"ended by itself \(code 1\)"):
            running.answer()


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("SEGV", DwellError, "was ended by SIGSEGV"),
        ("TERM", DwellError, "was ended by SIGTERM"),
        ("ABRT", BeyondLimit, "needs more memory than 200 MB"),
    ],
)
def test_what_ended_the_process_is_told(home, monkeypatch, tmp_path, name, error, told):
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nulimit -c 0\nkill -{name} $$\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(error, match=told):
        answered(asked(home, "select 1"))


def test_the_process_ends_with_whoever_asked(home):
    run = [sys.executable, "-c", _ASKER, str(home), ENDLESS["a long computation of one value"]]
    asker = subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    number = int(asker.stdout.readline())
    asker.kill()
    asker.communicate()
    # It is the child of another now, which may leave it as a zombie for a while.
    state = Path(f"/proc/{number}/stat")
    deadline = time.monotonic() + 5
    while state.exists() and " Z " not in state.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not state.exists() or " Z " in state.read_text()


def test_a_build_that_is_gone_is_told(home):
    question = replace(asked(home, "select 1"), build=7)
    with pytest.raises(DwellError, match=r"No build 7 is there. Builds kept: 1\."):
        answered(question)


def test_limits_are_those_of_the_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert limits_of(tmp_path) == Limits(30, 2_000_000_000)
    (tmp_path / "dwell.toml").write_text('query_timeout = "5 s"\nquery_memory = "500 MB"\n')
    assert limits_of(tmp_path) == Limits(5, 500_000_000)
    (tmp_path / "dwell.toml").write_text('query_timeout = "5 s"\nqery_memory = "500 MB"\n')
    with pytest.raises(ConfigError, match="qery_memory"):
        limits_of(tmp_path)
