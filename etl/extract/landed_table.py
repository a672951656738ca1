"""Landed files: the rows of one table as received, in Parquet files that never change.

    <home>/landing/<source>/<table>/<table>--<from>--<to>-<hash>.parquet
    <home>/landing/<source>/<table>/watermark.json

The watermark is written after the files it speaks of. A crash between the two reads the same
rows again, which the loader knows: nothing is lost, nothing counts twice. Files may be removed
once they are loaded; without watermark.json the next run reads the whole table.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import compress, decompress

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etl.durable import flush, sync_folder, write_json
from etl.errors import SourceError
from etl.extract.row_hash import WAY, row_hashes
from etl.extract.watermark import Marks
from etl.landing_folder import KEY, STATE, TABLE, as_file_name

if TYPE_CHECKING:
    from etl.extract.cut_rows import RowCutter
    from etl.extract.left_out import LeftOut

# A file is one batch of the loader, which holds it in memory: a large table becomes several.
ROWS_PER_FILE = 2_000_000
# Of more rows than this it is not kept which were landed; they count as duplicates then.
_MOST_SEEN = 1_000_000
_NONE = np.empty(0, np.uint64)


class Watermark:
    """What is known of a table from the runs before: marks, and which rows near them are here.

    Rows that were numbered in another way (see `row_hash`) count as not seen. They are landed once
    more, and the loader finds them to be duplicates.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / STATE
        self.marks: Marks | None = None
        self.seen: Any = _NONE
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
            self.marks = {str(k): v if v is None else str(v) for k, v in record["marks"].items()}
            if record.get("seen_by") == WAY:
                self.seen = np.frombuffer(decompress(base64.b64decode(record["seen"])), "<u8")
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, AttributeError) as error:
            msg = f"{self.path} cannot be read: {error}. Remove it: the whole table is read again."
            raise SourceError(msg) from error

    def write(self, marks: Marks, seen: Any) -> None:
        """Remembers a run whose files are on disk."""
        packed = base64.b64encode(compress(seen.astype("<u8").tobytes())).decode()
        read_at = datetime.now(UTC).isoformat()
        record = {"marks": dict(marks), "read_at": read_at, "seen_by": WAY, "seen": packed}
        write_json(self.path, record)


class Landing:
    """Lands the rows of one run of one table. `cutter`: what cuts them before they are written,
    `left_out`: what takes people out of them then.
    """

    def __init__(
        self,
        folder: Path,
        table: str,
        key: str | None,
        schema: pa.Schema,
        cutter: "RowCutter | None" = None,
        left_out: "LeftOut | None" = None,
    ) -> None:
        self.folder = folder
        self.table = table
        self._read, self._cutter, self._left_out = schema, cutter, left_out
        kept = cutter.schema if cutter else schema
        self.schema = kept.with_metadata({TABLE: table.encode(), KEY: (key or "").encode()})
        self.state = Watermark(folder)
        self.files: list[Path] = []
        self.rows_read = 0
        self.rows_landed = 0
        self._near: list[Any] = []
        self._writer: pq.ParquetWriter | None = None
        self._rows_in_file = 0
        self._span = ""

    @contextmanager
    def run(self, marks: Marks) -> Iterator[None]:
        """A run that ends at these marks: it is remembered if all its rows came, else forgotten."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._span = f"{_word(self.state.marks) or 'start'}--{_word(marks) or 'whole'}"
        try:
            yield
            self._close()
        finally:
            with suppress(OSError, pa.ArrowException):
                if self._writer:
                    self._writer.close()
            self._temporary.unlink(missing_ok=True)
        near = np.concatenate([_NONE, *self._near])
        self.state.write(marks, near if len(near) <= _MOST_SEEN else _NONE)

    def add(self, batch: pa.RecordBatch, is_near: pa.Array) -> None:
        """Lands the rows that were not landed before. `is_near`: which are read again next time."""
        near = is_near.cast(pa.bool_())
        self.rows_read += batch.num_rows
        if len(self.state.seen):
            hashes = row_hashes(batch)
            self._keep_near(hashes[near.to_numpy(zero_copy_only=False)])
            batch = batch.filter(pa.array(~np.isin(hashes, self.state.seen)))
        else:
            # Of a first run nearly all rows are neither near nor to be compared.
            self._keep_near(row_hashes(batch.filter(near)))
        rows = batch.cast(self._read)
        rows = self._cutter.cut(rows) if self._cutter else rows
        rows = self._left_out.of(rows) if self._left_out else rows
        if not rows.num_rows:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._temporary, self.schema, compression="zstd")
        self._writer.write_batch(rows.cast(self.schema))
        self._rows_in_file += rows.num_rows
        self.rows_landed += rows.num_rows
        if self._rows_in_file >= ROWS_PER_FILE:
            self._close()

    def _keep_near(self, hashes: Any) -> None:
        if sum(map(len, self._near)) <= _MOST_SEEN:
            self._near.append(hashes)

    @property
    def _temporary(self) -> Path:
        return self.folder / "rows.tmp"

    def _close(self) -> None:
        """Gives the file its name, once it is on disk. One of the same rows may be there."""
        if self._writer is None:
            return
        self._writer.close()
        self._writer, self._rows_in_file = None, 0
        flush([self._temporary])
        with self._temporary.open("rb") as handle:
            mark = file_digest(handle, "sha256").hexdigest()[:12]
        if any(self.folder.glob(f"*-{mark}.parquet")):
            self._temporary.unlink()
            return
        path = self.folder / f"{as_file_name(self.table)}--{self._span}-{mark}.parquet"
        self._temporary.rename(path)
        sync_folder(self.folder)
        self.files.append(path)


def _word(marks: Marks | None) -> str:
    """The first mark that says something, short enough for a file's name."""
    mark = next((mark for mark in (marks or {}).values() if mark), "")
    return re.sub(r"[^0-9A-Za-z.+-]", "", mark.replace(" ", "T"))[:40]
