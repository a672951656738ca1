"""Exports of chat products: Slack's folders and ChatGPT's conversations."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.exports import as_array
from tests.make import lake_events, load_files

Load = Callable[..., Any]


def message(user: str, ts: str, **more: Any) -> dict[str, Any]:
    """One message of Slack."""
    return {"type": "message", "user": user, "text": "hi", "ts": ts} | more


def slack(folder: Path) -> Path:
    """An export of two channels, which hold the same message."""
    for channel, subtype in (("general", "channel_join"), ("help {x}", "thread_broadcast")):
        (folder / channel).mkdir(parents=True)
        rows = [
            message("U1", "1773144000.000100"), message("U2", "1773144060.000200", subtype=subtype)
        ]  # fmt: skip
        (folder / channel / "2026-03-10.json").write_text(json.dumps(rows, indent=1))
    (folder / "users.json").write_text('[{"id": "U1", "name": "ann", "deleted": false}]')
    (folder / "channels.json").write_text('[{"id": "C1", "name": "general", "creator": "U1"}]')
    return folder


def test_slack_tells_the_channel_and_leaves_its_lists_out(tmp_path: Path) -> None:
    folder = slack(tmp_path / "export")
    outcomes = load_files(tmp_path / "home", folder)
    assert sorted(o.status for o in outcomes) == ["loaded", "loaded", "skipped", "skipped"]
    events = lake_events(tmp_path / "home")
    told = [(e["properties"]["channel"], e["user_id"], e["event_type"]) for e in events]
    assert sorted(told) == [
        ("general", "U1", "message"), ("general", "U2", "channel_join"),
        ("help {x}", "U1", "message"), ("help {x}", "U2", "message"),
    ]  # fmt: skip
    again = load_files(tmp_path / "home", folder)
    assert {o.status for o in again} == {"unchanged", "skipped"}


def test_equal_files_of_two_channels_are_two(tmp_path: Path) -> None:
    folder = slack(tmp_path / "export")
    (folder / "x").mkdir()
    (folder / "x" / "2026-03-10.json").write_bytes(
        (folder / "general" / "2026-03-10.json").read_bytes()
    )
    load_files(tmp_path / "home", folder)
    assert len(lake_events(tmp_path / "home")) == 6


def part(number: int, role: str, text: str = "hi", **more: Any) -> dict[str, Any]:
    """A node of a conversation."""
    content = {"content_type": "text", "parts": [text]}
    author = {"role": role}
    said = {"id": f"m{number}", "author": author, "create_time": 1773144000.5 + number}
    return {"id": f"m{number}", "parent": None, "message": said | {"content": content} | more}


def chat(name: str) -> dict[str, Any]:
    """A conversation of two prompts, one answer, and what nobody saw."""
    hidden = {"metadata": {"is_visually_hidden_from_conversation": True}}
    nodes = [
        {"id": "root", "message": None},
        part(1, "system"),
        part(2, "user"),
        part(3, "assistant", recipient="python"),
        part(4, "assistant", "", recipient="all"),
        part(5, "assistant", recipient="all"),
        part(6, "user", **hidden),
        part(7, "user", "and more"),
    ]
    mapping = {node["id"]: node for node in nodes}
    return {"id": name, "title": f"On {name}", "create_time": 1773144000.0, "mapping": mapping}


def test_prompts_and_answers_of_chatgpt_become_events(load_text: Load) -> None:
    loaded = load_text(as_array([chat("a"), chat("b")]), "conversations.json", map={"user": "'me'"})
    assert (loaded.outcome.format, loaded.counts) == ("chatgpt", (6, 6, 0, 0))
    told = [(e["chat_id"], e["event_type"], e["user_id"]) for e in loaded.events()]
    assert sorted(told) == [
        *[("a", "model_response", "me"), ("a", "prompt", "me"), ("a", "prompt", "me")],
        *[("b", "model_response", "me"), ("b", "prompt", "me"), ("b", "prompt", "me")],
    ]
    assert [("chat" in e["properties"]) for e in loaded.events()].count(True) == 2
    assert {e["properties"]["title"] for e in loaded.events()} == {"On a", "On b"}


def test_an_account_must_be_somebodys(load_text: Load) -> None:
    outcome = load_text(as_array([chat("a")]), "conversations.json").outcome
    assert outcome.status == "failed"
    assert """--map "user='me'\"""" in str(outcome.message)
