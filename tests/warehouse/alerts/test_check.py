"""What a check notes, puts in the outbox, and leaves alone: on real homes, day after day."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from threading import Thread
from typing import Any

import pytest

from etl.config.alerts import AlertEntry
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError, DwellError
from tests.warehouse.alerts.worlds import World, day, moment, write_world
from tests.warehouse.small_builds import write_build
from warehouse import NoBuild, alerts
from warehouse.alerts.faults import low_disk
from warehouse.alerts.state import MOST_KEPT, changing

TO_OPS = AlertEntry("abandonment", "abandonment_rate", above=0.3, alarm=0.4, to=("ops",),
                    label="Abandonment")  # fmt: skip
NORMAL = AlertEntry("drop", "session_count", outside_normal=True, to=("ops",), label="Sessions")
WORLD = World(seed=1, level=240, scatter=0.02, sources=("web", "app"))


def settings_of(home: Path, *entries: AlertEntry, **others: Any) -> Settings:
    """Settings of a home with these alerts, and no presets beside them."""
    return replace(load_settings(home), alerts=entries, **others)


def now_of(number: int, hour: float = 13) -> datetime:
    return moment(number, hour).replace(tzinfo=UTC)


def check(home: Path, *entries: AlertEntry, at: datetime, **others: Any) -> alerts.Checked:
    return alerts.check(settings_of(home, *entries, **others), at)


def outbox(home: Path) -> dict[str, Any]:
    """Message and receiver → what waits, in the order in which it was put."""
    path = home / "outbox" / "outbox.sqlite"
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute(
            "select id || ' ' || receiver, content from deliveries join messages using (id) "
            "order by position"
        ).fetchall()
    return {name: json.loads(content) for name, content in rows}


ROOT = Path(__file__).parents[3]
# The files of builds by what is in them: several tests have the same one.
KEPT: dict[str, dict[str, bytes]] = {}


def grown(home: Path, world: World, days: int, loads: Mapping[int, Any] | None = None) -> None:
    """The home's build as it is so many days in."""
    builds, name = home / "builds", repr((world, days, loads))
    rmtree(builds, ignore_errors=True)
    if name not in KEPT:
        write_world(home, replace(world, days=days), loads, build=days)
        KEPT[name] = {file.name: file.read_bytes() for file in builds.iterdir()}
    builds.mkdir(parents=True, exist_ok=True)
    for file, content in KEPT[name].items():
        (builds / file).write_bytes(content)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


ABANDONED = replace(WORLD, abandoning={36: 0.36, 37: 0.36, 38: 0.5})


def test_an_alert_is_told_on_its_day_and_its_end_once(home):
    told = []
    for days in (37, 38, 39, 40, 41):
        grown(home, ABANDONED, days)
        for _ in range(2):
            found = check(home, TO_OPS, at=now_of(days - 1))
            told.append((days - 2, found.fires, found.messages))
    assert told == [
        *[(35, False, 0), (35, False, 0)],
        *[(36, True, 1), (36, True, 0), (37, True, 0), (37, True, 0)],
        *[(38, True, 1), (38, True, 0), (39, False, 1), (39, False, 0)],
    ]
    name = f"abandonment-{day(36)}"
    assert list(outbox(home)) == [f"{name}-{what} ops" for what in ("began", "rose", "ended")]
    began, rose, ended = outbox(home).values()
    assert began["subject"].startswith("Warning: Abandonment 3")
    assert began["subject"].endswith("% on 10 Feb (limit 30 %)")
    assert rose["subject"].endswith("on 12 Feb (limit 40 %), since 10 Feb")
    assert ended["subject"] == "Over: Abandonment, 10 Feb to 12 Feb"
    assert "off = true below [alerts.abandonment]" in began["text"]
    facts = [each["facts"] for each in (began, rose, ended)]
    assert [(f["state"], f["severity"], f["date"], f["since"]) for f in facts] == [
        ("began", "warning", "2026-02-10", "2026-02-10"),
        ("began", "alarm", "2026-02-12", "2026-02-10"),
        ("ended", "alarm", "2026-02-13", "2026-02-10"),
    ]


