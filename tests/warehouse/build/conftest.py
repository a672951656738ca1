"""A home with some visits, for tests of what a prune takes out of it and what it leaves."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from etl.config.settings import Settings, load_settings
from etl.lake import locked
from tests.make import build_home, load_files, write_ndjson
from warehouse.build.prune import Prune, prune

Row = dict[str, Any]


def prune_home(home: Path, settings: Settings | None = None, **options: Any) -> Prune:
    """Prunes a home."""
    with locked(home):
        return prune(settings or load_settings(home), **options)


def clicks(user: str, *times: str, **more: Any) -> list[Row]:
    """Clicks of a user at times such as "03-01 23:50"."""
    return [{"user": user, "time": f"2026-{t}:00Z", "event": "click", **more} for t in times]


@pytest.fixture(scope="session")
def loaded_visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of visits on three days, one of which goes on past midnight, and a home that has
    it, with a build. To be copied.
    """
    folder = tmp_path_factory.mktemp("visited")
    rows = [
        *clicks("ann", "03-01 09:00", "03-01 09:10", "03-03 09:00"),
        *clicks("bob", "03-01 10:00"),
        *clicks("cid", "03-01 23:50", "03-02 00:10"),
        *clicks("dan", "03-03 12:00"),
        {"user": "", "time": "2026-03-01T00:00:00Z"},
    ]
    load_files(folder / "home", write_ndjson(folder / "visits.ndjson", rows), source="web")
    build_home(folder / "home")
    return folder


@pytest.fixture
def visited(loaded_visits: Path, tmp_path: Path) -> Path:
    """A copy of that home, beside one of its export."""
    shutil.copytree(loaded_visits, tmp_path, dirs_exist_ok=True)
    return tmp_path / "home"
