"""What the browser gets of a session: small, whole, and nothing that was typed."""

from __future__ import annotations

import html
import json
import random
import re
from datetime import datetime, timedelta

import polars as pl
import pytest

from pages.ui import replay

NOON = datetime.fromisoformat("2026-03-10 12:00")
KINDS = {"page_view": replay.ACTION, "scroll": replay.PASSIVE, "error": replay.ERROR}
SCHEMA = {
    "milliseconds": pl.Int64,
    "event_type": pl.String,
    "page": pl.String,
    "source": pl.String,
    "detail": pl.String,
    "scroll_percent": pl.Int32,
    "is_action": pl.Boolean,
    "is_error": pl.Boolean,
}


def frame_of(count, seed=1, details=5):
    """So many made-up events, in their order."""
    rng = random.Random(seed)
    things = [None, *map(str, range(details))]
    time, rows = 0, []
    for _ in range(count):
        time += rng.choice([0, 3, 250, 1000, 90_000])
        kind = rng.choice(list(KINDS))
        rows.append(
            {
                "milliseconds": time,
                "event_type": kind,
                "page": rng.choice([None, "/a", "/b", "/docs/c"]) if kind == "page_view" else None,
                "source": rng.choice(["web", "web", "app"]),
                "detail": rng.choice(things),
                "scroll_percent": rng.choice([None, 40]) if kind == "scroll" else None,
                "is_action": kind != "scroll",
                "is_error": kind == "error",
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


def spread(pairs, count, *, lasting=False):
    """Pairs of place and number as a column; those that last hold up to the next."""
    told = dict(zip(pairs[::2], pairs[1::2], strict=True))
    column = []
    for place in range(count):
        column.append(told.get(place, column[-1] if lasting and column else None))
    return column


def named(names, numbers):
    return [None if number is None else names[number] for number in numbers]


@pytest.mark.parametrize("seed", range(4))
def test_the_columns_say_what_the_events_said(seed):
    frame = frame_of(300, seed)
    told, count = replay.columns(frame), frame.height
    times, total = [], 0
    for step in told["ms"]:
        total += step
        times.append(total)
    start = frame["milliseconds"][0]
    assert [time + start for time in times] == frame["milliseconds"].to_list()
    types = [name for name, _ in told["types"]]
    assert named(types, told["type"]) == frame["event_type"].to_list()
    assert {name: kind for name, kind in told["types"]} == KINDS
    assert named(told["pages"], spread(told["views"], count)) == frame["page"].to_list()
    sources = named(told["sources"], spread(told["source"], count, lasting=True))
    assert sources == frame["source"].to_list()
    assert named(told["details"], spread(told["detail"], count)) == frame["detail"].to_list()
    assert spread(told["scroll"], count) == frame["scroll_percent"].to_list()


def test_a_page_is_told_when_it_changes_and_when_it_is_seen_anew():
    frame = frame_of(5).with_columns(
        event_type=pl.Series(["page_view", "click", "click", "page_view", "click"]),
        page=pl.Series(["/a", "/a", "/b", "/b", None]),
    )
    told = replay.columns(frame)
    assert named(told["pages"], told["views"][1::2]) == ["/a", "/b", "/b"]
    assert told["views"][::2] == [0, 2, 3]


def test_of_many_things_that_were_clicked_the_first_are_told():
    told = replay.columns(frame_of(4000, details=replay.MOST_DETAILS * 3))
    assert len(told["details"]) == replay.MOST_DETAILS
    assert max(told["detail"][1::2]) == replay.MOST_DETAILS - 1


def session(**others):
    return {
        "session_id": "s",
        "start_time": NOON,
        "end_time": NOON + timedelta(seconds=9),
        "event_count": 3,
        "duration_seconds": 9,
        **others,
    }


def made(rows):
    return pl.DataFrame(rows or [], infer_schema_length=None)


def markup(frame, turns=None, runs=None, **others):
    given = {
        **{"zone": "UTC", "idle_seconds": 30.0, "idle_types": ["idle", "away"]},
        **{"alt": "3 events", "size": 200, **others},
    }
    told = {name: given.pop(name) for name in ("start_time", "end_time") if name in given}
    return replay.html(session(**told), frame, made(turns), made(runs), **given)


def track_of(text):
    return json.loads(html.unescape(re.search(r'data-track="([^"]*)"', text)[1]))


def test_the_clock_is_that_of_the_zone():
    track = track_of(markup(frame_of(3), zone="Asia/Kolkata"))
    local = datetime.fromisoformat("1970-01-01") + timedelta(milliseconds=track["start"])
    assert local == NOON + timedelta(hours=5, minutes=30)
    assert (track["idle"], track["idles"]) == (30_000, ["idle", "away"])


HOUR = 3_600_000
CHANGES = [
    pytest.param("2026-03-29 00:30", 60, [[HOUR // 2, HOUR]], id="an hour is left out"),
    pytest.param("2026-10-25 00:30", 60, [[HOUR // 2, -HOUR]], id="an hour comes twice"),
    pytest.param("2026-03-29 01:00", 60, [], id="begins with the change"),
    pytest.param("2026-03-29 00:00", 60, [[HOUR, HOUR]], id="ends with the change"),
    pytest.param("2026-03-29 00:30:00.400", 60, [[HOUR // 2 - 400, HOUR]], id="not a full second"),
    pytest.param("2026-03-28 12:00", 2880, [[13 * HOUR, HOUR]], id="days"),
    pytest.param("2026-03-28 00:00", 300 * 1440,
                 [[25 * HOUR, HOUR], [(24 * 211 + 1) * HOUR, 0]], id="there and back"),
    pytest.param("2026-03-28 00:30", 60, [], id="another night"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "minutes", "wanted"), CHANGES)
def test_changes_of_the_clocks_are_told(start, minutes, wanted):
    start = datetime.fromisoformat(start)
    end = start + timedelta(minutes=minutes)
    text = markup(frame_of(3), zone="Europe/Berlin", start_time=start, end_time=end)
    assert track_of(text)["changes"] == wanted


def test_turns_and_runs_are_bars_in_milliseconds_without_what_was_typed():
    turn = {
        "prompt_time": NOON + timedelta(seconds=1),
        "response_time": NOON + timedelta(seconds=3),
        "is_error": None,
        "is_copied": None,
        "is_selected": None,
        "is_citation_opened": None,
        "feedback": None,
        "prompt_text": "a secret",
    }
    run = {
        "workflow_name": "weekly_digest",
        "status": "abandoned",
        "last_step": "choose_sources",
        "seconds_since_start": 2.0,
        "duration_seconds": 0.5,
    }
    others = [
        {**turn, "response_time": None, "is_error": True},
        {**turn, "is_copied": True},
        {**turn, "is_copied": True, "feedback": "up"},
        {**turn, "feedback": "down"},
    ]
    text = markup(frame_of(3), [turn, *others], [run])
    assert track_of(text)["turns"] == [
        [1000, 3000, 0, 0],
        [1000, 1000, 0, 1],
        [1000, 3000, replay.USED, 0],
        [1000, 3000, replay.UP, 0],
        [1000, 3000, replay.DOWN, 0],
    ]
    assert track_of(text)["runs"] == [[2000, 2500, "weekly digest, abandoned at choose sources", 0]]
    assert "secret" not in text


def test_a_run_is_not_called_what_was_typed():
    run = {"status": "abandoned", "seconds_since_start": 0.0, "duration_seconds": 1.0}
    typed = {"workflow_name": '{"text":"a secret"}', "last_step": '["a secret"]'}
    (told,) = track_of(markup(frame_of(3), runs=[run | typed]))["runs"]
    assert told == [0, 1000, "workflow, abandoned", 0]


def test_names_of_the_data_stay_text():
    frame = frame_of(2).with_columns(page=pl.lit('"><script>alert(1)</script>'))
    text = markup(frame, asked='"><b>')
    assert "<script" not in text
    assert "<b>" not in text
    assert track_of(text)["pages"] == ['"><script>alert(1)</script>']


def test_fifty_thousand_events_stay_small():
    assert len(markup(frame_of(50_000))) < 1_500_000
