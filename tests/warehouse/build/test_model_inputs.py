"""What the models are given: each setting that shapes history, in the type it is declared with."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from etl.config.settings import SETTINGS, load_settings
from warehouse.build.model_inputs import lay_out_settings
from warehouse.build.own_columns import TABLES

NOW = datetime(2026, 3, 10, 14, tzinfo=UTC)


def given_settings(folder: Path, text: str = "") -> dict[str, tuple[str, object]]:
    """Type and value of each column of given_settings, with this dwell.toml."""
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    with duckdb.connect() as con:
        lay_out_settings(con, load_settings("h", file), NOW)
        relation = con.sql("select * from given_settings")
        (row,) = relation.fetchall()
        return {
            name: (str(kind), value)
            for name, kind, value in zip(relation.columns, relation.types, row, strict=True)
        }


def test_settings_given_to_models_are_those_that_shape_history(tmp_path: Path) -> None:
    columns = {name.removesuffix("_us") for name in given_settings(tmp_path)}
    shaping = {setting.name for setting in SETTINGS if setting.shapes_history}
    assert columns == shaping | {"now", "has_page_rules", *TABLES}


@pytest.mark.parametrize(
    ("text", "column", "kind", "value"),
    [
        ('timeout = "40 min"', "timeout_us", "BIGINT", 2_400_000_000),
        ('idle_timeout = "0.5 s"', "idle_timeout_us", "BIGINT", 500_000),
        ("bounce_actions = 3", "bounce_actions", "BIGINT", 3),
        ('time_zone = "Europe/Berlin"', "time_zone", "VARCHAR", "Europe/Berlin"),
        ('ends = ["logout", "bye"]', "ends", "VARCHAR[]", ["logout", "bye"]),
        ("ends = []", "ends", "VARCHAR[]", []),
        ("", "has_page_rules", "BOOLEAN", False),
        ('page_rules = ["/item/:id"]', "has_page_rules", "BOOLEAN", True),
    ],
)
def test_settings_are_given_to_models_by_type(
    tmp_path: Path, text: str, column: str, kind: str, value: object
) -> None:
    assert given_settings(tmp_path, text)[column] == (kind, value)
