"""Metrics of chats: each counted once more in Python, from the rows of turns and sessions."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from random import Random
from statistics import NormalDist, mean, median
from typing import Any

import numpy as np
import pytest

import warehouse
from etl.errors import ConfigError
from tests.make import NOON, build_home, commit_events, event
from warehouse import Filters
from warehouse.metrics import chat

SECOND = timedelta(seconds=1)
Row = dict[str, Any]


def made_up(rng: Random) -> list[Row]:
    """Visits of some users with chats: two models, several visits a chat, late acts, open ends."""
    events = []
    for number in range(30):
        time = NOON + rng.randrange(5 * 86_400) * SECOND
        ids = [f"chat-{number}-{n}" for n in range(rng.randrange(1, 4))]
        columns = {"user_id": f"u{number:02d}", "browser": rng.choice(["Firefox", "Chrome", None])}
        columns["model_group"] = rng.choice(["a", "b", None])
        for _ in range(rng.randrange(1, 40)):
            kind = rng.choices(_KINDS, _WEIGHTS)[0]
            chat_id = rng.choice([None, *ids]) if number % 4 else None
            told = rng.choice([{}, _response(rng)]) if kind == "model_response" else {}
            if kind == "prompt":
                told = rng.choice([{}, {"query_type": rng.choice(["code", "text"])}])
            if kind == "feedback":
                told = {"value": rng.choice(["up", "up", "down", "so so"])}
            events.append(event(time, kind, chat_id=chat_id, properties=told, **columns))
            time += rng.choice([1, 3, 12, 20, 45, 300, 2500]) * SECOND
    return events


def _response(rng: Random) -> Row:
    return {
        "latency_ms": rng.randrange(200, 9000),
        "first_token_ms": rng.randrange(50, 200),
        "model": rng.choice(["m1", "m2"]),
        "provider": "p",
        "response_length": rng.randrange(10, 3000),
        "usage": {"prompt_tokens": rng.randrange(90), "completion_tokens": rng.randrange(900)},
        "cost": rng.randrange(100) / 64,
    }


_KINDS = (
    *("prompt", "model_response", "copy", "select", "citation_click", "feedback", "scroll"),
    *("error", "idle", "heartbeat", "page_view"),
)
_WEIGHTS = (30, 30, 6, 4, 3, 6, 8, 4, 3, 8, 4)
FILTERS = {
    "all": Filters(),
    "some days": Filters(
        start=(NOON + timedelta(days=1)).date(), end=(NOON + timedelta(days=3)).date()
    ),
    "a condition": Filters(where={"browser": "Firefox"}),
}


@pytest.fixture(scope="module")
def wh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[warehouse.Warehouse]:
    """A build of made-up chats, some of which are still open."""
    home = tmp_path_factory.mktemp("chats") / "home"
    events = made_up(Random(18))
    commit_events(home, events)
    build_home(home, now=max(row["event_time"] for row in events).replace(tzinfo=UTC))
    with warehouse.open(home) as opened:
        yield opened


@pytest.fixture(scope="module", params=FILTERS)
def chosen(request: Any, wh: warehouse.Warehouse) -> tuple[Filters, set[str]]:
    """Filters, and the sessions that they take."""
    filters = FILTERS[request.param]
    days = filters.start, filters.end
    taken = {
        row["session_id"]
        for row in rows(wh, "from user_sessions")
        if (days[0] is None or days[0] <= row["start_date"] <= days[1])
        and (not filters.where or row["browser"] == "Firefox")
    }
    assert taken
    return filters, taken


def rows(wh: warehouse.Warehouse, query: str) -> list[Row]:
    """The rows of a query as dictionaries."""
    return list(wh.sql(query).to_arrow_table().to_pylist())


@pytest.fixture(scope="module")
def turns(wh: warehouse.Warehouse, chosen: tuple[Filters, set[str]]) -> list[Row]:
    """The turns in these sessions."""
    return [row for row in rows(wh, "from chat_turns") if row["session_id"] in chosen[1]]


@pytest.fixture(scope="module")
def whole_chats(wh: warehouse.Warehouse, chosen: tuple[Filters, set[str]]) -> list[list[Row]]:
    """The turns of each chat that began in these sessions, in order."""
    chats: dict[tuple[str, int], list[Row]] = {}
    for row in rows(wh, "from chat_turns"):
        chats.setdefault((row["user_id"], row["chat_number"]), []).append(row)
    ordered = [sorted(chat, key=_place) for chat in chats.values()]
    return [chat for chat in ordered if chat[0]["session_id"] in chosen[1]]


def _place(row: Row) -> Any:
    return (
        row["response_time"] or row["prompt_time"],
        row["turn_number"],
        row["response_number"] or 0,
    )


def grouped(turns: list[Row], by: str) -> dict[Any, list[Row]]:
    """The turns by a column."""
    groups: dict[Any, list[Row]] = {}
    for row in turns:
        groups.setdefault(row[by], []).append(row)
    return groups


def rate(turns: list[Row], happened: Callable[[Row], Any], case: Callable[[Row], Any]) -> Row:
    """How often something happened, with the interval of users; of closed sessions."""
    users: dict[str, list[int]] = {}
    for row in turns:
        if not row["is_open"] and case(row):
            one = users.setdefault(row["user_id"], [0, 0])
            one[0] += bool(happened(row))
            one[1] += 1
    m, n = len(users), sum(cases for _, cases in users.values())
    if not n:
        return {"count": 0, "rate": None, "low": None, "high": None}
    count = sum(one for one, _ in users.values())
    p = count / n
    left = sum((one - p * cases) ** 2 for one, cases in users.values())
    worth = min(p * (1 - p) / (left * m / (m - 1) / n**2), n) if left > 1e-12 else m
    z = NormalDist().inv_cdf(0.975)
    centre = (p + z**2 / (2 * worth)) / (1 + z**2 / worth)
    half = z * math.sqrt(p * (1 - p) / worth + z**2 / (4 * worth**2)) / (1 + z**2 / worth)
    return {"count": count, "rate": p, "low": max(centre - half, 0), "high": min(centre + half, 1)}


def is_answered(row: Row) -> bool:
    return bool(row["response_event_id"])


ACTS: dict[str, tuple[Callable[[Row], Any], Callable[[Row], Any]]] = {
    "copied_rate": (lambda row: row["is_copied"], is_answered),
    "selected_rate": (lambda row: row["is_selected"], is_answered),
    "citation_rate": (lambda row: row["is_citation_opened"], is_answered),
    "feedback_rate": (lambda row: row["feedback"], is_answered),
    "rephrased_rate": (lambda row: row["is_rephrased"], is_answered),
    "silent_success_rate": (lambda row: row["is_silent_success"], is_answered),
    "silent_failure_rate": (lambda row: row["is_silent_failure"], is_answered),
    "error_rate": (lambda row: row["is_error"], lambda row: True),
}
FEEDBACK = {
    "feedback_rate": ACTS["feedback_rate"],
    "up_rate": (lambda row: row["feedback"] == "up", is_answered),
    "down_rate": (lambda row: row["feedback"] == "down", is_answered),
    "neutral_rate": (lambda row: row["feedback"] == "neutral", is_answered),
    "positive_rate": (
        lambda row: row["feedback"] == "up",
        lambda row: row["feedback"] in ("up", "down"),
    ),
}


def assert_rates(told: Row, turns: list[Row], rates: Any) -> None:
    """A row's counts of turns and responses, and each of these rates with its interval."""
    assert told["turn_count"] == len(turns)
    assert told["response_count"] == sum(map(is_answered, turns))
    assert told["user_count"] == len({row["user_id"] for row in turns})
    for name, (happened, case) in rates.items():
        wanted = rate(turns, happened, case)
        parts = {
            "count": f"{name}_count",
            "rate": name,
            "low": f"{name}_low",
            "high": f"{name}_high",
        }
        got = {part: told[column] for part, column in parts.items()}
        assert got == pytest.approx(wanted, abs=1e-9), name


