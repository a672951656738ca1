"""Up to when the texts of each source were dropped, noted beside the log. Decides nothing.

A load asks every time whether texts have become too old, and looks only at what may hold some
since it last looked. The note may be lost: then all is looked at once more.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from etl.durable import write_json
from etl.lake.records import LakeFile

FILE = "texts.json"


@dataclass(frozen=True)
class TextLimits:
    """What was dropped.

    before     source → the time before which its events have no texts, naive UTC
    batch      in the batches up to that number; what came later was not looked at
    record     the number of the lake's last record then
    has_older  builds of before are still there, and hold what was dropped
    """

    before: Mapping[str, datetime] = field(default_factory=dict)
    batch: int = 0
    record: int = 0
    has_older: bool = False

    def knows(self, wanted: Mapping[str, datetime], batch: int) -> bool:
        """Whether there is nothing to look at, as nothing has come and no time has passed."""
        return dict(self.before) == dict(wanted) and self.batch == batch

    def may_hold(self, file: LakeFile, before: datetime) -> bool:
        """Whether a file of events may have texts from before that time."""
        if file.first_time >= before.isoformat():
            return False
        known = self.before.get(file.source)
        is_looked_at = known is not None and file.last_time < known.isoformat()
        return not is_looked_at or file.last_batch > self.batch


def read_limits(root: Path, record: int) -> TextLimits:
    """What was noted of the lake in that folder; nothing where that is lost, or is of a later
    record than the last one there is.
    """
    try:
        content = json.loads((root / FILE).read_text(encoding="utf-8"))
        times = content["before"].items()
        limits = TextLimits(
            {str(source): datetime.fromisoformat(time) for source, time in times},
            int(content["batch"]),
            int(content["record"]),
            bool(content["has_older"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return TextLimits()
    return limits if limits.record <= record else TextLimits(has_older=limits.has_older)


def note_limits(root: Path, limits: TextLimits) -> None:
    """Notes it, on disk when this returns."""
    before = {source: time.isoformat() for source, time in limits.before.items()}
    write_json(root / FILE, {**vars(limits), "before": before})


def note_older(root: Path, limits: TextLimits, *, has_older: bool) -> TextLimits:
    """Notes whether builds of before are still there; what is noted then."""
    noted = replace(limits, has_older=has_older)
    note_limits(root, noted)
    return noted
