"""What a home keeps of its own: nothing that Dwell is told to write elsewhere may lie there."""

from pathlib import Path

from etl.errors import ConfigError

FOLDERS = ("builds", "lake", "landing", "outbox")
FILES = (
    *("alerts.json", "exports.json", "funnels.json", "queries.json", "segments.json"),
    *("collector_salt.json", "collector_salt.lock", "dwell.toml"),
)


def refuse_own_file(target: Path, home: Path, config: Path | None, told: str = "") -> None:
    """ConfigError for a path that a home has for itself, and for the configuration's.

    `told`: what is to be written there, for the error; else the path itself. Links are followed.
    """
    path, home = target.resolve(), home.resolve()
    own = [name for name in (*FOLDERS, *FILES) if path.is_relative_to((home / name).resolve())]
    # Locks, and files that are being written, begin with a dot.
    if path.parent == home and path.name.startswith("."):
        own.append(path.name)
    if config and path == config.resolve():
        own.append(config.name)
    if own:
        msg = (
            f"{told or target}: {own[0]} is the home's own. Give another path, such as one in "
            "exports/ beside dwell.toml."
        )
        raise ConfigError(msg)