def test_what_comes_back_on_the_same_day_is_told_again(home):
    grown(home, ABANDONED, 38)
    higher = replace(TO_OPS, above=0.9, alarm=None)
    found = [
        check(home, entry, at=now_of(37, hour))
        for hour, entry in ((13, TO_OPS), (14, higher), (15, TO_OPS), (16, TO_OPS))
    ]
    assert [(each.fires, each.messages) for each in found] == [
        *[(True, 1), (False, 1), (True, 1), (True, 0)]
    ]
    name = f"abandonment-{day(36)}"
    assert list(outbox(home)) == [f"{name}-{what} ops" for what in ("began", "ended", "2-began")]
    assert alerts.history(home)["ended_at"].to_list() == [None, moment(37, 14)]


def test_a_fault_of_now_that_comes_back_is_told_again(home, monkeypatch):
    grown(home, WORLD, 38)
    full = [False, True, False, True, True, False]
    told = []
    for place, is_full in enumerate(full):
        monkeypatch.setattr("warehouse.alerts.faults._LEAST_ROOM", 1e18 if is_full else 1)
        found = check(home, TO_OPS, at=now_of(37, 13 + place))
        told.append((found.on["began_before"].to_list(), found.messages))
    assert told == [([], 0), ([False], 1), ([], 1), ([False], 1), ([False], 0), ([], 1)]


def test_the_history_outlives_the_builds(home):
    grown(home, ABANDONED, 38)
    check(home, TO_OPS, at=now_of(37))
    assert alerts.firing(home)["alert"].to_list() == ["abandonment"]
    grown(home, ABANDONED, 41)
    check(home, TO_OPS, at=now_of(40))
    rmtree(home / "builds")
    (row,) = alerts.history(home).to_dicts()
    assert (row["date"], row["until"], row["severity"]) == (day(36), day(38), "alarm")
    assert row["ended_at"] == moment(40, 13)
    assert alerts.firing(home).is_empty()
    assert alerts.history(home, 0).is_empty()
    with pytest.raises(NoBuild):
        check(home, TO_OPS, at=now_of(40))


def test_without_notice_nothing_is_written(home):
    grown(home, ABANDONED, 38)
    before = sorted(home.rglob("*"))
    found = alerts.check(settings_of(home, TO_OPS), now_of(37), notify=False)
    assert (found.fires, found.messages, found.judged) == (True, 0, day(36))
    assert sorted(home.rglob("*")) == before
    assert alerts.history(home).is_empty()


def test_behaviour_on_a_day_of_a_fault_is_held_back_and_the_fault_is_told(home):
    grown(home, replace(WORLD, faults={36: "outage"}), 38)
    found = check(home, NORMAL, at=now_of(37))
    assert found.on.select("alert", "source", "severity").rows() == [("outage", "web", "alarm")]
    assert found.held_back["held_back_by"].to_list() == ["web had an outage on 10 Feb"]
    # Whoever waits for the one learns of the other.
    assert list(outbox(home)) == [f"outage.web-{day(36)}-began ops"]
    grown(home, replace(WORLD, faults={36: "outage"}), 40)
    found = check(home, NORMAL, at=now_of(39))
    assert (found.fires, found.messages, found.held_back.height) == (False, 1, 0)
    assert alerts.history(home)["held_back_by"].to_list() == [None, "web had an outage on 10 Feb"]


def test_only_faults_of_its_own_sources_hold_an_alert_back(home):
    grown(home, replace(WORLD, faults={36: "outage"}, bounces={36: 0.9}), 38)
    bounce = AlertEntry("bounce", "bounce_rate", where={"source": "app"}, above=0.7, label="B")
    found = check(home, bounce, replace(bounce, name="every", where={}), at=now_of(37))
    assert found.on["alert"].to_list() == ["outage", "bounce"]
    assert found.held_back["alert"].to_list() == ["every"]


