"""Steps: what they ask of an event, as values, as text and as SQL."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from etl.lake.schema import EVENT_COLUMNS
from tests.warehouse.conftest import OpenBuild
from tests.warehouse.small_builds import Row, at, event, session
from warehouse import DwellError, Filters
from warehouse.step_sql import step_sql
from warehouse.steps import TEXTS, Step, step_of

WRITTEN = [
    "signup",
    "*",
    "page_view:/pricing",
    "page_view:/docs/*",
    "*:/a b",
    "signup[plan=pro]",
    "signup[plan=pro][plan=free][seats>= 3]",
    "signup[seats=3..30]",
    "signup[plan!= pro]",
    "click[browser=(not known)]",
    "signup[$plan.tier=pro]",
    "error[is_error=true]",
    "page_view:/blog/[slug]",
    "page_view:= /docs/*",
    "bid[price=0.00001..0.00001]",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_text_is_the_same_step_again(text: str) -> None:
    step = step_of(text)
    assert step_of(str(step)) == step
    assert str(step_of(str(step))) == str(step)


def test_all_texts_that_events_have_can_be_asked() -> None:
    texts = {column.name for column in EVENT_COLUMNS if column.type == "VARCHAR"}
    assert texts - {"properties"} | {"session_id", "stream"} == TEXTS


def test_a_step_is_its_text() -> None:
    assert step_of("page_view:/pricing") == Step("page_view", {"page": "/pricing"})
    assert step_of("*[plan=pro]") == Step(None, {"plan": ["pro"]})
    assert step_of("signup[seats>=3]") == Step("signup", {"seats": ">= 3"})
    assert str(Step("signup", {"seats": 3})) == "signup[seats=3..3]"
    assert Step("a", {"x": ["b", "c"]}) == Step("a", {"x": ("c", "b")})


REFUSED = {
    "no text": ("", "is no step"),
    "a number": (3, "is no step"),
    "two words": ("sign up", "is no step"),
    "no value": ("signup[plan]", "is no step"),
    "a list that came out empty": (lambda: Step("a", {"plan": []}), "plan has no value"),
    "conditions in a list": (lambda: Step("a", ["plan"]), "Wanted values by name"),  # type: ignore[arg-type]
    "an event that is a number": (lambda: Step(3), "Wanted the type of an event"),  # type: ignore[arg-type]
    "a range of a text column": (lambda: Step("a", {"browser": ">= 3"}), "browser is none"),
    "a key that is any key": ("a[*=x]", "no property that a step can ask for"),
    "a key that ends in a point": (lambda: Step("a", {"b.": 1}), "no property that a step"),
    "a number that is none": (lambda: Step("a", {"b": float("nan")}), "which is no number"),
    "a flag that is a word": (lambda: Step("a", {"is_error": "perhaps"}), "Unknown is_error"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_step_is_refused(given: Any, message: str) -> None:
    with pytest.raises(DwellError, match=message):
        given() if callable(given) else step_of(given)


EVENT = {
    "event_type": "signup",
    "page": "/docs/start",
    "browser": "Firefox",
    "device_type": None,
    "is_error": False,
    "properties": {
        "plan": "pro",
        "seats": 3.0,
        "tiny": 0.00001,
        "large": 10**16,
        "$is new": True,
        "a.b": "flat",
        "c": {"d": "deep"},
        "none": None,
        "empty": "",
    },
}
# Step → whether EVENT is of it.
HOLDS = {
    "any event": (Step(), True),
    "the type": (Step("signup"), True),
    "another type": (Step("login"), False),
    "a page by its beginning": (Step("signup", {"page": "/docs/*"}), True),
    "a page that is not": (Step("signup", {"page": "!= /docs/start"}), False),
    "another page": (Step("signup", {"page": "/docs"}), False),
    "any of two values": (Step(None, {"browser": ["Chrome", "Firefox"]}), True),
    "a column without a value": (Step(None, {"device_type": None}), True),
    "a column that has one": (Step(None, {"browser": None}), False),
    "a flag": (Step(None, {"is_error": False}), True),
    "a property": (Step(None, {"plan": "pro"}), True),
    "another value of it": (Step(None, {"plan": "Pro"}), False),
    "two properties": (Step(None, {"plan": "pro", "seats": "<= 2"}), False),
    "a number, written otherwise": (Step(None, {"seats": 3}), True),
    "a number with an exponent": (Step(None, {"tiny": 0.00001, "large": 1e16}), True),
    "a number in a range": (Step(None, {"seats": "2..4"}), True),
    "a number outside": (Step(None, {"seats": "!= 2..4"}), False),
    "a text that is compared as a number": (Step(None, {"plan": ">= 3"}), False),
    "a name with a blank, true": (Step(None, {"$is new": True}), True),
    "a key with a point": (Step(None, {"a.b": "flat"}), True),
    "a key within a key": (Step(None, {"c.d": "deep"}), True),
    "a property that is null": (Step(None, {"none": None}), True),
    "a property that is not there": (Step(None, {"missing": "(not known)"}), True),
    "not what is not there": (Step(None, {"missing": "!= x"}), True),
    "an empty text is not known": (Step(None, {"empty": None}), True),
}


@pytest.mark.parametrize(("step", "holds"), HOLDS.values(), ids=HOLDS)
def test_an_event_is_of_a_step(step: Step, holds: bool) -> None:
    params: dict[str, Any] = {}
    text = step_sql(step, "start", params)
    row = {**EVENT, "properties": json.dumps(EVENT["properties"])}
    columns = ", ".join(f"$e_{name} as {name}" for name in row)
    given = params | {f"e_{name}": value for name, value in row.items()}
    with duckdb.connect() as con:
        answer = con.execute(f"select {text} from (select {columns})", given).fetchone()
    assert answer == (holds,)


@pytest.mark.parametrize(
    ("identity", "who"),
    [
        # Alice is ann's second id, and ann's is told by the first device too.
        ("person", ["alice", "alice", "alice", "bob", "dan", "dan", "eve"]),
        ("user_id", [1, 2, 0, 3, 4, 5, 6]),
    ],
)
def test_events_are_of_a_person(open_build: OpenBuild, identity: Any, who: list[Any]) -> None:
    noon = at("2026-03-10 12:00")
    users = ["alice", "phone", "tablet", "bob", "first", "second", "eve"]
    rows = [session(user, noon) for user in users]
    events = [
        event(rows[1]["session_id"], "phone", noon),
        event(rows[2]["session_id"], "tablet", noon),
        event(rows[0]["session_id"], "alice", noon),
        # Logs in by himself, though his id once was seen as a device of alice's.
        event(rows[3]["session_id"], "bob", noon),
        # A chain of two.
        event(rows[4]["session_id"], "first", noon),
        event(rows[5]["session_id"], "second", noon),
        # Belonged to eve until the moment itself: no longer.
        event(rows[6]["session_id"], "eve", noon),
    ]

    def known(
        anonymous: str, user: str, since: str = "2026-03-01", until: str | None = None
    ) -> Row:
        return {
            "source": "web",
            "anonymous_id": anonymous,
            "user_id": user,
            "valid_from": at(since),
            "valid_to": at(until) if until else None,
        }

    wh = open_build(
        rows,
        events=events,
        users=[
            {"user_id": user, "is_anonymous": user not in ("alice", "bob", "dan")} for user in users
        ],
        identities=[
            known("phone", "alice", "2026-03-01", None),
            known("tablet", "alice", "2026-03-10 12:00", "2026-03-11"),
            known("tablet", "bob", "2026-03-01", "2026-03-10 12:00"),
            known("bob", "alice"),
            known("first", "second"),
            known("second", "dan"),
            known("eve", "alice", "2026-03-01", "2026-03-10 12:00"),
        ],
    )
    assert known_events(wh, identity) == who


def known_events(wh: Any, identity: str) -> list[Any]:
    """Who the events are of, in the order of their users above."""
    from warehouse.condition_sql import conditions_sql
    from warehouse.query import _relations
    from warehouse.query_parts import Parts

    condition, _ = conditions_sql(Filters().where)
    lacking = "\n    0 as start_hour,"
    parts = Parts(condition, identity=identity, lacking=lacking)  # type: ignore[arg-type]
    body = "select user_id, who from known_events"
    text = ",\n\n".join(_relations(body, parts.composed()))
    order = ["phone", "tablet", "alice", "bob", "first", "second", "eve"]
    found = dict(wh.sql(f"with\n\n{text}\n\n{body}", {"include_bots": False}).fetchall())
    return [found[user] for user in order]
