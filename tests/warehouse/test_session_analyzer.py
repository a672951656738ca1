"""The questions of SessionAnalyzer: by hand, and beside a naive account of the same events."""

import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

import warehouse
from etl.errors import ConfigError
from tests.make import NOON as START
from tests.make import build_home, commit_events
from tests.make import event as lake_event
from tests.oracle import Oracle
from tests.warehouse.metrics.test_workflows import last_event, run_of
from tests.warehouse.small_builds import NOON, event, session
from warehouse import Filters, SessionAnalyzer

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TYPES = ("page_view", "click", "scroll", "error", "search", "heartbeat", "workflow_start")


def made_up():
    """Visits of a few users over some days, one of them a bot; the last are going on."""
    rng = Random(3)
    events = []
    for user in range(12):
        at = timedelta(minutes=rng.randrange(600))
        is_busy = user % 4 == 0
        for _ in range(rng.randrange(1, 9)):
            for _ in range(rng.choice((1, 1, 2, 5, 90 if is_busy else 9))):
                kind = rng.choice(TYPES)
                run = {"workflow_id": f"run {len(events)}", "workflow": "digest", "step": "begin"}
                told = {"properties": run} if kind == "workflow_start" else {}
                bot = {"device_type": "bot"} if user == 5 else {}
                page = f"/{rng.randrange(5)}"
                events.append(lake_event(at, kind, user_id=f"u{user}", page=page, **told, **bot))
                if told and rng.random() < 0.4:
                    end = at + timedelta(seconds=3)
                    told = {"properties": run | {"step": "export"}}
                    events.append(
                        lake_event(end, "workflow_complete", user_id=f"u{user}", **told, **bot)
                    )
                at += timedelta(seconds=rng.choice((4, 9, 25, 60, 300 if user % 3 else 6)))
            at += timedelta(hours=rng.randrange(1, 20))
    last = max(row["event_time"] for row in events)
    return [
        *events,
        # There for three hours, and still: who began long ago is not gone.
        *(lake_event(last + n * 20 * MINUTE, user_id="long") for n in range(10)),
        *(lake_event(minute * MINUTE, user_id="late") for minute in (0, 10)),
        # Exactly the timeout ago, and a microsecond more.
        lake_event(last + 150 * MINUTE, user_id="edge"),
        lake_event(last + 150 * MINUTE - timedelta(microseconds=1), user_id="gone"),
    ]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The analyzer of a build of the visits, and the oracle of the same."""
    home = tmp_path_factory.mktemp("analyzer") / "home"
    events = made_up()
    commit_events(home, events)
    build_home(home)
    with warehouse.open(home) as wh:
        yield SessionAnalyzer(wh), Oracle(events, datetime.now(UTC).replace(tzinfo=None))


def iso(moment):
    """A naive UTC moment as the answers of a build in UTC tell it."""
    return moment.isoformat() + "+00:00"


def test_who_is_active_is_as_the_naive_account_has_it(told):
    analyzer, oracle = told
    as_of = max(row["event_time"] for row in oracle.events)
    wanted = sorted(
        (row for row in oracle.sessions if as_of - row["end_time"] <= 30 * MINUTE),
        key=lambda row: row["end_time"],
        reverse=True,
    )
    assert {row["user_id"] for row in wanted} == {"long", "edge"}
    answer = analyzer.get_active_sessions()
    for key in ("session_id", "user_id", "event_count", "action_count", "error_count"):
        assert [row[key] for row in answer] == [row[key] for row in wanted]
    assert [row["last_activity_time"] for row in answer] == [iso(row["end_time"]) for row in wanted]
    assert [row["idle_seconds"] for row in answer] == [0.0, 1800.0]
    assert answer[0]["duration_seconds"] == 3 * 3600


def test_every_duration_is_that_of_the_naive_account(told):
    analyzer, oracle = told
    assert len(oracle.sessions) > 40
    for row in oracle.sessions:
        answer = analyzer.calculate_session_duration(row["session_id"])
        whole = (row["end_time"] - row["start_time"]).total_seconds()
        assert (answer["duration_seconds"], answer["is_open"]) == (whole, row["is_open"])
        assert answer["start_time"] == iso(row["start_time"])


def test_bounces_are_those_of_the_naive_account(told):
    analyzer, oracle = told

    def bounced(row):
        whole = row["end_time"] - row["start_time"]
        is_short = whole < timedelta(seconds=30) and row["action_count"] <= 1
        return is_short and not row["is_open"]

    found = {row["session_id"] for row in oracle.sessions if bounced(row)}
    people = {row["session_id"] for row in oracle.sessions if not row["is_bot"]}
    assert found - people
    assert found & people
    with_bots = Filters(include_bots=True)
    answer = analyzer.identify_bounce_sessions(filters=with_bots)
    assert {row["session_id"] for row in answer} == found
    assert {row["session_id"] for row in analyzer.identify_bounce_sessions()} == found & people
    of_bot = {row["session_id"] for row in oracle.sessions if row["user_id"] == "u5"}
    named = analyzer.identify_bounce_sessions("u5")
    assert {row["session_id"] for row in named} == found & of_bot
    starts = [row["start_time"] for row in answer]
    assert starts == sorted(starts, reverse=True)


def test_every_pattern_is_that_of_the_naive_account(told):
    analyzer, oracle = told
    wanted = oracle.user_patterns()
    assert len({row["pattern"] for row in wanted}) >= 3
    for row in wanted:
        answer = analyzer.get_user_session_pattern(row["user_id"])
        assert answer == {
            **row,
            "avg_duration_seconds": row["avg_duration_seconds"]
            and pytest.approx(row["avg_duration_seconds"]),
            "avg_actions": row["avg_actions"] and pytest.approx(row["avg_actions"]),
        }


def test_workflows_are_abandoned_where_nothing_completed_them(told):
    analyzer, oracle = told
    runs = {}
    for row in oracle.events:
        if row["event_type"].startswith("workflow"):
            run = json.loads(row["properties"])["workflow_id"]
            runs.setdefault(run, []).append(row["event_type"])
    wanted = {run for run, kinds in runs.items() if "workflow_complete" not in kinds}
    answer = analyzer.find_abandoned_workflows(filters=Filters(include_bots=True))
    assert {row["workflow_id"] for row in answer} == wanted
    ends = {row["session_id"]: row["end_time"] for row in oracle.sessions}
    for row in answer:
        begun = datetime.fromisoformat(row["start_time"]).replace(tzinfo=None)
        assert row["stuck_seconds"] == (ends[row["session_id"]] - begun).total_seconds()
    assert {row["user_id"] for row in answer} - {
        row["user_id"] for row in analyzer.find_abandoned_workflows()
    } == {"u5"}


def test_every_answer_is_json_as_it_is(told):
    analyzer, oracle = told
    answers = [
        analyzer.get_active_sessions(),
        analyzer.calculate_session_duration(oracle.sessions[0]["session_id"]),
        analyzer.identify_bounce_sessions(),
        analyzer.get_user_session_pattern("u0"),
        analyzer.find_abandoned_workflows(),
    ]
    assert json.loads(json.dumps(answers)) == answers
    assert all(answers)


def test_minutes_take_who_was_seen_within_them_and_their_very_edge(open_build):
    rows = [
        session(user, NOON - 3 * HOUR, seconds=3 * 3600 - idle, is_open=True)
        for user, idle in (("a", 0), ("b", 600), ("c", 1700))
    ]
    wh = open_build([*rows, session("closed", NOON - HOUR)], as_of=NOON)
    for minutes, users in ((None, "abc"), (10, "ab"), (9.99, "a"), (60, "abc")):
        answer = SessionAnalyzer(wh).get_active_sessions(minutes)
        assert [row["user_id"] for row in answer] == list(users), minutes


def test_minutes_that_hold_nobody_are_refused(told):
    for minutes in (0, -5, float("nan")):
        with pytest.raises(ConfigError, match="Give a number over 0"):
            told[0].get_active_sessions(minutes)


def test_a_duration_keeps_its_days_and_its_fractions(open_build):
    cases = {0: False, 86_399.5: False, 86_400: False, 97_200: True}
    rows = [session("ann", session_id=str(seconds), seconds=seconds) for seconds in cases]
    analyzer = SessionAnalyzer(open_build(rows))
    for seconds, is_suspect in cases.items():
        answer = analyzer.calculate_session_duration(str(seconds))
        assert (answer["duration_seconds"], answer["is_suspect"]) == (seconds, is_suspect)


def test_an_id_that_a_late_event_took_from_a_session_still_finds_it(told):
    analyzer, oracle = told
    first, second = (row for row in oracle.events if row["user_id"] == "late")
    before = Oracle([second], START + DAY).sessions[0]["session_id"]
    answer = analyzer.calculate_session_duration(before)
    assert answer["session_id"] != before
    assert answer["start_time"] == iso(first["event_time"])
    assert answer["duration_seconds"] == 600


def test_times_are_told_in_the_reporting_zone(open_build):
    wh = open_build([session("ann", session_id="s", seconds=0)], time_zone="Asia/Kolkata")
    answer = SessionAnalyzer(wh).calculate_session_duration("s")
    assert answer["start_time"] == "2026-03-10T17:30:00+05:30"


def test_filters_choose_bounces(open_build):
    rows = [
        session("ann", NOON - n * DAY, seconds=5, action_count=1, device_type=device)
        for n, device in enumerate(("desktop", "mobile", "desktop"))
    ]
    analyzer = SessionAnalyzer(open_build(rows))
    assert len(analyzer.identify_bounce_sessions()) == 3
    last_days = Filters(start=(NOON - DAY).date(), where={"device_type": "desktop"})
    for user in (None, "ann"):
        (only,) = analyzer.identify_bounce_sessions(user, last_days)
        assert only["start_time"] == iso(NOON)


def test_workflows_of_one_session_one_user_and_a_limit(open_build):
    first, second = session("u", NOON, 600), session("v", NOON + HOUR, 600)
    bot = session("bot", NOON, 600, is_bot=True)
    runs = [run_of(row, number) for number, row in enumerate((first, second, bot))]
    ends = [last_event(row, run) for row, run in zip((first, second, bot), runs, strict=True)]
    wh = open_build([first, second, bot], workflow_executions=runs, workflow_events=ends)
    find = SessionAnalyzer(wh).find_abandoned_workflows
    assert find(session_id=first["session_id"]) == [
        {
            "workflow_id": "wf-0",
            "workflow_name": "report",
            "user_id": "u",
            "session_id": first["session_id"],
            "start_time": iso(NOON),
            "last_step": "choose",
            "stuck_seconds": 590.0,
        }
    ]
    assert [row["workflow_id"] for row in find()] == ["wf-1", "wf-0"]
    assert [row["workflow_id"] for row in find(limit=1)] == ["wf-1"]
    assert [row["workflow_id"] for row in find(user_id="bot")] == ["wf-2"]
    assert find(session_id="none") == find(user_id="none") == []


def test_who_is_not_known_is_no_error_but_a_hint(open_build):
    analyzer = SessionAnalyzer(open_build([session("ann")], events=[event("s", "ann", NOON)]))
    answer = analyzer.calculate_session_duration("nothing")
    assert "No session 'nothing' in build 1" in answer.pop("message")
    assert answer.pop("session_id") == "nothing"
    assert set(answer.values()) == {None}
    answer = analyzer.get_user_session_pattern("nobody")
    assert "No user 'nobody' in build 1" in answer.pop("message")
    assert answer == {
        "user_id": "nobody",
        "pattern": "new_user",
        "session_count": 0,
        "avg_duration_seconds": None,
        "avg_actions": None,
        "newest_session_errors": None,
    }
    assert analyzer.identify_bounce_sessions("nobody") == []


def test_an_empty_warehouse_says_what_to_run(open_build):
    analyzer = SessionAnalyzer(open_build([]))
    assert analyzer.get_active_sessions() == []
    assert analyzer.identify_bounce_sessions() == analyzer.find_abandoned_workflows() == []
    for answer in (
        analyzer.calculate_session_duration("s"),
        analyzer.get_user_session_pattern("u"),
    ):
        assert "dwell load" in answer["message"]
