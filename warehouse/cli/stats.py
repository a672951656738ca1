"""dwell stats: the session-statistics object."""

import argparse

import warehouse
from etl.config.settings import Settings
from warehouse.cli.output import count, say, say_json

EXAMPLE = "dwell stats --days 7 --json"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Of whom, of what, of how long."""
    command.add_argument("--user", metavar="U", help="one user")
    command.add_argument("--type", metavar="T", help="one session type")
    command.add_argument("--days", type=int, default=30, metavar="N", help="days (default 30)")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the statistics."""
    with warehouse.open(settings.home) as wh:
        found = warehouse.SessionAnalytics(wh).get_session_stats(
            user_id=args.user, session_type=args.type, days=args.days
        )
    if args.json:
        say_json(found)
        return 0
    if found.get("message"):
        say(str(found["message"]))
    say(f"Last {found['period_days']} days")
    say(
        f"  {count(found['total_sessions'], 'session')}: {count(found['active_sessions'])} "
        f"active, {count(found['archived_sessions'])} archived"
    )
    say(f"  average duration  {found['avg_duration_seconds']:.1f} s")
    say(f"  queries           {count(found['total_queries'])}, "
        f"{found['avg_queries_per_session']:.2f} per session")  # fmt: skip
    say(f"  abandonment rate  {found['abandonment_rate']:.1%}")
    for title, entries in (
        ("session types", found["session_type_breakdown"]),
        ("query types", found["query_type_distribution"]),
        ("top assets", {a["symbol"]: a["count"] for a in found["top_assets"]}),
        ("popular tags", {t["tag"]: t["count"] for t in found["popular_tags"]}),
    ):
        if entries:
            say(
                f"  {title:17} "
                + ", ".join(f"{name} {number:,}" for name, number in entries.items())
            )
    return 0
