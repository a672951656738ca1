"""Files in landing and elsewhere that rows of people came from: those that Dwell itself landed, and
those of others, which are not its to change.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.collector.spool_files import is_spool_path
from etl.config.settings import Settings
from etl.durable import flush, sync_folder
from etl.extract.left_out import LeftOut, ids_in
from etl.file_hash import file_hash
from etl.lake import LakeState
from etl.lake.erase import Found
from etl.lake.losses import has_rows_of
from etl.lake.records import Batch
from etl.lake.tombstones import Tombstones
from etl.landing_folder import as_file_name, is_extracted, landed_as, landing_folder
from warehouse.forget.id_columns import IdColumns

# Of a source and an id: whether that is of somebody.
Tells = Callable[[str, str], bool]


class LandedFile:
    """A file of a live database's table that Dwell landed.

    source  whose table it is
    users   its columns of users: as dwell.toml says, else by their names; all where none is known
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        folder = path.parent.parent.name
        known = {as_file_name(source.name): source for source in settings.sources}
        source = known.get(folder)
        self.source = source.name if source else folder
        table = (landed_as(path) or ("",))[0]
        names = [field.name for field in pq.read_schema(path) if _is_told(field.type)]
        told = {event.user for event in source.tables if event.table == table} if source else set()
        columns = IdColumns(settings)
        named = [name for name in names if name in told] or [*filter(columns.has, names)]
        self.users = named or names

    def ids(self) -> set[str]:
        """The ids of its users, in all spellings that a load may give them."""
        return {
            one
            for rows in pq.ParquetFile(self.path).iter_batches(columns=self.users)
            for column in rows.columns
            for one in ids_in(column)
        }

    def leave_out(self, tells: Tells) -> None:
        """Writes it anew without the rows of people that are told; with none left it is removed."""
        left_out = LeftOut(self.users, lambda user: tells(self.source, user))
        file = pq.ParquetFile(self.path)
        temporary = self.path.parent / "rows.tmp"
        count = 0
        with pq.ParquetWriter(temporary, file.schema_arrow, compression="zstd") as writer:
            for rows in file.iter_batches():
                kept = left_out.of(rows)
                count += kept.num_rows
                writer.write_batch(kept)
        # Loads take landed files in the order of their times.
        look = self.path.stat()
        temporary.chmod(stat.S_IMODE(look.st_mode))
        os.utime(temporary, ns=(look.st_atime_ns, look.st_mtime_ns))
        flush([temporary])
        if count:
            temporary.replace(self.path)
        else:
            temporary.unlink()
            self.path.unlink()
        sync_folder(self.path.parent)


def landed_files(settings: Settings) -> Iterator[LandedFile]:
    """Those of a home that can be read, by their paths."""
    for path in sorted(landing_folder(settings.home).glob("*/*/*.parquet")):
        if is_extracted(path):
            with suppress(OSError, pa.ArrowException):
                yield LandedFile(path, settings)


def landed_with(settings: Settings, tombstones: Tombstones) -> list[LandedFile]:
    """Those that hold a row of somebody who was erased."""

    def is_theirs(file: LandedFile) -> bool:
        return any(tombstones.spans(file.source, one) for one in file.ids())

    return [file for file in landed_files(settings) if is_theirs(file)]


def clean_landed(settings: Settings, state: LakeState, tombstones: Tombstones) -> list[Path]:
    """Removes such files that the lake has whole, and the rows of the people from the others: where
    they went from. Hold the lock.
    """
    found = landed_with(settings, tombstones)
    loaded = {(batch.file_size, batch.content) for batch in state.batches()} if found else set()
    sizes = {size for size, _ in loaded}
    for file in found:
        # The bytes tell, not the name: a home that was moved knows its files by other paths.
        size = file.path.stat().st_size
        if size in sizes and (size, file_hash(file.path)) in loaded:
            file.path.unlink()
            sync_folder(file.path.parent)
        else:
            file.leave_out(lambda source, one: (None, None) in tombstones.spans(source, one))
    return [file.path for file in found]


def files_of_others(state: LakeState, found: Found) -> list[Path]:
    """The files that loads were named, and that may hold rows of the people: those of the batches
    that have rows in the same files of the lake, whose rows were there before, or are pruned by
    now; as far as they are still there.
    """
    files = [state.files[name] for name in found.files]
    sources = {*found.events, *(file.source for file in files)}

    def may_hold(batch: Batch) -> bool:
        if any(has_rows_of(file, batch) for file in files):
            return True
        is_pruned = state.pruned and (batch.first_event_time or "") < state.pruned.time.isoformat()
        if found.kept and is_pruned:
            return True
        return batch.source in sources and (batch.rows_duplicate > 0)

    paths = {file for b in state.batches() if may_hold(b) and (file := _file_of(Path(b.path)))}
    return sorted(path for path in paths if not is_spool_path(path) and not is_extracted(path))


def _file_of(path: Path) -> Path | None:
    """The file that a batch was read of, which may be in an archive; None where it is gone."""
    return next((one for one in (path, *path.parents) if one.is_file()), None)


def _is_told(kind: pa.DataType) -> bool:
    """Whether values of a type have a text."""
    return not (pa.types.is_nested(kind) or pa.types.is_binary(kind))
