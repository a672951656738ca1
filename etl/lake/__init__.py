"""The lake: what was loaded, on disk."""

from etl.lake.lock import locked
from etl.lake.store import Commit, Lake

__all__ = ["Commit", "Lake", "locked"]
