"""The files of one transaction: their rows as chunks, and what is known of them so far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import xxhash

from etl.file_hash import file_hash
from etl.formats import tables
from etl.formats.field_map import FieldMap
from etl.formats.read_plan import ReadPlan
from etl.read import records
from etl.read.chunks import Chunk
from etl.read.joined import join_chunks, join_lines
from etl.read.lines import BLOCK_BYTES

# Formats whose records hold several events are worked on in smaller chunks.
_SEVERAL = 4
_BY_LINES = ("ndjson", "lines")


@dataclass
class Work:
    """Files that are loaded together, and what is known of their rows so far, by their places.

    plan     the first file's, with the columns of all
    hashers  take the bytes of files that are read by lines
    """

    plans: Sequence[ReadPlan]
    plan: ReadPlan
    maps: list[FieldMap]
    hashers: list[Any]

    @classmethod
    def of(cls, plans: Sequence[ReadPlan]) -> "Work":
        first = plans[0]
        columns = tuple(dict.fromkeys(c for plan in plans for c in plan.sample.columns))
        plan = replace(first, sample=replace(first.sample, columns=columns))
        maps = first.field_maps()
        return cls(plans, plan, maps, [xxhash.xxh3_128() for _ in plans])

    @property
    def is_together(self) -> bool:
        return len(self.plans) > 1

    def content(self, place: int) -> str:
        """The hash of a file's bytes: of one that is read by lines it was taken on the way."""
        if self.plan.sample.kind in _BY_LINES:
            return str(self.hashers[place].hexdigest())
        return file_hash(self.plans[place].sample.path)

    def chunks(
        self, con: duckdb.DuckDBPyConnection, spare: Path, *, is_json: bool
    ) -> Iterator[Chunk]:
        """The rows of the files; of several, all in one chunk."""
        names = tables.tables_of(self.maps)
        size = BLOCK_BYTES // (_SEVERAL if self.plan.format.has_several else 1)
        if not self.is_together:
            told = self.hashers[0].update
            yield from records.chunks(
                con, self.plan.sample, names, spare, told, is_json=is_json, size=size
            )
            return
        samples, told = [plan.sample for plan in self.plans], [h.update for h in self.hashers]
        if self.plan.sample.kind in _BY_LINES:
            chunk = join_lines(samples, told, is_json=is_json)
        else:
            parts = (
                records.chunks(con, sample, names, spare, on_bytes, is_json=is_json, size=size)
                for sample, on_bytes in zip(samples, told, strict=True)
            )
            chunk = join_chunks(con, parts)
        if chunk:
            yield chunk
