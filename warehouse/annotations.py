"""The annotations of dwell.toml, as they are now: no build is made for them."""

from pathlib import Path

from etl.config.annotations import Annotation
from etl.config.settings import load_settings


def annotations(home: Path | str | None = None) -> tuple[Annotation, ...]:
    """What happened on which days, by day; none without a configuration file.

    ConfigError when dwell.toml does not fit.
    """
    return load_settings(home).annotations
