"""The page of one session: by its id, by an old one, and what stands there."""

from __future__ import annotations

import json
import re

import duckdb
import pytest

import warehouse
from pages.ui import ask
from pages.views import session_cuts, session_event_list, session_timeline, session_turns
from tests.pages.conftest import ODD_USER, texts
from tests.pages.seen import bodies, links, tables, text
from tests.pages.ui.test_replay import track_of
from tests.warehouse.metrics.test_session_story import id_of
from tests.warehouse.small_builds import session, write_build
from warehouse.metrics import sessions

SESSIONS = "pages/sessions.py"


@pytest.fixture(scope="module")
def known(home):
    """A session of each kind, as rows of user_sessions, by name."""
    wanted = {
        "web": "stream = 'inactivity' and page_view_count > 3 and session_number > 1",
        "chat": "stream = 'tracker' and query_count > 2 and not is_open",
        "long": "event_count > 10",
    }
    with warehouse.open(home) as wh:
        return {
            name: wh.sql(
                f"from user_sessions where {which} order by session_id limit 1"
            ).pl().row(0, named=True)
            for name, which in wanted.items()
        }  # fmt: skip


def shown(test):
    return " ".join(map(text, bodies(test)))


def opened(test):
    """The JSON of the event that is open."""
    return [code.value for code in test.code if code.language == "json"]


def replay_of(test):
    return next(body for body in bodies(test) if 'class="dwell-replay"' in body)


@pytest.mark.parametrize("name", ["web", "chat"])
def test_a_session_is_shown_with_its_facts_and_its_story(open_page, home, known, name):
    row = known[name]
    test = open_page(SESSIONS, home, session=row["session_id"], period="7")
    assert f"Session {row['session_number']} of {row['user_id']}" in texts(test)
    with warehouse.open(home) as wh:
        told = {(kind, fact): value for kind, fact, value in
                sessions.story(wh, row["session_id"]).rows()}  # fmt: skip
    page = shown(test)
    assert told[("start", "sentence")] in page
    assert told[("end", "sentence")] in page
    ways = links(" ".join(bodies(test)))
    assert ways[row["user_id"]] == f"users?period=7&user={row['user_id']}"
    assert ways["← All sessions"] == "?period=7"
    # The page has no filters: what it shows is one session, whenever that was.
    assert not test.segmented_control


def test_the_way_back_keeps_the_page_of_the_list(open_page, home, known):
    test = open_page(
        SESSIONS, home, session=known["web"]["session_id"], page="3", q="/docs", event="2"
    )
    assert links(" ".join(bodies(test)))["← All sessions"] == "?page=3&q=%2Fdocs"


def test_neighbours_lead_there_and_back(open_page, home, known):
    here = known["web"]["session_id"]
    test = open_page(SESSIONS, home, session=here, event="3")
    ways = links(" ".join(bodies(test)))
    (before,) = [address for words, address in ways.items() if "Previous session" in words]
    there = re.fullmatch(r"\?session=(.*)", before)[1]
    test = open_page(SESSIONS, home, session=there)
    (after,) = [words for words, address in links(" ".join(bodies(test))).items()
                if address == f"?session={here}"]  # fmt: skip
    assert after.startswith("Next session")


def test_an_id_that_is_nowhere_is_explained(open_page, home):
    test = open_page(SESSIONS, home, session="000000000000000-0000000000000000", period="7")
    assert "No such session" in texts(test)
    assert links(" ".join(bodies(test)))["← All sessions"] == "?period=7"


def test_an_old_id_opens_the_session_that_holds_its_event(open_page, home, known):
    session_id = known["long"]["session_id"]
    with warehouse.open(home) as wh:
        event = sessions.event(wh, session_id, 3).row(0, named=True)
    old = id_of(event, event["source"])
    test = open_page(SESSIONS, home, session=old)
    assert known["long"]["user_id"] in texts(test)
    # The script puts the address right.
    assert f'data-session="{session_id}" data-asked="{old}"' in replay_of(test)
    assert "The link's session begins elsewhere" in texts(test)


def test_the_replay_has_each_event_and_no_typed_text(open_page, home, known):
    row = known["chat"]
    body = replay_of(open_page(SESSIONS, home, session=row["session_id"]))
    track = track_of(body)
    assert len(track["ms"]) == row["event_count"]
    with warehouse.open(home) as wh:
        turns = sessions.turns(wh, row["session_id"], show_texts=True)
    assert len(track["turns"]) == turns.height > 2
    typed = {text for name in ("prompt_text", "response_text") for text in turns[name].drop_nulls()}
    assert typed
    told = json.dumps(track, ensure_ascii=False)
    assert not [text for text in typed if json.dumps(text, ensure_ascii=False)[1:-1] in told]


def test_texts_of_a_chat_cannot_be_switched_on_unless_a_setting_lets_them(open_page, home, known):
    test = open_page(SESSIONS, home, session=known["chat"]["session_id"])
    assert "Typed texts are hidden: `show_texts = true` in dwell.toml." in texts(test)
    assert "toggle_texts" not in [toggle.key for toggle in test.toggle]
    list_of_texts = open_page(SESSIONS, home, q="how")
    assert "toggle_search_texts" not in [toggle.key for toggle in list_of_texts.toggle]


