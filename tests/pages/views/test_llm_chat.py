"""LLM chat without a browser: what it shows is what the metrics say, whatever is asked."""

from __future__ import annotations

import json
import re

import pytest

import warehouse
from pages.ui import chat_asked, format
from pages.views import llm_chat
from tests.pages.conftest import UNTIL, load, texts
from tests.pages.seen import bodies, cards, links, tables, text
from warehouse import Filters
from warehouse.metrics import chat
from warehouse.query import sql_of

PAGE = "pages/llm_chat.py"
TODAY = UNTIL.date()
MONTH = Filters.last_days(30, TODAY)


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def nameless(tmp_path_factory):
    """A home with a chat that has no id, one id of two users, and what a page gives as example."""
    folder = tmp_path_factory.mktemp("nameless")
    rows = [
        ("ann", "09:00:00", "prompt", None, {"text": "What is <b>dwell</b>?"}),
        ("ann", "09:00:02", "model_response", None, {"text": "Time spent.", "first_token_ms": 90}),
        *((user, "10:00:00", "prompt", "c2", {"text": f"asked by {user}"}) for user in "xy"),
    ]
    lines = [
        {"user_id": user, "time": f"2026-11-20T{at}Z", "event": kind, "chat_id": chat_id, **more}
        for user, at, kind, chat_id, more in rows
    ]
    (folder / "chat.ndjson").write_text("\n".join(map(json.dumps, lines)))
    example = llm_chat.EXAMPLE.replace(",\n ", ", ")
    (folder / "example.ndjson").write_text(example)
    load(folder / "home", folder / "chat.ndjson", folder / "example.ndjson")
    return folder / "home"


def chain(test):
    """The steps and outcomes of the chain by group, as a reader meets them."""
    (body,) = [body for body in bodies(test) if '<div class="dwell-chain"' in body]
    groups = {}
    for part in body.split("<section")[1:]:
        steps = re.findall(r"<b>([^<]*)</b>.*?<strong>([^<]*)</strong><small>([^<]*)<", part)
        outcomes = re.findall(r"dwell-outcome.*?<strong>([^<]*)</strong>.*?<b>([^<]*)</b>", part)
        groups[text(part.split("<h4>")[1].split("<small>")[0])] = (steps, outcomes)
    return groups


def chart(test, key):
    [sent] = [plot.proto for plot in test.get("plotly_chart") if f"chart_{key}" in plot.proto.id]
    return json.loads(sent.spec)


def test_cards_are_what_the_totals_say(open_page, home, wh):
    shown = cards(open_page(PAGE, home))
    row = chat.totals(wh, MONTH).row(0, named=True)
    assert shown["Responses"].value == format.count(row["response_count"])
    assert shown["Chats"].value == format.count(row["chat_count"])
    assert shown["Median latency"].value == format.latency(row["p50_ms"])
    assert shown["Used"].value == format.share(row["used_rate"])
    assert shown["Gave feedback"].value == format.share(row["feedback_rate"])
    assert len(shown) == 10


@pytest.mark.parametrize("by", ["model_group", "model", "provider", "prompt_type"])
def test_the_chain_is_what_the_metric_says(open_page, home, wh, by):
    shown = chain(open_page(PAGE, home, by=by))
    frame = chat.value_chain(wh, MONTH, by=by)
    parts = frame.partition_by(by, maintain_order=True)[:6]
    assert list(shown) == [chat_asked.named(part[by][0], by) for part in parts]
    for (steps, outcomes), part in zip(shown.values(), parts, strict=True):
        rows = part.to_dicts()
        told = [(format.share(row["rate"]), format.count(row["count"])) for row in rows]
        assert [(rate, count) for rate, _, count in steps] == told[:6]
        assert [rate for _, rate in outcomes] == [rate for rate, _ in told[6:]]


def test_used_is_the_same_in_cards_and_chain(wh):
    steps = chat.value_chain(wh, MONTH)
    used = steps.filter(steps["step"] == "used")["count"].sum()
    assert chat.totals(wh, MONTH)["used_rate_count"].item() == used > 0


def test_chats_come_page_by_page(wh):
    every = chat.chats(wh, MONTH, longest_first=True)
    assert every["turns"].is_sorted(descending=True)
    page = chat.chats(wh, MONTH, limit=7, offset=3, longest_first=True)
    assert page.equals(every.slice(3, 7))


def test_filters_hold_and_lead_to_the_same_groups_compared(open_page, home, wh):
    test = open_page(PAGE, home, device_type="mobile", period="90")
    row = chat.totals(wh, Filters.last_days(90, TODAY, devices=["mobile"])).row(0, named=True)
    assert cards(test)["Responses"].value == format.count(row["response_count"])
    found = {words: address for body in bodies(test) for words, address in links(body).items()}
    wanted = "compare?period=90&device_type=mobile&by=model_group&metrics="
    assert found["Compare by model group"].startswith(wanted)
    assert "rephrased_rate" in found["Compare by model group"]
    assert found["aurora"] == "?period=90&device_type=mobile&model_group=aurora"
    # What sessions are not broken down by cannot be compared by.
    other = open_page(PAGE, home, by="provider")
    assert not [body for body in bodies(other) if "Compare by" in body]


