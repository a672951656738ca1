"""The formats that Dwell reads. To add one: a file beside this, a line in FORMATS, a test."""

from dataclasses import fields

from etl.config.sources import Source
from etl.errors import ConfigError, NoEvents, NotData, SourceError, did_you_mean, shown
from etl.formats import (
    access_log,
    amplitude,
    aws_clickstream,
    chatgpt,
    events,
    ga4,
    matomo,
    mixpanel,
    mongo_sessions,
    posthog,
    segment,
    sessions,
    slack,
    snowplow,
    tables,
)
from etl.formats.field_map import constant_of
from etl.formats.format import Format, Request
from etl.formats.likely_columns import find_columns
from etl.formats.value_kinds import is_like_times, is_row_of_values
from etl.read.sample import Sample

# Most telling first: detection takes the first format that recognises the file.
FORMATS: tuple[Format, ...] = (
    mongo_sessions.FORMAT,
    chatgpt.FORMAT,
    slack.FORMAT,
    segment.FORMAT,
    snowplow.FORMAT,
    posthog.FORMAT,
    aws_clickstream.FORMAT,
    amplitude.FORMAT,
    ga4.FORMAT,
    mixpanel.FORMAT,
    access_log.FORMAT,
    matomo.FORMAT,
    sessions.FORMAT,
    events.FORMAT,
    tables.FORMAT,
)
BY_NAME = {known.name: known for known in FORMATS}


def check_format(name: str | None) -> None:
    """Refuses anything but a known format."""
    if name is not None and name not in BY_NAME:
        msg = f"Unknown format '{name}'. {did_you_mean(name, BY_NAME)}"
        raise ConfigError(msg)


def detect(sample: Sample, request: Request, *, is_sure: bool = True) -> Format:
    """The format of the file: the one asked for, else the first that recognises it.

    NotData for text without any sign of events where nothing else is `is_sure` of them.
    """
    if not is_sure and sample.kind == "delimited":
        _refuse_others(sample, request)
    if request.format is not None:
        check_format(request.format)
        asked = BY_NAME[request.format]
        if is_sure or asked.recognises(sample, request):
            return asked
    elif not request.map and slack.is_beside(sample):
        msg = (
            f"{sample.path} is one of the lists that Slack exports beside its channels: it holds "
            "no events. Nothing is missing; the channels' folders hold the messages."
        )
        raise NoEvents(msg)
    for known in FORMATS if request.format is None else ():
        if known.recognises(sample, request):
            return known
    msg = f"{sample.path}: no format recognises it. {_met(sample)}"
    # Of JSON, Parquet and databases the content alone says that somebody meant them as data.
    raise SourceError(msg) if is_sure or sample.kind != "delimited" else NotData(msg)


def _met(sample: Sample) -> str:
    """What a file that is of no format holds, what it lacks, and what to say."""
    named = shown(sample.columns or sample.tables) or "no columns"
    others = "or its format with --format ('dwell load --help' lists them)"
    if not sample.columns:
        return f"It is {sample.kind} with {named}. Wanted: rows with a user and a time, {others}."
    if sample.kind == "delimited" and is_row_of_values(sample.columns):
        time = next((n for n, c in enumerate(sample.columns, 1) if is_like_times([c])), "N")
        return (
            f"Its first row, {named}, looks like values. Wanted: names of columns, or their "
            f"numbers: --map user=N,time={time} with the right ones, {others}."
        )
    found = find_columns(sample)
    met = [f"'{column}' as the {word}" for word, column in found.said().items()]
    lacks = [
        f"a column for the {word}"
        + (f" (perhaps {' or '.join(map(repr, may_be))})" if may_be else "")
        for word, may_be in found.lacks().items()
    ]
    sure = (
        f"Wanted: {' and '.join(lacks)}." if lacks else "Wanted: a type, or your word for the user."
    )
    mine = ""
    if "user_id" in found.candidates and not found.names_people:
        mine = " Where all rows are of one person, say --map \"user='me'\" instead."
    return (
        f"Its columns are {named}. "
        + (f"Found: {', '.join(met)}. " if met else "")
        + f"{sure} Say {found.line()} {others}.{mine}"
    )


def _refuse_others(sample: Sample, request: Request) -> None:
    """Refuses text beside exports that has not the columns that --map names."""
    columns = [c for c in request.map.values() if constant_of(c) is None and not c.isdecimal()]
    missing = [column for column in columns if column not in sample.columns]
    if missing:
        msg = (
            f"{sample.path} has no column {shown(missing)}, which map names, and no name of an "
            "export. To load it all the same, name it."
        )
        raise NotData(msg)


def requests_of(source: Source) -> list[tuple[str, Request]]:
    """The inputs of one configured source: its paths, or the address of its database."""
    request = request_of(source)
    places = (source.database.shown,) if source.database else source.paths
    return [(place, request) for place in places]


def request_of(source: Source) -> Request:
    """How the files of a configured source are read. ConfigError when its format is unknown."""
    check_format(source.format)
    own = ("source", "rules")
    # What a request asks, a source has by the same name, but for its own.
    asked = {f.name: getattr(source, f.name) for f in fields(Request) if f.name not in own}
    return Request(source=source.name, **asked)
