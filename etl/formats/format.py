"""What a format is: how it is recognised and how its records are mapped. Never reads bytes.

SQL of a format stands in its file: it is composed of the names that columns and fields have in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from etl.config.empty_words import EMPTY_WORDS
from etl.config.redact import NO_RULES, Rules
from etl.config.sources import TableEvent
from etl.formats.field_map import FieldMap
from etl.read.sample import Sample


@dataclass(frozen=True)
class Request:
    """What was asked of one file: source, format, --map, and the source's own settings.

    `rules`: what is cut of its rows, once it is known whose they are.
    """

    source: str | None = None
    format: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    sessions: str | None = None
    time_zone: str = "UTC"
    time_format: str | None = None
    exclude_users: tuple[str, ...] = ()
    tables: tuple[TableEvent, ...] = ()
    empty_words: tuple[str, ...] = EMPTY_WORDS
    rules: Rules = NO_RULES


@dataclass(frozen=True)
class Format:
    """One export format.

    `sessions`: how it sessionises unless told otherwise. `recognises`: whether a sample is of
    this format. `refine`: the sample as this format knows it better, such as the columns of a
    file without header. `field_maps`: the maps of its records, given all top-level columns.
    `reshape`: SQL that turns raw records (line, part, record) into one record per event. `times`:
    name → SQL of a text of a raw `row` that it reads as a time, by the macro of that name.
    `has_several`: a record holds several events, so that less of a file is worked on at once.
    `has_pseudonyms`: its maps hash addresses with the home's key (see etl/lake/pseudonyms.py).
    `is_told_by_folder`: the name of a file's folder is part of what its rows say.
    """

    name: str
    sentence: str
    sessions: str
    recognises: Callable[[Sample, Request], bool]
    field_maps: Callable[[Sample, Request, tuple[str, ...]], list[FieldMap]]
    reshape: str | None = None
    times: Mapping[str, str] = field(default_factory=dict)
    refine: Callable[[Sample], Sample] = lambda sample: sample
    has_several: bool = False
    has_pseudonyms: bool = False
    is_told_by_folder: bool = False
