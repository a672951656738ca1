"""What is said when a build cannot be made for a reason that lies outside of it: a full disk, rows
that the lake has lost, a file that cannot be read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from etl.errors import BuildError, CheckFailed, disk_full, in_brief
from etl.lake import LakeState
from etl.lake.losses import losses

_STAYS = "The current build stays."
# What to do about an error of the engine that says nothing of the home.
LOOK = "Run 'dwell check': it says whether a file of the home is damaged."


def refuse_lost_rows(state: LakeState) -> None:
    """BuildError when a file of the lake is missing or cut: a build of the rest would be wrong."""
    lost = losses(state)
    if not lost:
        return
    more = f" {len(lost) - 1} more files are so: 'dwell check' names them." if lost[1:] else ""
    msg = f"Rows of the lake are lost. {lost[0].sentence(state)}{more} {_STAYS}"
    raise BuildError(msg)


@contextmanager
def told(home: Path) -> Iterator[None]:
    """Errors of the disk and the engine in here are raised as BuildError, in a sentence."""
    try:
        yield
    except (CheckFailed, duckdb.InterruptException):
        raise
    except (OSError, duckdb.Error, BuildError) as error:
        if sentence := disk_full(error, home):
            msg = f"The build could not be written: {sentence} {_STAYS}"
            raise BuildError(msg) from error
        if isinstance(error, BuildError):
            raise
        msg = f"The build could not be made: {in_brief(error)}. {_STAYS} {LOOK}"
        raise BuildError(msg) from error
