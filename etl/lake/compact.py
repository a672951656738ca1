"""Keeps the lake's files few, and of a size that suits how many rows there are. Changes no row.

A scheduler that loads every quarter of an hour leaves a file each time, and opening files is then
most of what reading costs. So each load merges some of what earlier ones left: never so much that
a load of two rows takes long, and over the years each row a few times only.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import duckdb

from etl.lake.records import LakeFile, Transaction
from etl.lake.rejected_files import merged_rejected
from etl.lake.rewrite import Rewrite, rewrite
from etl.lake.spans import MOST_ROWS, NAME_LENGTHS, grain_for
from etl.lake.state import LakeState
from etl.lake.store import Lake

# A file from this size on is left alone: reading it costs more than opening it.
SMALL = 16_000_000
# A span of a source may have so many small files.
A_SPAN_MAY_HAVE = 8
# A load merges so many bytes of files, and so many files. What is left, the next ones do.
BYTES_A_LOAD = 16_000_000
FILES_A_LOAD = 400
# A file that spans a year or a month is divided once those have so many times what suits it.
_OUTGROWN = 2


def compact(
    con: duckdb.DuckDBPyConnection, lake: Lake, state: LakeState, *, everything: bool = False
) -> LakeState:
    """The state after small files were merged where there are many. Hold the lock.

    With `everything`, wherever there are two, without a limit. Errors leave the lake as it was.
    """
    most = 1 if everything else A_SPAN_MAY_HAVE
    rewrites = list(_candidates(state, most))
    if not everything:
        rewrites = _as_much_as_a_load_does(rewrites)
    rejected = _tier(state.of_kind("rejected"), most)
    if not rewrites and not rejected:
        return state
    staged = lake.staged()
    files = rewrite(con, state, staged, rewrites)
    if rejected:
        files += merged_rejected(con, state, staged, rejected)
    gone = [file.name for one in rewrites for file in one.old] + [file.name for file in rejected]
    return lake.commit(state, Transaction("merge", files=files, gone=gone), staged)


def _as_much_as_a_load_does(rewrites: Sequence[Rewrite]) -> list[Rewrite]:
    """Those of the newest spans; the first of them however large it is, or it never would be done.

    One that is of very many files is cut short.
    """
    chosen: list[Rewrite] = []
    size, count = 0, 0
    for one in sorted(rewrites, key=lambda one: one.old[-1].first_time, reverse=True):
        part = Rewrite(one.old[: FILES_A_LOAD - count], one.grain)
        if chosen and size + part.bytes > BYTES_A_LOAD:
            continue
        chosen.append(part)
        size, count = size + part.bytes, count + len(part.old)
        if count >= FILES_A_LOAD:
            break
    return chosen


def _candidates(state: LakeState, most: int) -> Iterator[Rewrite]:
    """What could be merged or divided, where a span may have so many files."""
    by_year: dict[tuple[str, str], list[LakeFile]] = defaultdict(list)
    for file in state.events:
        by_year[file.source, file.first_time[:4]].append(file)
    for files in by_year.values():
        rows_of_year = sum(file.rows for file in files)
        rows_of_month: Counter[str] = Counter()
        for file in files:
            rows_of_month[file.first_time[:7]] += file.rows if file.grain != "year" else 0
        spans: dict[tuple[str, str], list[LakeFile]] = defaultdict(list)
        for file in files:
            month = file.first_time[:7]
            grain = grain_for(rows_of_year, rows_of_month[month])
            if NAME_LENGTHS[file.grain] >= NAME_LENGTHS[grain]:
                spans[grain, file.first_time[: NAME_LENGTHS[grain]]].append(file)
                continue
            rows = rows_of_year if file.grain == "year" else rows_of_month[month]
            if rows >= _OUTGROWN * MOST_ROWS:
                yield Rewrite((file,), "month" if file.grain == "year" else "day")
            else:
                spans[file.grain, file.first_time[: NAME_LENGTHS[file.grain]]].append(file)
        for (grain, _), some in spans.items():
            if chosen := _tier(some, most):
                yield Rewrite(tuple(chosen), grain)


def _tier(files: Sequence[LakeFile], most: int) -> list[LakeFile]:
    """The smallest of the small files, when those are more than so many; else none.

    Only as long as the next one is not much larger than those before it together: so a row is
    written anew when as many others have come as it lies among, and not with every load.
    """
    small = sorted((f for f in files if f.bytes < SMALL), key=lambda file: (file.rows, file.name))
    if len(small) <= most:
        return []
    if most == 1:
        return small
    chosen = small[:2]
    rows = sum(file.rows for file in chosen)
    for file in small[2:]:
        if file.rows > 2 * rows:
            break
        chosen.append(file)
        rows += file.rows
    return sorted(chosen, key=lambda file: file.first_time)
