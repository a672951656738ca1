"""How long a reader waits for the pages of the dashboard, in a real browser.

    python -m benchmarks.pages --home /tmp/year --runs 5 --json

Serves the home (the demo's, if none is given), opens each page in Chromium as a newcomer, loads it
again, comes to it from another page, and clicks on a period and on another choice. What was asked
before is told apart: `again`. Then ten viewers click every five seconds, one in a browser, nine
without one. `p50_s` and `p95_s` are seconds until the numbers were drawn, `all_s` the median until
charts were too. CPU is told beside: `browser_busy_s` of the page's main thread, `server_cpu_s`.
"""

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.page_browser import Drawn, Profile, chromium
from benchmarks.page_floor import FLOORS, floor
from benchmarks.page_server import Server, dashboard
from benchmarks.page_viewer import forget_answers
from benchmarks.page_viewers import p95, ten_viewers
from benchmarks.watched import dwell_command, watched

_WANTED = {"cold": 3.0, "reload": 1.2, "page": 0.4, "period": 0.4, "choice": 0.4}
_WANTED_MB = 2.2


@dataclass(frozen=True)
class Page:
    """One page: its name in the navigation, where its numbers stand, and a choice to click on.

    `choice` is a text within the part of that class; where it needs to be unfolded first, `opener`
    is the button that does.
    """

    name: str
    path: str
    numbers: str
    choice: tuple[str, str] | None = None
    changes: str = ""
    is_dated: bool = True


_CARDS = ".dwell-card .dwell-value"
PAGES = (
    Page("Overview", "/", _CARDS, ("grain", "Week"), ".st-key-head_trend h3"),
    Page(
        "Engagement",
        "/engagement",
        ".st-key-chart_lengths .point path",
        ("own_of", "Engaged time"),
    ),
    Page("Retention", "/retention", ".st-key-table_cohorts td", ("own_kind", "On or after")),
    Page("Breakdowns", "/breakdowns", ".st-key-table_values td", ("table_values", "Median")),
    Page("LLM chat", "/llm_chat", ".dwell-step", ("own_ends_by", "By model")),
    Page("Active now", "/active_now", _CARDS, is_dated=False),
    Page(
        "Sessions", "/sessions", ".st-key-table_session_list td", ("table_session_list", "Duration")
    ),
    Page("Users", "/users", ".st-key-table_users td", ("table_users", "Sessions")),
)


@dataclass(frozen=True)
class Row:
    """One step on one page."""

    page: str
    step: str
    runs: int
    p50_s: float
    p95_s: float
    all_s: float | None
    browser_busy_s: float | None
    server_cpu_s: float | None
    requests: int | None
    mb: float | None
    wanted_s: float | None
    errors: int = 0


def main() -> None:
    """Prints the rows as a table, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="has a build; without one, a demo is made")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="only pages with this text in their name")
    parser.add_argument("--viewer-seconds", type=int, default=60, help="0: no ten viewers")
    parser.add_argument("--most-seconds", type=int, default=1200, help="begins no run after these")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as folder:
        home = args.home or _demo(Path(folder) / "home")
        with dashboard(home) as server:
            rows = list(_rows(server, args))
    if args.json:
        print(json.dumps({"rows": rows, "wanted_mb": _WANTED_MB}))
        return
    print(f"| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}")
    for row in rows:
        print(f"| {' | '.join('' if value is None else str(value) for value in row.values())} |")


def _demo(home: Path) -> Path:
    watched(dwell_command("demo", "--no-dashboard", "--home", home))
    return home


def _rows(server: Server, args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    until = time.monotonic() + args.most_seconds
    taken: dict[tuple[str, str], list[Drawn]] = defaultdict(list)
    pages = [page for page in PAGES if args.only in page.name]
    with chromium() as profile:
        # The first visitor of a process waits for its imports; that is not what is measured.
        for page in pages:
            with profile(server) as visit:
                visit.opened(page.path, page.numbers)
        # Each run goes through all pages, so that a busy minute is not one page's alone.
        for _ in range(args.runs):
            for page in pages:
                if time.monotonic() < until:
                    for step, drawn in _run(page, profile, server):
                        taken[page.name, step].append(drawn)
        # After them the same order as the pages have.
        for (name, step), several in sorted(taken.items(), key=_place):
            yield asdict(_row(name, step, several))
        if not args.only:
            for name in FLOORS:
                yield from _floor(name, profile, args.runs)
        if args.viewer_seconds:
            for row in ten_viewers(server, profile, args.viewer_seconds):
                yield asdict(Row(**row))


def _floor(name: str, profile: Callable[[Server], Any], runs: int) -> Iterator[dict[str, Any]]:
    """The rows of what Streamlit takes by itself."""
    page = Page(name, "/", _CARDS)
    taken: dict[str, list[Drawn]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory(prefix="dwell-bench-") as folder,
        floor(name, Path(folder)) as server,
    ):
        for number in range(runs + 1):
            with profile(server) as visit:
                for step, drawn in _at_once(visit, page):
                    # The first visitor waits for imports.
                    if number:
                        taken[step].append(drawn)
    for step, several in taken.items():
        yield asdict(_row(name, step, several))


def _place(item: tuple[tuple[str, str], list[Drawn]]) -> int:
    return [page.name for page in PAGES].index(item[0][0])


def _run(
    page: Page, profile: Callable[[Server], Any], server: Server
) -> Iterator[tuple[str, Drawn]]:
    forget_answers(server.address)
    with profile(server) as visit:
        yield from _at_once(visit, page)
        if page.choice:
            place, text = page.choice
            target = visit.page.locator(f".st-key-{place}").get_by_text(text, exact=True).first
            yield "choice", visit.clicked(target, page.changes or page.numbers)
    forget_answers(server.address)
    other = next(each for each in PAGES if each is not page and each.name != "Overview")
    with profile(server) as visit:
        visit.opened(other.path, other.numbers)
        for step in ("page", "page again"):
            yield step, visit.clicked(_link(visit, page), page.numbers)
            visit.clicked(_link(visit, other), other.numbers)


def _at_once(visit: Profile, page: Page) -> Iterator[tuple[str, Drawn]]:
    """What every page can do: be opened, loaded again, and shown of another period."""
    yield "cold", visit.opened(page.path, page.numbers)
    yield "reload", visit.reloaded()
    if page.is_dated:
        period = visit.page.locator(".st-key-period")
        for step, text in (("period", "7 d"), ("period again", "30 d")):
            yield step, visit.clicked(period.get_by_text(text, exact=True), page.numbers)


def _link(visit: Profile, page: Page) -> Any:
    links = visit.page.get_by_test_id("stSidebar").get_by_role("link")
    return links.filter(has_text=page.name)


def _row(name: str, step: str, several: list[Drawn]) -> Row:
    seconds = [each.seconds for each in several]
    return Row(
        name,
        step,
        len(several),
        round(median(seconds), 2),
        round(p95(seconds), 2),
        round(median(each.all_seconds for each in several), 2),
        round(median(each.browser_busy for each in several), 2),
        round(median(each.server_cpu for each in several), 2),
        round(median(each.requests for each in several)),
        round(median(each.mb for each in several), 2),
        _WANTED[step.split()[0]],
    )


if __name__ == "__main__":
    main()