def test_texts_of_a_chat_are_shown_when_they_are_switched_on(open_page, home, known, monkeypatch):
    monkeypatch.setenv("DWELL_SHOW_TEXTS", "true")
    row = known["chat"]
    with warehouse.open(home) as wh:
        turns = sessions.turns(wh, row["session_id"], show_texts=True)
    said = turns["prompt_text"].drop_nulls()[0]
    number = turns["prompt_event_number"].drop_nulls()[0]
    test = open_page(SESSIONS, home, session=row["session_id"], event=str(number))
    assert f"{turns.height} chat turns" in texts(test)
    (raw,) = opened(test)
    assert said not in shown(test) + raw
    assert f"({len(said)} characters hidden)" in raw
    test.toggle(key="toggle_texts").set_value(True).run()
    assert said in shown(test)
    assert json.loads(opened(test)[0])["properties"]["text"] == said


def test_events_are_of_one_type_and_page_by_page(open_page, home, known, monkeypatch):
    monkeypatch.setattr(session_event_list, "SIZE", 5)
    row = known["long"]
    test = open_page(SESSIONS, home, session=row["session_id"], part="2")
    with warehouse.open(home) as wh:
        types = sessions.events(wh, row["session_id"])["event_type"].to_list()
    listed = [line["Event"] for line in next(t for t in tables(test) if "Gap" in t[0])]
    assert listed == types[5:10]
    one = types[0]
    test = open_page(SESSIONS, home, session=row["session_id"], only=one)
    listed = [line["Event"] for line in next(t for t in tables(test) if "Gap" in t[0])]
    assert listed == [one] * min(types.count(one), 5)
    ways = links(" ".join(bodies(test)))
    assert ways[f"All {len(types)}"] == f"?session={row['session_id']}"


def test_turns_come_page_by_page_beside_the_pages_of_the_events(
    open_page, home, known, monkeypatch
):
    monkeypatch.setattr(session_turns, "SIZE", 2)
    row = known["chat"]
    test = open_page(SESSIONS, home, session=row["session_id"], turns="2")
    with warehouse.open(home) as wh:
        turns = sessions.turns(wh, row["session_id"])
    listed = [
        line["Turn"].rpartition(".")[2]
        for line in next(t for t in tables(test) if "Latency" in t[0])
    ]
    assert listed == [str(number) for number in turns["turn_number"][2:4]]
    assert f"{turns.height} chat turns" in texts(test)
    assert links(" ".join(bodies(test)))["\u2190 All sessions"] == "?"


def test_names_of_the_data_are_never_markup_and_times_are_of_the_zone(open_page, berlin_home):
    with warehouse.open(berlin_home) as wh:
        ((session_id,),) = wh.sql("select session_id from user_sessions").fetchall()
    test = open_page(SESSIONS, berlin_home, session=session_id)
    assert r"\!\[x\]\(" in test.subheader[0].value
    assert "10 Mar 2026 23:30:00 \u2013 23:30:00 Europe/Berlin" in shown(test)
    assert ODD_USER in shown(test)
    assert "(page_view, 23:30:00)" in shown(test)


@pytest.mark.parametrize("event", ["0", "99999", "-1", "nonsense", "9" * 40])
def test_an_event_that_is_not_there_opens_nothing(open_page, home, known, event):
    test = open_page(SESSIONS, home, session=known["web"]["session_id"], event=event)
    assert opened(test) == []
    assert "events" in texts(test)


def test_the_timeouts_are_told_but_for_a_tracker(open_page, home, known):
    test = open_page(SESSIONS, home, session=known["web"]["session_id"])
    strip = next(body for body in bodies(test) if "dwell-cuts" in body)
    assert strip.count("<div") == 10
    assert 'class="dwell-own' in strip
    test = open_page(SESSIONS, home, session=known["chat"]["session_id"])
    assert "No timeout changes it" in texts(test)


def test_the_page_asks_for_its_cuts_once(open_page, home, known, monkeypatch):
    asked, answered = [], ask.ask

    def noted(metric, *args, **kwargs):
        asked.append(metric.__name__)
        return answered(metric, *args, **kwargs)

    for view in (session_cuts, session_timeline, session_turns):
        monkeypatch.setattr(view, "ask", noted)
    open_page(SESSIONS, home, session=known["web"]["session_id"])
    # And for no events to know what idle is.
    # Turns are asked for the timeline and for their table.
    assert asked == ["replay", "turns", "runs", "turns", "story"]


def test_a_link_to_an_event_goes_to_its_page_of_the_list(monkeypatch):
    monkeypatch.setattr(session_event_list, "href", lambda **own: own)
    assert session_event_list.href_of(200) == {"event": "200", "part": None, "only": None}
    assert session_event_list.href_of(201) == {"event": "201", "part": "2", "only": None}


def test_a_build_of_before_turns_were_kept_shows_all_else(open_page, tmp_path):
    write_build(tmp_path / "old", [session("ann", query_count=2)])
    with duckdb.connect(str(tmp_path / "old" / "builds" / "wh-000001.duckdb")) as con:
        con.execute("drop table if exists chat_turns")
    test = open_page(SESSIONS, tmp_path / "old", session="ann@2026-03-10T12:00:00", period="all")
    assert "Turns of chats are told from the next build on" in texts(test)
    assert not test.error
