"""A slice of `make soak-delivery`: killed processes lose no message and give none a second id."""

from pathlib import Path

from tests.soak.delivery import run


def test_killed_processes_lose_no_message_and_repeat_at_most_one(tmp_path: Path) -> None:
    told = run(tmp_path, 5, 0.5, seed=3)
    assert told.startswith("5 kills"), told
