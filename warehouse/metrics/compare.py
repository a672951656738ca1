"""Which is better: metrics of groups of users, side by side, with what chance alone would do.

What is compared is `by`: a dimension, whose values are the groups (a model, an experiment, a cohort
month, a property of dwell.toml), or groups by their names, such as {"phones": Filters(…), "others":
Filters(…)}. A unit, by default the user, is in one group: users who were in several are left out of
all of them, and told (`left_out`). How the numbers come about stands in docs/definitions.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.dimensions import broken_down_by, dimension_named
from warehouse.filters import Filters
from warehouse.metrics import group_estimates
from warehouse.metrics import sample_ratio as ratios
from warehouse.metrics.compared_groups import By, Groups, Unit, groups_of
from warehouse.metrics.comparison_rows import compared, cumulated
from warehouse.metrics.engagement import EDGES, Of
from warehouse.metrics.verdicts import SampleRatio
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

METRICS = (
    "session_count",
    "median_duration_seconds",
    "avg_engaged_seconds",
    "actions_per_session",
    "bounce_rate",
    "abandonment_rate",
    "error_rate",
)


def groups(
    wh: Warehouse,
    filters: Filters,
    by: By = "model_group",
    metrics: Sequence[str] = METRICS,
    unit: Unit = "user",
    split: Mapping[str, float] | None = None,
    baseline: str | None = None,
    *,
    always_valid: bool = False,
    limit: int = 10,
    may_share: bool = False,
) -> pl.DataFrame:
    """Each metric of each group, and how it differs from the baseline.

    `metrics` are those of overview.totals (a count is that of each user, and has no value by
    session), of dwell.toml, and of answers in chats (metrics/answers.py). `unit` "user": rates and
    means are ratios of what users add up to,
    medians have Woodruff's interval, differences are Welch's; "session": sessions know nothing of
    each other, with Wilson, Newcombe and order statistics. `split` is the share of the users that
    each group was meant to get; without one, that of the experiment in dwell.toml that has these
    groups; an empty one checks nothing. `baseline` is a group, the first by name unless given.
    `always_valid` gives differences an interval that holds however often one looks. Of a dimension,
    the `limit` values with the most sessions are groups. With `may_share` a user of several groups
    counts in each, and the groups are taken as if they knew nothing of each other.

    Columns: metric, group, user_count, session_count (which the value is of), value, low, high,
    difference, difference_low, difference_high (from the baseline; null in its own rows), p_value,
    p_adjusted (Holm 1979, over all rows), is_decided (p_adjusted below 0.05, 100 users in both, and
    users split as intended), verdict (a sentence; null of the baseline), relative_difference,
    relative_low, relative_high, detectable_difference (the smallest that would have been seen four
    times in five). Intervals are of 95 % each. Metric by metric as asked, groups by name. No rows
    without sessions. ConfigError for an unknown metric, dimension or baseline, and for a split that
    is not one of these groups.
    """
    known = group_estimates.checked(wh, metrics, unit)
    found = groups_of(wh, filters, by, unit, limit, may_share=may_share)
    rows = group_estimates.measured(wh, found, known)
    ratio = _ratio(wh, filters, by, split, found, limit)
    return compared(rows, found.names, known, baseline, ratio, always_valid=always_valid)


def periods(
    wh: Warehouse,
    filters: Filters,
    previous: Filters,
    metrics: Sequence[str] = METRICS,
    unit: Unit = "user",
    *,
    always_valid: bool = False,
) -> pl.DataFrame:
    """Two periods side by side: `filters` is the group "current", `previous` the baseline.

    Columns: those of `groups`. No rows where nothing is compared; errors as there. A user who came
    in both is in both, and the periods are taken as if they knew nothing of each other: where the
    same users are alike in both, as they mostly are, the interval of a difference is wider than it
    need be.
    """
    both = {"current": filters, "previous": previous}
    found = (both, metrics, unit, None, "previous")
    return groups(wh, Filters(), *found, always_valid=always_valid, may_share=True)


def by_segment(
    wh: Warehouse,
    filters: Filters,
    dimension: str,
    by: By = "model_group",
    metric: str = METRICS[0],
    unit: Unit = "user",
    baseline: str | None = None,
    *,
    split: Mapping[str, float] | None = None,
    always_valid: bool = False,
    limit: int = 10,
    segment_limit: int = 10,
    may_share: bool = False,
) -> pl.DataFrame:
    """One metric of the groups within each value of another dimension: whether all of them differ.

    The values are those with the most sessions, up to `segment_limit`; sessions of which it is not
    known are in none. `split` is of all sessions, as in `groups`. Columns: segment, then those of
    `groups` (p_adjusted over all rows here). By segment, most sessions first. No rows without
    sessions.
    """
    import polars as pl

    crossed = dimension_named(dimension, broken_down_by(wh.dimensions))
    known = group_estimates.checked(wh, (metric,), unit)
    found = groups_of(wh, filters, by, unit, limit, may_share=may_share)
    segments = group_estimates.segments_of(wh, found, crossed, segment_limit)
    rows = group_estimates.measured(wh, found, known, segments, crossed) if segments else []
    ratio = _ratio(wh, filters, by, split, found, limit)
    told = compared(rows, found.names, known, baseline, ratio, always_valid=always_valid)
    column = [segment for segment in segments for _ in found.names]
    return told.select(pl.Series("segment", column, pl.String), pl.all())


def trend(
    wh: Warehouse,
    filters: Filters,
    by: By = "model_group",
    metric: str = METRICS[0],
    unit: Unit = "user",
    baseline: str | None = None,
    *,
    always_valid: bool = False,
    limit: int = 10,
) -> pl.DataFrame:
    """How the difference came about: what `groups` would have said at the end of each day.

    Columns: date (local), group, unit_count (users, or sessions), value, difference,
    difference_low, difference_high (null of the baseline). Each day has all sessions from the first
    day up to it; who is left out is as of the last. One row per day with a session, and group that
    has one by then. No rows without sessions. ConfigError for a metric that is no mean, rate or
    count of users: medians do not add up.
    """
    group_estimates.checked(wh, (metric,), unit)
    shape = group_estimates.shape_of(wh, metric)
    if shape.kind not in ("ratio", "total"):
        msg = f"{metric} does not add up from day to day. Choose a mean, a rate or a count."
        raise ConfigError(msg)
    found = groups_of(wh, filters, by, unit, limit)
    days = found.asked(
        wh,
        "compare.trend",
        words={
            **{"over": shape.over.of_rows, "under": shape.under.of_rows},
            "compared": group_estimates.rows_of(metric),
        },
        is_of_units=shape.kind == "total",
    )
    is_by_session = unit == "session" and group_estimates.rows_of(metric) == "grouped_sessions"
    is_rate = group_estimates.comparable(wh)[metric].unit == "rate"
    return cumulated(
        *(days, found.names, baseline),
        may_be_shares=is_by_session and is_rate,
        always_valid=always_valid,
    )


def left_out(
    wh: Warehouse, filters: Filters, by: By = "model_group", unit: Unit = "user"
) -> pl.DataFrame:
    """Users, or sessions, that are in several groups, and so in none.

    Columns: unit_count, session_count. Always one row.
    """
    return groups_of(wh, filters, by, unit).asked(wh, "compare.left_out")


def sizes(
    wh: Warehouse,
    filters: Filters,
    by: By = "model_group",
    split: Mapping[str, float] | None = None,
    limit: int = 10,
) -> pl.DataFrame:
    """Users and sessions of each group, beside those that it was meant to get.

    Columns: group, user_count, session_count, intended_share, intended_user_count (null without a
    split: that given, or that of the experiment in dwell.toml). Groups by name, those of the split
    without users too. No rows without sessions and split.
    """
    found = groups_of(wh, filters, by, "user", limit)
    meant = ratios.intended(wh, filters, by, found.names, split)
    return ratios.beside(ratios.counted(wh, found), meant or {})


def sample_ratio(
    wh: Warehouse,
    filters: Filters,
    by: By = "model_group",
    split: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """Whether users came to the groups as intended; if not, no difference can be believed.

    Columns: chi_square, p_value (Pearson 1900; null without users), is_mismatch (p below 0.001).
    Always one row. ConfigError without a split, given or in dwell.toml.
    """
    import polars as pl

    found = groups_of(wh, filters, by)
    ratio = _ratio(wh, filters, by, split, found)
    if ratio is None:
        msg = (
            "Nothing says how the users were to be split. Give a split, such as "
            "{'a': 0.5, 'b': 0.5}, or write it into dwell.toml under [experiments.NAME]."
        )
        raise ConfigError(msg)
    row = (ratio.chi_square, ratio.p_value, ratio.is_mismatch)
    schema = {"chi_square": pl.Float64, "p_value": pl.Float64, "is_mismatch": pl.Boolean}
    return pl.DataFrame([row], schema=schema, orient="row")


def distribution(
    wh: Warehouse,
    filters: Filters,
    by: By = "model_group",
    of: Of = "duration_seconds",
    unit: Unit = "user",
    limit: int = 10,
    *,
    may_share: bool = False,
) -> pl.DataFrame:
    """Sessions of each group by length, in the bins of engagement.distribution.

    Columns: group, low_seconds, high_seconds (null: all that is longer), session_count, share (of
    the group's sessions). No gaps up to the longest of any group; no rows without sessions.
    """
    import polars as pl

    refuse_unknown("of", of, get_args(Of))
    found = groups_of(wh, filters, by, unit, limit, may_share=may_share)
    bins = found.asked(wh, "compare.distribution", of=of, edges=list(EDGES))
    group = pl.col("cell_number").replace_strict(
        range(1, len(found.names) + 1), found.names, return_dtype=pl.String
    )
    return bins.select(group.alias("group"), pl.exclude("cell_number"))


def overlap(wh: Warehouse, filters: Filters) -> pl.DataFrame:
    """Users who were in two experiments at once, of which one may have shaped the other's numbers.

    Columns: experiment_id, other_experiment_id (behind it by alphabet), user_count, share (of the
    users of the smaller one). Most users first. No rows where nobody was in two.
    """
    return run(wh, "compare.overlap", filters)


def _ratio(
    wh: Warehouse,
    filters: Filters,
    by: By,
    split: Mapping[str, float] | None,
    found: Groups,
    limit: int = 10,
) -> SampleRatio | None:
    meant = ratios.intended(wh, filters, by, found.names, split)
    if meant is None:
        return None
    users = found if found.unit == "user" else groups_of(wh, filters, by, "user", limit)
    return ratios.tested(ratios.counted(wh, users), meant)