def test_a_source_that_is_late_is_told_and_holds_back(home):
    # Nothing has come of app since the 25th day; that its days are missing is no drop.
    grown(home, WORLD, 38)
    silent = {n: {"rows_loaded": 0, "status": "failed"} for n in range(33, 38)}
    world = replace(WORLD, sources=("app", "web"), faults=dict.fromkeys(range(34, 38), "outage"))
    grown(home, world, 38, silent)
    found = check(home, NORMAL, at=now_of(37))
    assert found.on.select("alert", "source").rows() == [("late_source", "app")]
    assert found.on["sentence"].to_list() == ["nothing new has come since 7 Feb 2026"]
    assert found.held_back["held_back_by"].to_list() == ["nothing has come from app since 7 Feb"]
    grown(home, WORLD, 38)
    assert not check(home, NORMAL, at=now_of(37, 14)).fires
    assert list(outbox(home)) == [f"late_source.app-{day(37)}-{w} ops" for w in ("began", "ended")]


def test_a_day_is_not_judged_while_a_source_may_bring_more_of_it(home):
    # App comes weekly, and is not late: its last days are waited for.
    weekly = {n: {"loaded_at": moment(n - n % 7 + 7, 6)} for n in range(35)}
    weekly |= {n: {"status": "failed"} for n in range(35, 41)}
    world = replace(WORLD, sources=("app", "web"), factors=dict.fromkeys(range(35, 41), 0.4))
    grown(home, world, 41, weekly)
    found = check(home, NORMAL, at=now_of(40))
    assert (found.judged, found.fires, found.held_back.height) == (day(34), False, 0)


def test_a_source_that_came_once_is_waited_for_a_week(home):
    once = {n: {"status": "failed"} for n in range(38) if n != 20}
    world = replace(WORLD, sources=("crm", "web"), faults=dict.fromkeys(range(21, 38), "outage"))
    for days, judged in ((27, day(20)), (30, day(28)), (38, day(36))):
        grown(home, world, days, once)
        assert check(home, NORMAL, TO_OPS, at=now_of(days - 1)).judged == judged


@pytest.mark.parametrize(
    ("later", "others", "on"),
    [
        pytest.param(timedelta(days=6), {}, ["late_source", "late_source", "abandonment"], id="6"),
        pytest.param(timedelta(days=9), {}, ["nothing_loaded"], id="over a week"),
        pytest.param(timedelta(days=900), {"historic": True}, [], id="historic"),
        pytest.param(timedelta(hours=1), {"historic": True}, [], id="historic and new"),
    ],
)
def test_old_data_fires_that_alone(home, later, others, on):
    grown(home, ABANDONED, 38)
    check(home, TO_OPS, at=now_of(37))
    found = check(home, TO_OPS, at=now_of(37) + later, **others)
    assert found.on["alert"].to_list() == on
    assert alerts.firing(home)["alert"].to_list() == on
    assert bool(found.note) is (on != ["late_source", "late_source", "abandonment"])


def test_damage_is_told_also_of_a_historic_home(home):
    grown(home, WORLD, 38)
    pointer = home / "builds" / "current.json"
    content = json.loads(pointer.read_text())
    (home / "builds" / "more.duckdb").write_bytes(b"")
    pointer.write_text(json.dumps({**content, "sizes": {content["file"]: 12}}))
    found = check(home, TO_OPS, at=now_of(37), historic=True)
    assert found.on.select("alert", "severity").rows() == [("damaged", "alarm")]
    assert "missing or cut" in found.on["sentence"][0]
    pointer.write_text("{}")
    assert check(home, TO_OPS, at=now_of(37, 14)).on["alert"].to_list() == ["damaged"]
    pointer.write_text(json.dumps(content))
    assert not check(home, TO_OPS, at=now_of(37, 15)).fires


def test_a_disk_is_low_when_another_build_may_not_fit():
    assert low_disk(1_000_000_000, None) == ""
    assert "0.9 GB are free" in low_disk(900_000_000, None)


def test_what_is_no_longer_asked_for_ends_without_a_word(home):
    grown(home, ABANDONED, 38)
    check(home, TO_OPS, at=now_of(37))
    found = check(home, NORMAL, at=now_of(37, 14))
    assert (found.fires, found.messages) == (False, 0)
    assert alerts.history(home)["ended_at"].to_list() == [moment(37, 14)]


def test_faults_may_be_switched_off_and_sent_elsewhere(home):
    grown(home, replace(WORLD, faults={36: "outage"}), 38)
    every = AlertEntry("data_faults", to=("boss",), severity="")
    off = AlertEntry("outage", off=True, severity="")
    assert check(home, every, at=now_of(37)).on["severity"].to_list() == ["alarm"]
    assert list(outbox(home)) == [f"outage.web-{day(36)}-began boss"]
    assert not check(home, every, off, at=now_of(37, 14)).fires


