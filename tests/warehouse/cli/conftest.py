"""The fixture of the command line's tests: a folder to work in, and commands run in it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.make import write_ndjson
from warehouse.cli import main

ROWS = [
    {"user": "ann", "time": "2026-03-10T12:00:00Z", "event": "page_view", "url": "/a"},
    {"user": "ann", "time": "2026-03-10T12:00:20Z", "event": "prompt", "session_type": "chat"},
    {"user": "bob", "time": "2026-03-10T13:00:00Z", "event": "click", "tags": ["x", "y"]},
]


@dataclass(frozen=True)
class Result:
    """What a command said and returned."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout."""
        content = json.loads(self.out)
        assert isinstance(content, dict)
        return content


Dwell = Callable[..., Result]


@pytest.fixture
def dwell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Dwell:
    """Runs a command in an empty folder, whose home is ./data."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        written = capsys.readouterr()
        return Result(code, written.out, written.err)

    return run


@pytest.fixture(scope="session")
def home_of_events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has the events, with one build. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("loaded")
    home = folder / "data"
    assert (
        main(["load", str(write_ndjson(folder / "events.ndjson", ROWS)), "--home", str(home)]) == 0
    )
    return home


@pytest.fixture
def loaded_events(dwell: Dwell, events: Path, home_of_events: Path) -> Dwell:
    """Runs commands in a folder that has the events, and a copy of that home as ./data."""
    shutil.copytree(home_of_events, events.with_name("data"))
    return dwell


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """An export of three events of two users."""
    return write_ndjson(tmp_path / "events.ndjson", ROWS)
