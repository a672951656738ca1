"""The crosswalk: the same events under the session rules of other tools, and what differs why.

A peer's rule cuts all events of a user anew, whatever stream or tracker they came by; then the
filters hold for the sessions so cut, dates by their start. crosswalk_rules.py has the rules and
where each is from. Only what follows from events is told: other conditions are refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import lab_conditions, overview
from warehouse.metrics.crosswalk_conditions import CONDITIONS, refused, value_words
from warehouse.metrics.crosswalk_rules import DWELL, LABELS, PEERS, PeerRule
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

__all__ = ["definitions", "waterfall"]

MEASURES = ("session_count", "avg_duration_seconds", "bounce_rate")


def definitions(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Sessions, their mean duration and bounce rate by the rules of Dwell and of seven tools.

    Dwell's row is that of overview.totals; `include_bots` is of it alone, since each tool counts
    bots or does not. Tools leave nothing out: durations are of all sessions, rates of open ones
    too. Columns: definition (dwell, ga4, universal_analytics, plausible, matomo, posthog,
    snowplow, mixpanel), session_count, avg_duration_seconds and bounce_rate (0 to 1), both null
    without sessions; mixpanel, which defines no bounce, has no rate. One row per definition: always
    eight. Sources stand in crosswalk_rules.py. ConfigError for conditions that sessions cut anew
    do not tell.
    """
    import polars as pl

    _refuse_conditions(wh, filters)
    rows = [(name, rule, rule.cuts) for name, rule in PEERS.items()]
    peers = _cut_anew(wh, "crosswalk.definitions", filters, rows)
    own = overview.totals(wh, filters).select(pl.lit(DWELL).alias("definition"), *MEASURES)
    return pl.concat([own, peers], how="vertical_relaxed")


def waterfall(wh: Warehouse, filters: Filters, to: str) -> "pl.DataFrame":
    """From Dwell's sessions to those of one tool, by one difference of their rules a step.

    Each step keeps those before it, so what one adds depends on the order: bots, one_line (streams
    and trackers' ids fall away), sign_outs (`ends` and `starts` cut nothing), timeout, midnight,
    campaign, day_long (24 h), engagement (passive events make no session). Steps that the tool does
    not have are left out. Columns: step, session_count. One row per step: the first is dwell, the
    last has as many as definitions. ConfigError for an unknown tool, and for such conditions as
    there.
    """
    import polars as pl

    refuse_unknown("tool", to, LABELS)
    _refuse_conditions(wh, filters)
    if to == DWELL:
        return _own_counts(wh, {DWELL: filters})
    rule = PEERS[to]
    own = {DWELL: filters, "bots": replace(filters, include_bots=rule.takes_bots)}
    rows = _steps(rule)
    return pl.concat(
        [_own_counts(wh, own), _cut_anew(wh, "crosswalk.waterfall", filters, rows)],
        how="vertical_relaxed",
    )


def _steps(rule: PeerRule) -> Sequence[tuple[str, PeerRule, tuple[str, ...]]]:
    """The steps that cut anew, and the cuts of each."""
    from_events = replace(rule, needs_action=False, ends_with_action=False)
    timeout, *others = rule.cuts
    kept: tuple[str, ...] = (timeout,)
    steps = [
        ("one_line", from_events, ("own_timeout", "forced")),
        ("sign_outs", from_events, ("own_timeout",)),
        ("timeout", from_events, kept),
    ]
    names = {"source": "campaign"}
    for cut in others:
        kept = (*kept, cut)
        steps.append((names.get(cut, cut), from_events, kept))
    if rule.needs_action:
        steps.append(("engagement", rule, kept))
    return steps


def _own_counts(wh: Warehouse, chosen: dict[str, Filters]) -> "pl.DataFrame":
    import polars as pl

    counts = [run(wh, "overview.totals", each, ("session_count",)) for each in chosen.values()]
    return pl.DataFrame(
        {"step": list(chosen), "session_count": [each.item() for each in counts]},
        schema={"step": pl.String, "session_count": pl.Int64},
    )


def _cut_anew(
    wh: Warehouse,
    query: str,
    filters: Filters,
    rows: Iterable[tuple[str, PeerRule, tuple[str, ...]]],
) -> "pl.DataFrame":
    """What a query tells of each row: its name, the rule, and the cuts instead of the rule's."""
    rules = [
        {
            "rule": name,
            "cuts": ["first", *cuts],
            "takes_bots": rule.takes_bots,
            "needs_action": rule.needs_action,
            "ends_with_action": rule.ends_with_action,
            "added_seconds": rule.added_seconds,
        }
        for name, rule, cuts in rows
    ]
    params: dict[str, Any] = {
        "ends": list(wh.setting("ends")),
        "starts": list(wh.setting("starts")),
        "internal_hosts": list(wh.setting("internal_hosts")),
        "timeout_us": round(wh.setting("timeout").total_seconds() * 1e6),
    }
    words = value_words(lab_conditions.names_in(wh, filters))
    names = [rule["rule"] for rule in rules]
    return run(wh, query, filters, words=words, rules=rules, names=names, **params)


def _refuse_conditions(wh: Warehouse, filters: Filters) -> None:
    if names := refused(wh, filters):
        msg = (
            f"The crosswalk cannot derive {', '.join(names)} of sessions that another tool's rule "
            f"makes. Conditions that work: {', '.join(CONDITIONS)}."
        )
        raise ConfigError(msg)
