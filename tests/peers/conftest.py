"""The peers' data sets: real and published ones that lie beside the project, never in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def peer_data() -> Callable[[str], Path]:
    """The folder of one data set; the test is skipped where it is not there."""

    def folder(name: str) -> Path:
        found = DATA / name
        if not found.is_dir():
            pytest.skip(f"no data set {name} beside the project")
        return found

    return folder