def percentiles(values: list[Any], *shares: float) -> list[float | None]:
    """Between the values on both sides, as quantile_cont has it."""
    known = [value for value in values if value is not None]
    return [float(np.quantile(known, share)) if known else None for share in shares]


def test_the_fixture_has_what_is_to_be_told_apart(wh):
    turns = rows(wh, "from chat_turns")
    assert {row["is_open"] for row in turns} == {True, False}
    assert {row["feedback"] for row in turns} == {"up", "down", "neutral", None}
    assert any(row["session_id"] != row["prompt_session_id"] for row in turns if row["prompt_time"])
    assert any(row["visit_count"] > 1 for row in rows(wh, "from chats"))
    for name in ("is_silent_success", "is_silent_failure", "is_rephrased", "is_error"):
        assert {row[name] for row in turns} >= {True, False}


def test_responses_are_those_of_the_sessions_newest_first(wh, chosen, turns):
    frame = chat.responses(wh, chosen[0])
    answers = [row for row in turns if is_answered(row)]
    assert sorted(frame["response_event_id"]) == sorted(row["response_event_id"] for row in answers)
    times = frame["response_time"].to_list()
    assert times == sorted(times, reverse=True)
    assert chat.responses(wh, chosen[0], limit=3).equals(frame.head(3))


