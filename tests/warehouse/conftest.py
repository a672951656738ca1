"""The fixture that readers' tests share: a small real build, written and opened."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import warehouse
from tests.warehouse.small_builds import Row, write_build


@pytest.fixture
def open_build(tmp_path: Path) -> Iterator[Callable[..., warehouse.Warehouse]]:
    """Writes a build of the given rows and opens it."""
    opened: list[warehouse.Warehouse] = []

    def write_and_open(sessions: Sequence[Row] = (), **others: Any) -> warehouse.Warehouse:
        home = tmp_path / f"home-{len(opened)}"
        write_build(home, sessions, **others)
        opened.append(warehouse.open(home))
        return opened[-1]

    yield write_and_open
    for wh in opened:
        wh.close()
