"""Rows of people who were erased: a load counts them as rejected, and keeps nothing of them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.lake import LakeState
from etl.lake.row_owner import owner_of
from etl.lake.spellings import Places
from etl.lake.tombstones import Tombstones, tombstones_of

REASON = "forgotten"


class Forgotten:
    """Finds rows of one source that are of somebody who was erased, by the ids as they would be
    stored.
    """

    def __init__(self, state: LakeState, source: str) -> None:
        self.source = source
        self.tombstones: Tombstones = tombstones_of(state)

    def __bool__(self) -> bool:
        return bool(self.tombstones)

    def are_in(self, rows: Any) -> Any:
        """Which of the typed rows are such, as an Arrow array; None where none is."""
        coded = rows["user_id"].combine_chunks().dictionary_encode()
        spans = {
            place: found
            for place, user in enumerate(coded.dictionary.to_pylist())
            if user is not None and (found := self.tombstones.spans(self.source, user))
        }
        if not spans:
            return None
        indices = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        met = np.isin(indices, list(spans))
        times = rows["event_time"]
        for row in np.flatnonzero(met).tolist():
            known = spans[indices[row]]
            if known != [(None, None)]:
                user = coded.dictionary[int(indices[row])].as_py()
                met[row] = self.tombstones.covers(self.source, user, times[row].as_py())
        return pa.array(met) if met.any() else None

    def are_in_any(self, typed: Any, cut: Any) -> Any:
        """The same of rows as they came or as they are stored: somebody may have been erased by the
        plain id before ids were made pseudonyms.
        """
        found = [self.are_in(rows) for rows in ([typed] if cut is typed else [typed, cut])]
        met = [one for one in found if one is not None]
        return pc.or_(*met) if len(met) > 1 else next(iter(met), None)

    def marked(self, rows: Any, are_met: Any) -> Any:
        """The rows, of which those that are met are rejected for it."""
        place = rows.column_names.index("reason")
        reason = rows["reason"].cast(pa.string())
        return rows.set_column(place, "reason", pc.if_else(are_met, REASON, reason))

    def told(self, texts: Any) -> tuple[Any, Any]:
        """Which rejected rows are of somebody who was erased, by their texts; and the texts, of
        which those of others are without the ids. Both as Arrow arrays.
        """
        rows = [self._told(text) if text else (False, text) for text in texts.to_pylist()]
        are_met, left = zip(*rows, strict=True) if rows else ((), ())
        return pa.array(are_met, pa.bool_()), pa.array(left, pa.string())

    def _told(self, text: str) -> tuple[bool, str]:
        named = self.tombstones.named_in(self.source, text)
        if not named:
            return False, text
        owner = owner_of(text)
        if owner is None:
            return True, text
        if owner.user:
            is_theirs = self.tombstones.covers(self.source, owner.user, owner.time)
        else:
            visitor = str(owner.visitor)
            is_theirs = self.tombstones.covers(self.source, visitor, owner.time) or (
                visitor not in named
            )
        users = [one for one in named if self.tombstones.is_user(one)]
        return is_theirs, Places(users).without(text)
