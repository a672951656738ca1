"""The search for sessions by what happens in them, against a scan of all events in Python."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import ConfigError
from tests.naive_patterns import shows
from tests.search import some
from tests.warehouse.conftest import opened_builds
from tests.warehouse.small_builds import NOON, Row, event, session
from warehouse import Filters
from warehouse.metrics import sessions

DAY = timedelta(days=1)
HIDDEN = {"answer", "content", "message", "prompt", "query", "response", "text"}
PATTERNS = [
    (),
    ("a",),
    ("a", "then b"),
    ("a", "then not b"),
    ("a", "without b", "then c within 3s"),
    ("not a", "ends b"),
    ("a", "then a"),
    ("a", "then b", "then a", "then not b"),
    ("b", "then not b", "ends c", "ends b"),
    ("*", "then c"),
]
# Words that lie in each other, in keys as well as values, with what JSON writes otherwise.
WORDS = [
    "Plan",
    "plan b",
    'say "plan"',
    "\\plan",
    "pl\u00e4n",
    "PL\u00c4N",
    "\u039f\u03a3",
    "\u0130s",
    "1",
    "prompt",
    "100 %",
]
TEXTS = [
    "",
    "plan",
    "PLAN",
    '"',
    "\\",
    "\u00c4",
    "\u039f\u03a3",
    "\u0130S",
    "1",
    "prompt",
    "%",
    "note",
    "true",
    "null",
]
KEYS = ["note", "prompt", "Text", "a.b", "say prompt", ".prompt.", 'q"', "plan"]
LEAVES = st.one_of(st.sampled_from(WORDS), st.integers(-12, 12), st.booleans(), st.none())
PROPERTIES = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=2)
        ),
        max_leaves=3,
    ),
    max_size=2,
)
EVENT = st.tuples(
    st.integers(0, 5), st.sampled_from("abc"), st.sampled_from([None, "/", "/Plan"]), PROPERTIES
)
# The day of the session, whether it is of a bot, and what happened in it.
SESSION = st.tuples(st.integers(0, 2), st.booleans(), st.lists(EVENT, min_size=1, max_size=5))


@pytest.mark.long
@settings(max_examples=some(6, of=300), deadline=None)
@given(st.lists(SESSION, min_size=1, max_size=6))
def test_a_search_takes_what_a_scan_takes(tmp_path_factory: Any, made: list[Any]) -> None:
    rows = [
        session(
            "ann",
            NOON + DAY * day,
            seconds=at + DAY.total_seconds(),
            session_id=f"s{at}",
            is_bot=is_bot,
        )
        for at, (day, is_bot, happened) in enumerate(made)
    ]
    # The second day and what began on it: a session may go on into the next.
    days = [Filters(), Filters(NOON.date(), NOON.date()), Filters((NOON + DAY).date())]
    with opened_builds(tmp_path_factory.mktemp("search")) as open_build:
        wh = open_build(rows, events=_events_of(made))
        asked = [(contains, "", True) for contains in PATTERNS]
        asked += [
            (PATTERNS[number % len(PATTERNS)], text, show)
            for number, text in enumerate(TEXTS)
            for show in (False, True)
        ]
        for number, (contains, text, show) in enumerate(asked):
            filters = days[number % len(days)]
            found = [
                f"s{at}"
                for at, (day, is_bot, happened) in enumerate(made)
                if not is_bot
                and (filters.start is None or filters.start <= (NOON + DAY * day).date())
                and (filters.end is None or (NOON + DAY * day).date() <= filters.end)
                and (not contains or shows(_line(happened), list(contains)))
                and (not text or any(_has(one, text, show=show) for one in happened))
            ]
            query: Row = {"contains": contains, "text": text, "show_texts": show}
            answer = sessions.search(wh, filters, limit=None, **query)
            assert sorted(answer["session_id"]) == found, query
            assert sessions.count(wh, filters, **query).item() == len(found)


def _events_of(made: list[Any]) -> list[Row]:
    # The second half lies behind midnight.
    return [
        event(
            f"s{at}",
            "ann",
            NOON + DAY * (day + (number > len(happened) / 2)) + timedelta(seconds=second),
            number,
            event_type=kind,
            page=page,
            properties=json.dumps(properties, ensure_ascii=at % 2 == 0),
        )
        for at, (day, _, happened) in enumerate(made)
        for number, (second, kind, page, properties) in enumerate(_sorted(happened), 1)
    ]


def _sorted(happened: list[Any]) -> list[Any]:
    return sorted(happened, key=lambda one: one[:2])


def _line(happened: list[Any]) -> list[tuple[int, str]]:
    day = 24 * 3600
    return [
        (second + day * (number > len(happened) / 2), kind)
        for number, (second, kind, *_) in enumerate(_sorted(happened), 1)
    ]


def _has(one: Any, text: str, *, show: bool) -> bool:
    _, _, page, properties = one
    return text.lower() in (page or "").lower() or any(
        text.lower() in leaf.lower() for leaf in _leaves(properties, show)
    )


def _leaves(value: Any, show: bool) -> list[str]:
    if isinstance(value, dict):
        return [
            leaf
            for key, item in value.items()
            if show or key.lower() not in HIDDEN or not isinstance(item, str | list | dict)
            for leaf in _leaves(item, show)
        ]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item, show)]
    return [] if value is None else [value if isinstance(value, str) else json.dumps(value)]


def _told(wh: Any, *contains: str, **others: Any) -> list[str]:
    return sorted(sessions.search(wh, Filters(), contains, **others)["session_id"])


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three sessions: of patterns, of a page rule, and of what was typed."""
    rows = [
        session("ann", session_id="s0", pattern="confused"),
        session("bob", session_id="s1", pattern="explorer"),
        session("cy", session_id="s2"),
    ]
    told = [
        event("s0", "ann", NOON, event_type="prompt", properties='{"prompt": "Where is Berlin?"}'),
        event("s1", "bob", NOON, page="/u/:id", raw_page="/u/Berlin", properties="{}"),
        event("s2", "cy", NOON, properties='{"city": {"names": ["BERLIN"]}, "berlin": 1}'),
    ]
    with opened_builds(tmp_path_factory.mktemp("three")) as open_build:
        yield open_build(rows, events=told)


