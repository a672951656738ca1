"""What is judged: the alerts of dwell.toml as rules for one build. Computes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from etl.config.alerts import EVERY_FAULT, FAULT_ALERTS, AlertEntry
from etl.config.settings import Settings
from etl.errors import ConfigError, refuse_unknown
from warehouse.conditions import conditions_of
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import registry
from warehouse.metrics.health import FAULT_NAMES
from warehouse.metrics.registry import Metric
from warehouse.segments import read_segments

# What alerts judge beside the registry's. Products without queries have none.
QUERIES_PER_SESSION = Metric(
    "queries_per_session",
    "Queries per session",
    "Mean number of queries per session. Sessions of products without queries are left out.",
    "per_session",
    1,
    sql="avg(query_count) filter (is_abandoned is not null)",
)


@dataclass(frozen=True)
class Rule:
    """One alert of behaviour, as this build can be asked for it. Filters are without a period."""

    entry: AlertEntry
    metric: Metric
    filters: Filters

    @property
    def name(self) -> str:
        """As dwell.toml names it."""
        return self.entry.name

    @property
    def reading(self) -> str:
        """What decides when it fires; another text is another rule."""
        asked = self.entry
        limits = (asked.above, asked.below, asked.alarm, asked.change, asked.outside_normal)
        return repr((asked.metric, self.filters, limits, asked.per, asked.least_sessions))


def rules_of(wh: Warehouse, settings: Settings) -> list[Rule]:
    """The alerts of behaviour that are not off, and none of a home that is declared historic.

    ConfigError for a metric, a condition or a segment that is not known.
    """
    metrics = metrics_of(wh)
    entries = [each for each in settings.alerts if not is_fault(each.name)]
    rules = []
    for entry in entries:
        try:
            refuse_unknown("metric", entry.metric, metrics)
            where = conditions_of(entry.where) if entry.where else None
            chosen = read_segments(settings.home, settings).conditions(entry.segment)
            filters = Filters(segments=(*chosen, *([where] if where else ())))
            for conditions in filters.segments:
                conditions.read(wh.dimensions)
        except ConfigError as error:
            msg = f"{entry.place or entry.name}: {error}"
            raise ConfigError(msg) from error
        rules.append(Rule(entry, metrics[entry.metric], filters))
    return [] if settings.historic else [rule for rule in rules if not rule.entry.off]


def metrics_of(wh: Warehouse) -> dict[str, Metric]:
    """What can be judged, by name: the registry's and dwell.toml's, and what alerts add."""
    return {QUERIES_PER_SESSION.name: QUERIES_PER_SESSION, **registry.measures(wh)}


def is_fault(name: str) -> bool:
    """Whether an alert of that name is a fault of the data."""
    return name in (*FAULT_ALERTS, EVERY_FAULT)


@dataclass(frozen=True)
class FaultRule:
    """How a kind of data fault is told."""

    kind: str
    severity: str
    to: tuple[str, ...]
    label: str
    off: bool = False


# Faults after which numbers are missing, or may soon be.
_ALARMS = ("outage", "nothing_loaded", "damaged", "disk_low")
LABELS = {
    **FAULT_NAMES,
    "rejected_rows": "Rejected rows",
    "late_source": "Late source",
    "nothing_loaded": "Nothing loaded",
    "damaged": "Damaged home",
    "disk_low": "Disk almost full",
}


def fault_rules(settings: Settings) -> dict[str, FaultRule]:
    """Each kind of data fault with its severity and its receivers.

    What dwell.toml says of one kind goes before what it says of all. Where it names no receiver
    for either, faults go to all that alerts have: whoever waits for these learns why none come.
    """
    said = {entry.name: entry for entry in settings.alerts if is_fault(entry.name)}
    every = said.get(EVERY_FAULT)
    waiting = _distinct(name for entry in settings.alerts for name in entry.to or ())
    rules = {}
    for kind in FAULT_ALERTS:
        own = said.get(kind)
        both = [entry for entry in (own, every) if entry]
        named = [entry.to for entry in both if entry.to is not None]
        severities = [entry.severity for entry in both if entry.severity]
        rules[kind] = FaultRule(
            kind,
            [*severities, "alarm" if kind in _ALARMS else "warning"][0],
            named[0] if named else waiting,
            (own and own.label) or LABELS[kind],
            off=any(entry.off for entry in both),
        )
    return rules


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
