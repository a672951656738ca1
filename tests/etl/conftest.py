"""The fixture of the loading tests: text in, what the lake then holds out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etl.lake import Lake
from etl.load.outcome import Outcome
from tests.make import lake_events, lake_table, load_files


@dataclass
class Loaded:
    """What one load left in the lake."""

    outcomes: list[Outcome]
    lake: Lake

    @property
    def outcome(self) -> Outcome:
        """The outcome of the only file."""
        (outcome,) = self.outcomes
        return outcome

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Rows read, loaded, duplicate, rejected of the only file."""
        one = self.outcome
        return one.rows_read, one.rows_loaded, one.rows_duplicate, one.rows_rejected

    def events(self) -> list[dict[str, Any]]:
        """The lake's events by time and id, properties as dictionaries."""
        return lake_events(self.lake.home)

    def column(self, name: str) -> list[Any]:
        """One column of the lake's events, without a look at their properties."""
        return [row[name] for row in lake_table(self.lake.home, "events")]

    def rejected(self) -> list[dict[str, Any]]:
        """The rejected rows by file and line."""
        rows = lake_table(self.lake.home, "rejected")
        return sorted(rows, key=lambda row: (row["file"], row["line"]))


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[..., Loaded]:
    """Loads a text (or bytes) as a file of the given name into one home."""

    def load(text: str | bytes, name: str = "events.ndjson", **request: Any) -> Loaded:
        file = tmp_path / "in" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        outcomes = load_files(tmp_path / "home", file, **request)
        return Loaded(outcomes, Lake(tmp_path / "home"))

    return load
