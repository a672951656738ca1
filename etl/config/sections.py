"""The sections of dwell.toml: what is read of each, and what one says of another."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from etl.config.access import Access, access_of, refuse_unknown_people
from etl.config.alerts import PRESETS, AlertEntry, alerts_of, refuse_receivers
from etl.config.annotations import Annotation, annotations_of
from etl.config.collect import Collect, collect_of
from etl.config.experiments import Experiment, experiments_of
from etl.config.exports import ExportEntry, exports_of
from etl.config.funnels import FunnelEntry, funnels_of
from etl.config.own import OwnDimension, OwnMeasure, OwnMetric, OwnPattern, own_of
from etl.config.receivers import Receiver, Smtp, receivers_of, refuse_mail_without_server, smtp_of
from etl.config.redact import Redact, redact_of
from etl.config.segments import SegmentEntry, segments_of
from etl.config.serve import Serve, serve_of
from etl.config.sources import Source, sources_of
from etl.config.spark import Spark, spark_of
from etl.config.tokens import Token, refuse_unknown_scopes, tokens_of


@dataclass(frozen=True)
class Sections:
    """What the sections hold. Segments are as they are written: what their conditions name, the
    warehouse knows.
    """

    sources: tuple[Source, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    dimensions: tuple[OwnDimension, ...] = ()
    measures: tuple[OwnMeasure, ...] = ()
    patterns: tuple[OwnPattern, ...] = ()
    metrics: tuple[OwnMetric, ...] = ()
    segments: tuple[SegmentEntry, ...] = ()
    funnels: tuple[FunnelEntry, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    exports: tuple[ExportEntry, ...] = ()
    collect: Collect = field(default_factory=Collect)
    serve: Serve = field(default_factory=Serve)
    access: tuple[Access, ...] = ()
    redact: Redact = field(default_factory=Redact)
    receivers: tuple[Receiver, ...] = ()
    smtp: Smtp | None = None
    alerts: tuple[AlertEntry, ...] = PRESETS
    tokens: tuple[Token, ...] = ()
    spark: Spark = field(default_factory=Spark)


# Those that add something of one's own.
_OWN = {
    "dimensions": OwnDimension,
    "measures": OwnMeasure,
    "patterns": OwnPattern,
    "metrics": OwnMetric,
}
# Of the others what reads each.
_READERS: dict[str, Callable[[Any, Path | None], Any]] = {
    "sources": sources_of,
    "segments": segments_of,
    "funnels": funnels_of,
    "experiments": experiments_of,
    "exports": exports_of,
    "collect": collect_of,
    "serve": serve_of,
    "access": access_of,
    "redact": redact_of,
    "receivers": receivers_of,
    "smtp": smtp_of,
    "alerts": alerts_of,
    "tokens": tokens_of,
    "spark": spark_of,
}
SECTIONS = ("annotations", *_READERS, *_OWN)


def read_sections(raw: dict[str, Any], path: Path | None) -> dict[str, Any]:
    """The fields of `Sections`, of a file's tables by their names. ConfigError for what does not
    fit.
    """
    own: dict[str, Any] = {
        name: own_of(cls, name, raw.get(name, {}), path) for name, cls in _OWN.items()
    }
    read = {name: reader(raw.get(name, {}), path) for name, reader in _READERS.items()}
    serve = read["serve"]
    refuse_unknown_people(read["access"], has_login=serve.has_login, has_groups=serve.has_groups)
    read["serve"] = replace(read["serve"], access=read["access"])
    refuse_mail_without_server(read["receivers"], read["smtp"])
    refuse_receivers(read["alerts"], raw.get("receivers", {}))
    refuse_unknown_scopes(read["tokens"], raw.get("access", {}))
    return own | read | {"annotations": annotations_of(raw.get("annotations", []), path)}
