"""dwell report: the numbers of a week on one page, as files or as mail."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import warehouse
from etl.config.days import day_of
from etl.config.settings import Settings
from etl.errors import ConfigError, refuse_unknown
from etl.home_files import refuse_own_file
from warehouse.cli.filtering import add_filtering, filters_of
from warehouse.cli.output import log, say, say_json, writes_json
from warehouse.connection import Warehouse
from warehouse.delivery.message import Message
from warehouse.delivery.outbox import deliver, put
from warehouse.reports import files, periods
from warehouse.reports.asked import Asked
from warehouse.reports.model import report_of
from warehouse.reports.pdf import refuse_without_typst
from warehouse.reports.periods import Period
from warehouse.reports.shapes import Report
from warehouse.reports.user_model import report_of_user

EXAMPLE = "dwell report --week --to html,pdf,xlsx"
# Of a mail that is kept as a file.
_NOBODY = "Dwell <dwell@localhost>"
_SECONDS = 30.0


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Which days, of whom, as what, and for whom."""
    command.add_argument(
        "--week",
        nargs="?",
        const="",
        metavar="WEEK",
        help="a week such as 2026-W47; alone, and without any days: the last one that is over",
    )
    command.add_argument(
        "--month", nargs="?", const="", metavar="MONTH", help="a month such as 2026-11, or the last"
    )
    command.add_argument("--days", type=int, metavar="N", help="the last days that are over")
    command.add_argument("--from", dest="start", metavar="DAY", help="first day, local")
    command.add_argument("--until", metavar="DAY", help="last day (with --from)")
    command.add_argument("--user", metavar="U", help="of one user, beside all users")
    add_filtering(command)
    command.add_argument("--bots", action="store_true", help="count sessions of bots too")
    command.add_argument("--build", type=int, metavar="N", help="a kept build's number")
    command.add_argument(
        "--to",
        default="html",
        metavar="FORMAT,…",
        help=f"one or more of {', '.join(files.FORMATS)} (default html)",
    )
    command.add_argument(
        "--output", metavar="DIR", help="folder of the files (default: reports in the home)"
    )
    command.add_argument(
        "--receiver",
        action="append",
        default=[],
        metavar="NAME",
        help="with --to mail: a receiver of dwell.toml, again for more; without one the mail is "
        "written as a file",
    )
    command.add_argument(
        "--again", action="store_true", help="send the mail also to who has this report"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Writes the files and sends the mail; 1 where one of them failed."""
    forms = _forms(args.to)
    _check_receivers(args, settings, forms)
    if forms == ["pdf"]:
        refuse_without_typst()
    folder = Path(args.output) if args.output else settings.home / "reports"
    refuse_own_file(folder, settings.home, settings.config)
    with warehouse.open(settings.home, build=args.build) as wh:
        asked = _asked(args, settings, wh)
        report = report_of_user(wh, asked) if asked.user else report_of(wh, asked)
    written, problems = _written(report, forms)
    paths = [
        files.write_file(folder, f"{report.name}.{form}", content)
        for form, content in written.items()
    ]
    told: dict[str, Any] = {}
    if "mail" in forms:
        attached = {form: written[form] for form in files.ATTACHED if form in written}
        message = files.message_of(report, attached)
        if args.receiver:
            told = _sent(args, settings, _again(message) if args.again else message)
            problems += told["problems"]
        else:
            sender = settings.smtp.sender if settings.smtp else _NOBODY
            eml = files.eml_of(message, sender)
            paths.append(files.write_file(folder, f"{report.name}.eml", eml))
    _tell(args, report, paths, told, problems)
    return 1 if problems else 0


def _forms(given: str) -> list[str]:
    forms = list(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))
    for form in forms:
        refuse_unknown("format", form, files.FORMATS)
    if not forms:
        msg = f"--to names no format. Wanted: one or more of {', '.join(files.FORMATS)}."
        raise ConfigError(msg)
    return forms


def _check_receivers(args: argparse.Namespace, settings: Settings, forms: list[str]) -> None:
    if args.receiver and "mail" not in forms:
        msg = "--receiver is for a mail, and none is asked for. Add mail to --to."
        raise ConfigError(msg)
    for name in args.receiver:
        refuse_unknown("receiver", name, [receiver.name for receiver in settings.receivers])


def _asked(args: argparse.Namespace, settings: Settings, wh: Warehouse) -> Asked:
    period = _period(args, wh)
    filters = filters_of(args, settings, include_bots=args.bots, start=period.start, end=period.end)
    return Asked(
        period,
        filters,
        segments=tuple(args.segment),
        texts=tuple(args.where),
        dashboard=settings.dashboard_url,
        user=args.user,
    )


def _period(args: argparse.Namespace, wh: Warehouse) -> Period:
    """The days asked for; without any, the last week that is over by the data."""
    names = {"week": "--week", "month": "--month", "days": "--days", "start": "--from"}
    given = [option for name, option in names.items() if getattr(args, name) is not None]
    if len(given) > 1:
        msg = f"{' and '.join(given)} both say which days. Keep one of them."
        raise ConfigError(msg)
    if (args.start is None) != (args.until is None):
        msg = "--from and --until go together: give the first and the last day."
        raise ConfigError(msg)
    running = wh.as_of_date or _today(wh)
    if args.start:
        return periods.checked(day_of(args.start, "--from"), day_of(args.until, "--until"))
    if args.days is not None:
        return periods.last_days(args.days, running)
    if args.month is not None:
        return periods.month_of(args.month) if args.month else periods.last_month(running)
    return periods.week_of(args.week) if args.week else periods.last_week(running)


def _today(wh: Warehouse) -> date:
    return datetime.now(ZoneInfo(wh.time_zone)).date()


def _written(report: Report, forms: list[str]) -> tuple[dict[str, bytes], list[str]]:
    """The files, and why one could not be made."""
    written, problems = {}, []
    for form in forms:
        if form == "mail":
            continue
        try:
            written[form] = files.WRITERS[form](report)
        except ConfigError as error:
            problems.append(str(error))
    return written, problems


def _again(message: Message) -> Message:
    """The message under an id that nobody knows."""
    from dataclasses import replace
    from uuid import uuid4

    return replace(message, id=f"{message.id}-{uuid4().hex[:12]}")


def _sent(args: argparse.Namespace, settings: Settings, message: Message) -> dict[str, Any]:
    """What became of the mail: it waits in the outbox for who could not be reached."""
    new = put(settings.home, [(message, args.receiver)])
    delivered = deliver(settings, _SECONDS)
    problems = [
        f"{receiver}: {why} It waits in the outbox, and is sent after the next load."
        for receiver, why in delivered.problems.items()
        if receiver in args.receiver
    ]
    sent = {name: count for name, count in delivered.sent.items() if name in args.receiver}
    return {"message": message.id, "new": new, "sent": sent, "problems": problems}


def _tell(
    args: argparse.Namespace,
    report: Report,
    paths: list[Path],
    sent: dict[str, Any],
    problems: list[str],
) -> None:
    for problem in problems:
        told = problem if writes_json() else f"dwell: {problem}"
        log(told, event="report_failed", level="error")
    if args.json:
        say_json(
            {
                "report": report.name,
                "lead": report.lead,
                "sentences": list(report.sentences),
                "doubts": list(report.doubts),
                "numbers": {number.name: number.value for number in report.numbers},
                **{"facts": dict(report.facts), "files": paths, "mail": sent or None},
                "problems": problems,
            }
        )
        return
    say(f"{report.title}, {report.days}: {report.lead}")
    for doubt in report.doubts:
        say(f"  not to be trusted: {doubt}")
    for path in paths:
        say(f"  {path}")
    if sent:
        who = ", ".join(sent["sent"])
        if who:
            say(f"  sent to {who}")
        elif not sent["new"]:
            say("  not sent: its receivers have this report (--again sends it once more)")
