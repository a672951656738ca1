"""What each page asks of the metrics, and how long that may take: what benchmarks.metrics times."""

from collections.abc import Callable, Iterator
from itertools import cycle

from warehouse import Filters, Warehouse, query
from warehouse.metrics import (
    active,
    breakdowns,
    chat,
    compare,
    crosswalk,
    data,
    engagement,
    forecast,
    funnels,
    health,
    lab,
    lifecycle,
    normal,
    overview,
    paths,
    patterns,
    platform,
    proxy,
    registry,
    retention,
    session_search,
    sessions,
    stickiness,
    users,
    workflows,
)

# Milliseconds of 90 days and of the year.
_USUAL, _HEAVY, _COHORTS = (150, 400), (300, 1200), (400, 700)
# Of steps that four million events are of, and of page views; a year has four times as many.
_FUNNEL, _VIEWS = (1000, 4000), (2000, 8000)
_PATHS = (1000, 4000)
_COMPARED = (1000, 4000)
# Of two million turns, one session in five has a chat; a year has four times as many.
_CHAT = (400, 1600)

# Of all events, of what they say, of a hundred thousand sessions, and of one.
_SEARCH, _TEXTS, _LIKE, _ONE = (1000, 4000), (10_000, 40_000), (1000, 1000), (200, 200)

# A part of Data health; the lab and the crosswalk cut all events anew, whatever the period.
_PART = (400, 1600)

Ask = Callable[[Warehouse, Filters], object]


def _of_all(metric: Callable[[Warehouse], object]) -> Ask:
    """A metric of the whole build, as one that filters are given."""
    return lambda wh, filters: metric(wh)


def _steps(*steps: str, scope: str = "user") -> Ask:
    return lambda wh, f: funnels.steps(wh, f, steps, scope)


def _searched(*contains: str, text: str | None = None) -> Ask:
    """A search as somebody asks it for the first time."""

    def ask(wh: Warehouse, filters: Filters) -> object:
        session_search.places_of.cache_clear()
        return sessions.search(wh, filters, contains, text, limit=100)

    return ask


def _one(wh: Warehouse, filters: Filters) -> str:
    """The next at each call of sessions that lie far apart."""
    key = wh, filters
    if key not in _IDS:
        long = sessions.search(wh, filters, order_by="duration_seconds", limit=1000)
        _IDS[key] = cycle(long["session_id"].to_list() or [""])
    return next(_IDS[key])


