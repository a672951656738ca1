"""Visits without a person: crawlers, and tabs that were left open.

Made of page views and heartbeats only. Never clicks, searches or writes.
"""

from random import Random

from etl.demo import vocabulary
from etl.demo.calendar import MINUTE, SECOND, Calendar
from etl.demo.steps import Step, Visit


def crawl(rng: Random, start: int, post_count: int) -> Visit:
    """A crawler's visit: page after page at an even pace, and nothing else."""
    visit = Visit()
    at = start
    for _ in range(rng.randrange(4, 26)):
        page = rng.choices(("docs", "blog", "posts"), (3, 2, 6))[0]
        name = {"docs": vocabulary.DOCS, "blog": vocabulary.BLOG}.get(page)
        last = rng.choice(name) if name else rng.randrange(1, post_count + 1)
        visit.steps.append(Step(at, "page_view", f"/{page}/{last}", None, False, {}))
        at += rng.randrange(2 * SECOND, 14 * SECOND)
    return visit


def forgotten_tab(calendar: Calendar, start: int, hours: int) -> Visit:
    """A tab left open for more than a day: its heartbeat never lets the session end."""
    view = Step(start, "page_view", "/explore", None, True, {"title": "Explore"})
    visit = Visit([view], session_type="browse")
    for beat in range(start + 20 * MINUTE, start + hours * 60 * MINUTE, 20 * MINUTE):
        if beat < calendar.until:
            visit.steps.append(Step(beat, "heartbeat", "/explore", None, True, {}))
    return visit