@pytest.mark.parametrize(
    ("contains", "found"),
    [
        pytest.param(["pattern: confused"], ["s0"], id="a pattern of every build"),
        pytest.param(["not pattern:confused"], ["s1", "s2"], id="all but a pattern"),
        pytest.param(["not pattern: confused", "click"], ["s1", "s2"], id="a pattern and a step"),
        pytest.param(["pattern: confused", "click"], [], id="both, and none has them"),
        pytest.param(["*[city.names=x]"], [], id="a condition on a property"),
        pytest.param(["ends prompt"], ["s0"], id="the end alone"),
    ],
)
def test_sessions_are_found_by_what_happens(three, contains, found):
    assert _told(three, *contains) == found


@pytest.mark.parametrize(
    ("text", "show_texts", "found"),
    [
        pytest.param("berlin", False, ["s1", "s2"], id="pages as they were, and inner values"),
        pytest.param("Berlin", True, ["s0", "s1", "s2"], id="what was typed, if wanted"),
        pytest.param("city", False, [], id="no names of properties"),
        pytest.param("ann", True, [], id="no ids"),
    ],
)
def test_texts_are_looked_for_in_pages_and_values(three, text, show_texts, found):
    assert _told(three, text=text, show_texts=show_texts) == found
    told = sessions.mentions(three, Filters(), text, show_texts)
    assert sorted(told["session_id"]) == found
    assert told.columns == ["session_id", "user_id", "mention_count", "first_mention_time"]


def test_sessions_of_an_older_build_are_searched_too(open_build):
    rows = [session("ann", session_id="s0"), session("bob", session_id="s1")]
    wh = open_build(rows, lacking=["event_path", "user_key"])
    assert _told(wh, "click", "then click") == ["s0", "s1"]
    assert sessions.similar(wh, "s0").is_empty()


def test_nothing_mentions_an_empty_text(three):
    assert sessions.mentions(three, Filters(), "").is_empty()


@pytest.mark.parametrize(
    ("contains", "words"),
    [
        pytest.param(("then b",), "follows no step", id="a step after nothing"),
        pytest.param(("pattern: confusd",), "Did you mean 'confused'", id="a pattern misspelt"),
        pytest.param("click", "Wanted a list of texts", id="a text for a list"),
    ],
)
def test_steps_that_are_none_are_refused(three, contains, words):
    with pytest.raises(ConfigError, match=words):
        sessions.search(three, Filters(), contains)
