"""The lake: what was loaded, on disk."""

from etl.lake.lock import locked
from etl.lake.records import Batch
from etl.lake.state import LakeState
from etl.lake.store import Lake

__all__ = ["Batch", "Lake", "LakeState", "locked"]
