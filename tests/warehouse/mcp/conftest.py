"""The fixtures of the server's tests: one home, and clients of servers that read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import warehouse
from tests.warehouse.cli.conftest import dwell as dwell
from tests.warehouse.mcp.serving import Caller, calling, http_server, make_home, over_stdio


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one build. Nobody writes to it."""
    return make_home(tmp_path_factory.mktemp("mcp"))


@pytest.fixture(scope="session")
def wh(home: Path) -> Iterator[warehouse.Warehouse]:
    """Its build, read by the metrics themselves."""
    with warehouse.open(home) as opened:
        yield opened


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """Where a server of the home answers HTTP."""
    with http_server(home) as (_, address):
        yield address


@pytest.fixture(scope="session")
def over_http(address: str) -> Iterator[Caller]:
    """A client over HTTP."""
    with calling(address) as caller:
        yield caller


@pytest.fixture(scope="session", params=["stdio", "http"])
def caller(request: pytest.FixtureRequest, home: Path) -> Iterator[Caller]:
    """A client over either transport."""
    if request.param == "http":
        yield request.getfixturevalue("over_http")
        return
    with calling(over_stdio(home)) as caller:
        yield caller
