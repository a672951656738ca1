"""dwell stats: the session-statistics object."""

import argparse
from typing import Any

import warehouse
from etl.config.settings import Settings
from warehouse.cli.filtering import add_filtering, chosen, filters_of
from warehouse.cli.output import count, moment, say, say_json
from warehouse.written import NULL, duration, number, share

# How the numbers of a benchmark are written; others with one decimal.
_WRITERS = {
    "avg_duration_seconds": lambda value: NULL if value is None else duration(value),
    "abandonment_rate": share,
}

EXAMPLE = "dwell stats --days 7 --json"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Of whom, of what, of how long."""
    command.add_argument("--user", metavar="U", help="one user")
    command.add_argument("--type", metavar="T", help="one session type")
    command.add_argument(
        "--benchmark", action="store_true", help="beside all users: their median, the percentile"
    )
    command.add_argument("--days", type=int, default=30, metavar="N", help="days (default 30)")
    add_filtering(command)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the statistics."""
    with warehouse.open(settings.home) as wh:
        analytics = warehouse.SessionAnalytics(wh)
        filters = filters_of(args, settings)
        stats = analytics.get_session_stats(
            args.user, args.type, args.days, filters, benchmark=args.benchmark
        ) | analytics.period(args.days)
    # What was asked is told with the answer, and of nothing nothing.
    asked = {"where": args.where, "segments": args.segment}
    stats |= {name: texts for name, texts in asked.items() if texts}
    if args.json:
        say_json(stats)
        return 0
    if stats.get("message"):
        say(str(stats["message"]))
    say(f"Last {count(stats['period_days'], 'day')}{_ends(stats, wh.time_zone)}{chosen(args)}")
    say(
        f"  {count(stats['total_sessions'], 'session')}: {count(stats['active_sessions'])} "
        f"active, {count(stats['archived_sessions'])} archived"
    )
    say(f"  average duration  {duration(stats['avg_duration_seconds'])}")
    say(f"  queries           {count(stats['total_queries'])}, "
        f"{stats['avg_queries_per_session']:.2f} per session")  # fmt: skip
    say(f"  abandonment rate  {stats['abandonment_rate']:.1%}")
    for title, entries in (
        ("session types", stats["session_type_breakdown"]),
        ("query types", stats["query_type_distribution"]),
        ("top assets", {a["symbol"]: a["count"] for a in stats["top_assets"]}),
        ("popular tags", {t["tag"]: t["count"] for t in stats["popular_tags"]}),
    ):
        if entries:
            say(
                f"  {title:17} "
                + ", ".join(f"{name} {number:,}" for name, number in entries.items())
            )
    for line in _benchmark_lines(stats.get("benchmark", {})):
        say(line)
    return 0


def _benchmark_lines(benchmark: dict[str, dict[str, float | None]]) -> list[str]:
    """One line a metric, under a head; none where nothing is known of all users."""
    if all(told["platform_median"] is None for told in benchmark.values()):
        return []
    rows = [("beside all users", "value", "median", "percentile")]
    for name, told in benchmark.items():
        write = _WRITERS.get(name, number)
        place = told["percentile"]
        values = (write(told["value"]), write(told["platform_median"]))
        rows.append((name.replace("_", " "), *values, number(place)))
    return [f"  {name:25}{value:>12}{median:>12}{place:>12}" for name, value, median, place in rows]


def _ends(stats: dict[str, Any], time_zone: str) -> str:
    """From when to when: not by calendar days, as the periods of the pages are."""
    if stats["period_end"] is None:
        return ""
    start, end = moment(stats["period_start"]), moment(stats["period_end"])
    return f", from {start} to {end} {time_zone}"
