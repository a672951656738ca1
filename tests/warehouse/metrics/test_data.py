from datetime import date, timedelta

from tests.warehouse.small_builds import NOON, session
from warehouse.metrics import data, health


def test_the_extent_holds_all_that_filters_can_offer(open_build):
    wh = open_build(
        [
            session("ann", device_type="mobile"),
            session("bob", NOON + timedelta(hours=11), seconds=7200, device_type=None),
            session("bot", NOON - timedelta(days=3), is_bot=True, device_type="bot"),
        ]
    )
    assert data.extent(wh).row(0, named=True) == {
        "min_date": date(2026, 3, 7),
        "max_date": date(2026, 3, 11),  # Bob's session goes on past midnight.
        "session_count": 3,
        "event_count": 6,
        "sources": ["web"],
        "devices": ["bot", "mobile", "unknown"],
        "as_of": NOON + timedelta(hours=13),
        "pruned_before": None,
    }


def test_the_extent_of_an_empty_build_is_empty(open_build):
    assert data.extent(open_build([])).row(0, named=True) == {
        "min_date": None,
        "max_date": None,
        "session_count": 0,
        "event_count": 0,
        "sources": [],
        "devices": [],
        "as_of": None,
        "pruned_before": None,
    }


def test_loads_come_newest_first(open_build):
    hours = [timedelta(hours=hour) for hour in (0, 2, 1)]
    runs = [{"file": f"{n}.csv", "loaded_at": NOON + hour} for n, hour in enumerate(hours)]
    answer = health.loads(open_build([], load_runs=runs))
    assert answer["file"].to_list() == ["1.csv", "2.csv", "0.csv"]


def test_rejections_come_largest_first(open_build):
    rows = [
        {"source": "web", "file": "a", "reason": "no user", "row_count": 2},
        {"source": "web", "file": "a", "reason": "no time", "row_count": 9},
    ]
    answer = health.rejected(open_build([], rejected_summary=rows))
    assert answer["reason"].to_list() == ["no time", "no user"]


def test_health_of_an_empty_build_is_empty(open_build):
    wh = open_build([])
    assert health.loads(wh).is_empty()
    assert health.rejected(wh).is_empty()