@pytest.mark.parametrize("by", ["model", "provider", "model_group", "hour", "prompt_type"])
def test_latency_has_percentiles_of_what_is_told(wh, chosen, turns, by):
    frame = chat.latency(wh, chosen[0], by)
    column = "local_hour" if by == "hour" else by
    groups = grouped([row for row in turns if is_answered(row)], column)
    assert set(frame[by]) == groups.keys()
    for told in frame.to_dicts():
        group = groups[told[by]]
        assert told["response_count"] == len(group)
        for name, prefix in (("latency_ms", ""), ("first_token_ms", "first_token_")):
            wanted = percentiles([row[name] for row in group], 0.5, 0.9, 0.95, 0.99)
            got = [told[f"{prefix}p{share}_ms"] for share in (50, 90, 95, 99)]
            assert got == pytest.approx(wanted)


def test_queries_turns_and_models_have_the_rates_of_their_turns(wh, chosen, turns):
    kinds = {"prompt_type": chat.queries, "model": chat.models}
    for by, metric in kinds.items():
        groups = grouped(turns, by)
        told = metric(wh, chosen[0]).to_dicts()
        if by == "prompt_type":
            groups = {
                value: group for value, group in groups.items() if any(map(is_answered, group))
            }
        assert {row[by] for row in told} == groups.keys()
        for row in told:
            assert_rates(row, groups[row[by]], ACTS)
    groups = grouped(turns, "turn_number")
    told = chat.turns(wh, chosen[0]).to_dicts()
    assert [row["turn_number"] for row in told] == sorted(groups)
    for row in told:
        assert_rates(row, groups[row["turn_number"]], ACTS)
    assert chat.turns(wh, chosen[0], most_turns=2)["turn_number"].max() <= 2


def test_models_tell_speed_tokens_and_cost(wh, chosen, turns):
    groups = grouped([row for row in turns if is_answered(row)], "model")
    for told in chat.models(wh, chosen[0]).to_dicts():
        group = groups.get(told["model"], [])
        wanted = percentiles([row["latency_ms"] for row in group], 0.5, 0.99)
        assert [told["p50_ms"], told["p99_ms"]] == pytest.approx(wanted)
        for name in ("prompt_tokens", "completion_tokens", "cost"):
            known = [row[name] for row in group if row[name] is not None]
            assert told[name] == (pytest.approx(sum(known)) if known else None)
            assert told[f"avg_{name}"] == (pytest.approx(mean(known)) if known else None)


def test_feedback_shows_how_many_give_none(wh, chosen, turns):
    groups = grouped(turns, "model_group")
    told = chat.feedback(wh, chosen[0]).to_dicts()
    for row in told:
        assert_rates(row, groups[row["model_group"]], FEEDBACK)
        parts = sum(row[f"{name}_rate_count"] for name in ("up", "down", "neutral"))
        assert parts == row["feedback_rate_count"]


