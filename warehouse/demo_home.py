"""Keeps the demo and people's own data in homes of their own."""

from collections.abc import Sequence
from pathlib import Path

from etl.errors import ConfigError


def demo_folder(home: Path) -> Path:
    """Where the demo's exports lie in a home."""
    return home / "landing" / "demo"


def demo_mark(home: Path) -> Path:
    """The file that says with what the demo was made."""
    return demo_folder(home) / "demo.json"


def refuse_own_data(home: Path, patterns: Sequence[str]) -> None:
    """ConfigError when files that are not the demo's would go into the demo's home."""
    if not demo_mark(home).exists():
        return
    inside = demo_folder(home).resolve()
    foreign = [p for p in patterns if not Path(p).resolve().is_relative_to(inside)]
    if foreign:
        msg = (
            f"{home} holds the demo, and {foreign[0]} would be counted with it. Give your data a "
            "home of its own (--home my-data, or home in dwell.toml), or remove the demo first: "
            f"rm -r {home}"
        )
        raise ConfigError(msg)
