"""What the lake's log says: batches, files, what was pruned; one transaction over all of them.

Plain values and their JSON. Reads and writes no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from etl.lake.schema import LAKE_VERSION

# Fields of a batch that hold several.
LISTS = ("schema_changes", "times", "warnings", "columns", "repeated")
# What a record has besides its checksum, which those of before do not have.
RECORD_KEYS = (
    *("lake_version", "number", "what", "written_at", "files", "gone", "batches", "gone_batches"),
    "pruned",
)


class Batch(NamedTuple):
    """One loaded file: where it came from, what it held, what became of its rows.

    batch_id  of its bytes and the way they were read: the same file read alike has the same
    number    the order in which batches came; one that comes back later has another
    content   the hash of its bytes; `reading`, that of the way they were read
    replaces  the batch_id of the same file read in another way, which it stands for since
    times     what its columns of times were read as: column=shape
    rules     by which its rows were read (etl/lake/rules.py)
    warnings  sentences about what looks wrong with its rows
    columns   what columns were taken for that are not called so: role=column
    repeated  UTC days of rows that were there before, where these are many: first/last=rows
    place     what its path is known by where that was blanked, as it named somebody who was erased
    rows_erased     of its loaded events, those that were erased since; `rejects_erased`, of its
                    rejected rows. The other counts stay what they were

    Times of events are naive UTC in ISO form, `loaded_at` has its offset.
    """

    batch_id: str
    number: int
    source: str
    stream: str
    format: str
    file: str
    path: str
    file_size: int
    file_mtime_ns: int
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    first_event_time: str | None
    last_event_time: str | None
    loaded_at: str
    seconds: float
    content: str
    reading: str
    replaces: str | None = None
    schema_changes: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    rules: int = 1
    warnings: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    rows_erased: int = 0
    rejects_erased: int = 0
    place: str | None = None


class LakeFile(NamedTuple):
    """A file of the lake that counts.

    name         below the lake; the first folder says what it holds: events, rejected or ids
    grain        year, month or day: how much time the file may span (events)
    first_time   of its rows, naive UTC in ISO form; of rejected rows when they were loaded
    first_batch  the lowest number of a batch that it has rows of; `last_batch`, the highest
    version      of the hash that ids were hashed with
    origins      below the lake, what says which batch each row is of, where the rows do not:
                 files that Dwell merged before it had a log
    checksum     of its bytes, as etl/lake/checksums.py makes it; empty where it was written before
                 Dwell noted one
    """

    name: str
    source: str
    rows: int
    bytes: int
    grain: str = ""
    first_time: str = ""
    last_time: str = ""
    first_batch: int = 0
    last_batch: int = 0
    version: str = ""
    origins: str | None = None
    checksum: str = ""

    @property
    def kind(self) -> str:
        """What it holds: events, rejected or ids."""
        return self.name.partition("/")[0]

    @property
    def first_day(self) -> date:
        """The UTC day of its first row."""
        return date.fromisoformat(self.first_time[:10])

    @property
    def last_day(self) -> date:
        """The UTC day of its last row."""
        return date.fromisoformat(self.last_time[:10])


@dataclass(frozen=True)
class Pruned:
    """What the last prune left.

    before     the first local day whose events are all there
    time       its beginning, naive UTC
    time_zone  the reporting time zone that the day is of
    kept       the folder of the kept numbers, below the lake
    events     events that left the lake, over all prunes
    sessions   sessions that left it
    queried    streams that had a query in a session that left
    pruned_at  when, ISO with offset
    """

    before: date
    time: datetime
    time_zone: str
    kept: str
    events: int
    sessions: int
    queried: tuple[str, ...]
    pruned_at: str

    def as_json(self) -> dict[str, Any]:
        """As a record holds it."""
        return {
            **vars(self),
            "before": self.before.isoformat(),
            "time": self.time.isoformat(),
            "queried": list(self.queried),
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Pruned":
        """Out of a record."""
        given = {
            **content,
            "before": date.fromisoformat(content["before"]),
            "time": datetime.fromisoformat(content["time"]),
            "queried": tuple(content["queried"]),
        }
        return cls(**given)


@dataclass(frozen=True)
class Erased:
    """Whom an erasure was of, by keyed hashes (etl/lake/tombstones.py): no id stands here.

    receipt  the file that says what went, below the lake
    users    hashes of user ids
    visits   hashes of an anonymous id of a source that was a user's, and from when until when:
             naive UTC in ISO form, the end not included; None without a bound
    """

    receipt: str
    users: tuple[str, ...] = ()
    visits: tuple[tuple[str, str | None, str | None], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As a record holds it."""
        visits = [list(visit) for visit in self.visits]
        return {"receipt": self.receipt, "users": list(self.users), "visits": visits}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Erased":
        """Out of a record."""
        visits = tuple((hashed, start, end) for hashed, start, end in content["visits"])
        return cls(str(content["receipt"]), tuple(content["users"]), visits)


@dataclass(frozen=True)
class Transaction:
    """What one record of the log changes, all of it at once.

    what           load, merge, replace, prune, drop, erase, upgrade or index, as the log tells
    files          that count from here on; `gone`: names of those that do not any more
    batches        that are there from here on; `gone_batches`: numbers of those that are not
    pruned         what is kept of events that leave
    erased         whose rows leave, and are not to come back
    """

    what: str
    files: Sequence[LakeFile] = ()
    gone: Sequence[str] = ()
    batches: Sequence[Batch] = ()
    gone_batches: Sequence[int] = ()
    pruned: Pruned | None = None
    erased: Erased | None = None

    def as_json(self, number: int) -> dict[str, Any]:
        """The record of that number."""
        return {
            "lake_version": LAKE_VERSION,
            "number": number,
            "what": self.what,
            "written_at": datetime.now(UTC).isoformat(),
            "files": [_without_defaults(file) for file in self.files],
            "gone": list(self.gone),
            "batches": [_without_defaults(batch) for batch in self.batches],
            "gone_batches": list(self.gone_batches),
            "pruned": self.pruned.as_json() if self.pruned else None,
            **({"erased": self.erased.as_json()} if self.erased else {}),
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Transaction":
        """Out of a record. KeyError, TypeError or ValueError when it is none."""
        pruned, erased = content["pruned"], content.get("erased")
        return cls(
            what=str(content["what"]),
            files=tuple(LakeFile(**file) for file in content["files"]),
            gone=tuple(content["gone"]),
            batches=tuple(_batch(batch) for batch in content["batches"]),
            gone_batches=tuple(content["gone_batches"]),
            pruned=Pruned.of(pruned) if pruned else None,
            erased=Erased.of(erased) if erased else None,
        )


def _batch(content: Mapping[str, Any]) -> Batch:
    lists = {name: tuple(content.get(name, ())) for name in LISTS}
    return Batch(**{**content, **lists})


def _without_defaults(row: Batch | LakeFile) -> dict[str, Any]:
    """The fields that say something: a record is read at every start."""
    return {
        name: value
        for name, value in row._asdict().items()
        if name not in row._field_defaults or value != row._field_defaults[name]
    }