def test_the_value_chain_only_falls(wh, chosen, turns):
    used = ("is_selected", "is_copied", "is_citation_opened")
    steps: dict[str, Callable[[Row], Any]] = {
        "asked": lambda row: True,
        "answered": is_answered,
        "read": lambda row: (
            is_answered(row)
            and (
                row["read_seconds"] is not None
                or row["feedback"]
                or any(row[name] for name in (*used, "is_scrolled"))
            )
        ),
        "engaged": lambda row: is_answered(row) and any(row[n] for n in (*used, "is_scrolled")),
        "used": lambda row: any(row[name] for name in used),
        "copied": lambda row: row["is_copied"],
    }
    outcomes: dict[str, Callable[[Row], Any]] = {
        "silent_success": lambda row: row["is_silent_success"],
        "silent_failure": lambda row: row["is_silent_failure"],
        "rephrased": lambda row: row["is_rephrased"],
        "feedback_up": lambda row: row["feedback"] == "up",
        "feedback_down": lambda row: row["feedback"] == "down",
    }
    frame = chat.value_chain(wh, chosen[0])
    for value, group in grouped(turns, "model_group").items():
        told = [row for row in frame.to_dicts() if row["model_group"] == value]
        assert [row["step"] for row in told] == [*steps, *outcomes]
        counts = [row["count"] for row in told if not row["is_outcome"]]
        assert counts == sorted(counts, reverse=True)
        for before, row in zip([None, *counts], told, strict=False):
            case = is_answered if row["is_outcome"] else lambda row: True
            wanted = rate(group, {**steps, **outcomes}[row["step"]], case)
            assert {name: row[name] for name in wanted} == pytest.approx(wanted, abs=1e-9)
            assert row["case_count"] == sum(bool(case(r)) for r in group if not r["is_open"])
            if before and not row["is_outcome"]:
                assert row["from_previous_rate"] == pytest.approx(row["count"] / before)


@pytest.mark.parametrize("by", [None, "model_group", "model"])
def test_drop_off_follows_each_chat_to_its_end(wh, chosen, whole_chats, by):
    told = chat.drop_off(wh, chosen[0], by).to_dicts()
    reached: Counter[Any] = Counter()
    ended: Counter[Any] = Counter()
    still: Counter[Any] = Counter()
    for turns in whole_chats:
        value = next((row[by] for row in turns if row[by] is not None), None) if by else None
        last = max(row["turn_number"] for row in turns)
        for number in range(1, last + 1):
            reached[value, number] += 1
        if last:
            (still if any(row["is_open"] for row in turns) else ended)[value, last] += 1
    assert {(row.get(by), row["turn_number"]): row["chat_count"] for row in told} == reached
    for row in told:
        place = row.get(by), row["turn_number"]
        assert (row["ended_count"], row["open_count"]) == (ended[place], still[place])
        known = row["chat_count"] - row["open_count"]
        assert row["ended_rate"] == (pytest.approx(ended[place] / known) if known else None)
        if known:
            assert 0 <= row["ended_rate_low"] <= row["ended_rate"] <= row["ended_rate_high"] <= 1


def test_chats_and_their_lengths_are_whole_whatever_the_days(wh, chosen, whole_chats):
    frame = chat.chats(wh, chosen[0])
    told = [
        (row["user_id"], row["start_time"], row["turns"], row["response_count"])
        for row in frame.to_dicts()
    ]
    wanted = [
        (
            turns[0]["user_id"],
            min(row["prompt_time"] or row["response_time"] for row in turns),
            sum(row["begins_turn"] for row in turns),
            sum(map(is_answered, turns)),
        )
        for turns in whole_chats
    ]
    assert sorted(told) == sorted(wanted)
    times = frame["start_time"].to_list()
    assert times == sorted(times, reverse=True)
    groups: dict[Any, list[int]] = {}
    for turns in whole_chats:
        model = next((row["model"] for row in turns if row["model"]), None)
        over = not any(row["is_open"] for row in turns)
        groups.setdefault(model, []).extend([sum(row["begins_turn"] for row in turns)] * over)
    for row in chat.lengths(wh, chosen[0]).to_dicts():
        lengths = groups[row["model"]]
        assert row["median_turns"] == (median(lengths) if lengths else None)
        assert row["chat_count"] - row["open_count"] == len(lengths)


