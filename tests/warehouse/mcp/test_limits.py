"""Rows and signs: what an answer holds at most, and what it says of the rest."""

import json
from typing import Any

import pytest

from tests.warehouse.mcp.serving import VISITORS, Caller
from warehouse.mcp.fitting import LONGEST_ANSWER, LONGEST_TEXT, fitted, plain, written

PAGES = VISITORS + 2
DAYS = {"start": "2026-03-01", "end": "2026-03-10"}


def test_values_come_in_pages_that_add_up(over_http: Caller) -> None:
    asked: dict[str, Any] = {"metric": "session_count", "by": "entry_page", **DAYS}
    first = over_http.answer("query_metric", **asked)
    assert (len(first["rows"]), first["rows_total"], first["truncated"]) == (50, PAGES, True)
    assert first["next_offset"] == 50
    assert first["note"] == (
        f"These are 1 to 50 of {PAGES}. Ask with offset=50 for the next. Or narrow it by where."
    )
    rest = over_http.answer("query_metric", **asked, offset=50)
    assert (len(rest["rows"]), rest["truncated"]) == (PAGES - 50, False)
    assert "next_offset" not in rest
    whole = over_http.answer("query_metric", **asked, limit=500)
    assert first["rows"] + rest["rows"] == whole["rows"]
    assert not whole["truncated"]
    beyond = over_http.answer("query_metric", **asked, offset=100)
    assert beyond["rows"] == []
    assert "Ask with a smaller offset" in beyond["note"]


def test_a_series_is_not_cut_at_fifty(over_http: Caller) -> None:
    answer = over_http.answer("query_metric", metric="session_count", by="day", days=90)
    assert len(answer["rows"]) == 90
    assert not answer["truncated"]


@pytest.mark.parametrize(
    ("rows", "limit", "kept", "total"),
    [(51, None, 50, 51), (501, 500, 500, 501), (10_001, 5, 5, None)],
)
def test_sql_tells_how_many_rows_there_are(
    over_http: Caller, rows: int, limit: int | None, kept: int, total: int | None
) -> None:
    asked = {"sql": f"select * from range({rows}) as numbers(n) order by n"}
    answer = over_http.answer("run_sql", **asked, **({"limit": limit} if limit else {}))
    assert answer["rows"] == [[number] for number in range(kept)]
    assert answer["rows_total"] == total
    assert answer["truncated"] is (kept != total)


def test_sql_pages_end_where_rows_are_counted_no_more(over_http: Caller) -> None:
    sql = "select * from range(20000) as numbers(n) order by n"
    told = "Only the first 10,000 can be asked for."
    before = over_http.answer("run_sql", sql=sql, offset=9_900)
    assert before["next_offset"] == 9_950
    last = over_http.answer("run_sql", sql=sql, offset=before["next_offset"], limit=500)
    assert (last["rows"][-1], last["truncated"], last["rows_total"]) == ([9_999], True, None)
    assert "next_offset" not in last
    assert f"These are 9,951 to 10,000 of more. {told}" in last["note"]
    beyond = over_http.answer("run_sql", sql=sql, offset=10_000)
    assert (beyond["rows"], beyond["truncated"]) == ([], True)
    assert told in beyond["note"]


def test_an_answer_in_signs_is_bounded(over_http: Caller) -> None:
    sql = "select n, repeat('é', 400) as text from range(500) as numbers(n) order by n"
    result = over_http.ask("run_sql", sql=sql, limit=500)
    answer = result.structured_content
    assert answer is not None
    (content,) = result.content
    assert content.type == "text"
    assert LONGEST_ANSWER - 500 < len(content.text) <= LONGEST_ANSWER
    kept = len(answer["rows"])
    assert (answer["rows_total"], answer["truncated"], answer["next_offset"]) == (500, True, kept)
    assert f"(25,000 signs at most). Ask with offset={kept} for the next." in answer["note"]
    then = over_http.answer("run_sql", sql=sql, limit=1, offset=kept)
    assert then["rows"][0][0] == answer["rows"][-1][0] + 1


def test_a_row_that_is_too_long_says_so(over_http: Caller) -> None:
    columns = ", ".join(f"repeat('x', 490) as c{number}" for number in range(60))
    answer = over_http.answer("run_sql", sql=f"select {columns}")
    assert (answer["rows"], answer["rows_total"], answer["truncated"]) == ([], 1, True)
    assert "One row alone is over 25,000 signs. Or take fewer columns" in answer["note"]


def test_a_long_text_is_cut_with_a_mark(over_http: Caller) -> None:
    (row,) = over_http.answer("run_sql", sql="select repeat('x', 5000) as a")["rows"]
    assert row == ["x" * LONGEST_TEXT + "… (5,000 signs in all)"]


@pytest.mark.parametrize("size", [1, 10, 240, 600])
@pytest.mark.parametrize("count", [0, 1, 100, 3000])
def test_as_many_rows_are_kept_as_fit(size: int, count: int) -> None:
    rows = ["x" * size] * count
    answer = fitted({"build": 1}, rows, count)
    kept = len(answer["rows"])
    assert len(written(answer)) <= LONGEST_ANSWER
    assert answer["truncated"] is (kept < count)
    if kept < count:
        # One more would not have fitted.
        assert len(written(answer)) + size + 3 > LONGEST_ANSWER - 2


def test_what_json_lacks_is_told_as_text() -> None:
    values = [float("inf"), float("-inf"), 2**60, -(2**60), b"abc", {"a": float("nan")}]
    told = plain(values)
    assert told == ["inf", "-inf", str(2**60), str(-(2**60)), "(3 bytes)", {"a": "nan"}]
    assert json.loads(written({"told": told}))["told"] == told
