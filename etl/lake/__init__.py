"""The lake: what was loaded, on disk."""

from etl.lake.store import Commit, Lake, locked

__all__ = ["Commit", "Lake", "locked"]
