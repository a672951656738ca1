"""Homes that an earlier Dwell left: read as they are, nothing loaded again, the same numbers."""

import json
import tarfile
from pathlib import Path

import pytest

import warehouse
from etl.config.settings import load_settings
from etl.lake import Lake, locked
from warehouse.build import build
from warehouse.cli import main

# Made by commit a35daef: four sources, a batch that was replaced twice, days that were pruned,
# merged files, increments, settings that shape history. Its build is number 6.
HOMES = Path(__file__).parents[1] / "old_homes"
BUILD = 6
# What tells of the making and its defaults, not of the data; and what was kept in another form, or
# whose definition has moved since (patterns of sessions, D21; sources of entry, D72).
_OF_THE_MAKING = {
    *("models", "event_parts", "replaced_sessions", "table_parts", "gone_rows", "settings"),
}
_SCORED = {"score", "indicators"}
_OTHER_FORM = {
    "user_sessions": {
        *("indicator_set", "pattern", "pattern_confidence", "pattern_indicators", "entry_source"),
    },
    "pattern_scores": {"indicator_set", *_SCORED},
    "session_patterns": _SCORED,
}
# Rows of both streams together, and metrics of answers in chats, which no build had then.
_NEW_ROWS = {"daily_session_stats": "stream = 'all'", "metrics": "query like 'chat.%'"}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of an operator: home, exports and dwell.toml."""
    with tarfile.open(HOMES / "a35daef.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def rows_of(
    wh: warehouse.Warehouse, table: str, columns: list[str], but: str = "false"
) -> list[str]:
    """The rows of a table as text, in an order that they make themselves, but some."""
    named = ", ".join(f'"{column}"' for column in columns)
    return sorted(map(str, wh.sql(f"select {named} from {table} where not ({but})").fetchall()))


def columns_of(wh: warehouse.Warehouse) -> dict[str, list[str]]:
    """Table → its columns."""
    found: dict[str, list[str]] = {}
    for table, column in wh.sql(
        "select table_name, column_name from information_schema.columns "
        "where table_catalog = current_database() and table_schema = 'main' order by all"
    ).fetchall():
        found.setdefault(table, []).append(column)
    return found


def test_an_old_home_is_read_and_nothing_of_it_loaded_again(
    old: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {batch.batch_id for batch in Lake(old / "home").batches()}
    monkeypatch.chdir(old)
    assert main(["load", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {batch["status"] for batch in result["batches"]} == {"unchanged"}
    assert {batch.batch_id for batch in Lake(old / "home").batches()} == before
    assert result["build"] == BUILD + 1


def test_an_old_home_redoes_history_once_and_says_why(old: Path) -> None:
    settings = load_settings(old / "home", old / "dwell.toml")
    with locked(settings.home):
        first, second = build(settings), build(settings)
    assert first.reason == "models changed: all history redone"
    assert second.reason == "nothing new"


def test_an_old_home_keeps_its_numbers(old: Path) -> None:
    settings = load_settings(old / "home", old / "dwell.toml")
    with locked(settings.home):
        build(settings)
    with (
        warehouse.open(settings.home, build=BUILD) as before,
        warehouse.open(settings.home) as after,
    ):
        tables, tables_now = columns_of(before), columns_of(after)
        assert tables.keys() <= tables_now.keys()
        for table in tables.keys() - _OF_THE_MAKING:
            columns = [c for c in tables[table] if c not in _OTHER_FORM.get(table, ())]
            assert set(columns) <= set(tables_now[table]), table
            new = _NEW_ROWS.get(table, "false")
            assert rows_of(after, table, columns, new) == rows_of(before, table, columns), table


def test_an_old_build_is_read_before_it_is_made_anew(old: Path) -> None:
    with warehouse.open(old / "home") as wh:
        filters = warehouse.Filters.last_days(30, wh.as_of_date)
        before = warehouse.metrics.overview.totals(wh, filters)
    settings = load_settings(old / "home", old / "dwell.toml")
    with locked(settings.home):
        build(settings)
    with warehouse.open(old / "home") as wh:
        assert warehouse.metrics.overview.totals(wh, filters).equals(before)
