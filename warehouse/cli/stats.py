"""dwell stats: the session-statistics object."""

import argparse
from typing import Any

import warehouse
from etl.config.settings import Settings
from warehouse.cli.filtering import add_filtering, chosen, filters_of
from warehouse.cli.output import count, moment, say, say_json
from warehouse.written import duration

EXAMPLE = "dwell stats --days 7 --json"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Of whom, of what, of how long."""
    command.add_argument("--user", metavar="U", help="one user")
    command.add_argument("--type", metavar="T", help="one session type")
    command.add_argument("--days", type=int, default=30, metavar="N", help="days (default 30)")
    add_filtering(command)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the statistics."""
    with warehouse.open(settings.home) as wh:
        analytics = warehouse.SessionAnalytics(wh)
        filters = filters_of(args, settings)
        stats = analytics.get_session_stats(
            user_id=args.user, session_type=args.type, days=args.days, filters=filters
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
    return 0


def _ends(stats: dict[str, Any], time_zone: str) -> str:
    """From when to when: not by calendar days, as the periods of the pages are."""
    if stats["period_end"] is None:
        return ""
    start, end = moment(stats["period_start"]), moment(stats["period_end"])
    return f", from {start} to {end} {time_zone}"
