"""Which sessions are compared with which: the groups, as a query takes them. Computes no number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.condition_sql import conditions_sql
from warehouse.dimensions import Dimension, broken_down_by, dimension_named
from warehouse.filters import Filters
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

    from warehouse.connection import Warehouse

Unit = Literal["user", "session"]
# What the sessions are told apart by: the name of a dimension, or groups by their names. A group
# without filters is of the sessions that no other group takes.
By = str | Mapping[str, Filters | None]
_UNIT = {"user": ("user_key", "user_id"), "session": ("session_id", "session_id")}


@dataclass(frozen=True)
class Groups:
    """Sessions in groups, and whether a user or a session is the unit that they are made of.

    filters     what the sessions of all groups have in common
    dimension   what tells a session's group, or groups
    names       of the groups, by alphabet or as they were given
    params      what the dimension binds
    shared      the column unit: those in several groups, and so in none; of two periods there are
                none, since the same users are wanted in both
    """

    filters: Filters
    dimension: Dimension
    names: tuple[str, ...]
    unit: Unit
    params: Mapping[str, Any]
    shared: pl.DataFrame

    def asked(
        self,
        wh: Warehouse,
        name: str,
        words: Mapping[str, str] = MappingProxyType({}),
        **more: Any,
    ) -> pl.DataFrame:
        """The answer of a query over grouped_sessions."""
        return run(
            wh,
            name,
            self.filters,
            dimension=self.dimension,
            tables={"shared_units": self.shared},
            words={**words_of(self.unit), **words},
            groups=list(self.names),
            **self.params,
            **more,
        )


def groups_of(
    wh: Warehouse,
    filters: Filters,
    by: By,
    unit: Unit = "user",
    limit: int = 10,
    *,
    may_share: bool = False,
) -> Groups:
    """The groups of a comparison.

    By a dimension these are its values, those with the most sessions up to `limit`; what is not
    known is no group. ConfigError for what is no dimension, or no unit, and for a single group.
    """
    import polars as pl

    refuse_unknown("unit", unit, get_args(Unit))
    params: dict[str, Any] = {}
    if isinstance(by, str):
        dimension = dimension_named(by, broken_down_by(wh.dimensions))
        found = run(wh, "compare.named", filters, dimension=dimension, row_limit=limit)
        is_number = dimension.kind == "number"
        names = tuple(sorted(found["group_name"], key=float if is_number else str))
    else:
        _refuse_few(by)
        dimension, params = one_dimension(wh, by, takes_bots=filters.include_bots)
        names = tuple(by)
        filters = _common(filters, tuple(each or Filters() for each in by.values()))
    nobody = pl.DataFrame(schema={"unit": pl.Int64 if unit == "user" else pl.String})
    groups = Groups(filters, dimension, names, unit, params, nobody)
    # A session has one value of all but lists.
    if may_share or (unit == "session" and not dimension.is_list):
        return groups
    return replace(groups, shared=groups.asked(wh, f"compare.shared_{unit}s"))


def words_of(unit: Unit) -> dict[str, str]:
    """What stands for the words of the queries that say what a unit is."""
    key, name = _UNIT[unit]
    users = "count(*)" if unit == "user" else "count(distinct user_key)"
    return {"unit": key, "unit_id": name, "user_count": users, "segment_number": "0"}


def _refuse_few(by: Mapping[str, Filters | None]) -> None:
    if len(by) < 2:
        msg = f"{len(by)} group cannot be compared. Give two or more, each a name and its Filters."
        raise ConfigError(msg)
    for name, each in by.items():
        if not isinstance(each, Filters | None):
            msg = f"The group '{name}' is {each!r}. Wanted: Filters, or None for all others."
            raise ConfigError(msg)


def one_dimension(
    wh: Warehouse, by: Mapping[str, Filters | None], *, takes_bots: bool = False
) -> tuple[Dimension, dict[str, Any]]:
    """Groups as a dimension: a list of the names of those that take a session."""
    params: dict[str, Any] = {}
    taken = {}
    for number, (name, each) in enumerate(by.items(), 1):
        begin = f"group_{number}_"
        params[f"{begin}name"] = name
        if each:
            taken[begin] = _takes(wh, each, begin, params, takes_bots=takes_bots)
    parts = [f"not ({condition})" for condition in taken.values()]
    no_other = " and ".join([*parts, "true" if takes_bots else "not is_bot"])
    texts = [
        f"case when {taken.get(begin, no_other)} then ${begin}name end"
        for begin in (f"group_{number}_" for number in range(1, len(by) + 1))
    ]
    listed = f"list_filter([{', '.join(texts)}], lambda each: each is not null)"
    return Dimension("group", "Group", is_list=True, column=f"({listed})"), params


def _takes(
    wh: Warehouse, each: Filters, begin: str, params: dict[str, Any], *, takes_bots: bool
) -> str:
    """Whether a group takes a session; true or false, never null."""
    condition, values = conditions_sql(each.where, wh.dimensions, each.segments, begin)
    params |= values
    parts = [condition, "true" if takes_bots or each.include_bots else "not is_bot"]
    for day, sign in ((each.start, ">="), (each.end, "<=")):
        if day:
            word = f"{begin}{'first' if sign == '>=' else 'last'}"
            params[word] = day
            parts.append(f"start_date {sign} ${word}::date")
    return " and ".join(parts)


def _common(filters: Filters, groups: tuple[Filters, ...]) -> Filters:
    """The dates that all groups lie in, and bots where one of them takes some."""
    starts, ends = [each.start for each in groups], [each.end for each in groups]
    return replace(
        filters,
        start=_later(filters.start, _least(starts)),
        end=_earlier(filters.end, _greatest(ends)),
        include_bots=filters.include_bots or any(each.include_bots for each in groups),
    )


def _least(days: list[date | None]) -> date | None:
    known = [day for day in days if day]
    return min(known) if len(known) == len(days) else None


def _greatest(days: list[date | None]) -> date | None:
    known = [day for day in days if day]
    return max(known) if len(known) == len(days) else None


def _later(day: date | None, other: date | None) -> date | None:
    return max((each for each in (day, other) if each), default=None)


def _earlier(day: date | None, other: date | None) -> date | None:
    return min((each for each in (day, other) if each), default=None)
