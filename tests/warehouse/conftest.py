"""The fixtures that readers' tests share: a small real build, written and opened."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import warehouse
from tests.warehouse.small_builds import Row, write_build

OpenBuild = Callable[..., warehouse.Warehouse]


@contextmanager
def opened_builds(folder: Path) -> Iterator[OpenBuild]:
    """Writes builds of given rows below the folder and opens them; all close with the block."""
    with ExitStack() as opened:
        numbers = count()

        def write_and_open(sessions: Sequence[Row] = (), **others: Any) -> warehouse.Warehouse:
            home = folder / f"home-{next(numbers)}"
            write_build(home, sessions, **others)
            return opened.enter_context(warehouse.open(home))

        yield write_and_open


@pytest.fixture
def open_build(tmp_path: Path) -> Iterator[OpenBuild]:
    """Writes a build of the given rows and opens it."""
    with opened_builds(tmp_path) as open_one:
        yield open_one


@pytest.fixture(scope="module")
def open_shared_build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBuild]:
    """The same for a build that all tests of a file read: nobody can write to it."""
    with opened_builds(tmp_path_factory.mktemp("shared")) as open_one:
        yield open_one
