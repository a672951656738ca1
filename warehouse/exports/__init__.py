"""Exports: what is asked of a build as a file, once or again and again as dwell.toml says."""

from datetime import datetime
from typing import TYPE_CHECKING

from etl.config.settings import Settings

if TYPE_CHECKING:
    from warehouse.exports.run import Exported


def run_due(settings: Settings, now: datetime | None = None) -> "list[Exported]":
    """Writes the exports that are due, and says of each what came of it. Needs no lock of the home.

    Empty where none is due, where there is no build yet, and where another run is writing them.
    An export that fails is told as such and stays due; no DwellError is raised.
    """
    # Who has none waits for nothing.
    if not settings.exports:
        return []
    from etl.errors import Busy, DwellError, NoBuild
    from warehouse.exports.run import Exported, run

    try:
        return run(settings, now=now)
    except (Busy, NoBuild):
        return []
    except DwellError as error:
        # The notes are damaged, or the build is: nothing of any of them could be written.
        told = str(error)
        return [Exported(each.name, "failed", 0.0, message=told) for each in settings.exports]
