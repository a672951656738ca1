"""A file and the way it is read, which with its bytes name the batch. Never reads a row."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from etl.formats.registry import BY_NAME, Format, Request, detect
from etl.lake import Commit
from etl.read.container import state_of
from etl.read.sample import Sample, look_at, stem_of


@dataclass(frozen=True)
class Reading:
    """A file and how it is read; its identity and the bytes together name the batch.

    `size` and `mtime_ns` are the file's before its first byte was looked at.
    """

    sample: Sample
    format: Format
    request: Request
    source: str
    stream: str
    size: int
    mtime_ns: int

    @property
    def identity(self) -> str:
        """What decides how the bytes become events, as text."""
        return _identity(self.sample.path, self.request, self.format.name, self.source, self.stream)

    @property
    def fingerprint(self) -> str:
        """The identity, short."""
        return _fingerprint(self.identity)

    def has_changed(self) -> bool:
        """Whether the file is another one than when it was first looked at, or gone."""
        try:
            stat = self.sample.path.stat()
        except OSError:
            return True
        return (stat.st_size, stat.st_mtime_ns) != (self.size, self.mtime_ns)


def look(path: Path, request: Request) -> Reading:
    """How the file will be read. SourceError when that cannot be told."""
    numbered = any(column.isdecimal() for column in request.map.values())
    stat = state_of(path)
    sample = look_at(path, header=not numbered)
    found = detect(sample, request)
    return Reading(
        found.refine(sample),
        found,
        request,
        request.source or found.name,
        request.sessions or found.sessions,
        stat.st_size,
        stat.st_mtime_ns,
    )


def known_by_look(path: Path, request: Request, commits: Sequence[Commit]) -> Commit | None:
    """The batch that the file is, when path, size, time and way of reading are the same.

    Its bytes then need no look. `commits`: those of the same path.
    """
    stat = state_of(path)
    for commit in commits:
        if (commit.file_size, commit.file_mtime_ns) != (stat.st_size, stat.st_mtime_ns):
            continue
        name = request.format or commit.format
        source, stream = request.source or name, request.sessions or BY_NAME[name].sessions
        if commit.reading == _fingerprint(_identity(path, request, name, source, stream)):
            return commit
    return None


def _identity(path: Path, request: Request, format_name: str, source: str, stream: str) -> str:
    content = asdict(request) | {"format": format_name, "source": source, "stream": stream}
    # A row without a type is named after its file.
    content["stem"] = stem_of(path)
    return json.dumps(content, sort_keys=True, default=str)


def _fingerprint(identity: str) -> str:
    return sha256(identity.encode()).hexdigest()


def batch_id(reading: Reading, content: str) -> str:
    """The batch's name: the same bytes read the same way are the same batch."""
    return sha256((content + reading.identity).encode()).hexdigest()[:24]


def replaced_by(reading: Reading, content: str, commits: Sequence[Commit]) -> Commit | None:
    """The batch of the same file, unchanged, in the same source, read in another way."""
    file = (reading.source, str(reading.sample.path.resolve()), content)
    return next((c for c in commits if (c.source, c.path, c.content) == file), None)