_IDS: dict[tuple[Warehouse, Filters], Iterator[str]] = {}
# Page → metric → how it is asked, and the goals.
PAGES: dict[str, dict[str, tuple[Ask, tuple[int, int]]]] = {
    "all": {
        # Without what a process keeps of it.
        "data.extent": (lambda wh, f: query.run(wh, "data.extent"), _USUAL),
        "data.values of browser": (lambda wh, f: data.values(wh, f, "browser"), _USUAL),
    },
    "overview": {
        "overview.totals": (overview.totals, _HEAVY),
        "overview.change": (overview.change, _HEAVY),
        "overview.daily": (overview.daily, _HEAVY),
        "overview.series of sessions": (
            lambda wh, f: overview.series(wh, f, "session_count"),
            _USUAL,
        ),
        "overview.series of medians": (
            lambda wh, f: overview.series(wh, f, "median_duration_seconds"),
            _USUAL,
        ),
        "overview.series of users": (lambda wh, f: overview.series(wh, f, "user_count"), _HEAVY),
        "overview.breakdown of entry pages": (
            lambda wh, f: overview.breakdown(wh, f, "entry_page"),
            _USUAL,
        ),
        "overview.breakdown of devices": (
            lambda wh, f: overview.breakdown(wh, f, "device_type"),
            _USUAL,
        ),
        "overview.left_out": (overview.left_out, _USUAL),
        "platform.standing": (platform.standing, _HEAVY),
        "forecast.daily": (lambda wh, f: forecast.daily(wh, f, "session_count"), _USUAL),
        "normal.band of the cards": (lambda wh, f: normal.band(wh, f, registry.CARDS), _HEAVY),
        "overview.movers": (overview.movers, _USUAL),
        "breakdowns.known": (breakdowns.known, _USUAL),
        "breakdowns.value_count of entry pages": (
            lambda wh, f: breakdowns.value_count(wh, f, "entry_page"),
            _USUAL,
        ),
        "breakdowns.daily_by of types": (
            lambda wh, f: breakdowns.daily_by(wh, f, "session_type"),
            _USUAL,
        ),
    },
    "trust": {
        "health.faults": (lambda wh, f: health.faults(wh), _PART),
        "health.effect": (health.effect, _PART),
        **{
            f"health.{part.__name__}": (_of_all(part), _PART)
            for part in (
                *(health.sources, health.coverage, health.unusual, health.heaviest),
                *(health.unjoined, health.rejected, health.time_shapes, health.loads),
            )
        },
        "proxy.calibration": (proxy.calibration, _PART),
        "lab.timeouts, the build's own": (
            lambda wh, f: lab.timeouts(wh, f, minutes=(30,)),
            (1000, 4000),
        ),
        "lab.timeouts, nine": (lab.timeouts, (4000, 16_000)),
        "lab.gaps": (lab.gaps, (1000, 4000)),
        "lab.valley": (lab.valley, (1000, 4000)),
        "crosswalk.definitions": (crosswalk.definitions, (4000, 16_000)),
        "crosswalk.waterfall": (lambda wh, f: crosswalk.waterfall(wh, f, "matomo"), (4000, 16_000)),
    },
    "chat": {
        "chat.totals": (chat.totals, _CHAT),
        "chat.latency": (chat.latency, _CHAT),
        "chat.latency by hour": (lambda wh, f: chat.latency(wh, f, "hour"), _CHAT),
        "chat.models": (chat.models, _CHAT),
        "chat.value_chain": (chat.value_chain, _CHAT),
        "chat.turns": (chat.turns, _CHAT),
        "chat.drop_off": (chat.drop_off, _CHAT),
        "chat.queries": (chat.queries, _CHAT),
        "chat.feedback": (chat.feedback, _CHAT),
        "chat.per_visit": (chat.per_visit, _CHAT),
        "chat.reading": (chat.reading, _CHAT),
        "chat.lengths": (chat.lengths, _CHAT),
        "chat.chats": (lambda wh, f: chat.chats(wh, f, limit=100), _CHAT),
        "chat.responses": (lambda wh, f: chat.responses(wh, f, limit=100), _CHAT),
    },
    "engagement": {
        "engagement.distribution": (engagement.distribution, _USUAL),
        "engagement.percentiles": (engagement.percentiles, _USUAL),
        "engagement.survival": (engagement.survival, _USUAL),
        "engagement.hour_by_weekday": (engagement.hour_by_weekday, _USUAL),
        "engagement.sessions_per_user": (engagement.sessions_per_user, _HEAVY),
        "engagement.bounce_presets": (engagement.bounce_presets, _USUAL),
    },
    "retention": {
        "retention.matrix by week": (retention.matrix, _COHORTS),
        "retention.matrix by day": (lambda wh, f: retention.matrix(wh, f, "day"), _COHORTS),
        "retention.matrix on or after": (
            lambda wh, f: retention.matrix(wh, f, kind="on_or_after"),
            _COHORTS,
        ),
        "retention.curve": (retention.curve, _COHORTS),
        "retention.trend": (retention.trend, _COHORTS),
        "retention.by of devices": (lambda wh, f: retention.by(wh, f, "device_type", 5), _COHORTS),
        "retention lifecycle.counts": (lifecycle.counts, _COHORTS),
        "retention stickiness.days_active": (stickiness.days_active, _COHORTS),
        "retention stickiness.ratios": (stickiness.ratios, _COHORTS),
    },
    "funnels": {
        "funnels.steps of three acts": (_steps("prompt", "model_response", "search"), _FUNNEL),
        "funnels.steps of page views": (_steps("page_view", "click", "search"), _VIEWS),
        "funnels.steps by session": (
            _steps("prompt", "model_response", "search", scope="session"),
            _FUNNEL,
        ),
        "funnels.trend of three acts": (
            lambda wh, f: funnels.trend(wh, f, ("prompt", "model_response", "search")),
            _FUNNEL,
        ),
    },
    "paths": {
        "paths.steps of pages": (paths.steps, _PATHS),
        "paths.steps of event types": (
            lambda wh, f: paths.steps(wh, f, of="event_type"),
            _PATHS,
        ),
        "paths.steps backward": (lambda wh, f: paths.steps(wh, f, direction="backward"), _PATHS),
        "paths.steps from an event type": (
            lambda wh, f: paths.steps(wh, f, "search", of="event_type"),
            _PATHS,
        ),
        "paths.steps of ten users": (lambda wh, f: paths.steps(wh, f, minimum_users=10), _PATHS),
        "paths.transitions": (paths.transitions, _PATHS),
        "paths.together by session": (paths.together, _PATHS),
        "paths.together by user": (lambda wh, f: paths.together(wh, f, by="user"), _PATHS),
        "paths.starts": (paths.starts, _PATHS),
        "patterns.sessions": (patterns.sessions, _USUAL),
        "patterns.users": (patterns.users, _HEAVY),
        "patterns.trend": (patterns.trend, _USUAL),
        "patterns.evidence": (patterns.evidence, _USUAL),
        "patterns.user_evidence": (patterns.user_evidence, _HEAVY),
        "patterns.frustration": (patterns.frustration, _USUAL),
        "workflows.summary": (workflows.summary, _USUAL),
        "workflows.stuck": (workflows.stuck, _USUAL),
    },
    "breakdowns": {
        "breakdowns.by of entry pages": (
            lambda wh, f: breakdowns.by(
                wh, f, "entry_page", ("session_count", "bounce_rate", "median_duration_seconds")
            ),
            _USUAL,
        ),
        "breakdowns.by of browsers with users": (
            lambda wh, f: breakdowns.by(wh, f, "browser", ("session_count", "user_count")),
            _HEAVY,
        ),
        "breakdowns.by of hours": (lambda wh, f: breakdowns.by(wh, f, "hour"), _USUAL),
        "breakdowns.change of entry pages": (
            lambda wh, f: breakdowns.change(wh, f, "entry_page"),
            _USUAL,
        ),
        "breakdowns.crosstab of pages and devices": (
            lambda wh, f: breakdowns.crosstab(wh, f, "entry_page", "device_type", "session_count"),
            _USUAL,
        ),
    },
    "compare": {
        "compare.groups": (compare.groups, _COMPARED),
        "compare.groups by session": (
            lambda wh, f: compare.groups(wh, f, metrics=compare.METRICS[1:], unit="session"),
            _COMPARED,
        ),
        "compare.groups of devices": (
            lambda wh, f: compare.groups(wh, f, "device_type"),
            _COMPARED,
        ),
        "compare.by_segment": (
            lambda wh, f: compare.by_segment(wh, f, "device_type", metric="bounce_rate"),
            _COMPARED,
        ),
        "compare.trend": (lambda wh, f: compare.trend(wh, f, metric="bounce_rate"), _COMPARED),
        "compare.distribution": (compare.distribution, _COMPARED),
        "compare.sizes": (compare.sizes, _COMPARED),
    },
    "sessions": {
        "sessions.count": (sessions.count, _USUAL),
        "sessions.search": (lambda wh, f: sessions.search(wh, f, limit=100), _USUAL),
        "sessions.search of prompt, then search": (_searched("prompt", "then search"), _SEARCH),
        "sessions.search of page view, then click": (_searched("page_view", "then click"), _SEARCH),
        "sessions.search of prompt, no search after": (
            _searched("prompt", "then not search"),
            _SEARCH,
        ),
        "sessions.search of a text": (_searched(text="item-899"), _TEXTS),
        "sessions.similar": (lambda wh, f: sessions.similar(wh, _one(wh, f)), _LIKE),
        "sessions.alike": (lambda wh, f: sessions.alike(wh, _one(wh, f)), _LIKE),
        "users.session_events of a session": (
            lambda wh, f: users.session_events(wh, _one(wh, f)),
            _ONE,
        ),
    },
    "users": {
        "users.listing": (lambda wh, f: users.listing(wh, f, limit=100), _HEAVY),
        "users.count": (users.count, _HEAVY),
    },
    "active now": {
        "active.totals": (active.totals, _USUAL),
        "active.sessions": (active.sessions, _USUAL),
    },
}
