"""What is known of the builds of a home, and what one says that another did not, in words."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.duck import sql_beside
from etl.errors import ConfigError, DwellError
from warehouse import build_diff as diff
from warehouse import build_log, connection, written
from warehouse.build_files import GOES_ON, build_path, builds_folder, kept_builds

if TYPE_CHECKING:
    import polars as pl

UNKNOWN_REASON = "not known"


def builds(home: Path) -> "pl.DataFrame":
    """Every build that is known of, newest first."""
    import polars as pl

    kept = set(kept_builds(home))
    told = {row["build"]: row for row in build_log.read(home) if "build" in row}
    rows = [_noted(row) for row in told.values()]
    rows += [_found(home, number) for number in kept - told.keys()]
    rows.sort(key=lambda row: row["build"])
    for before, row in zip([None, *rows], rows, strict=False):
        follows = before is not None and before["build"] == row["build"] - 1
        for name in ("events", "sessions", "batches"):
            values = (row[name], before[name] if follows and before else None)
            row[f"{name}_added"] = None if None in values else values[0] - values[1]
        row["is_kept"] = row["build"] in kept
        row["is_increment"] = None if row["reason"] == UNKNOWN_REASON else row["reason"] in GOES_ON
    schema = {
        "build": pl.Int64(),
        "built_at": pl.Datetime("us"),
        "reason": pl.String(),
        "events": pl.Int64(),
        "sessions": pl.Int64(),
        "is_kept": pl.Boolean(),
        "is_increment": pl.Boolean(),
        "batches": pl.Int64(),
        "batches_added": pl.Int64(),
        "events_added": pl.Int64(),
        "sessions_added": pl.Int64(),
        "as_of": pl.Datetime("us"),
        "seconds": pl.Float64(),
    }
    return pl.DataFrame(rows[::-1], schema=schema, orient="row")


def _noted(row: Mapping[str, Any]) -> dict[str, Any]:
    """A build as its line of the log tells."""
    return {
        "build": int(row["build"]),
        "built_at": _naive(row.get("built_at")),
        "reason": str(row.get("reason", UNKNOWN_REASON)),
        **{name: row.get(name) for name in ("events", "sessions", "batches", "seconds")},
        "as_of": _naive(row.get("as_of")),
    }


def _found(home: Path, number: int) -> dict[str, Any]:
    """A build of before there was a log, as its file tells."""
    path = build_path(builds_folder(home), number)
    row: dict[str, Any] = dict.fromkeys(("events", "sessions", "batches", "seconds", "as_of"))
    row |= {"build": number, "reason": UNKNOWN_REASON}
    row["built_at"] = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
    try:
        with connection.open(home, build=number) as wh:
            text = "select coalesce(sum(event_count), 0)::bigint, count(*) from user_sessions"
            row["events"], row["sessions"] = wh.sql(text).fetchall()[0]
            row["as_of"] = wh.as_of
    except DwellError:
        # It may have been swept meanwhile.
        pass
    return row


def _naive(text: str | None) -> datetime | None:
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def checks(home: Path, build: int) -> "pl.DataFrame":
    """What the checks of a build came to when it was made."""
    import polars as pl

    told = [row for row in build_log.read(home) if row.get("build") == build]
    results = told[-1].get("checks", {}) if told else {}
    rows = [
        {
            "check": name,
            "subject": name.partition("__")[0],
            "sentence": name.partition("__")[2].replace("_", " "),
            "bad_row_count": int(found),
            "seconds": float(seconds),
        }
        for name, (found, seconds) in sorted(results.items())
    ]
    texts = {name: pl.String for name in ("check", "subject", "sentence")}
    schema = {**texts, "bad_row_count": pl.Int64, "seconds": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def refused(home: Path) -> "pl.DataFrame":
    """Builds that a check refused since the last one that was published, newest first."""
    import polars as pl

    lines = build_log.read(home)
    last = max((at for at, row in enumerate(lines) if "build" in row), default=-1)
    rows = [
        {"refused_at": _naive(row["refused_at"]), "message": str(row.get("message", ""))}
        for row in lines[last + 1 :][::-1]
    ]
    return pl.DataFrame(
        rows, schema={"refused_at": pl.Datetime("us"), "message": pl.String}, orient="row"
    )


def number_of(other: Any) -> int:
    """The number of a build that was given as one, or opened."""
    if isinstance(other, connection.Warehouse):
        return other.build
    if isinstance(other, int) and not isinstance(other, bool):
        return other
    msg = f"The other build is {other!r}. Wanted: the number of a kept build, or one that is open."
    raise ConfigError(msg)


def changed_rows(wh: connection.Warehouse, other: int) -> "pl.DataFrame":
    """Rows that came and went between two builds, by table, day and source."""
    import polars as pl

    with diff.side_by_side(wh.home, other, wh.build) as con:
        frames: list[pl.DataFrame] = []
        for table in diff.tables_of_both(con):
            day, source = diff.TABLES[table]
            changed = diff.find_changed(con, table)
            # Counting reads the whole table, and most have nothing to be counted.
            if frames and not con.execute(f"select 1 from {changed} limit 1").fetchall():  # noqa: S608
                continue
            values = {"zone": wh.time_zone, "table": table}
            text = sql_beside(__file__, "changed_cells")
            for word, sql in {
                "$day": day,
                "$source_of": source,
                "changed_rows": changed,
                "$counting": diff.counting(con, diff.AFTER, table),
            }.items():
                text = text.replace(word, sql)
            used = {name: value for name, value in values.items() if f"${name}" in text}
            frames.append(pl.DataFrame(con.execute(text, used).to_arrow_table()))
    return pl.concat(frames)


def changed_days(wh: connection.Warehouse, other: int) -> "pl.DataFrame":
    """What the later build says of each day that the earlier one said otherwise."""
    import polars as pl

    with diff.side_by_side(wh.home, other, wh.build) as con:
        for table in ("session_events", "user_sessions"):
            diff.find_changed(con, table)
        rows = pl.DataFrame(con.execute(sql_beside(__file__, "build_changes")).to_arrow_table())
    with connection.open(wh.home, build=other) as before:
        known_day = before.as_of_date
    told = [
        {"is_late": is_late, "sentence": sentence(row, is_late=is_late)}
        for row in rows.iter_rows(named=True)
        for is_late in [known_day is not None and row["date"] < known_day]
    ]
    kinds = {"is_late": pl.Boolean, "sentence": pl.String}
    answer = pl.concat([rows, pl.DataFrame(told, schema=kinds, orient="row")], how="horizontal")
    return answer.select("date", "sentence", "is_late", pl.exclude("date", "sentence", "is_late"))


def sentence(row: Mapping[str, Any], *, is_late: bool) -> str:
    """A day in words: 3 Nov 2026: +120 events late from web, 14 sessions merged, bounce 33.0 →
    32.8 %.
    """
    parts = []
    for source in row["sources"]:
        if source["added"]:
            late = " late" if is_late else ""
            parts.append(
                f"+{written.plural(source['added'], 'event')}{late} from {source['source']}"
            )
        if source["removed"]:
            gone = written.plural(source["removed"], "event")
            parts.append(f"\u2212{gone} of {source['source']}")
    for name, word in (("sessions_merged", "merged"), ("sessions_split", "split off")):
        if row[name]:
            parts.append(f"{written.plural(row[name], 'session')} {word}")
    before, after = row["sessions_before"] or 0, row["sessions_after"] or 0
    if before != after:
        parts.append(f"sessions {written.count(before)} \u2192 {written.count(after)}")
    parts += _changed_share("bounce", row["bounce_before"], row["bounce_after"])
    medians = [
        written.NULL if value is None else written.duration(value)
        for value in (row["median_before"], row["median_after"])
    ]
    if medians[0] != medians[1]:
        parts.append(f"median duration {medians[0]} \u2192 {medians[1]}")
    day: date = row["date"]
    return f"{written.day(day)}: {', '.join(parts) or 'changed by less than is shown'}"


def _changed_share(name: str, before: float | None, after: float | None) -> list[str]:
    texts = [written.NULL if each is None else f"{each * 100:.1f}" for each in (before, after)]
    unit = "" if after is None else " %"
    return [f"{name} {texts[0]} \u2192 {texts[1]}{unit}"] if texts[0] != texts[1] else []
