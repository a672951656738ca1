"""What the page Compare is asked, by what stands in the address. Computes no metric.

`by` is a dimension, `segments` (those of `a` and `b`; without b all other sessions) or `period`
(that of the filters against the one that the filter row compares with). Further `unit`, `metrics`,
`baseline`, `intervals`, and `metric`, `of` and `across` of its sections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from pages.ui import breakdowns, notebook
from pages.ui import comparison_choices as choices
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.controls import chosen, parameter
from pages.ui.frame import Page
from warehouse import DwellError, Filters
from warehouse.dimensions import Dimension, dimension_named
from warehouse.experiments import experiment_of
from warehouse.metrics import compare, group_estimates
from warehouse.metrics.compared_groups import By, Unit, one_dimension


@dataclass(frozen=True)
class Asked:
    """The choices as the metrics take them.

    filters, groups  what `compare.groups` takes: the groups are None where there is nothing to
                     compare, and `why` says so
    days             of two periods, what `compare.periods` takes
    named            the groups of which there are users, and those that the address names
    split            the share of the users that each was meant to get; empty where nothing says
    kinds            of every metric that can be compared, how it is made up
    why              there is nothing to compare; `problem` is of what else could not be read
    """

    by: str
    filters: Filters
    groups: By | None
    days: tuple[Filters, Filters] | None
    named: tuple[str, ...]
    split: Mapping[str, float]
    unit: Unit
    metrics: tuple[str, ...]
    kinds: Mapping[str, str]
    baseline: str | None
    always_valid: bool
    metric: str
    across: str
    of: str
    why: str = ""
    problem: str = ""

    @property
    def is_of_periods(self) -> bool:
        """Whether users may be in both groups."""
        return self.by == choices.PERIOD

    @cached_property
    def labels(self) -> dict[str, str]:
        """The groups as readers know them, the baseline first: of periods their days."""
        periods = dict(
            zip(("current", "previous"), map(choices.span, self.days or ()), strict=False)
        )
        names = sorted(self.named, key=lambda name: name != self.baseline)
        return {name: periods.get(name, name) for name in names}

    @cached_property
    def dimension(self) -> str | Dimension | None:
        """What the groups are told apart by, as the text of a query has it."""
        if self.groups is None or isinstance(self.groups, str):
            return self.groups
        takes_bots = self.filters.include_bots
        return one_dimension(current_warehouse(), self.groups, takes_bots=takes_bots)[0]

    def sql_parts(self, metrics: Sequence[str], crossed: str | None = None) -> dict[str, Any]:
        """What the text of the queries is put together of."""
        across = dimension_named(crossed, breakdowns.dimensions()) if crossed else None
        words = group_estimates.sql_words(current_warehouse(), metrics, self.unit, across)
        return {"words": tuple(words.items())}

    @cached_property
    def shared(self) -> dict[str, Any]:
        """What all sections ask for: what is not as usual."""
        given: dict[str, Any] = {"by": self.groups} if self.groups != "model_group" else {}
        if self.unit != "user":
            given["unit"] = self.unit
        if self.is_of_periods:
            given["may_share"] = True
        return given

    @cached_property
    def against(self) -> dict[str, Any]:
        """The same, and what is compared with, and how."""
        given = dict(self.shared)
        if self.baseline is not None:
            given["baseline"] = self.baseline
        if self.always_valid:
            given["always_valid"] = True
        return given

    @property
    def others(self) -> tuple[str, ...]:
        """The groups that are compared with the baseline."""
        return tuple(name for name in self.named if name != self.baseline)

    @property
    def usual_metric(self) -> str:
        """The metric that the sections look at: the first that has a difference by day."""
        rates = (name for name in self.metrics if self.kinds[name] == "ratio")
        return next(rates, self.metrics[0])

    def table(self) -> Question:
        """All metrics of all groups."""
        metrics = {} if self.metrics == compare.METRICS else {"metrics": self.metrics}
        if self.days:
            given = _only(self.against, "unit", "always_valid")
            return question(compare.periods, *self.days, **metrics, **given)
        return question(compare.groups, self.filters, **self.against, **metrics, **self._split)

    def sizes(self) -> Question | None:
        """How many users each group has; of two periods nobody was meant to be in one."""
        if self.is_of_periods:
            return None
        return question(compare.sizes, self.filters, **_only(self.shared, "by"), **self._split)

    def sample_ratio(self) -> Question | None:
        """Whether users came as they were meant to; None where nothing says how."""
        if not self.split:
            return None
        by = _only(self.shared, "by")
        return question(compare.sample_ratio, self.filters, **by, **self._split)

    def left_out(self) -> Question | None:
        """Who is in several groups."""
        if self.is_of_periods:
            return None
        return question(compare.left_out, self.filters, **_only(self.shared, "by", "unit"))

    def overlap(self) -> Question:
        """Who is in several experiments."""
        # Of periods the days are of the groups.
        return question(compare.overlap, self.days[0] if self.days else self.filters)

    def trend(self) -> Question | None:
        """The difference day by day; None where it has none."""
        if self.is_of_periods or self.kinds[self.metric] not in ("ratio", "total"):
            return None
        return question(compare.trend, self.filters, metric=self.metric, **self.against)

    def distribution(self) -> Question:
        """Sessions by length."""
        of = {} if self.of == "duration" else {"of": f"{self.of}_seconds"}
        return question(compare.distribution, self.filters, **of, **self.shared)

    def by_segment(self) -> Question:
        """One metric in each value of a dimension."""
        return question(
            compare.by_segment,
            self.filters,
            self.across,
            metric=self.metric,
            **self.against,
            **self._split,
        )

    @property
    def _split(self) -> dict[str, Any]:
        """The split as of now: an answer that is kept must not be of another one."""
        return {"split": self.split} if isinstance(self.groups, str) else {}

    def all(self) -> tuple[Question, ...]:
        """All that the page asks, in the order in which it is drawn."""
        if self.groups is None or len(self.named) < 2:
            return ()
        every = (
            *(self.table(), self.sizes(), self.sample_ratio(), self.left_out(), self.overlap()),
            *(self.trend(), self.distribution(), self.by_segment()),
        )
        return tuple(each for each in every if each)


def code(asked: Question) -> str:
    """The same question, asked in a notebook."""
    # There the split is that of dwell.toml too.
    given = {name: value for name, value in asked.kwargs if name != "split"}
    return notebook.lines(asked.metric, *asked.args, **given)


def asked(page: Page) -> Asked:
    """The choices in the address; those that cannot be are as usual."""
    by = choices.by_of(page)
    filters, days, why = page.filters, None, ""
    groups: By | None = None
    if by == choices.PERIOD:
        days, why = choices.periods(page)
        if days:
            # The days are of the groups; what else is filtered holds for both.
            filters, groups = Filters(), {"current": days[0], "previous": days[1]}
    elif by == choices.SEGMENTS:
        groups, why = choices.segments()
    else:
        groups = by
    named = _named(filters, groups)
    split, problem = _split_of(filters, groups, named)
    unit = cast("Unit", chosen("unit", choices.UNITS, "user"))
    kinds = group_estimates.offered(current_warehouse(), unit)
    given = (parameter("metrics") or "").split(",")
    usual = choices.usual_metrics(kinds)
    metrics = tuple(name for name in dict.fromkeys(given) if name in kinds) or usual
    found = Asked(
        by=by,
        filters=filters,
        groups=groups,
        days=days,
        named=named,
        split=split,
        unit=unit,
        metrics=metrics,
        kinds=kinds,
        baseline=_baseline(by, named),
        always_valid=chosen("intervals", choices.INTERVALS, "once") == "always",
        metric=chosen("metric", kinds, ""),
        across=chosen("across", choices.across_of(by), next(iter(choices.across_of(by)))),
        of=chosen("of", choices.LENGTHS, "duration"),
        why=why,
        problem=problem,
    )
    return found if found.metric else replace(found, metric=found.usual_metric)


def _named(filters: Filters, groups: By | None) -> tuple[str, ...]:
    if groups is None:
        return ()
    if not isinstance(groups, str):
        return tuple(groups)
    sizes = ask(compare.sizes, filters, by=groups, split={})
    return tuple(sizes.filter(sizes["user_count"] > 0)["group"])


def _split_of(
    filters: Filters, groups: By | None, named: tuple[str, ...]
) -> tuple[Mapping[str, float], str]:
    """The split that dwell.toml has for these groups, and why it could not be read."""
    if not isinstance(groups, str):
        return {}, ""
    try:
        experiment = experiment_of(current_warehouse().home, filters, groups, named)
    except DwellError as error:
        return {}, str(error)
    return (experiment.split if experiment else {}), ""


def _baseline(by: str, named: tuple[str, ...]) -> str | None:
    if not named:
        return None
    return (
        named[1] if by in choices.WAYS else chosen("baseline", named, choices.usual_baseline(named))
    )


def _only(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}
