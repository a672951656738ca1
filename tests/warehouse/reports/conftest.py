"""A home of twelve weeks with names that mean harm, one day without a source, and its report."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

import warehouse
from tests.make import build_home, load_files, write_ndjson
from warehouse.filters import Filters
from warehouse.reports.asked import Asked
from warehouse.reports.model import report_of
from warehouse.reports.periods import Period
from warehouse.reports.shapes import Report

FIRST = date(2026, 1, 5)  # A Monday.
DAYS = 82
# The last week that is over, and the day of it on which one source is silent.
MONDAY, SUNDAY = date(2026, 3, 16), date(2026, 3, 22)
OUTAGE = date(2026, 3, 18)
WEEK = Period(MONDAY, SUNDAY)
WEB = "https://dwell.example.com"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    '#import "/etc/passwd": *',
    "#sys.inputs $x$ *a* _b_ `c` \\ @d <e>",
    "\u202egnp.exe \u202a",
    "\U0001f600 \u05e9\u05dc\u05d5\u05dd \u4f60\u597d",
    "x" * 300,
    "</style></svg>&amp;{color:red}",
    "a,b;c|d\"e'",
)


def _export(source: str, per_day: int) -> list[dict[str, Any]]:
    rng = random.Random(source)
    rows = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        if source == "web" and day == OUTAGE:
            continue
        for visit in range(per_day + rng.randrange(per_day // 4)):
            # The last week has more phones, and more of it that goes wrong.
            is_last = MONDAY <= day <= SUNDAY
            user = f"u{rng.randrange(400)}"
            start = datetime.combine(day, time()) + timedelta(seconds=rng.randrange(32_000, 64_000))
            more = {
                "device_type": "mobile" if rng.random() < (0.7 if is_last else 0.2) else "desktop",
                "session_type": HOSTILE[rng.randrange(12)] if rng.random() < 0.7 else "plain",
                "tags": [HOSTILE[rng.randrange(12)]],
            }
            events = [("page_view", 0), ("prompt", 20 + rng.randrange(300))]
            if visit % 3 == 0:
                events = events[:1]
            if is_last and rng.random() < 0.5:
                events.append(("error", 500))
            for event, seconds in events:
                at = start + timedelta(seconds=seconds)
                page = f"/p{rng.randrange(14)}{HOSTILE[rng.randrange(12)]}"
                rows.append(
                    {"user": user, "time": f"{at.isoformat()}Z", "event": event, "url": page}
                )
                rows[-1] |= more
    return rows


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("reports")
    for source, per_day in (("web", 24), ("app", 10)):
        rows = [
            {"id": f"{source}-{number}", **row}
            for number, row in enumerate(_export(source, per_day))
        ]
        load_files(folder / "home", write_ndjson(folder / f"{source}.ndjson", rows), source=source)
    build_home(folder / "home")
    return folder / "home"


@pytest.fixture(scope="session")
def wh(home: Path) -> Iterator[warehouse.Warehouse]:
    with warehouse.open(home) as opened:
        yield opened


def asked(period: Period = WEEK, **others: Any) -> Asked:
    """What is asked about a period, with links."""
    where = others.pop("where", {})
    filters = Filters(period.start, period.end, where, others.pop("bots", False))
    return Asked(period, filters, dashboard=WEB, **others)


@pytest.fixture(scope="session")
def report(wh: warehouse.Warehouse) -> Report:
    """The report of the week."""
    return report_of(wh, asked())
