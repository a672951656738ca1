"""Runs of workflows, counted by hand."""

from datetime import timedelta

import pytest

from tests.warehouse.small_builds import NOON, session
from warehouse.filters import Filters
from warehouse.metrics import workflows

DAY = Filters(start=NOON.date(), end=NOON.date())


def run_of(row, number, status="abandoned", name="report", seconds=10.0, **others):
    """A run that begins with its session and goes on for so many seconds."""
    return {
        "workflow_id": f"wf-{number}",
        "source": "web",
        "user_id": row["user_id"],
        "session_id": row["session_id"],
        "workflow_name": name,
        "start_time": row["start_time"],
        "end_time": row["start_time"] + timedelta(seconds=seconds),
        "status": status,
        "last_step": "choose",
        "duration_seconds": seconds,
        **others,
    }


def last_event(row, run):
    """The event that a run ended with, in that session."""
    return {
        "source": "web",
        "event_id": f"{run['workflow_id']}-last",
        "workflow_id": run["workflow_id"],
        "session_id": row["session_id"],
        "event_time": run["end_time"],
    }


@pytest.fixture
def told(open_build):
    """Two workflows, of which one is no longer in the period; and a bot's."""
    today, later = session("u", NOON, 600), session("v", NOON, 60, is_open=True)
    before = session("w", NOON - timedelta(days=1), 60)
    bot = session("bot", NOON, 60, is_bot=True)
    runs = [
        run_of(today, 1, "completed", seconds=20.0),
        run_of(today, 2, "completed", seconds=40.0),
        run_of(today, 3),
        run_of(later, 4, "running"),
        run_of(later, 5, "completed", "digest", 0.0),
        run_of(before, 6),
        run_of(bot, 7, last_step=None),
    ]
    return open_build(
        [today, later, before, bot],
        workflow_executions=runs,
        workflow_events=[last_event(today, runs[2]), last_event(bot, runs[6])],
    ), today


def test_runs_are_summed_up_by_workflow(told):
    wh, _ = told
    assert workflows.summary(wh, DAY).rows() == [
        ("report", 4, 2, 1, 1, 30.0),
        ("digest", 1, 1, 0, 0, 0.0),
    ]


def test_an_abandoned_run_stood_still_to_the_end_of_its_session(told):
    wh, today = told
    (row,) = workflows.abandoned(wh, today["session_id"]).rows(named=True)
    assert row["workflow_id"] == "wf-3"
    assert (row["user_id"], row["session_id"]) == ("u", today["session_id"])
    assert (row["last_step"], row["stuck_seconds"]) == ("choose", 590.0)


def test_abandoned_runs_are_of_all_sessions_or_of_those_of_the_filters(told):
    wh, _ = told
    assert workflows.abandoned(wh)["workflow_id"].to_list() == ["wf-3", "wf-7", "wf-6"]
    assert workflows.abandoned(wh, None, DAY)["workflow_id"].to_list() == ["wf-3"]
    assert workflows.abandoned(wh, None, DAY, "digest").is_empty()
    assert workflows.abandoned(wh, "nobody's").is_empty()


def test_a_run_that_went_on_in_a_later_session_stood_still_there(open_build):
    first, second = session("u", NOON, 60), session("u", NOON + timedelta(hours=2), 300)
    run = run_of(first, 1, seconds=7200.0)
    wh = open_build(
        [first, second], workflow_executions=[run], workflow_events=[last_event(second, run)]
    )
    assert workflows.abandoned(wh)["stuck_seconds"].to_list() == [300.0]


def test_steps_where_runs_stopped_are_counted(told):
    wh, _ = told
    assert workflows.stuck(wh, DAY).rows() == [("report", "choose", 1, 590.0, 590.0)]


@pytest.mark.parametrize("name", ["summary", "stuck"])
def test_without_runs_there_are_no_rows(open_build, name):
    frame = getattr(workflows, name)(open_build([session("u")]), DAY)
    assert frame.is_empty()
    assert frame.columns
