"""Page rules in the build: which name a page gets, and what stays as it was received."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make import build_home, event, load_files, settings_of, write_ndjson
from tests.model_runs import run_models
from tests.search import some


def names(pages: list[str | None], *rules: str) -> list[str | None]:
    """The pages of events as the build names them."""
    events = [
        event(timedelta(minutes=number), "page_view", page=page)
        for number, page in enumerate(pages)
    ]
    marts = run_models(events, page_rules=rules)
    assert marts.bad_rows() == {}
    return [
        row["page"] for row in marts.rows("select page from session_events order by event_time")
    ]


def test_pages_that_fit_a_rule_get_its_name_and_others_stay() -> None:
    pages = ["/item/7", "/item/8", "/start", None, "/item/7/reviews"]
    wanted = ["/item/:id", "/item/:id", "/start", None, "/item/7/reviews"]
    assert names(pages, "/item/:id") == wanted


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        (["/item/new", "/item/:id"], ["/item/new", "/item/:id"]),
        (["/item/:id", "/item/new"], ["/item/:id", "/item/:id"]),
        (["/item/:number", "/item/* => /other"], ["/other", "/item/:number"]),
    ],
    ids=["the narrow one first", "the wide one first", "by kind"],
)
def test_the_first_rule_that_fits_wins(rules: list[str], wanted: list[str]) -> None:
    assert names(["/item/new", "/item/7"], *rules) == wanted


def test_words_take_the_place_of_segments_where_no_template_fits() -> None:
    pages = ["/a/1/2/b", "/a/7/2026-03-10", "/item/7", "/a1/b2", "/", "9"]
    wanted = ["/a/:number/:number/b", "/a/:number/:date", "/item/:id", "/a1/b2", "/", ":number"]
    assert names(pages, ":number", "/item/:id", ":date") == wanted


def test_characters_that_mean_something_elsewhere_mean_themselves() -> None:
    pages = ["/o'neil/1", "/a.b/1", "/axb/1", "/100%/$1", r"/back\slash/1"]
    rules = ["/o'neil/:id", "/a.b/:id", "/100%/:id => /100%/$1\\1", r"/back\slash/:id"]
    wanted = ["/o'neil/:id", "/a.b/:id", "/axb/1", "/100%/$1\\1", r"/back\slash/:id"]
    assert names(pages, *rules) == wanted


def test_the_page_as_received_stays_with_the_event() -> None:
    events = [event(timedelta(), page="/item/7"), event(timedelta(minutes=1), page="/start")]
    marts = run_models(events, page_rules=("/item/:id",))
    assert marts.rows("select page, raw_page from session_events order by event_time") == [
        {"page": "/item/:id", "raw_page": "/item/7"},
        {"page": "/start", "raw_page": None},
    ]


def test_sessions_begin_and_end_on_names_but_count_the_pages_themselves() -> None:
    pages = [*(f"/item/{number}" for number in range(8)), "/item/7", "/item/7"]
    events = [
        event(timedelta(minutes=number), "page_view", page=page)
        for number, page in enumerate(pages)
    ]
    with_rules, without = (
        run_models(events, page_rules=rules).rows(
            "select entry_page, exit_page, distinct_page_count, pattern, pattern_indicators "
            "from user_sessions"
        )[0]
        for rules in (("/item/:id",), ())
    )
    assert (with_rules.pop("entry_page"), with_rules.pop("exit_page")) == ("/item/:id",) * 2
    assert (without.pop("entry_page"), without.pop("exit_page")) == ("/item/0", "/item/7")
    # What a person did is the same, whatever the pages are called.
    assert with_rules == without
    assert with_rules["distinct_page_count"] == 8


def test_changed_rules_redo_history_without_loading_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rows = [{"user": "a", "time": "2026-03-10T12:00:00Z", "event": "page_view", "url": "/item/7"}]
    load_files(home, write_ndjson(tmp_path / "a.ndjson", rows))

    def entry_page(config: str) -> tuple[Any, str]:
        build = build_home(home, settings_of(home, config))
        with duckdb.connect(build.path, read_only=True) as con:
            return con.sql("select entry_page from user_sessions").fetchall(), build.reason

    assert entry_page("") == ([("/item/7",)], "first build")
    reason = "settings changed: all history redone"
    assert entry_page('page_rules = ["/item/:id"]') == ([("/item/:id",)], reason)
    assert entry_page('page_rules = [":number"]') == ([("/item/:number",)], reason)
    assert entry_page("") == ([("/item/7",)], reason)


KINDS = {
    "number": lambda part: part != "" and all(digit in "0123456789" for digit in part),
    "hex": lambda part: len(part) >= 8 and all(digit in "0123456789abcdefABCDEF" for digit in part),
}


def named_by_hand(page: str, rules: list[str]) -> str:
    """A page's name, found by going through its segments."""
    parts = page.split("/")
    for rule in rules:
        if rule.startswith(":"):
            continue
        wanted = rule.split("/")
        given = parts[:-1] if len(parts) > len(wanted) and parts[-1] == "" else parts
        if wanted[-1] == "*":
            if len(parts) >= len(wanted) and "/".join(parts[len(wanted) - 1 :]):
                wanted, given = wanted[:-1], parts[: len(wanted) - 1]
            else:
                continue
        if len(given) == len(wanted) and all(map(part_fits, given, wanted)):
            return rule
    words = [rule for rule in rules if rule.startswith(":")]
    return "/".join(next((word for word in words if KINDS[word[1:]](part)), part) for part in parts)


def part_fits(part: str, wanted: str) -> bool:
    """Whether a segment is what the rule's segment stands for."""
    if not wanted.startswith(":"):
        return part == wanted
    return KINDS.get(wanted[1:], bool)(part)


SEGMENTS = st.sampled_from(["item", "a.b", "12", "0123abcd", "", "x+y", "new"])
RULES = st.one_of(
    st.sampled_from([":number", ":hex"]),
    st.builds(
        lambda parts, star: "/" + "/".join([*parts, *star]),
        st.lists(
            st.sampled_from(["item", "a.b", "12", "x+y", ":id", ":number", ":hex"]),
            min_size=1, max_size=3,
        ),
        st.sampled_from([[], [], ["*"]]),
    ),
)  # fmt: skip


@pytest.mark.long
@settings(max_examples=some(8, of=40))
@given(
    pages=st.lists(
        st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)),
        min_size=1, max_size=8,
    ),
    rules=st.lists(RULES, max_size=5),
)  # fmt: skip
def test_pages_are_named_as_going_through_their_segments_names_them(
    pages: list[str], rules: list[str]
) -> None:
    wanted = [named_by_hand(page, rules) for page in pages]
    assert names(pages, *rules) == wanted, json.dumps(rules)
