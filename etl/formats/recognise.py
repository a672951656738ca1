"""Which format a file is of, and which of its objects are the rows. Never reads a row."""

from dataclasses import replace

from etl.errors import SourceError
from etl.formats.field_map import constant_of, map_by_aliases
from etl.formats.format import Format, Request
from etl.formats.likely_columns import Taken
from etl.formats.registry import BY_NAME, detect
from etl.landing_folder import landed_as
from etl.read.sample import Sample


def recognise(
    sample: Sample, request: Request, taken: Taken | None, *, is_sure: bool
) -> tuple[Format, Sample]:
    """The format and the sample, read as earlier files of its kind were, if it can be.

    What rows of a configured or landed table are is told: nothing is taken by what it looks like.
    """
    if request.tables or (sample.kind == "parquet" and landed_as(sample.path)):
        taken = ()
    if taken is None:
        return _recognised(sample, request, is_sure=is_sure)
    inside = replace(sample.inside, taken=taken) if sample.inside else None
    try:
        return _recognised(replace(sample, taken=taken, inside=inside), request, is_sure=is_sure)
    except SourceError:
        if request.tables:
            raise
        return _recognised(sample, request, is_sure=is_sure)


def _recognised(sample: Sample, request: Request, *, is_sure: bool) -> tuple[Format, Sample]:
    """The format of the file, and the sample of what its rows are: its objects, or those in them.

    An object is a wrapper where it names nobody: one that tells a user or a session is a row.
    """
    inside = sample.inside
    if inside is None or not _is_wrapper(sample, inside, request):
        return detect(sample, request, is_sure=is_sure), sample
    try:
        return detect(inside, request), inside
    except SourceError as error:
        try:
            return detect(sample, request, is_sure=is_sure), sample
        except SourceError:
            raise error from None


def _is_wrapper(sample: Sample, inside: Sample, request: Request) -> bool:
    if request.format:
        return not BY_NAME[request.format].recognises(sample, request) and (
            BY_NAME[request.format].recognises(inside, request)
        )
    if request.map:
        columns = [c for c in request.map.values() if constant_of(c) is None]
        return all({c, c.split(".")[0]} & set(inside.columns) for c in columns)
    if inside.folder:
        return True
    outer = [column for column in sample.columns if column not in inside.rows_at]
    paths = map_by_aliases(outer, {}).paths
    owners = ("user_id", "anonymous_id", "tracker_session_id")
    return "_id" not in outer and not any(paths.get(role) for role in owners)
