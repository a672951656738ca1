"""Patterns of dwell.toml: a build and a query take the sessions that trying all choices takes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from tests import make
from tests.naive_patterns import shows
from tests.search import some
from tests.warehouse.conftest import opened_builds
from tests.warehouse.small_builds import NOON, Row, event, session
from warehouse import DwellError, Filters
from warehouse.build.own_patterns import matching_sessions
from warehouse.metrics import breakdowns, patterns, users
from warehouse.patterns import pattern_of

PATTERNS = [
    ["a"],
    ["a", "then b"],
    ["a", "then a within 2s"],
    ["a", "without b", "then c"],
    ["a", "without b", "then c within 3s", "without a", "then b"],
    ["a", "not c"],
    ["a", "then not b"],
    ["a", "then b", "then not a"],
    ["a", "ends b"],
    ["*", "then c", "ends c", "ends a"],
    ["not a", "ends b"],
]
SESSION = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc")), min_size=1, max_size=7)


@settings(max_examples=some(40, of=800), deadline=None)
@given(st.lists(SESSION, min_size=1, max_size=6))
def test_a_build_takes_what_trying_all_takes(sessions: list[list[tuple[int, str]]]) -> None:
    events = events_of(sessions)
    columns = {name: [row[name] for row in events] for name in events[0]}
    with duckdb.connect() as con:
        con.register("session_events", pa.table(columns))
        for steps in PATTERNS:
            rows = con.execute(matching_sessions(pattern_of(steps))).fetchall()
            assert sorted(rows) == [(name,) for name in matching(sessions, steps)], steps


@settings(max_examples=some(5, of=100), deadline=None)
@given(st.lists(SESSION, min_size=1, max_size=6))
def test_a_query_takes_them_too(
    tmp_path_factory: pytest.TempPathFactory, sessions: list[list[tuple[int, str]]]
) -> None:
    rows = [session("ann", NOON, session_id=name_of(at)) for at in range(len(sessions))]
    with opened_builds(tmp_path_factory.mktemp("patterns")) as open_build:
        wh = open_build(rows, events=events_of(sessions))
        for steps in PATTERNS:
            frame = patterns.matches(wh, Filters(), steps)
            assert sorted(frame["session_id"]) == matching(sessions, steps), steps


def name_of(number: int) -> str:
    return f"s{number}"


def events_of(sessions: list[list[tuple[int, str]]]) -> list[Row]:
    return [
        event(name_of(at), "ann", NOON + timedelta(seconds=second), number, event_type=kind)
        for at, happened in enumerate(sessions)
        for number, (second, kind) in enumerate(sorted(happened), 1)
    ]


def matching(sessions: list[list[tuple[int, str]]], steps: list[str]) -> list[str]:
    return [name_of(at) for at, line in enumerate(sessions) if shows(sorted(line), steps)]


DECLARED = """
[patterns.rephrased]
label = "Asked again"
steps = ["prompt", "then model_response", "without copy", "then prompt within 20s"]
"""


def of(user: str, *happened: tuple[int, str]) -> list[dict[str, Any]]:
    return [make.event(timedelta(seconds=second), kind, user_id=user) for second, kind in happened]


def test_a_pattern_is_a_filter_of_a_build_that_grows(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = make.settings_of(home, DECLARED)
    asked_again = ((0, "prompt"), (5, "model_response"), (15, "prompt"))
    make.commit_events(home, [*of("ann", *asked_again[:2]), *of("bob", *asked_again, (6, "copy"))])
    make.build_home(home, settings)
    make.commit_events(home, of("ann", asked_again[2]))
    make.build_home(home, settings)
    wh = warehouse.open(home)
    shown, others = (Filters(where={"rephrased": word}) for word in (True, "false"))
    assert users.listing(wh, shown)["user_id"].to_list() == ["ann"]
    assert users.listing(wh, others)["user_id"].to_list() == ["bob"]
    found = patterns.matches(wh, Filters(), "rephrased")
    assert found["user_id"].to_list() == ["ann"]
    assert found["match_time"].item() == make.NOON + timedelta(seconds=15)
    by = breakdowns.by(wh, Filters(), "rephrased")
    assert by["value"].to_list() == ["false", "true", None]
    with pytest.raises(DwellError, match=r"Unknown pattern 'rephrasd'. Did you mean 'rephrased'"):
        patterns.matches(wh, Filters(), "rephrasd")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[patterns.mine]\nsteps = []",
            r"\[patterns.mine\] has no steps. Write for example steps =",
        ),
        ('[patterns.mine]\nsteps = ["then a"]', r"\[patterns.mine\]: 'then a' follows no step"),
        ('[patterns.browser]\nsteps = ["a"]', r"\[patterns.browser\]: Dwell calls something else"),
    ],
)
def test_what_is_no_pattern_is_refused(tmp_path: Path, text: str, message: str) -> None:
    home = tmp_path / "home"
    make.commit_events(home, of("ann", (0, "a")))
    with pytest.raises(DwellError, match=message):
        make.build_home(home, make.settings_of(home, text))
