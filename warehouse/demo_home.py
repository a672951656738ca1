"""Keeps the demo and people's own data in homes of their own."""

from collections.abc import Sequence
from pathlib import Path

from etl.errors import ConfigError

# The source of played visits. Its key is what tells the demo's collector from all others.
LIVE_SOURCE, LIVE_KEY = "live", "played-by-dwell-demo"


def demo_folder(home: Path) -> Path:
    """Where the demo's exports lie in a home."""
    return home / "landing" / "demo"


def live_folder(home: Path) -> Path:
    """Where the visits lie that `dwell demo --live` played."""
    return home / "landing" / LIVE_SOURCE


def demo_mark(home: Path) -> Path:
    """The file that says with what the demo was made."""
    return demo_folder(home) / "demo.json"


def is_of_demo(home: Path, file: str) -> bool:
    """Whether a file of a home is one of the demo's."""
    own = (demo_folder(home).resolve(), live_folder(home).resolve())
    return any(Path(file).resolve().is_relative_to(folder) for folder in own)


def refuse_own_data(home: Path, patterns: Sequence[str]) -> None:
    """ConfigError when files that are not the demo's would go into the demo's home."""
    if not demo_mark(home).exists():
        return
    foreign = [pattern for pattern in patterns if not is_of_demo(home, pattern)]
    if foreign:
        msg = (
            f"{home} holds the demo, and {foreign[0]} would be counted with it. Give your data a "
            "home of its own (--home my-data, or home in dwell.toml), or remove the demo first: "
            f"rm -r {home}"
        )
        raise ConfigError(msg)
