"""What names a batch: the bytes of a file and the way they are read. Never reads a row."""

import json
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from etl.config.redact import Rules
from etl.config.sources import TableEvent
from etl.formats.format import Request
from etl.formats.read_plan import ReadPlan
from etl.formats.registry import BY_NAME
from etl.lake import Batch
from etl.read.find import old_stem_of, stem_of

# These have always been part of the identity. What was added since is part of it only where it is
# not the default, so that a new option leaves the batches of all homes what they are.
_ALWAYS: dict[type, tuple[str, ...]] = {
    Request: ("source", "format", "map", "sessions", "time_zone", "exclude_users", "tables"),
    TableEvent: ("table", "user", "time", "type", "id", "when"),
    Rules: (),
}
_ENCODER = json.JSONEncoder(sort_keys=True, default=str)


def batch_id(plan: ReadPlan, content: str) -> str:
    """The batch's name: the same bytes read the same way are the same batch."""
    return _named(content, _identity_of(plan))


def batch_ids(plan: ReadPlan, content: str) -> tuple[str, ...]:
    """The names that the batch may have: by the rules of today, and by those of older versions."""
    return (batch_id(plan, content), _named(content, _identity_of(plan, stem=old_stem_of)))


def _named(content: str, identity: str) -> str:
    return sha256((content + identity).encode()).hexdigest()[:24]


def fingerprint(plan: ReadPlan) -> str:
    """What tells ways of reading one file apart."""
    return _hash(_identity_of(plan))


def known_by_look(
    path: Path, request: Request, batches: Sequence[Batch], size: int, mtime_ns: int
) -> Batch | None:
    """The batch that the file is, when path, size, time and way of reading are the same.

    Its bytes then need no look. `batches`: those of the same path.
    """
    for batch in batches:
        if (batch.file_size, batch.file_mtime_ns) != (size, mtime_ns):
            continue
        name = request.format or batch.format
        source, stream = request.source or name, request.sessions or BY_NAME[name].sessions
        for stem in (stem_of, old_stem_of):
            if batch.reading == _hash(_identity(path, request, name, source, stream, stem)):
                return batch
    return None


def replaced_by(plan: ReadPlan, content: str, batches: Sequence[Batch]) -> Batch | None:
    """The batch of the same file, unchanged, in the same source, read in another way. `batches`:
    those of the same path.
    """
    return next((b for b in batches if (b.source, b.content) == (plan.source, content)), None)


def _identity_of(plan: ReadPlan, stem: Callable[[Path], str] = stem_of) -> str:
    return _identity(plan.path, plan.request, plan.format.name, plan.source, plan.stream, stem)


def _identity(
    path: Path,
    request: Request,
    format_name: str,
    source: str,
    stream: str,
    stem: Callable[[Path], str],
) -> str:
    """What decides how the bytes become events, as text."""
    content = _shaping(request) | {"format": format_name, "source": source, "stream": stream}
    # A row without a type is named after its file.
    content["stem"] = stem(path)
    if BY_NAME[format_name].is_told_by_folder:
        content["folder"] = path.resolve().parent.name
    return _ENCODER.encode(content)


def _shaping(options: Any) -> dict[str, Any]:
    """The options that were always there, and those of later versions that are not the default."""
    return {
        name: _plain(value)
        for name, default, is_always in _options(options.__class__)
        if (value := getattr(options, name)) != default or is_always
    }


@cache
def _options(kind: type) -> list[tuple[str, Any, bool]]:
    """Name, default, and whether it was always there, of each option of a class."""
    always = next(names for known, names in _ALWAYS.items() if issubclass(kind, known))
    return [(field.name, _default(field), field.name in always) for field in fields(kind)]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _shaping(value) if isinstance(value, tuple(_ALWAYS)) else value


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _hash(identity: str) -> str:
    return sha256(identity.encode()).hexdigest()
