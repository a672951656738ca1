"""Tables in HTML: what they escape, what is grey, and what a bar measures."""

from __future__ import annotations

import polars as pl
import pytest

from pages.ui import breakdowns, tables
from pages.ui.html_table import table
from pages.ui.ordering import Order
from pages.ui.tables import COUNT, SPAN, Column
from tests.pages.seen import rows

COLUMNS = {
    "value": Column("Page"),
    "n": Column("Sessions", **COUNT),
    "share": Column("Share", bar=True),
    "seconds": Column("Median", **SPAN),
}


def frame(*names, n=500, share=0.25, seconds=86_399.0):
    return pl.DataFrame(
        [
            {"value": name, "n": n, "share": share, "seconds": seconds, "is_rest": name == "Other"}
            for name in names
        ]
    )


def drawn(data, **options):
    return table(data, COLUMNS, alt="Pages", small="n", rest="is_rest", **options)


def test_values_of_the_data_are_text():
    markup = drawn(frame('<script>"x"</script>'), link=lambda row: f'?user={row["value"]}"')
    assert "<script>" not in markup
    assert "?user=<" not in markup
    assert rows(markup)[0]["Page"] == '<script>"x"</script>'


@pytest.mark.parametrize(
    ("share", "seconds", "figures"),
    [
        (1.0, 86_399.0, ("100.0 %", "23 h 59 m")),
        (0.0, 0.0, ("0.0 %", "0 s")),
        (None, None, ("\u2013", "\u2013")),
    ],
)
def test_figures_are_whole(share, seconds, figures):
    row = rows(drawn(frame("/", share=share, seconds=seconds)))[0]
    assert (row["Share"], row["Median"]) == figures


def test_a_bar_is_measured_by_the_whole_and_the_rest_has_none():
    markup = drawn(frame("/", "Other"))
    assert markup.count("width:25.0%") == 1
    assert markup.count("dwell-bar") == 1


@pytest.mark.parametrize(
    ("counts", "grey", "note"),
    [((99, 100), 1, False), ((100, 100), 0, False), ((99, 1), 0, True)],
)
def test_small_rows_are_grey_unless_all_are(counts, grey, note):
    data = pl.concat([frame(f"/{at}", n=n) for at, n in enumerate(counts)])
    markup = drawn(data)
    assert markup.count('class="dwell-quiet"') == grey
    assert ("All rows have n below 100." in markup) is note


def test_only_the_name_of_a_row_grows_with_the_screen():
    assert drawn(frame("/")).count("dwell-name") == 2
    by_time = {"n": COLUMNS["n"], "value": COLUMNS["value"]}
    assert "dwell-name" not in table(frame("/"), by_time, alt="Pages")


@pytest.mark.parametrize("descending", [True, False])
def test_the_rest_and_what_is_not_known_stand_last_in_any_order(descending):
    data = pl.DataFrame(
        {
            "value": ["a", None, "Other", "b"],
            "is_other": [False, False, True, False],
            "session_count": [3, 9, 8, 2],
        }
    )
    order = Order("session_count", descending, ("session_count",), "session_count")
    names = breakdowns.named(breakdowns.ordered(data, order))["value"].to_list()
    assert names == [*(("a", "b") if descending else ("b", "a")), "Other", "(not known)"]


def test_a_column_of_a_long_table_is_as_wide_as_its_longest_figure():
    narrow = tables._width(Column("Bounce", width=60, bar=True), [0.5, 1.0])
    assert narrow >= 60 + 8
    assert tables._width(Column("Errors", **COUNT, width=200), [1, 2]) == 200


def test_rows_of_the_rest_alone_are_not_said_to_be_small():
    assert "n below" not in drawn(frame("Other", n=500))
