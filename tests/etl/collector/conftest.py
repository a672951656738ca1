"""What tests of the spool share: lines, and what the files of a home hold."""

import json
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest

from etl.collector.spool import Spool
from etl.collector.spool_files import finished, open_files
from tests.apart import run_apart

_numbers = count(1)


def line(**fields: object) -> bytes:
    """One accepted event as the collector spools it, with an id of its own."""
    number = next(_numbers)
    event = {
        "event_id": f"e{number:06d}",
        "event_type": "click",
        "event_time": f"2026-03-10T12:{number % 60:02d}:00.123Z",
        "user_id": "ann",
        "session_id": "s1",
        "url": "/a",
    }
    return json.dumps(event | fields).encode()


def append(spool: Spool, source: str, lines: Sequence[bytes]) -> None:
    """Has lines appended, and waits until they are on disk."""
    run_apart(spool.append(source, lines))


def lines_in(home: Path) -> list[bytes]:
    """The lines of all files, finished or open, in order of the files' names."""
    files = [*finished(home), *open_files(home)]
    return [line for file in files for line in file.path.read_bytes().splitlines()]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that is not there yet."""
    return tmp_path / "home"


@pytest.fixture
def spool(home: Path) -> Iterator[Spool]:
    """A spool in that home, stopped in the end."""
    spool = Spool(home)
    yield spool
    spool.stop()
