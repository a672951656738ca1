"""Which sessions went the same way, against sets of threes made in Python."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search import some
from tests.warehouse.conftest import opened_builds
from tests.warehouse.small_builds import NOON, event, session
from warehouse.metrics import sessions

DAY = timedelta(days=1)
WAY = st.lists(st.sampled_from("abc"), min_size=1, max_size=7)
# How many days before the newest it began, whether it is of a bot, and what happened.
SESSION = st.tuples(st.sampled_from([0, 1, 29, 30, 31]), st.booleans(), WAY)


def _threes(way: list[str]) -> list[str]:
    kinds = [kind for kind, _ in groupby(way)]
    return [" > ".join(kinds[at : at + 3]) for at in range(max(len(kinds) - 2, 1))]


@pytest.mark.long
@settings(max_examples=some(7, of=400), deadline=None)
@given(st.lists(SESSION, min_size=1, max_size=8))
def test_sessions_are_as_alike_as_the_threes_they_share(
    tmp_path_factory: Any, made: list[Any]
) -> None:
    made = [(0, False, ["a"]), *made]
    starts = [NOON - DAY * days + timedelta(seconds=at) for at, (days, _, _) in enumerate(made)]
    rows = [
        session(f"u{at % 3}", start, session_id=f"s{at}", is_bot=made[at][1], seconds=9)
        for at, start in enumerate(starts)
    ]
    events = [
        event(f"s{at}", f"u{at % 3}", starts[at] + timedelta(seconds=number), number, event_type=k)
        for at, (_, _, way) in enumerate(made)
        for number, k in enumerate(way, 1)
    ]
    # Newer than all of it, so that some begin on the edge of the 30 days.
    as_of = NOON + timedelta(seconds=1)
    with opened_builds(tmp_path_factory.mktemp("similar")) as open_build:
        wh = open_build(rows, events=events, as_of=as_of)
        for asked in range(min(len(made), 3)):
            own = _threes(made[asked][2])
            wanted = []
            for other, (_, is_bot, way) in enumerate(made):
                if other == asked or is_bot != made[asked][1]:
                    continue
                if starts[other] <= as_of - timedelta(days=30):
                    continue
                theirs = _threes(way)
                share = len({*own} & {*theirs}) / len({*own} | {*theirs})
                shared = [step for step in dict.fromkeys(own) if step in theirs]
                wanted.append((-share, -starts[other].timestamp(), f"s{other}", shared))
            wanted.sort()
            answer = sessions.similar(wh, f"s{asked}", limit=20)
            assert answer.rows() == [
                (name, f"u{int(name[1:]) % 3}", -share, shared)
                for share, _, name, shared in wanted
                if share
            ]
            told = sessions.alike(wh, f"s{asked}").row(0, named=True)
            near = [name for share, _, name, _ in wanted if -share >= 0.5]
            assert told["session_count"] == len(near)
            # The user of the session is not somebody else.
            assert told["user_count"] == len({int(name[1:]) % 3 for name in near} - {asked % 3})
            assert told["looked_at_count"] == len(wanted)


def test_nothing_is_like_a_session_that_is_not_there(open_build):
    wh = open_build([session("ann")])
    assert sessions.similar(wh, "nobody").rows() == []
    assert sessions.alike(wh, "nobody").rows() == [(0, 0, 0, None)]


def test_only_the_newest_are_looked_at(open_build, monkeypatch):
    monkeypatch.setattr(sessions, "MOST", 2)
    rows = [session("ann", NOON - timedelta(hours=at), session_id=f"s{at}") for at in range(5)]
    wh = open_build(rows)
    assert sessions.similar(wh, "s3")["session_id"].to_list() == ["s0", "s1"]
    told = sessions.alike(wh, "s3").row(0, named=True)
    assert (told["looked_at_count"], told["looked_at_from"]) == (2, NOON - timedelta(hours=1))
