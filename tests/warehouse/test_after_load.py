"""What follows a load never takes its outcome: each part may break as it likes, but for a stop."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.config.settings import Settings, load_settings
from etl.errors import DwellError
from warehouse.after_load import Followed, after_load

CONFIG = """
[receivers.log]
file = "told.ndjson"
[alerts.few]
metric = "session_count"
below = 5
[exports.users]
table = "users"
path = "out/users.csv"
every = "1 d"
"""
# What does it, and what is told of it.
PARTS = {
    "warehouse.alerts.check": "Alerts could not be judged",
    "warehouse.delivery.outbox.deliver": "Nothing was delivered",
    "warehouse.after_load.run_due": "No export was written",
}
ERRORS = {
    "told": (DwellError("It is so."), "It is so."),
    "no memory": (
        duckdb.OutOfMemoryException("Out of Memory Error: no 3 MB\nPossible solutions: buy"),
        "OutOfMemoryException: Out of Memory Error: no 3 MB.",
    ),
    "no room": (OSError(28, "No space left"), "OSError: [Errno 28] No space left."),
    "unforeseen": (TypeError("no number"), "TypeError: no number."),
}


def _raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "dwell.toml").write_text(CONFIG)
    return load_settings(tmp_path / "home", tmp_path / "dwell.toml")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("case", ERRORS)
def test_what_breaks_is_told_and_the_rest_is_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, case: str, part: str
) -> None:
    done: list[str] = []
    for each in PARTS:
        monkeypatch.setattr(each, lambda *_, each=each: done.append(each))
    error, told = ERRORS[case]
    monkeypatch.setattr(part, _raising(error))
    followed = after_load(settings)
    assert followed.problems == [f"{PARTS[part]}: {told}"]
    # An export may take long: who waits for an alarm has it before.
    assert done == [each for each in PARTS if each != part]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("stop", [KeyboardInterrupt(), RuntimeError("Query interrupted")], ids=repr)
def test_a_stop_goes_through(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stop: BaseException, part: str
) -> None:
    monkeypatch.setattr(part, _raising(stop))
    with pytest.raises(KeyboardInterrupt):
        after_load(settings)


def test_a_home_without_a_build_has_nothing_to_tell(settings: Settings) -> None:
    followed = after_load(settings)
    assert followed == Followed(delivered=followed.delivered)
