"""The home that the tests of exports read."""

from pathlib import Path

import pytest

from tests.warehouse.exports.homes import write_home


@pytest.fixture(scope="session")
def exported_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of 28 sessions. Only its notes of exports are written to."""
    home = tmp_path_factory.mktemp("exported")
    write_home(home)
    return home
