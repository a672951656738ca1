"""The bars of a user's sessions, the days they are of, and the calendar above them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from urllib.parse import unquote

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.views import user_axis, user_calendar, user_timeline, user_window

FIRST = date(2026, 11, 1)
ZONE = "UTC"


def at(text):
    return datetime.fromisoformat(f"2026-11-{text}")


def session(name, start, seconds, kind="chat"):
    return {
        "session_id": name,
        "start_time": start,
        "end_time": start + timedelta(seconds=seconds),
        "start_date": start.date(),
        "duration_seconds": float(seconds),
        "is_open": False,
        "event_count": 2,
        "action_count": 1,
        "error_count": 0,
        "session_type": kind,
    }


def mark(name, place, errors=0, chosen=0):
    return {
        "session_id": name,
        "place": place,
        "event_count": 1,
        "error_count": errors,
        "chosen_count": chosen,
    }


NO_MARKS = pl.DataFrame([mark("", 0.0)]).clear()


def lanes(rows, marks=(), days=None, chosen=None, zone=ZONE):
    days = days or sorted({row["start_date"] for row in rows}, reverse=True)
    return user_timeline.lanes(
        pl.DataFrame(rows),
        pl.DataFrame(list(marks)) if marks else NO_MARKS,
        days,
        zone,
        lambda row: f"sessions?session={row['session_id']}&x=1",
        user_timeline.colors(["chat", "browse", "<b>"]),
        chosen,
    )


def bars(html):
    """Start and length of each bar as shares of the axis, with its address and lane."""
    found = re.findall(
        r'dwell-visit([^"]*)" href="([^"]*)".*?--at:([\d.]+);--long:([\d.]+);top:(\d+)px', html
    )
    return [
        (address, float(left), float(long), int(top) // user_timeline.ROW)
        for _, address, left, long, top in found
    ]


def test_a_bar_is_as_long_as_its_session_and_leads_to_it():
    # The axis runs from 9 to 12.
    ((address, left, long, lane),) = bars(lanes([session("a&b", at("03 09:30"), 5400)]))
    assert address == "sessions?session=a&amp;b&amp;x=1"
    assert (left, long, lane) == pytest.approx((0.5 / 3, 0.5, 0), abs=1e-4)


@pytest.mark.parametrize(
    ("spans", "pieces", "hours"),
    [
        pytest.param([(9.2, 9.3)], [(9, 12)], [9, 10, 11, 12], id="never shorter than three hours"),
        pytest.param([(9, 9)], [(9, 12)], [9, 10, 11, 12], id="no length at a full hour"),
        pytest.param([(23.9, 23.95)], [(23, 26)], [23, 24, 25, 26], id="into the night"),
        pytest.param([(8.5, 9), (11, 13.2)], [(8, 14)], [8, 9, 10, 11, 12, 13, 14], id="no gap"),
        pytest.param(
            [(7.5, 9), (12, 12.5)],
            [(7, 9), (12, 13)],
            [7, 8, 12, 13],
            id="three empty hours are folded",
        ),
        pytest.param(
            [(0, 0.5), (20, 24.5)],
            [(0, 1), (20, 25)],
            [0, 20, 21, 22, 23, 24, 25],
            id="a night apart",
        ),
        pytest.param(
            [(5, 500)], [(5, 30)], [5, 8, 12, 16, 20, 24, 28, 30], id="days on end are cut"
        ),
    ],
)
def test_the_axis_is_of_the_hours_that_hold_sessions(spans, pieces, hours):
    axis = user_axis.axis_of(spans)
    assert list(axis.pieces) == pieces
    assert axis.hours == hours


@given(
    st.lists(
        st.tuples(st.floats(0, 23.99), st.floats(0, 40)).map(lambda pair: (pair[0], sum(pair))),
        min_size=1,
        max_size=8,
    )
)
def test_an_axis_keeps_the_order_and_the_length_of_all_that_it_holds(spans):
    axis = user_axis.axis_of(spans)
    hour = axis.share(axis.pieces[0][0] + 1)
    for low, high in spans:
        shown = min(high, axis.high)
        assert 0 <= axis.share(low) <= axis.share(high) <= 1
        # A session lies in one piece, so that its length is true.
        assert axis.share(shown) - axis.share(low) == pytest.approx((shown - low) * hour, abs=1e-9)
    assert axis.share(axis.high) == pytest.approx(1)
    assert 2 <= len(axis.hours) <= 1 / user_axis.APART + 1
    assert {axis.pieces[0][0], axis.high} <= set(axis.hours)


@pytest.mark.parametrize(
    ("start", "minutes", "wanted"),
    [
        pytest.param("2026-03-29 00:30", 60, (1.5, 3.5), id="an hour is left out"),
        pytest.param("2026-10-25 00:30", 90, (2.5, 3.0), id="an hour comes twice"),
        pytest.param("2026-10-25 00:50", 20, (2 + 5 / 6, 2 + 5 / 6), id="ends before it began"),
        pytest.param("2026-03-28 22:30", 180, (23.5, 27.5), id="over midnight"),
        pytest.param("2026-03-30 00:30", 60, (2.5, 3.5), id="another day"),
    ],
)
def test_a_bar_lies_where_the_clocks_were(start, minutes, wanted):
    row = session("a", datetime.fromisoformat(start), minutes * 60)
    assert user_timeline.span(row, "Europe/Berlin") == pytest.approx(wanted)


def test_folded_hours_are_told():
    html = lanes([session("a", at("03 07:30"), 60), session("b", at("03 20:10"), 60)])
    assert 'title="12 hours without sessions"' in html


def test_a_session_over_midnight_is_one_bar_of_the_day_it_began_on():
    html = lanes([session("a", at("03 23:00"), 7200)])
    assert len(bars(html)) == 1
    assert "Tue 3 Nov" in html
    assert "Wed 4 Nov" not in html
    assert "01:00<sup>+1</sup>" in html
    assert "dwell-cut" not in html
    long = lanes([session("a", at("03 23:00"), 3 * 86_400)])
    assert "dwell-cut" in long
    assert sum(bars(long)[0][1:3]) == pytest.approx(1)


def test_bars_are_of_the_reporting_zone():
    row = {**session("a", at("03 23:30"), 60), "start_date": date(2026, 11, 4)}
    html = lanes([row], zone="Europe/Berlin")
    assert "Wed 4 Nov" in html
    # Half past midnight of an axis from 0 to 3.
    assert bars(html)[0][1] == pytest.approx(0.5 / 3, abs=1e-4)
    assert "4 Nov 2026 00:30:00 to 00:31:00, 1 m 00 s" in html


def test_bars_that_would_cover_each_other_lie_below_each_other():
    html = lanes(
        [
            session("a", at("03 09:00"), 3600),
            session("b", at("03 09:01"), 5),
            session("c", at("03 09:02"), 5),
            session("d", at("03 10:30"), 60),
        ]
    )
    assert [lane for *_, lane in bars(html)] == [0, 1, 2, 0]


def test_however_many_sessions_begin_at_once_the_row_stays_low():
    rows = [session(f"s{number}", at("03 09:00"), 60) for number in range(20)]
    html = lanes(rows)
    assert len(bars(html)) == 20
    assert max(lane for *_, lane in bars(html)) == user_timeline.MOST_ROWS - 1


def test_days_without_sessions_are_one_line():
    html = lanes([session("a", at("03 09:00"), 60), session("b", at("09 09:00"), 60)])
    assert "5 days without sessions" in html
    assert html.index("Mon 9 Nov") < html.index("5 days without") < html.index("Tue 3 Nov")
    assert "without" not in lanes(
        [session("a", at("03 09:00"), 60), session("b", at("04 09:00"), 60)]
    )


def test_days_of_two_years_are_named_with_the_year():
    old = session("b", datetime(2025, 12, 30, 9), 60)  # noqa: DTZ001
    html = lanes([session("a", at("03 09:00"), 60), old])
    assert "<b>3 Nov 2026</b>" in html
    assert "<b>30 Dec 2025</b>" in html


def paths(html):
    """What is drawn over the bars: the places of the marks by colour."""
    pictures = [unquote(each) for each in re.findall(r'src="data:image/svg\+xml,([^"]*)"', html)]
    found = re.findall(r'<path d="([^"]*)" stroke="([^"]*)"', "".join(pictures))
    return {
        color: [int(left) / 10_000 for left in re.findall(r"M(\d+)", path)] for path, color in found
    }


def test_marks_lie_in_the_bar_errors_and_chosen_events_apart():
    # From 9 to 12, so that the hour is a third.
    html = lanes(
        [session("a", at("03 10:00"), 3600)],
        [mark("a", 0.0), mark("a", 0.5, errors=1), mark("a", 1.0, chosen=1)],
        days=[date(2026, 11, 3)],
    )
    look = user_timeline.palette()
    drawn = paths(html)
    axis = user_axis.axis_of([(10, 11)])
    start, end = axis.share(10), axis.share(11)
    assert drawn[look.series[0]] == pytest.approx([start], abs=1e-4)
    assert drawn[look.bad] == pytest.approx([(start + end) / 2], abs=1e-4)
    assert drawn[look.text] == pytest.approx([end], abs=1e-4)


def test_marks_that_cannot_be_told_apart_are_one_and_the_error_is_seen():
    marks = [mark("a", number / 1000, errors=number == 999) for number in range(1000)]
    drawn = paths(lanes([session("a", at("03 10:00"), 3600)], marks))
    assert sum(len(each) for each in drawn.values()) <= 1 / 3 / user_timeline.APART + 1
    assert len(drawn[user_timeline.palette().bad]) == 1


def test_a_short_session_has_marks_of_errors_alone():
    assert "<img" not in lanes([session("a", at("03 10:00"), 5)], [mark("a", 0.0)])
    marks = [mark("a", 0.0), mark("a", 1.0, errors=1)]
    drawn = paths(lanes([session("a", at("03 10:00"), 5)], marks))
    assert list(drawn) == [user_timeline.palette().bad]


def test_the_session_of_the_address_is_marked():
    rows = [session("a", at("03 10:00"), 60), session("b", at("03 11:00"), 60)]
    kinds = re.findall(r'dwell-visit( dwell-chosen)?" href="sessions\?session=(.)', lanes(rows))
    assert kinds == [("", "a"), ("", "b")]
    kinds = re.findall(
        r'dwell-visit( dwell-chosen)?" href="sessions\?session=(.)', lanes(rows, chosen="b")
    )
    assert kinds == [("", "a"), (" dwell-chosen", "b")]


def test_one_colour_is_one_type_and_types_are_escaped():
    color_of = user_timeline.colors(["chat", None, "<b>", *"cdefgh"])
    assert len({color_of["chat"], color_of["<b>"], color_of[None], color_of["c"]}) == 4
    assert color_of["g"] == color_of["h"]
    legend = user_timeline.legend(["<b>", None], color_of)
    assert "&lt;b&gt;" in legend
    assert "type not known" in legend
    assert "<b>" not in lanes([session("a", at("03 10:00"), 60, "<b>")]).replace(
        "<b>Tue", ""
    ).replace("<b></b>", "")


# Days with sessions: every third one.
DAYS = [FIRST + timedelta(days=3 * number) for number in range(40)]


@pytest.mark.parametrize(
    ("wanted", "held", "last"),
    [
        pytest.param(None, None, 39, id="the newest"),
        pytest.param(DAYS[20], None, 20, id="a day with sessions"),
        pytest.param(DAYS[20] + timedelta(days=2), None, 20, id="the one before a day without"),
        pytest.param(FIRST - timedelta(days=9), None, 0, id="before the first"),
        pytest.param(DAYS[-1] + timedelta(days=9), None, 39, id="behind the last"),
        pytest.param(None, DAYS[20], 23, id="around a session"),
        pytest.param(None, DAYS[38], 39, id="around one of the newest"),
        pytest.param(DAYS[10], DAYS[20], 10, id="the day goes before the session"),
    ],
)
def test_the_window_ends_at_the_day_that_is_looked_for(wanted, held, last):
    seen = user_window.window(DAYS, [1] * 40, wanted, held)
    assert seen.last == DAYS[last]
    assert list(seen.days) == DAYS[max(last - 13, 0) : last + 1][::-1]


def test_windows_follow_each_other_and_hold_each_day_once():
    seen = user_window.window(DAYS, [1] * 40)
    shown = list(seen.days)
    while seen.earlier:
        seen = user_window.window(DAYS, [1] * 40, seen.earlier)
        shown += seen.days
    assert shown == DAYS[::-1]
    assert user_window.window(DAYS, [1] * 40, DAYS[13]).later == DAYS[27]
    assert user_window.window(DAYS, [1] * 40).later is None


def test_days_full_of_sessions_are_fewer():
    seen = user_window.window(DAYS, [user_window.MOST_SESSIONS // 2] * 40)
    assert len(seen.days) == 2
    assert user_window.window(DAYS, [10_000] * 40).days == (DAYS[-1],)
    # The day of the session that is looked for is shown whatever lies above it.
    assert DAYS[20] in user_window.window(DAYS, [10_000] * 40, held=DAYS[20]).days


def of_days(*days, count=1):
    return {day: {"session_count": count, "duration_seconds": 60.0} for day in days}


def calendar(days, shown=None):
    return user_calendar.years(
        days, shown or [max(days)], lambda day: f"?user=<x>&day={day.isoformat()}"
    )


def squares(html):
    """Row and column of each day, by the day that it leads to."""
    found = re.findall(r'day=([\d-]+)" title="[^"]*" style="grid-area:(\d+)/(\d+)"', html)
    return {day: (int(row), int(column)) for day, row, column in found}


def test_days_lie_in_their_week_by_their_weekday():
    days = [date(2026, 1, 1), date(2026, 1, 4), date(2026, 1, 5), date(2026, 12, 31)]
    html = calendar(of_days(*days))
    # The first of January 2026 is a Thursday, the 5th the next Monday.
    assert squares(html) == {
        "2026-01-01": (4, 1),
        "2026-01-04": (7, 1),
        "2026-01-05": (1, 2),
        "2026-12-31": (4, 53),
    }
    assert "?user=&lt;x&gt;&amp;day=" in html
    assert "1 Jan 2026: 1 session, 1 m 00 s" in html


def test_a_month_leads_to_its_last_day_with_sessions():
    html = calendar(of_days(date(2026, 5, 3), date(2026, 5, 20), date(2026, 7, 1)))
    months = dict(re.findall(r'day=([\d-]+)" title="Up to [^"]*">(\w+)</a>', html))
    assert months == {"2026-05-20": "May", "2026-07-01": "Jul"}
    assert len(re.findall(r"<span [^>]*>\w+</span>", html)) == 10


def test_years_without_sessions_are_one_line_and_old_ones_a_click_away():
    years = [2010, 2011, 2014, 2015, 2020, 2022, 2025, 2026]
    days = [date(year, 6, 1) for year in years]
    html = calendar(of_days(*days))
    names = re.findall(r"<b>(\d+)</b>|(\d+(?: to \d+)?): no sessions", html)
    assert ["".join(each) for each in names] == [
        *("2026", "2025", "2023 to 2024", "2022", "2021", "2020", "2016 to 2019", "2015"),
        *("2014", "2012 to 2013", "2011", "2010"),
    ]
    recent, _, older = html.partition("<details>")
    assert "5 earlier years" in older
    assert "<b>2022</b>" in recent
    assert "<details open>" in calendar(of_days(*days), [date(2011, 6, 1)])


@pytest.mark.parametrize(
    ("count", "expected"), [(1, 1), (6, 1), (7, 2), (25, 2), (57, 4), (100, 4)]
)
def test_shades_go_by_the_root(count, expected):
    assert user_calendar.level(count, 100) == expected


def test_the_only_day_is_the_darkest_and_shown_days_are_marked():
    html = calendar(of_days(date(2026, 5, 3)))
    assert 'class="dwell-link dwell-l4 dwell-shown"' in html
    assert user_calendar.scale(of_days(date(2026, 5, 3))) == ""
    assert "1,200" in user_calendar.scale(of_days(date(2026, 5, 3), count=1200))
