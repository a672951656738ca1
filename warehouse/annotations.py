"""The annotations of dwell.toml, as they are now: no build is made for them."""

from pathlib import Path

from etl.config.annotations import Annotation
from etl.config.settings import load_settings
from etl.errors import DwellError


def annotations(home: Path | str | None = None) -> tuple[Annotation, ...]:
    """What happened on which days, by day; none without a configuration file.

    ConfigError when dwell.toml does not fit.
    """
    return load_settings(home).annotations


def annotations_or_problem(
    home: Path | str | None = None,
) -> tuple[tuple[Annotation, ...], str | None]:
    """The same for those who only read: none, and a sentence, where dwell.toml does not fit."""
    try:
        return annotations(home), None
    except DwellError as error:
        return (), str(error)
