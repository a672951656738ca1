"""A home whose numbers and names are known, and the settings of one that exports."""

from datetime import timedelta
from pathlib import Path

from etl.config.settings import Settings, load_settings
from tests.warehouse.small_builds import NOON, event, session, write_build

# What a spreadsheet would run, or break at.
HOSTILE = ("=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", 'a "b", c; d\ne', "#tag", "ä😀")
SECRET = '{"prompt": "a secret", "n": 1}'


def write_home(home: Path) -> None:
    """28 sessions of 28 days, the last one running, of browsers with hostile names."""
    sessions = [
        session(
            f"user {number % 5}",
            NOON - timedelta(days=number),
            seconds=number * 13 % 90 + 1,
            session_id=f"s{number}",
            browser=HOSTILE[number % len(HOSTILE)],
            device_type=("mobile", "desktop")[number % 2],
            tags=["x", "y"][: number % 3],
        )
        for number in range(28)
    ]
    events = [event(f"s{n}", f"user {n % 5}", NOON, properties=SECRET) for n in range(28)]
    write_build(home, sessions, events, as_of=NOON)


def settings_of(home: Path, folder: Path, text: str) -> Settings:
    """The settings of a dwell.toml in that folder."""
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(home, file)
