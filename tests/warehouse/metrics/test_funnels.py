"""Funnels: cases that other tools got wrong, and equality with trying every choice of events."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search import some
from tests.warehouse.conftest import OpenBuild, opened_builds
from tests.warehouse.small_builds import NOON, Row, event, session
from warehouse import DwellError, Filters
from warehouse.metrics import funnels, overview
from warehouse.steps import Step, step_of

A_DAY = timedelta(days=1)


def visit(user: str, start: datetime, *happened: tuple[float, str], **others: Any) -> list[Row]:
    """A session of these events, by seconds from its start; a page stands behind a colon."""
    row = session(user, start, seconds=happened[-1][0], event_count=len(happened), **others)
    events = []
    for number, (seconds, text) in enumerate(happened, 1):
        kind, _, page = text.partition(":")
        time = start + timedelta(seconds=seconds)
        told = {"event_type": kind, "page": page or None, "device_type": row["device_type"]}
        events.append(event(row["session_id"], user, time, number, **told))
    return [row, *events]


def built(open_build: OpenBuild, *visits: list[Row], **others: Any) -> Any:
    rows = [row for row, *_ in visits]
    return open_build(rows, events=[one for _, *events in visits for one in events], **others)


# What is asked, the events of one user as (seconds, event) in one session, and how many reach each
# step. After the faults and rules that other tools' users have reported.
CASES: dict[str, tuple[list[str], dict[str, Any], list[tuple[float, str]], list[int]]] = {
    "one event satisfies one step": (["a", "a"], {}, [(0, "a")], [1, 0]),
    "the same step twice needs two events": (["a", "a"], {}, [(0, "a"), (5, "a")], [1, 1]),
    "an event of two steps is one of them": (
        ["page_view", "page_view:/x"],
        {},
        [(0, "page_view:/x")],
        [1, 0],
    ),
    "events of the same time go by their order": (["a", "b"], {}, [(0, "a"), (0, "b")], [1, 1]),
    "and not against it": (["b", "a"], {}, [(0, "a"), (0, "b")], [1, 0]),
    "others may lie between": (["a", "b"], {}, [(0, "a"), (1, "x"), (2, "b")], [1, 1]),
    "but not where it is strict": (
        ["a", "b"],
        {"order": "strict"},
        [(0, "a"), (1, "x"), (2, "b")],
        [1, 0],
    ),
    "a later entry is right behind": (
        ["a", "b"],
        {"order": "strict"},
        [(0, "a"), (1, "x"), (2, "a"), (3, "b")],
        [1, 1],
    ),
    "a step out of order does not count": (
        ["a", "b", "c"],
        {},
        [(0, "a"), (1, "c"), (2, "b")],
        [1, 1, 0],
    ),
    "in any order it does": (
        ["a", "b", "c"],
        {"order": "any"},
        [(0, "c"), (1, "b"), (2, "a")],
        [1, 1, 1],
    ),
    "in any order each has its own event": (
        ["page_view", "page_view:/x"],
        {"order": "any"},
        [(0, "page_view:/x")],
        [1, 0],
    ),
    "exactly the window still counts": (["a", "b"], {"window": 60}, [(0, "a"), (60, "b")], [1, 1]),
    "a microsecond more does not": (
        ["a", "b"],
        {"window": 60},
        [(0, "a"), (60.000001, "b")],
        [1, 0],
    ),
    "the window is from the first step": (
        ["a", "b", "c"],
        {"window": 60},
        [(0, "a"), (50, "b"), (70, "c")],
        [1, 1, 0],
    ),
    "a later first step opens it anew": (
        ["a", "b", "c"],
        {"window": 60},
        [(0, "a"), (20, "a"), (50, "b"), (70, "c")],
        [1, 1, 1],
    ),
    "a step's own window is from the step before": (
        ["a", "b", "c"],
        {"step_window": 60},
        [(0, "a"), (50, "b"), (110, "c")],
        [1, 1, 1],
    ),
    "and each has to be within it": (
        ["a", "b", "c"],
        {"step_window": 60},
        [(0, "a"), (50, "b"), (111, "c")],
        [1, 1, 0],
    ),
    "what is excluded lies between": (
        ["a", "b"],
        {"exclude": ["x"]},
        [(0, "a"), (1, "x"), (2, "b")],
        [1, 0],
    ),
    "before and behind it may be": (
        ["a", "b"],
        {"exclude": ["x"]},
        [(0, "x"), (1, "a"), (2, "b"), (3, "x")],
        [1, 1],
    ),
    "after it a new try counts": (
        ["a", "b"],
        {"exclude": ["without x"]},
        [(0, "a"), (1, "x"), (2, "a"), (3, "b")],
        [1, 1],
    ),
    "a step is no exclusion between others": (
        ["a", "x", "b"],
        {"exclude": ["x"]},
        [(0, "a"), (1, "x"), (2, "b")],
        [1, 1, 1],
    ),
    "twice what is excluded is once too often": (
        ["a", "x", "b"],
        {"exclude": ["x"]},
        [(0, "a"), (1, "x"), (2, "x"), (3, "b")],
        [1, 1, 0],
    ),
    "a page by its beginning": (
        ["page_view:/docs/*", "page_view:/pricing"],
        {},
        [(0, "page_view:/docs/a"), (1, "page_view:/pricing")],
        [1, 1],
    ),
    "one step is one user": (["a"], {}, [(0, "a"), (1, "a")], [1]),
}


@pytest.mark.parametrize(("steps", "asked", "happened", "counts"), CASES.values(), ids=CASES)
def test_who_reaches_a_step(
    open_build: OpenBuild,
    steps: list[str],
    asked: dict[str, Any],
    happened: list[tuple[float, str]],
    counts: list[int],
) -> None:
    wh = built(open_build, visit("ann", NOON, *happened))
    for scope in ("user", "session"):
        frame = funnels.steps(wh, Filters(), steps, scope=scope, **asked)
        assert frame["count"].to_list() == counts, scope


def three_days(open_build: OpenBuild) -> Any:
    """Ann enters on day one and converts on day three, Bob within one visit, Eve never."""
    return built(
        open_build,
        visit("ann", NOON, (0, "a"), device_type="mobile"),
        visit("ann", NOON + 2 * A_DAY, (0, "b"), (30, "c")),
        visit("bob", NOON, (0, "a"), (60, "b"), (240, "c")),
        visit("eve", NOON + A_DAY, (0, "a"), (10, "x")),
    )


def test_a_funnel_of_users_goes_on_in_later_sessions(open_build: OpenBuild) -> None:
    wh = three_days(open_build)
    frame = funnels.steps(wh, Filters(), ["a", "b", "c"])
    assert frame.to_dicts() == [
        {
            "step_number": number,
            "step": step,
            "count": count,
            "conversion_rate": count / 3,
            "from_previous_rate": before,
            "median_seconds": median,
            "p90_seconds": p90,
        }
        for number, step, count, before, median, p90 in [
            (1, "a", 3, None, None, None),
            (2, "b", 2, 2 / 3, (172_800 + 60) / 2, pytest.approx(172_800 - 0.1 * 172_740)),
            (3, "c", 2, 1.0, (172_830 + 240) / 2, pytest.approx(172_830 - 0.1 * 172_590)),
        ]
    ]
    sessions = funnels.steps(wh, Filters(), ["a", "b", "c"], scope="session")
    assert sessions["count"].to_list() == [3, 1, 1]


def test_only_the_entry_has_to_lie_in_the_dates(open_build: OpenBuild) -> None:
    wh = three_days(open_build)
    first_day = Filters(start=NOON.date(), end=NOON.date())
    assert funnels.steps(wh, first_day, ["a", "b", "c"])["count"].to_list() == [2, 2, 2]
    later = Filters(start=NOON.date() + A_DAY)
    assert funnels.steps(wh, later, ["a", "b", "c"])["count"].to_list() == [1, 0, 0]


def test_other_filters_hold_for_the_sessions_of_all_steps(open_build: OpenBuild) -> None:
    wh = three_days(open_build)
    mobile = Filters(where={"device_type": "mobile"})
    assert funnels.steps(wh, mobile, ["a", "b"])["count"].to_list() == [1, 0]


def test_steps_by_a_dimension_add_up_to_all(open_build: OpenBuild) -> None:
    wh = three_days(open_build)
    frame = funnels.steps(wh, Filters(), ["a", "b"], by="device_type")
    rows = [tuple(row) for row in frame.select("value", "is_total", "count").iter_rows()]
    # Ann by the session that she entered in.
    assert rows == [
        ("desktop", False, 2),
        ("desktop", False, 1),
        ("mobile", False, 1),
        ("mobile", False, 1),
        (None, True, 3),
        (None, True, 2),
    ]
    few = funnels.steps(wh, Filters(), ["a", "b"], by="device_type", limit=1)
    assert few.filter("is_other")["count"].to_list() == [1, 1]


def test_the_trend_is_by_the_day_of_entry(open_build: OpenBuild) -> None:
    wh = three_days(open_build)
    frame = funnels.trend(wh, Filters(), ["a", "b", "c"])
    assert [tuple(row) for row in frame.iter_rows()] == [
        (NOON.date(), 2, 2, 1.0),
        (NOON.date() + A_DAY, 1, 0, 0.0),
        (NOON.date() + 2 * A_DAY, 0, 0, None),
    ]
    weeks = funnels.trend(wh, Filters(), ["a", "b", "c"], grain="week")
    assert weeks["entered_count"].to_list() == [3]


def test_the_people_of_a_step_and_those_who_dropped_there(open_build: OpenBuild) -> None:
    wh = three_days(open_build)
    went_on = funnels.people(wh, Filters(), ["a", "b", "c"], step=3)
    assert went_on["user_id"].to_list() == ["ann", "bob"]
    assert went_on["entry_time"].to_list() == [NOON, NOON]
    dropped = funnels.people(wh, Filters(), ["a", "b", "c"], step=2, outcome="dropped")
    assert [tuple(row) for row in dropped.iter_rows()] == [
        ("eve", f"eve@{(NOON + A_DAY).isoformat()}", NOON + A_DAY)
    ]


def test_what_they_did_instead(open_build: OpenBuild) -> None:
    wh = three_days(open_build)
    dropped = funnels.next_events(wh, Filters(), ["a", "b"], step=2)
    assert dropped.to_dicts() == [{"event_type": "x", "page": None, "count": 1, "share": 1.0}]
    entered = funnels.next_events(wh, Filters(), ["a", "b"], step=1, outcome="converted")
    assert entered["event_type"].to_list() == ["b", "x", None]


def test_a_person_is_one_with_all_ids(open_build: OpenBuild) -> None:
    known = {
        "source": "web",
        "anonymous_id": "phone",
        "user_id": "ann",
        "valid_from": NOON,
        "valid_to": None,
    }
    wh = built(
        open_build,
        visit("phone", NOON, (0, "a")),
        visit("ann", NOON + A_DAY, (0, "b")),
        identities=[known],
        users=[
            {"user_id": "phone", "is_anonymous": True},
            {"user_id": "ann", "is_anonymous": False},
        ],
    )
    counts = {
        identity: funnels.steps(wh, Filters(), ["a", "b"], identity=identity)["count"].to_list()
        for identity in ("user_id", "person")
    }
    assert counts == {"user_id": [1, 0], "person": [1, 1]}
    people = funnels.people(wh, Filters(), ["a", "b"], identity="person", step=2)
    assert people["user_id"].to_list() == ["ann", "phone"]


REFUSED = {
    "no steps": ({"steps": []}, "A funnel of 0 steps"),
    "steps as one text": ({"steps": "a"}, "steps is 'a'. Wanted a list"),
    "too many": ({"steps": ["a"] * 21}, "A funnel of 21 steps"),
    "another scope": ({"scope": "account"}, "Unknown scope 'account'"),
    "another order": ({"order": "anyhow"}, "Unknown order 'anyhow'. Did you mean 'any'"),
    "a window without end": ({"window": timedelta.max}, "which is no duration"),
    "no window": ({"window": "soon"}, "window is 'soon'"),
    "a window of nothing": ({"window": timedelta(0)}, "which is no duration"),
    "a next step in any order": ({"order": "any", "step_window": 5}, "there is no next"),
    "another dimension": ({"by": "colour"}, "Unknown dimension 'colour'"),
    "another identity": ({"identity": "device"}, "Unknown identity 'device'"),
}


@pytest.mark.parametrize(("asked", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_funnel_is_refused(
    open_build: OpenBuild, asked: dict[str, Any], message: str
) -> None:
    wh = open_build([])
    with pytest.raises(DwellError, match=message):
        funnels.steps(wh, Filters(), **{"steps": ["a", "b"], **asked})
    if not asked.keys() - {"scope", "order", "window"}:
        with pytest.raises(DwellError, match=message):
            funnels.trend(wh, Filters(), **{"steps": ["a", "b"], **asked})


@pytest.mark.parametrize(
    ("step", "outcome"), [(0, "converted"), (3, "converted"), (1, "dropped"), (2, "lost")]
)
def test_a_step_that_there_is_not_is_refused(
    open_build: OpenBuild, step: int, outcome: Any
) -> None:
    with pytest.raises(DwellError, match=r"Wanted: |Unknown outcome"):
        funnels.people(open_build([]), Filters(), ["a", "b"], step=step, outcome=outcome)


def test_without_events_nobody_enters(open_build: OpenBuild) -> None:
    wh = open_build([])
    frame = funnels.steps(wh, Filters(), ["a", "b"])
    assert frame["count"].to_list() == [0, 0]
    assert frame["conversion_rate"].to_list() == [None, None]
    assert funnels.trend(wh, Filters(), ["a"]).is_empty()
    assert funnels.people(wh, Filters(), ["a"], step=1).is_empty()
    assert funnels.next_events(wh, Filters(), ["a", "b"], step=2).is_empty()


# Two streams overlap, and times are few: events of one time lie in two sessions.
HAPPENED = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["inactivity", "tracker"]),
        st.integers(0, 3),
        st.integers(0, 2),
        st.sampled_from("abx"),
        st.sampled_from(["desktop", "mobile"]),
    ),
    min_size=1,
    max_size=9,
)
ASKED = st.fixed_dictionaries(
    {
        "steps": st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=3),
        "scope": st.sampled_from(["user", "session"]),
        "order": st.sampled_from(["sequential", "strict", "any"]),
        "window": st.sampled_from([None, A_DAY, 2 * A_DAY]),
        "exclude": st.sampled_from([(), ("x",)]),
    }
)


@pytest.mark.long
@settings(max_examples=some(15, of=600), deadline=None)
@given(HAPPENED, st.lists(ASKED, min_size=4, max_size=4), st.integers(0, 3), st.booleans())
def test_funnels_are_those_of_every_choice(
    tmp_path_factory: pytest.TempPathFactory,
    happened: list[tuple[Any, ...]],
    funnels_asked: list[dict[str, Any]],
    last_day: int,
    is_narrow: bool,
) -> None:
    rows, events = sessions_of(happened)
    where = {"device_type": "mobile"} if is_narrow else {}
    filters = Filters(NOON.date() + A_DAY, NOON.date() + (1 + last_day) * A_DAY, where)
    with opened_builds(tmp_path_factory.mktemp("funnels")) as open_build:
        wh = open_build(rows, events=events, as_of=NOON + 9 * A_DAY)
        for asked in funnels_asked:
            frame = funnels.steps(wh, filters, **asked)
            wanted = [
                len(units_through(rows, events, filters, asked, number))
                for number in range(1, len(asked["steps"]) + 1)
            ]
            assert frame["count"].to_list() == wanted
            assert wanted == sorted(wanted, reverse=True)
            trend = funnels.trend(wh, filters, **asked, grain="month")
            assert trend["converted_count"].sum() == wanted[-1]
            assert trend["entered_count"].sum() == wanted[0]
        users = overview.totals(wh, filters)["user_count"].item()
        assert funnels.steps(wh, filters, ["*"])["count"].item() == users


def sessions_of(happened: list[tuple[Any, ...]]) -> tuple[list[Row], list[Row]]:
    """A session for each user, stream and day; its events in their order."""
    rows, events = [], []
    for user, stream, day in sorted({each[:3] for each in happened}):
        some_events = sorted(each[3:] for each in happened if each[:3] == (user, stream, day))
        start = NOON + day * A_DAY
        row = session(
            user, start, session_id=f"{user}-{stream}-{day}", device_type=some_events[0][2]
        )
        rows.append(row)
        for number, (second, kind, _) in enumerate(some_events, 1):
            time = start + timedelta(seconds=second)
            one = event(row["session_id"], user, time, number, event_type=kind)
            # The ids of a session go by its events; those of two sessions mix.
            events.append(one | {"event_id": f"{kind}{number}-{stream}"})
    return rows, events


def units_through(
    rows: list[Row], events: list[Row], filters: Filters, asked: dict[str, Any], number: int
) -> set[str]:
    """The users or sessions that have a choice of events for the first steps, by trying all."""
    devices = filters.devices
    known = {row["session_id"] for row in rows if not devices or row["device_type"] in devices}
    unit_of = "user_id" if asked["scope"] == "user" else "session_id"
    timelines: dict[str, list[Row]] = {}
    for one in sorted(events, key=lambda one: (one["event_time"], one["event_id"])):
        if one["session_id"] in known:
            timelines.setdefault(one[unit_of], []).append(one)
    if asked["scope"] == "session":
        timelines = {
            unit: sorted(line, key=lambda one: one["event_number"])
            for unit, line in timelines.items()
        }
    window = asked["window"] or (timedelta(days=14) if asked["scope"] == "user" else 99 * A_DAY)
    through = {
        unit
        for unit, line in timelines.items()
        for chosen in permutations(range(len(line)), number)
        if fulfils(line, chosen, filters, asked, window)
    }
    before = units_through(rows, events, filters, asked, number - 1) if number > 1 else through
    return through & before


def fulfils(
    line: list[Row],
    chosen: tuple[int, ...],
    filters: Filters,
    asked: dict[str, Any],
    window: timedelta,
) -> bool:
    steps = asked["steps"][: len(chosen)]
    if any(
        step not in ("*", line[at]["event_type"]) for step, at in zip(steps, chosen, strict=True)
    ):
        return False
    if asked["order"] != "any" and list(chosen) != sorted(chosen):
        return False
    first, last = min(chosen), max(chosen)
    day: date = line[first]["event_date"]
    assert filters.start
    assert filters.end
    between = [line[at]["event_type"] for at in range(first, last) if at not in chosen]
    return (
        filters.start <= day <= filters.end
        and line[last]["event_time"] - line[first]["event_time"] <= window
        and not (asked["order"] == "strict" and between)
        and not (asked["exclude"] and "x" in between)
    )


@pytest.mark.parametrize("steps", [["a", "b"], [Step("a"), step_of("b")]])
def test_a_session_that_converts_is_of_a_user_who_converts(
    open_build: OpenBuild, steps: list[Any]
) -> None:
    wh = three_days(open_build)
    sessions = funnels.people(wh, Filters(), steps, "session", step=2)
    users = funnels.people(wh, Filters(), steps, step=2)
    assert set(sessions["user_id"]) <= set(users["user_id"])
