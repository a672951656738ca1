"""What may be deleted beside the lake and is not there, and what that means. Is no damage."""

from collections.abc import Sequence

from etl.errors import SourceError
from etl.formats.registry import BY_NAME
from etl.lake import Batch, Lake
from etl.lake.pseudonyms import FILE
from etl.load.known_fields import unknown_kinds

_MOST_SHOWN = 5


def missing_notes(lake: Lake) -> list[str]:
    """Sentences about fields and a key that are gone; none when all are there, or where the lake
    cannot be read.
    """
    try:
        batches = lake.state().batches()
    except SourceError:
        return []
    return [*_of_fields(lake, batches), *_of_key(lake, batches)]


def _of_fields(lake: Lake, batches: Sequence[Batch]) -> list[str]:
    files = unknown_kinds(lake, batches)
    if not files:
        return []
    more = f" and {len(files) - _MOST_SHOWN} more" if len(files) > _MOST_SHOWN else ""
    return [
        f"The fields of {', '.join(files[:_MOST_SHOWN])}{more} are not noted in "
        f"{lake.root / 'fields'}: the next file of that kind is compared with none before, and "
        "noted. Nothing is to be done."
    ]


def _of_key(lake: Lake, batches: Sequence[Batch]) -> list[str]:
    formats = {batch.format for batch in batches} & BY_NAME.keys()
    if (lake.root / FILE).exists() or not any(BY_NAME[name].has_pseudonyms for name in formats):
        return []
    return [
        f"{lake.root / FILE} is missing, which knows visitors of access logs again. If it was not "
        "removed on purpose restore it from a backup, before the next load makes a new one."
    ]