def test_prompts_chats_and_visits_go_together(wh, chosen, turns):
    prompts = [row for row in turns if row["begins_turn"]]
    chats = {(row["user_id"], row["chat_number"]) for row in turns}
    visits = {row["session_id"] for row in turns}
    pairs = {(row["user_id"], row["chat_number"], row["session_id"]) for row in turns}
    told = {row["measure"]: row for row in chat.per_visit(wh, chosen[0]).to_dicts()}
    wanted = {
        "prompts_per_chat": (len(prompts), len(chats)),
        "visits_per_chat": (len(pairs), len(chats)),
        "prompts_per_visit": (len(prompts), len(visits)),
        "chats_per_visit": (len(pairs), len(visits)),
    }
    assert list(told) == list(wanted)
    for name, (of, among) in wanted.items():
        assert told[name]["of_count"] == among
        assert told[name]["mean"] == pytest.approx(of / among)
    (totals,) = chat.totals(wh, chosen[0]).to_dicts()
    assert_rates(totals, turns, ACTS)
    counts = [totals[f"{name}_count"] for name in ("prompt", "chat", "visit")]
    assert counts == [len(prompts), len(chats), len(visits)]


def test_reading_is_by_length_in_brackets_that_double(wh, chosen, turns):
    told = chat.reading(wh, chosen[0]).to_dicts()
    known = [r for r in turns if not r["is_open"] and r["response_length"] is not None]
    assert sum(row["response_count"] for row in told) == len(known)
    for row in told:
        group = [r for r in known if row["low_length"] <= r["response_length"] < row["high_length"]]
        assert row["response_count"] == len(group) > 0
        times = [r["read_seconds"] for r in group if r["read_seconds"] is not None]
        assert row["median_read_seconds"] == (pytest.approx(median(times)) if times else None)


def test_a_conversation_is_a_chat_with_all_its_visits(wh):
    turns = rows(wh, "from chat_turns")
    several = [row for row in rows(wh, "from chats") if row["visit_count"] > 1 and row["chat_id"]]
    for one in several:
        told = chat.conversation(wh, chat_id=one["chat_id"])
        wanted = [row for row in turns if row["chat_id"] == one["chat_id"]]
        assert told.height == len(wanted)
        assert told["turn_number"].is_sorted()
        assert told["prompt_text"].null_count() == told.height
        by_session = chat.conversation(wh, session_id=one["session_id"])
        assert set(told["response_event_id"]) <= set(by_session["response_event_id"])
    assert several
    with pytest.raises(ConfigError, match="Give a chat_id"):
        chat.conversation(wh)


def test_typed_texts_come_when_they_are_asked_for(tmp_path: Path) -> None:
    home = tmp_path / "home"
    told = ({"text": "why?"}, {"content": "because"})
    commit_events(
        home,
        [
            event(n * SECOND, kind, chat_id="c", properties=told[n])
            for n, kind in enumerate(("prompt", "model_response"))
        ],
    )
    build_home(home)
    with warehouse.open(home) as wh:
        for show in (True, False):
            frame = chat.conversation(wh, chat_id="c", show_texts=show)
            texts = frame.select("prompt_text", "response_text").row(0)
            assert texts == (("why?", "because") if show else (None, None))
            assert frame.select("prompt_length", "response_length").row(0) == (4, 7)


@pytest.mark.parametrize(
    "ask", [chat.latency, chat.models, chat.feedback, chat.value_chain, chat.lengths]
)
def test_an_unknown_breakdown_is_refused(wh, ask):
    with pytest.raises(ConfigError, match="colour"):
        ask(wh, Filters(), by="colour")


def test_without_chats_counts_are_0_and_all_else_is_not_known(open_build):
    wh = open_build([])
    (totals,) = chat.totals(wh, Filters()).to_dicts()
    assert {value for name, value in totals.items() if name.endswith("_count")} == {0}
    assert {value for name, value in totals.items() if not name.endswith("_count")} == {None}
    for metric in (chat.responses, chat.drop_off, chat.value_chain, chat.per_visit, chat.reading):
        assert metric(wh, Filters()).is_empty()


def test_a_build_of_before_says_what_to_do(open_build):
    wh = open_build([])
    with pytest.raises(ConfigError, match="Run 'dwell build'"):
        chat.totals(_without_chats(wh), Filters())


def _without_chats(wh: warehouse.Warehouse) -> warehouse.Warehouse:
    import duckdb

    path = wh.path
    wh.close()
    with duckdb.connect(path) as con:
        con.execute("drop table chat_turns")
    return warehouse.open(path.parents[1])
