"""Marks on charts over days: where they stand, and what is said of them."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from pages.ui import marks
from pages.ui.charts import figure
from pages.ui.marks import Mark
from pages.ui.theme import LIGHT
from tests.pages.conftest import load, texts
from tests.warehouse.feeds import write_feeds
from tests.warehouse.small_builds import at, session, write_build
from warehouse import Filters

MONTH = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]
NOTES = """
[[annotations]]
date = 2026-12-01
text = "After"
[[annotations]]
date = 2026-10-30
text = "Before"
[[annotations]]
date = 2026-10-30
until = 2026-11-02
text = "Reaching in"
[[annotations]]
date = 2026-11-10
text = "Within <b>"
"""


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A home with two outages of November and one of September, and some annotations."""
    days = [date(2026, 8, 1) + timedelta(days=n) for n in range(130)]
    feeds = {source: dict.fromkeys(days, 20) for source in ("app", "web")}
    feeds["web"] |= {date(2026, 11, 5): 2, date(2026, 11, 6): 2}
    feeds["app"] |= {date(2026, 11, 7): 0, date(2026, 9, 7): 0}
    write_feeds(tmp_path, feeds, as_of=at("2026-12-09 12:00"))
    (tmp_path / "dwell.toml").write_text(NOTES)
    monkeypatch.setenv("DWELL_HOME", str(tmp_path))


def page(grain="day", **filters):
    return SimpleNamespace(filters=Filters(**filters), filtered=True, grain=grain)


def named(found):
    return [(mark.number, mark.text.split(":")[0]) for mark in found]


@pytest.mark.usefixtures("given")
def test_marks_are_those_that_reach_into_the_period():
    within = [
        (1, "Reaching in"),
        (2, "Within <b>"),
        (None, "Outage of web"),
        (None, "Outage of app"),
    ]
    assert named(marks.marks_of(page(), MONTH)) == within
    assert named(marks.marks_of(page(sources=("app",)), MONTH)) == [*within[:2], within[3]]
    # The first week begins before the period: it brings in nothing of then.
    weeks = [date(2026, 10, 26) + timedelta(weeks=n) for n in range(5)]
    of_month = page("week", start=date(2026, 11, 1), end=date(2026, 11, 29))
    assert named(marks.marks_of(of_month, weeks)) == within
    assert marks.marks_of(page(), []) == []
    # Of the data as it is: the filters that the address keeps are those of other pages.
    unfiltered = page(sources=("app",), end=date(2026, 11, 2))
    unfiltered.filtered = False
    assert named(marks.marks_of(unfiltered, MONTH)) == within


# The months of a chart, and whether a note of that day is on it.
LAST_MONTHS = {
    "the end of a month after a shorter one": ([2, 3], date(2026, 3, 30), True),
    "its last day": ([2, 3], date(2026, 3, 31), True),
    "the day after": ([2, 3], date(2026, 4, 1), False),
    "a month after a longer one": ([1, 2], date(2026, 3, 1), False),
    "the only month": ([3], date(2026, 3, 30), True),
    "the day before the only month": ([3], date(2026, 2, 28), False),
}


@pytest.mark.parametrize(("months", "day", "is_there"), LAST_MONTHS.values(), ids=LAST_MONTHS)
def test_the_last_month_of_a_chart_has_all_its_days(tmp_path, monkeypatch, months, day, is_there):
    monkeypatch.setenv("DWELL_HOME", str(tmp_path))
    write_build(tmp_path, [session("ann")])
    (tmp_path / "dwell.toml").write_text(f'[[annotations]]\ndate = {day}\ntext = "Note"')
    starts = [date(2026, month, 1) for month in months]
    assert named(marks.marks_of(page("month"), starts)) == ([(1, "Note")] if is_there else [])


def test_a_band_is_as_wide_as_its_periods():
    span = Mark(date(2026, 2, 3), date(2026, 3, 30), "Campaign", 1)
    months = [date(2026, 2, 1), date(2026, 3, 1)]
    [band, _] = marks.draw(figure(300, LIGHT), [span], months, "month").layout.shapes
    assert (band.x0, band.x1) == (at("2026-01-18 00:00"), at("2026-03-16 12:00"))


