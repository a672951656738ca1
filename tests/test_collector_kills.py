"""A slice of `make soak-collector`: killed collectors lose nothing, and nothing is doubled."""

import random
from pathlib import Path

from tests.soak.collector import Setup, free_port, kill_collectors


def test_killed_collectors_lose_no_acknowledged_event_and_double_none(tmp_path: Path) -> None:
    setup = Setup(tmp_path / "home", "spool", free_port(), random.Random(3), is_short=True)
    told = kill_collectors(setup, 3, 0.3)
    assert told.startswith("3 kills"), told
