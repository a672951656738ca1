"""SQL without a browser: what is asked, how the answer is shown, and what is refused."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

import warehouse
from pages.ui import sql_asked, sql_chart
from tests.pages.conftest import UNTIL, texts
from tests.pages.opened import opened_csv
from tests.pages.seen import bodies, tables
from warehouse import DwellError, Filters
from warehouse.limited_sql import Limits, Question
from warehouse.metrics import overview
from warehouse.own_sql import composed, examples
from warehouse.read_only import refuse_beyond
from warehouse.saved_queries import read_queries, save_query

PAGE = "pages/sql.py"
PER_DEVICE = "select device_type, count(*) as n from filtered_sessions group by all order by n desc"


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


@pytest.fixture
def own_home(home, tmp_path):
    """A home of which somebody may change what is saved."""
    return Path(shutil.copytree(home, tmp_path / "home"))


def editor(test):
    return test.text_area(key=sql_asked.EDITOR)


def answer_of(test):
    """The rows of the answer, as they are written; they are the last table."""
    return tables(test)[-1]


def figure(test):
    (chart,) = test.get("plotly_chart")
    return json.loads(chart.proto.spec)


def test_a_text_that_is_too_long_is_refused_and_stays(open_page, home):
    text = f"select {'1 + ' * 50_000}1"
    test = open_page(PAGE, home)
    editor(test).set_value(text)
    test.button(key="sql_run").click().run()
    assert "has 200,008 characters. Wanted: 100,000 at most." in texts(test)
    assert "Too long for a link" in texts(test)
    assert editor(test).value == text


def test_a_page_without_a_query_offers_one_and_asks_nothing(open_page, home):
    test = open_page(PAGE, home)
    assert editor(test).value == next(iter(examples().values()))
    assert not [one for one in test.subheader if "row" in one.value]
    assert "first event" in " ".join(bodies(test))
    assert "ends after 30 s or beyond 2 GB" in texts(test)
    assert "left out (show_texts)" in texts(test)
    test = open_page(PAGE, home, sql_table="measured_days")
    assert "of each local day" in texts(test)
    assert "period_start" in " ".join(bodies(test))


def test_a_query_of_the_address_is_answered_under_the_filters(open_page, home, wh):
    test = open_page(PAGE, home, q=PER_DEVICE, period="7", **{"browser!": "Firefox"})
    filters = Filters.last_days(7, UNTIL.date(), where={"browser": "!= Firefox"})
    totals = overview.totals(wh, filters)
    rows = answer_of(test)
    assert sum(int(row["n"].replace(",", "")) for row in rows) == totals["session_count"].item()
    assert "mobile" in [row["device_type"] for row in rows]
    assert editor(test).value == PER_DEVICE


def test_an_answer_can_be_a_chart(open_page, home, wh):
    test = open_page(PAGE, home, q=PER_DEVICE, sql_view="chart")
    (bars,) = figure(test)["data"]
    names = figure(test)["layout"]["yaxis"]["ticktext"]
    month = Filters.last_days(30, UNTIL.date())
    told = wh.sql(*composed(wh, PER_DEVICE, month).over(PER_DEVICE)).fetchall()
    assert list(zip(names, bars["x"], strict=True)) == told
    nothing = open_page(PAGE, home, q="select 'a' as x", sql_view="chart")
    assert "Nothing to draw" in texts(nothing)


def test_run_asks_what_the_editor_holds_and_puts_it_into_the_address(open_page, home):
    test = open_page(PAGE, home)
    editor(test).set_value("select 40 + 2 as n")
    test.button(key="sql_run").click().run()
    assert answer_of(test) == [{"n": "42"}]
    assert test.query_params["q"] == "select 40 + 2 as n"
    long = f"select 7 as n /* {'x' * sql_asked.LONGEST_IN_ADDRESS} */"
    editor(test).set_value(long)
    test.button(key="sql_run").click().run()
    assert answer_of(test) == [{"n": "7"}]
    assert "q" not in test.query_params


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select nothing from users", 'Referenced column "nothing" not found'),
        ("copy users to 'stolen.csv'", "The warehouse is only read. Met: copy."),
        ("select getenv('HOME')", "names getenv(), which is refused"),
    ],
)
def test_what_cannot_be_answered_is_told(open_page, home, query, told):
    test = open_page(PAGE, home, q=query)
    assert told in test.error[0].value.replace("\\", "")
    assert not test.exception


def test_a_query_ends_with_the_settings(open_page, home, monkeypatch):
    monkeypatch.setenv("DWELL_QUERY_TIMEOUT", "300 ms")
    test = open_page(PAGE, home, q="select count(*) from range(10000000) a, range(1000000) b")
    assert "longer than 0.3 s (query_timeout)" in test.error[0].value.replace("\\", "")
    assert "ends after 0.3 s" in texts(test)


def test_nothing_is_asked_while_the_limits_cannot_be_read(open_page, own_home):
    (own_home / "dwell.toml").write_text('query_timeout = "1 s"\nqery_memory = "50 MB"\n')
    test = open_page(PAGE, own_home, q="select 1")
    assert "Nothing is asked without limits" in texts(test)
    assert "qery_memory" in texts(test)
    assert not test.text_area


def test_more_rows_than_are_shown_are_a_file_that_is_made_when_it_is_wanted(open_page, home):
    test = open_page(PAGE, home, q="select range as n from range(2500)")
    assert "The first 1,000 rows" in texts(test)
    (shown,) = test.dataframe
    assert shown.value.shape == (sql_asked.SHOWN, 1)
    test.button(key="sql_file_csv").click().run()
    (file,) = test.get("download_button")
    assert file.proto.label == "Save query.csv (0.0 MB)"
    made = list(sql_asked._ANSWERS._kept.values())[-1]
    lines, rows = opened_csv(made)
    told = "\n".join(lines)
    for words in ("select range as n from range(2500)", "sessions of bots left out", "Build"):
        assert words in told
    assert "filtered_responses alone" in told
    assert "Chosen on the page" not in told
    assert rows["n"].to_list() == list(range(2500))
    known = len(sql_asked._ANSWERS._kept)
    test.query_params["sql_view"] = "chart"
    test.run()
    assert test.get("download_button")
    assert len(sql_asked._ANSWERS._kept) == known
    test.query_params["period"] = "7"
    test.run()
    assert not test.get("download_button")


def test_files_of_few_rows_hold_them_as_the_build_has_them(open_page, home):
    query = "select 123456789012345678.25::decimal(20, 2) as d, {'a': [1]} as s"
    test = open_page(PAGE, home, q=query)
    assert not test.get("download_button")
    test.button(key="sql_file_parquet").click().run()
    (file,) = test.get("download_button")
    assert file.proto.label == "Save query.parquet (0.0 MB)"
    made = list(sql_asked._ANSWERS._kept.values())[-1]
    row = pl.read_parquet(BytesIO(made)).row(0, named=True)
    assert (row["d"], row["s"]) == (Decimal("123456789012345678.25"), {"a": [1]})


def test_a_query_that_was_cancelled_waits_until_it_is_asked_again(open_page, home):
    test = open_page(PAGE, home)
    test.session_state[sql_asked._CANCELLED] = ("select 12345 as n", "arrow")
    test.query_params["q"] = "select 12345 as n"
    test.run()
    assert "Cancelled. Run asks it again." in texts(test)
    test.button(key="sql_run").click().run()
    assert answer_of(test) == [{"n": "12345"}]


def test_a_query_is_saved_opened_by_its_name_and_deleted(open_page, own_home):
    test = open_page(PAGE, own_home)
    editor(test).set_value("select 5 as n")
    test.text_input(key="query_label").set_value("My five")
    test.button(key="query_save").click().run()
    assert test.query_params["sql_saved"] == "my_five"
    assert read_queries(own_home)[0]["my_five"].text == "select 5 as n"
    assert answer_of(open_page(PAGE, own_home, sql_saved="my_five")) == [{"n": "5"}]
    test.button(key="delete_my_five").click().run()
    assert read_queries(own_home)[0] == {}
    assert test.query_params["q"] == "select 5 as n"
    gone = open_page(PAGE, own_home, sql_saved="my_fiv")
    assert "Saved query: 'my_fiv'. None is saved yet." in texts(gone)
    save_query(own_home, "My five", "select 5 as n")
    near = open_page(PAGE, own_home, sql_saved="my_fiv")
    assert "Did you mean 'my_five'?" in texts(near)


@pytest.mark.parametrize("label", examples())
def test_an_example_is_answered_with_rows(wh, label):
    text = refuse_beyond(examples()[label])
    assert wh.sql(*composed(wh, text, Filters()).over(text)).fetchall()


FRAME = pl.DataFrame(
    {
        "day": [date(2026, 3, 2), date(2026, 3, 1), None],
        "name": ["b<i>", None, "a" * 40],
        "n": [2, 1, 3],
        "share": [0.5, None, 0.1],
    }
)


def test_axes_put_times_first_and_numbers_upwards():
    assert sql_chart.axes(FRAME) == (["day", "name", "n", "share"], ["n", "share"])
    assert sql_chart.axes(FRAME.select("n", "share")) == (["n", "share"], ["share"])
    assert sql_chart.axes(FRAME.select("n")) is None
    assert sql_chart.axes(FRAME.select("day", "name")) is None
    assert sql_chart.axes(FRAME.clear()) is None


def test_lines_are_in_the_order_of_time_and_bars_in_that_of_the_rows():
    (line,) = sql_chart.figure(FRAME, "day", "n").data
    assert (list(line.x), list(line.y)) == ([date(2026, 3, 1), date(2026, 3, 2)], [1, 2])
    drawn = sql_chart.figure(FRAME, "name", "n")
    assert list(drawn.data[0].x) == [2, 1, 3]
    assert drawn.layout.yaxis.ticktext == ("b&lt;i>", "(not known)", "a" * 23 + "…")


def asked(text):
    return Question(Path("home"), 1, text, Limits(1, 1))


def kept_of(answers, texts):
    return [text for text in texts if answers.get(asked(text)) is not None]


def test_answers_are_kept_until_they_take_too_much():
    answers = sql_asked._Answers(most_bytes=10_000, most=10)
    for text in "abc":
        answers.keep(asked(text), b"x" * 4_000)
    assert kept_of(answers, "abc") == ["b", "c"]
    answers.keep(asked("error"), DwellError("met"))
    answers.drop_errors()
    assert kept_of(answers, ["c", "error"]) == ["c"]
    answers.keep(asked("large"), b"x" * 100_000)
    assert kept_of(answers, ["b", "c", "large"]) == ["large"]


def test_questions_count_and_so_do_their_errors():
    long = [f"{n}{'x' * 4_000}" for n in range(3)]
    answers = sql_asked._Answers(most_bytes=10_000, most=10)
    for text in long:
        answers.keep(asked(text), DwellError("met"))
    assert kept_of(answers, long) == long[1:]
    answers = sql_asked._Answers(most_bytes=1_000_000, most=2)
    for text in "aabc":
        answers.keep(asked(text), b"")
    assert kept_of(answers, "abc") == ["b", "c"]