HALF = {"loaded_at": moment(50, 12), "rows_rejected": 500}
AGAIN = {"repeated": [f"{day(30)}/{day(30)}=900"], "last_event_time": moment(30, 23)}


@pytest.mark.parametrize(
    ("loads", "told"),
    [
        pytest.param({49: HALF}, f"rejected_rows.web-{day(49)}", id="of yesterday"),
        pytest.param({40: HALF}, f"rejected_rows.web-{day(40)}", id="a file over a week old"),
        pytest.param({12: HALF}, f"rejected_rows.web-{day(12)}", id="a file over 28 days old"),
        pytest.param(
            {49: {**AGAIN, "loaded_at": moment(50, 12)}},
            f"duplicate_storm.web-{day(30)}",
            id="an old day again",
        ),
    ],
)
def test_what_a_load_brings_to_light_is_told_however_old_it_is(home, loads, told):
    grown(home, WORLD, 50)
    check(home, TO_OPS, at=now_of(49))
    grown(home, WORLD, 51, loads)
    check(home, TO_OPS, at=now_of(50))
    assert next(iter(outbox(home))) == f"{told}-began ops"
    assert check(home, TO_OPS, at=now_of(50, 14)).messages == 0


def test_a_first_check_tells_no_old_faults_nor_does_the_next(home):
    for days in (51, 52):
        grown(home, WORLD, days, {40: HALF, 12: HALF, 43: {**HALF, "loaded_at": moment(44, 6)}})
        assert check(home, TO_OPS, at=now_of(days - 1)).messages == 0


def test_faults_of_a_source_that_comes_rarely_are_told_when_it_came(home):
    monthly = {n: {"loaded_at": moment(n - n % 28 + 28, 6)} for n in range(84)}
    # Four weeks of it come at once, and the third day of them was one without.
    world = replace(WORLD, sources=("erp", "web"), faults={58: "outage"})
    for days in (80, 85):
        until = days - days % 28
        unknown = {n: {"status": "failed"} for n in range(until, days)}
        missing = dict.fromkeys(range(until, days), "outage")
        shown = replace(world, faults={**(world.faults if days == 85 else {}), **missing})
        grown(home, shown, days, {**monthly, **unknown})
        found = check(home, TO_OPS, at=now_of(days - 1))
    told = [name for name in outbox(home) if name.startswith("outage.erp")]
    assert told == [f"outage.erp-{day(58)}-{what} ops" for what in ("began", "ended")]
    assert found.judged == day(83)


@pytest.mark.parametrize(
    ("days", "judged", "late"),
    [
        pytest.param(100, 83, [], id="waited for"),
        pytest.param(120, 118, ["late_source"], id="late, and held back"),
        pytest.param(160, 158, [], id="ended"),
    ],
)
def test_a_source_that_comes_monthly_has_a_habit(home, days, judged, late):
    monthly = {n: {"loaded_at": moment(n - n % 28 + 28, 6)} for n in range(84)}
    monthly |= {n: {"status": "failed"} for n in range(84, days)}
    missing = dict.fromkeys(range(84, days), "outage")
    grown(home, replace(WORLD, sources=("erp", "web"), faults=missing), days, monthly)
    found = check(home, NORMAL, TO_OPS, at=now_of(days - 1))
    on = [name for name in found.on["alert"] if name in ("late_source", "drop")]
    assert (found.judged, on) == (day(judged), late)


def test_an_archive_is_not_waited_for(home):
    once = {n: {"status": "failed"} for n in range(40) if n != 10}
    once[10] = {"loaded_at": moment(36, 6)}
    missing = dict.fromkeys(range(11, 40), "outage")
    grown(home, replace(WORLD, sources=("crm", "web"), faults=missing), 40, once)
    assert check(home, NORMAL, at=now_of(39)).judged == day(38)


# Kills the process where the outbox has the message and the history does not, and before both.
KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from warehouse import alerts
import warehouse.saved_file
from tests.warehouse.alerts.test_check import TO_OPS, settings_of

def die(*_):
    os.kill(os.getpid(), 9)

