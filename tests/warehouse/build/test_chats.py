"""Chats of the demo, which comes as documents of MongoDB: against a naive account of its events."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import warehouse
from etl.config.settings import load_settings
from etl.demo import generate
from tests.make import build_home, lake_events, load_files
from tests.naive_chats import naive_turns
from tests.oracle import Oracle
from tests.warehouse.models.test_chats import assert_same_turns
from warehouse import Filters
from warehouse.metrics import chat

UNTIL = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chats of a demo, loaded and built."""
    folder = tmp_path_factory.mktemp("demo")
    export = generate(folder / "export", seed=7, events=12_000, days=60, until=UNTIL)
    settings = load_settings(folder / "home", export.config)
    files = sorted((folder / "export" / "chat").iterdir())
    load_files(settings.home, *files, settings=settings, source="chat")
    build_home(settings.home, settings, now=UNTIL)
    return settings.home


@pytest.fixture(scope="module")
def wh(home: Path) -> Iterator[warehouse.Warehouse]:
    """Its warehouse."""
    with warehouse.open(home) as opened:
        yield opened


def test_turns_of_documents_are_those_of_a_naive_account(home, wh):
    import json

    events = [row | {"properties": json.dumps(row["properties"])} for row in lake_events(home)]
    wanted = naive_turns(Oracle(events, UNTIL.replace(tzinfo=None)))
    assert len(wanted) > 300
    assert_same_turns(wh.sql("from chat_turns").to_arrow_table().to_pylist(), wanted)


def test_the_planted_effect_between_the_model_groups_is_found(wh):
    told = {
        row["model_group"]: row for row in chat.latency(wh, Filters(), "model_group").to_dicts()
    }
    # The demo draws medians of e to the 7.25, and to the 7.62.
    assert told["aurora"]["p50_ms"] == pytest.approx(1408, rel=0.1)
    assert told["baseline"]["p50_ms"] == pytest.approx(2039, rel=0.1)
