"""Numbers, times and sentences as readers meet them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from pages.ui import format
from warehouse.written import safe_cell


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(None, "\u2013", id="no duration is a dash"),
        pytest.param(0, "0 s", id="zero is zero"),
        pytest.param(0.01, "0.1 s", id="a little is not zero"),
        pytest.param(3.46, "3.5 s", id="short ones keep a decimal"),
        pytest.param(9.96, "10 s", id="ten seconds have no decimal"),
        pytest.param(41, "41 s", id="seconds"),
        pytest.param(59.6, "1 m 00 s", id="rounding reaches the minute"),
        pytest.param(432, "7 m 12 s", id="minutes and seconds"),
        pytest.param(3599.5, "1 h 00 m", id="rounding reaches the hour"),
        pytest.param(3900, "1 h 05 m", id="hours and minutes"),
        pytest.param(97200, "1 d 03 h", id="days are never dropped"),
    ],
)
def test_duration_is_told_in_its_two_largest_units(seconds, text):
    assert format.duration(seconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "\u2013"),
        (0, "0 ms"),
        (999.4, "999 ms"),
        (999.5, "1.00 s"),
        (1417, "1.42 s"),
        (9994, "9.99 s"),
        (9995, "10.0 s"),
        (59_949, "59.9 s"),
        (59_950, "1 m 00 s"),
        (125_000, "2 m 05 s"),
    ],
)
def test_latency_is_told_in_three_digits(milliseconds, text):
    assert format.latency(milliseconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (30, "30 s"),
        (300, "5 m"),
        (3600, "1 h"),
        (5400, "1 h 30 m"),
        (86400, "1 d"),
        (0, "0 s"),
    ],
)
def test_span_leaves_empty_units_out(seconds, text):
    assert format.span(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\u2013"),
        (0, "0.0 %"),
        (0.1837, "18.4 %"),
        (1, "100.0 %"),
        (12.5, "1,250.0 %"),
    ],
)
def test_share_is_a_percentage_with_one_decimal(value, text):
    assert format.share(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "\u2013"), (0, "0"), (12345, "12,345"), (999.0, "999")]
)
def test_count_has_thousands_commas(value, text):
    assert format.count(value) == text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        pytest.param(None, "relative", None, id="nothing to compare with"),
        pytest.param(0.061, "relative", "+6.1 %", id="more"),
        pytest.param(-0.25, "relative", "-25.0 %", id="less"),
        pytest.param(0.0, "relative", "0.0 %", id="the same has no sign"),
        pytest.param(-0.0004, "relative", "0.0 %", id="too little to show has no sign"),
        pytest.param(0.012, "points", "+1.2 pp", id="rates differ by points"),
        pytest.param(-302, "seconds", "-5 m 02 s", id="seconds"),
    ],
)
def test_change_is_signed(value, kind, text):
    assert format.change(value, kind) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 11, 3), date(2026, 11, 3), "3 Nov 2026"),
        (date(2026, 11, 3), date(2026, 11, 9), "3 to 9 Nov 2026"),
        (date(2026, 10, 30), date(2026, 11, 9), "30 Oct to 9 Nov 2026"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 Dec 2025 to 2 Jan 2026"),
    ],
)
def test_days_name_month_and_year_once(start, end, text):
    assert format.days(start, end) == text


def test_clock_is_of_the_reporting_zone():
    moment = datetime(2026, 10, 25, 0, 30)  # noqa: DTZ001
    assert format.clock(moment, "UTC") == "25 Oct 2026 00:30"
    assert format.clock(moment, "Europe/Berlin") == "25 Oct 2026 02:30"
    assert format.clock(None, "UTC") == "\u2013"


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (datetime(2026, 1, 1, 0, 0, 41), "41 s"),  # noqa: DTZ001
        (datetime(2026, 1, 1, 0, 12, 59), "12 m"),  # noqa: DTZ001
        (datetime(2026, 1, 1, 3, 12), "3 h 12 m"),  # noqa: DTZ001
        (datetime(2026, 1, 14, 23), "13 d 23 h"),  # noqa: DTZ001
        (datetime(2026, 1, 15, 1), "14 d"),  # noqa: DTZ001
        (datetime(2036, 9, 1), "10 y"),  # noqa: DTZ001
        (datetime(2025, 12, 31), "0 s"),  # noqa: DTZ001
    ],
)
def test_age_is_coarse_and_never_negative(now, text):
    assert format.age(datetime(2026, 1, 1), now) == text  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("u-07", r"u\-07"),
        ("![x](http://a.b)", r"\!\[x\]\(http\://a\.b\)"),
        (":red[a] $b$", r"\:red\[a\] \$b\$"),
    ],
)
def test_text_of_data_is_never_markup(text, shown):
    assert format.plain(text) == shown


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_formulas_are_quoted_in_exports(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["/", "a=1", "", None])
def test_other_cells_are_left_alone_in_exports(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [((), "all"), (("web",), "web"), (("a", "b"), "a, b"), (("a", "b", "c"), "a, b +1")],
)
def test_long_lists_are_cut(values, text):
    assert format.listed(values) == text