check, place = sys.modules["warehouse.alerts.check"], sys.argv[2]
if place == "before":
    check.put = die
if place == "between":
    warehouse.saved_file.write_json = die
alerts.check(settings_of(Path(sys.argv[1]), TO_OPS), datetime.fromisoformat(sys.argv[3]))
"""


@pytest.mark.parametrize("place", ["before", "between"])
def test_a_kill_loses_nothing_and_tells_nothing_twice(home, place):
    grown(home, ABANDONED, 37)
    check(home, TO_OPS, at=now_of(36))
    grown(home, ABANDONED, 38)
    command = [sys.executable, "-c", KILLED, str(home), place, now_of(37).isoformat()]
    assert subprocess.run(command, check=False, timeout=60, cwd=ROOT).returncode == -9
    # The next check comes a day later.
    grown(home, ABANDONED, 39)
    found = check(home, TO_OPS, at=now_of(38))
    assert found.on["date"].to_list() == [day(36)]
    assert list(outbox(home)) == [f"abandonment-{day(36)}-began ops"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            AlertEntry("x", "bounce", above=1, place="[alerts.x]"),
            "Unknown metric 'bounce'. Did",
        ),
        (AlertEntry("x", "bounce_rate", where={"browsr": "x"}, above=1), "x: .*'browser'"),
        (AlertEntry("x", "bounce_rate", segment=("docs",), above=1), "Unknown segment 'docs'"),
    ],
)
def test_what_names_nothing_known_is_told(home, entry, said):
    grown(home, WORLD, 10)
    with pytest.raises(ConfigError, match=said):
        check(home, entry, at=now_of(9))


@pytest.mark.parametrize(
    "damage",
    [
        {"alert": 3},
        {"began_on": None},
        {"until": "tomorrow"},
        {"started_at": "2026-02-11T13:00:00+00:00"},
        {"count": True},
    ],
)
def test_a_damaged_history_is_told(home, damage):
    grown(home, ABANDONED, 38)
    check(home, TO_OPS, at=now_of(37))
    path = home / "alerts.json"
    content = json.loads(path.read_text())
    content["alerts"]["episodes"][0] |= damage
    path.write_text(json.dumps(content))
    with pytest.raises(DwellError, match=r"alerts.json is damaged"):
        alerts.history(home)


def test_what_is_open_is_never_forgotten(home):
    grown(home, ABANDONED, 38)
    check(home, TO_OPS, at=now_of(37))
    with changing(home) as state:
        (first,) = state.episodes
        later = replace(first, alert="other", over_on=first.until, ended_at=moment(38))
        state.episodes += [replace(later, count=n) for n in range(MOST_KEPT)]
    history = alerts.history(home)
    assert history.height == MOST_KEPT
    assert alerts.firing(home)["alert"].to_list() == ["abandonment"]


def test_a_check_that_waits_for_another_judges_what_is_there_then(home):
    grown(home, ABANDONED, 36)
    found = []
    waiting = Thread(target=lambda: found.append(check(home, TO_OPS, at=now_of(37))))
    with changing(home):
        waiting.start()
        waiting.join(0.5)
        grown(home, ABANDONED, 38)
    waiting.join(30)
    assert found[0].judged == day(36)


def test_a_weekday_is_no_day_without_sessions_before_one_is_known(home):
    """A product that is closed at weekends."""
    closed = replace(WORLD, weekend=0)
    on = []
    for number in (7, 8, 14):
        grown(home, closed, number)
        on += alerts.check(load_settings(home), now_of(number - 1)).on["alert"].to_list()
    assert on == []


def test_a_link_opens_the_day(home):
    grown(home, ABANDONED, 38)
    check(home, replace(TO_OPS, where={"device_type": "!= tablet"}), at=now_of(37),
          dashboard_url="https://dwell.example.com")  # fmt: skip
    (told,) = outbox(home).values()
    link = "https://dwell.example.com/?from=2026-02-10&to=2026-02-10&metric=abandonment"
    assert told["facts"]["link"] == f"{link}&device_type%21=tablet"


def test_an_empty_build_fires_nothing(home):
    write_build(home, [])
    found = alerts.check(load_settings(home))
    assert (found.fires, found.judged) == (False, None)
