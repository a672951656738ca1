"""Where `dwell build --engine spark` has sessions made: the table [spark] of dwell.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from etl.config.keys import Kind, key, key_names, read_keys, refuse_unknown
from etl.errors import ConfigError

_CONF = "conf"


def _remote(written: Any) -> str:
    if not isinstance(written, str) or not written.startswith("sc://"):
        raise ValueError(written)
    return written


# A token may stand in it: nothing of it is shown.
REMOTE = Kind('an address such as "sc://spark.example.com:15002"', _remote)


@dataclass(frozen=True)
class Spark:
    """The table [spark].

    master  as spark-submit takes it
    remote  a server of Spark Connect, in place of a master
    home    the home as the cluster names it, where that is another way than here
    conf    settings of Spark by their names, which its own files do not say
    """

    master: str | None = key(None, example='"spark://host:7077"')
    remote: str | None = key(None, kind=REMOTE, repr=False)
    home: str | None = key(None, example='"s3a://bucket/dwell"')
    conf: tuple[tuple[str, str], ...] = ()


def spark_of(raw: Any, config: Path | None) -> Spark:
    """The table [spark] of a configuration file. ConfigError for what it cannot hold."""
    if not isinstance(raw, Mapping):
        msg = f"'spark' in {config} is not a table. Write [spark] and its keys below."
        raise ConfigError(msg)
    refuse_unknown(raw, (*key_names(Spark), _CONF), "[spark]")
    values = read_keys(Spark, raw, "table [spark]")
    if values.get("master") and values.get("remote"):
        msg = (
            "[spark] has master and remote. Wanted: one of them, the cluster's own address or "
            "that of its Spark Connect server. Remove the other."
        )
        raise ConfigError(msg)
    return Spark(**values, conf=_conf_of(raw.get(_CONF, {})))


def spark_with(spark: Spark, master: str | None, remote: str | None) -> Spark:
    """With another address, where one is given. ConfigError for a remote that is none."""
    if remote:
        where = "call: --remote is not as wanted, it"
        return replace(spark, master=None, **read_keys(Spark, {"remote": remote}, where))
    return replace(spark, master=master, remote=None) if master else spark


def _conf_of(raw: Any) -> tuple[tuple[str, str], ...]:
    """Settings of Spark, as text: it reads them so."""
    wanted = 'Wanted: texts and numbers by their names, such as "spark.executor.memory" = "8g".'
    if not isinstance(raw, Mapping):
        msg = f"'conf' of [spark] is not a table. {wanted}"
        raise ConfigError(msg)
    for name, value in raw.items():
        if not name.startswith("spark.") or not isinstance(value, str | int | float):
            msg = f"[spark.conf] has '{name}' = {value!r}. {wanted} Write the name in quotes."
            raise ConfigError(msg)
    return tuple((name, _as_text(value)) for name, value in raw.items())


def _as_text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
