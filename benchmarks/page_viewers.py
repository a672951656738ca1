"""Ten viewers at once, five seconds between two clicks of each: one in a browser, nine without.

Ten browsers on one machine would measure themselves. The nine speak to the dashboard as a page does
(page_viewer.py), so that it works as much for them. All click through the same choices, each
from another one on; what somebody asked before is not asked of the build again, as in life.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from itertools import product
from statistics import median, quantiles
from typing import Any

from benchmarks.page_browser import Drawn
from benchmarks.page_server import Server
from benchmarks.page_viewer import Answer, Viewer, finished, forget_answers

_PAUSE = 5
_LIGHT = 9
_MOST_SLOWER = 3
_LONGEST = 2.0
_CHOICES = [
    (page, query)
    for query, page in product(
        ("", "period=7", "period=90", "device_type=mobile", "period=7&device_type=desktop"),
        ("", "engagement", "breakdowns", "sessions", "users"),
    )
]
_PERIODS = ("7 d", "30 d", "90 d")


def ten_viewers(
    server: Server, profile: Callable[[Server], Any], seconds: int
) -> Iterator[dict[str, Any]]:
    """Rows of a viewer alone, of ten, and of that of the ten who has a browser."""
    forget_answers(server.address)
    cpu = server.cpu
    alone = finished(_clicks(server.address, 0, len(_CHOICES), pause=0.5))
    alone_p95 = p95([answer.seconds for answer in alone])
    yield _row("one viewer", alone, server.cpu - cpu)
    forget_answers(server.address)
    cpu = server.cpu
    answers: list[Answer] = []
    nine = threading.Thread(target=lambda: answers.extend(asyncio.run(_nine(server, seconds))))
    nine.start()
    with profile(server) as visit:
        drawn = list(_in_browser(visit, seconds))
    nine.join()
    spent = server.cpu - cpu
    yield _row("ten viewers", answers, spent, _MOST_SLOWER * alone_p95)
    longest = max(answers, key=lambda answer: answer.seconds)
    yield _row("ten viewers, longest", [longest], None, _LONGEST)
    seen = [Answer(each.seconds) for each in drawn]
    yield _row("ten viewers, in the browser", seen, None, _LONGEST) | {
        "all_s": round(median(each.all_seconds for each in drawn), 2),
        "browser_busy_s": round(median(each.browser_busy for each in drawn), 2),
    }


async def _nine(server: Server, seconds: int) -> list[Answer]:
    several = await asyncio.gather(
        *(
            # Nobody waits for the others to click.
            _clicks(server.address, number, seconds // _PAUSE, _PAUSE, number * _PAUSE / _LIGHT)
            for number in range(_LIGHT)
        )
    )
    return [answer for answers in several for answer in answers]


async def _clicks(
    address: str, number: int, count: int, pause: float, first: float = 0
) -> list[Answer]:
    await asyncio.sleep(first)
    answers = []
    async with Viewer(address) as viewer:
        for at in range(count):
            page, query = _CHOICES[(at + number * 3) % len(_CHOICES)]
            answers.append(await viewer.click(page, query))
            await asyncio.sleep(pause)
    return answers


def _in_browser(visit: Any, seconds: int) -> Iterator[Drawn]:
    """A reader of the overview who goes through the periods."""
    until = time.monotonic() + seconds
    numbers = ".dwell-card .dwell-value"
    visit.opened("/", numbers)
    at = 0
    while time.monotonic() < until:
        text = _PERIODS[at % len(_PERIODS)]
        target = visit.page.locator(".st-key-period").get_by_text(text, exact=True)
        yield visit.clicked(target, numbers)
        visit.page.wait_for_timeout(_PAUSE * 1000)
        at += 1


def _row(
    step: str, answers: list[Answer], cpu: float | None, wanted: float | None = None
) -> dict[str, Any]:
    seconds = [answer.seconds for answer in answers]
    return {
        "page": "all",
        "step": step,
        "runs": len(answers),
        "p50_s": round(median(seconds), 2),
        "p95_s": round(p95(seconds), 2),
        "all_s": None,
        "browser_busy_s": None,
        "server_cpu_s": None if cpu is None else round(cpu / len(answers), 2),
        "requests": None,
        "mb": None,
        "wanted_s": wanted and round(wanted, 2),
        "errors": sum(bool(answer.error) for answer in answers),
    }


def p95(values: list[float]) -> float:
    """The value that 95 of a hundred do not go beyond."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
