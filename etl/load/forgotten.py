"""Rows of people who were erased: a load counts them as rejected, and keeps nothing of them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.lake import LakeState
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

    def marked(self, rows: Any, are_met: Any) -> Any:
        """The rows, of which those that are met are rejected for it."""
        place = rows.column_names.index("reason")
        reason = rows["reason"].cast(pa.string())
        return rows.set_column(place, "reason", pc.if_else(are_met, REASON, reason))

    def name_one(self, texts: Any) -> Any:
        """Which of the texts of rejected rows name somebody who was erased, as an Arrow array."""
        return pa.array(
            [bool(one) and self.tombstones.names_one(self.source, one) for one in texts.to_pylist()]
        )