def test_a_mark_is_a_line_with_its_number_and_an_outage_a_band():
    note = Mark(MONTH[9], MONTH[9], "Within <b>", 1)
    span = Mark(MONTH[2], MONTH[4], "Campaign", 2)
    outage = Mark(MONTH[5], MONTH[6], "Outage of web: 3 sessions where a day has 90")
    drawn = marks.draw(figure(300, LIGHT), [note, span, outage], MONTH)
    shapes = [(shape.type, shape.x0, shape.x1) for shape in drawn.layout.shapes]
    assert [shape[0] for shape in shapes] == ["line", "rect", "line", "rect"]
    assert shapes[0][1] == shapes[0][2] == MONTH[9]
    assert [f"{at:%d %H}" for at in shapes[3][1:]] == ["05 12", "07 12"]
    assert [label.text for label in drawn.layout.annotations] == ["1", "2"]
    assert "Within &lt;b&gt;" in drawn.layout.annotations[0].hovertext
    hovers = [list(trace.x) for trace in drawn.data]
    assert hovers == [[MONTH[9]], MONTH[2:5], MONTH[5:7]]
    assert drawn.data[0].customdata[0] == "Within &lt;b&gt;"


def test_faults_of_the_same_or_neighbouring_days_are_one_band_and_the_newest_are_named():
    faults = [Mark(MONTH[n], MONTH[n + 1], f"Fault {n}") for n in (2, 3, 4, 10, 12, 13, 20)]
    drawn = marks.draw(figure(300, LIGHT), faults, MONTH)
    bands = [f"{shape.x0:%d} {shape.x1:%d}" for shape in drawn.layout.shapes]
    assert bands == ["02 06", "10 15", "20 22"]
    assert len(drawn.data) == len(faults)
    note = marks.note(faults)
    assert "Fault 3" not in note
    assert all(f"Fault {n}" in note for n in (4, 10, 12, 13, 20))
    assert note.endswith("Grey, too: 2 faults before, see Data health")


def test_numbers_of_near_days_stand_on_different_levels():
    near = [Mark(day, day, "x", n) for n, day in enumerate(MONTH[3:6], 1)]
    far = Mark(MONTH[20], MONTH[20], "x", 4)
    drawn = marks.draw(figure(300, LIGHT), [*near, far], MONTH)
    heights = [label.ay for label in drawn.layout.annotations]
    assert len(set(heights[:3])) == 3
    assert heights[3] == heights[0]
    assert drawn.layout.margin.t > 3 * 17


def test_in_weeks_a_mark_stands_at_the_week_of_its_day():
    weeks = [date(2026, 11, 2) + timedelta(weeks=n) for n in range(4)]
    drawn = marks.draw(
        figure(300, LIGHT), [Mark(date(2026, 11, 12), date(2026, 11, 12), "x", 1)], weeks
    )
    assert drawn.layout.shapes[0].x0 == date(2026, 11, 9)


def test_without_marks_a_chart_is_as_it_was():
    assert marks.draw(figure(300, LIGHT), [], MONTH) == figure(300, LIGHT)
    assert marks.note([]) == ""


def test_pages_read_annotations_without_a_new_build(open_page, tmp_path):
    events = tmp_path / "events.csv"
    rows = "".join(f"u{n},2026-03-{n:02}T10:00:00Z,page_view\n" for n in range(1, 11))
    events.write_text(f"user_id,time,event\n{rows}")
    load(tmp_path / "home", events)
    assert "New pricing" not in texts(open_page("app.py", tmp_path / "home"))
    config = tmp_path / "home" / "dwell.toml"
    config.write_text('[[annotations]]\ndate = 2026-03-05\ntext = "New [pricing](x)"')
    for file in ("app.py", "pages/engagement.py"):
        assert "1** 5 Mar 2026: New [pricing](x)" in texts(open_page(file, tmp_path / "home"))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[[annotations]]\ndate = 2026-03-10", "text"),
        ('timeout = "x"', "timeout"),
        ("[[annotations", "dwell.toml"),
    ],
)
def test_a_dwell_toml_that_does_not_fit_is_said_once_and_leaves_the_charts(
    open_page, tmp_path, config, said
):
    write_build(tmp_path, [session("ann")])
    (tmp_path / "dwell.toml").write_text(config)
    for file in ("app.py", "pages/engagement.py"):
        test = open_page(file, tmp_path)
        # The list of segments, which is folded, tells the same of them.
        told = "Annotations are not shown. "
        [sentence] = [each.value for each in test.warning if each.value.startswith(told)]
        assert said in sentence.replace("\\", "")
        assert test.get("plotly_chart")
