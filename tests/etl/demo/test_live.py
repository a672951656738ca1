"""What the live demo sends: in order, as people do it, and taken by the collector."""

import json
from collections import defaultdict
from itertools import pairwise, takewhile

import pytest

from etl.collector.accept import tracker_lines
from etl.collector.sender import Sender
from etl.demo.live import AT_ONCE, FIRST_ACCOUNT, visits

START = 1_790_000_000_000
MINUTE = 60_000


def sent_within(minutes, seed=1):
    end = START + minutes * MINUTE
    return list(takewhile(lambda sent: sent.at <= end, visits(seed, START)))


@pytest.fixture(scope="module")
def hour():
    return sent_within(60)


@pytest.fixture(scope="module")
def sessions(hour):
    found = defaultdict(list)
    for sent in hour:
        found[sent.body["session_id"]].append(sent)
    return found


def test_the_same_seed_sends_the_same_and_another_sends_other_events():
    assert sent_within(3) == sent_within(3)
    ids = {sent.body["events"][0]["id"] for sent in sent_within(3)}
    assert ids.isdisjoint(sent.body["events"][0]["id"] for sent in sent_within(3, seed=2))


def test_requests_come_in_the_order_of_their_times_and_begin_at_once(hour):
    assert all(one.at <= other.at for one, other in pairwise(hour))
    assert START <= hour[0].at < START + 5_000
    assert len({sent.body["session_id"] for sent in hour if sent.at <= START + 15_000}) >= 8


def test_no_event_is_sent_twice(hour):
    ids = [event["id"] for sent in hour for event in sent.body["events"]]
    assert len(set(ids)) == len(ids)


def test_each_event_is_sent_when_it_happens(hour):
    assert all(event["t"] == sent.at for sent in hour for event in sent.body["events"])


def test_as_many_are_there_as_a_page_can_show(sessions):
    spans = [(own[0].at, own[-1].at) for own in sessions.values()]
    for minute in range(5, 55, 10):
        at = START + minute * MINUTE
        there = sum(first <= at <= last for first, last in spans)
        assert AT_ONCE / 3 <= there <= AT_ONCE * 3


def test_people_are_strangers_to_the_history(hour):
    users = {sent.body["user_id"] for sent in hour} - {None}
    assert len(users) > 20
    assert all(int(user.removeprefix("u-")) >= FIRST_ACCOUNT for user in users)


def test_visits_are_whole(sessions):
    closed = [own for own in sessions.values() if own[-1].at < START + 30 * MINUTE]
    last_types = [own[-1].body["events"][0]["type"] for own in closed]
    ended = sum(kind in ("session_end", "logout") for kind in last_types)
    assert 0.75 < ended / len(closed) < 1
    types = {event["type"] for own in sessions.values() for s in own for event in s.body["events"]}
    assert types >= {"page_view", "click", "scroll", "prompt", "model_response", "search"}
    assert types >= {"heartbeat", "copy", "workflow_start", "workflow_complete", "session_end"}
    for own in sessions.values():
        assert len({(s.user_agent, s.body["visitor_id"]) for s in own}) == 1
        assert "language" in own[0].body["context"]
        assert all("language" not in s.body["context"] for s in own[1:])
        assert {s.body["context"]["model_group"] for s in own} <= {"aurora", "baseline"}


def test_the_collector_takes_all_of_it(hour):
    for sent in hour:
        now = sent.at / 1000
        sender = Sender(now, sent.user_agent, {}, None, lambda: "p", lambda: "new", frozenset())
        (line,) = tracker_lines(sent.body, sender)
        row = json.loads(line)
        assert row["session_id"] == sent.body["session_id"]
        assert row["user_agent"] == sent.user_agent
        assert row["model_group"] in ("aurora", "baseline")
        if row["event_type"] == "prompt":
            assert row["chat_id"]
            assert row["query_type"]