def test_the_sql_that_is_told_is_the_one_that_runs(open_page, home, wh):
    code = [each.value for each in open_page(PAGE, home, device_type="mobile").code]
    told = [text for text in code if "filtered_turns" in text or "filtered_chats" in text]
    assert len(told) == 10
    assert not [text for text in told if re.search(r"\$(sums|rates|turn_value|chat_value)", text)]
    filters = Filters.last_days(30, TODAY, devices=["mobile"])
    parts = chat_asked.turn_parts(filters, "model")
    assert sql_of("chat.latency", filters, wh=wh, **parts) in told


def test_latency_and_ends_are_what_the_metrics_say(open_page, home, wh):
    test = open_page(PAGE, home, latency_by="model")
    frame = chat.latency(wh, MONTH)
    dots = {len(trace["x"]): trace for trace in chart(test, "latency")["data"][1:]}
    assert dots[frame.height]["x"] == pytest.approx((frame["p50_ms"] / 1000).to_list())
    ends = chat.drop_off(wh, MONTH)
    bars = chart(test, "ends")["data"][0]
    assert bars["y"] == pytest.approx(ends["ended_rate"].to_list()[: len(bars["y"])])
    by_hour = chart(open_page(PAGE, home, latency_by="hour"), "latency")
    assert len(by_hour["data"]) == 4
    assert {len(trace["x"]) for trace in by_hour["data"]} == {24}


@pytest.mark.parametrize("order", ["newest", "longest"])
def test_the_list_opens_each_chat(open_page, home, wh, order):
    test = open_page(PAGE, home, order=order)
    rows = next(rows for rows in tables(test) if "Began" in rows[0])
    first = chat.chats(wh, MONTH, limit=1, longest_first=order == "longest").row(0, named=True)
    assert rows[0]["User"] == first["user_id"]
    assert rows[0]["Turns"] == format.count(first["turns"])
    (body,) = [body for body in bodies(test) if "Began" in body and "<table>" in body]
    assert f"chat={first['chat_id']}" in next(iter(links(body.split("<tbody>")[1]).values()))


def test_a_chat_is_told_turn_by_turn_without_a_typed_word(open_page, home, wh, monkeypatch):
    row = chat.chats(wh, MONTH, limit=1, longest_first=True).row(0, named=True)
    turns = chat.conversation(wh, chat_id=row["chat_id"], show_texts=True)
    said = turns["prompt_text"].drop_nulls().to_list()
    assert said
    test = open_page(PAGE, home, chat=row["chat_id"])
    hidden = " ".join(bodies(test))
    assert f"Chat {row['chat_id']}" in texts(test)
    assert hidden.count('class="dwell-turn"') == turns.height
    assert not [each for each in said if each in hidden]
    assert "set `show_texts = true` in dwell.toml" in texts(test)
    monkeypatch.setenv("DWELL_SHOW_TEXTS", "true")
    shown = text(" ".join(bodies(open_page(PAGE, home, chat=row["chat_id"]))))
    assert [each for each in said if each in shown] == said


def test_a_chat_without_an_id_is_found_by_its_session(open_page, nameless, monkeypatch):
    monkeypatch.setenv("DWELL_SHOW_TEXTS", "true")
    test = open_page(PAGE, nameless)
    (body,) = [body for body in bodies(test) if "Began" in body and "<table>" in body]
    (address,) = [each for each in links(body).values() if "session=" in each]
    test = open_page(PAGE, nameless, session=address.partition("session=")[2])
    assert "Chat without an id" in texts(test)
    assert "What is &lt;b&gt;dwell&lt;/b&gt;?" in " ".join(bodies(test))
    # First tokens are told where they are known.
    assert "first token 90 ms" in " ".join(bodies(test))


def test_a_chat_id_of_two_users_is_two_chats(open_page, nameless, monkeypatch):
    monkeypatch.setenv("DWELL_SHOW_TEXTS", "true")
    body = " ".join(bodies(open_page(PAGE, nameless, chat="c2")))
    assert "asked by x" in body
    assert "asked by y" not in body
    assert links(body)["y"] == "?chat=c2&user=y"
    other = " ".join(bodies(open_page(PAGE, nameless, chat="c2", user="y")))
    assert "asked by y" in other


def test_what_there_is_not_is_said(open_page, home, berlin_home, monkeypatch):
    assert "No chat 'gone'" in texts(open_page(PAGE, home, chat="gone"))
    away = {"from": "2024-01-01", "to": "2024-01-31"}
    none = texts(open_page(PAGE, home, **away))
    assert "No sessions from 1 to 31 Jan 2024: the data reaches from" in none
    narrowed = texts(open_page(PAGE, home, source="web"))
    assert "No chat matches the filters" in narrowed
    never = open_page(PAGE, berlin_home)
    assert "Send `prompt` when somebody asks" in texts(never)
    assert "model_response" in never.code[0].value
    monkeypatch.setattr(llm_chat, "TABLE", "chat_turns_to_come")
    old = texts(open_page(PAGE, home))
    assert "was made before Dwell knew of chats. Run 'dwell build'" in old


def test_the_example_is_what_a_load_takes(nameless):
    with warehouse.open(nameless) as wh:
        (row,) = [row for row in chat.responses(wh, Filters()).to_dicts() if row["model"]]
    assert (row["model"], row["latency_ms"], row["response_length"]) == ("lumen-2", 1840, 912)
    assert row["is_copied"]
