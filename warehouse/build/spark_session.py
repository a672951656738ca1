"""A session on the user's Spark: opened, tried, and its errors told. Knows no model.

PySpark is an extra, and needs Java: both are looked for here alone, and only when asked for.
"""

import logging
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from etl.config.spark import Spark
from etl.duck import connect, quoted
from etl.errors import BuildError, ConfigError

LOG = "spark.log"
_JAVA = 17
_INSTALL = "Run 'make spark', or pip install --require-hashes -r requirements-spark.txt"
_STAYS = "The current build stays."
# What decides what is read and written, whatever the cluster has set. The rest is the cluster's.
_DECIDED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.compression.codec": "zstd",
    # Days of sources are small files: one task takes many, and one look finds them.
    "spark.sql.files.openCostInBytes": "262144",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000000",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
}
# Settled when a session begins, where it is not somebody else's.
_AT_START = {
    "spark.ui.showConsoleProgress": "false",
    "spark.ui.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
}
# So many small files are read by so many tasks: each executor is likely to have some.
_PROBES = 16


def refuse_missing(spark: Spark) -> None:
    """ConfigError, in one sentence, where PySpark or Java is not there."""
    missing = [name for name in ("pyspark", "sqlglot") if find_spec(name) is None]
    if missing:
        msg = f"--engine spark needs {' and '.join(missing)}, not installed here. {_INSTALL}."
        raise ConfigError(msg)
    if spark.remote:
        return
    version = _java_version()
    if version < _JAVA:
        met = f"has Java {version}" if version else "has none"
        msg = (
            f"--engine spark needs Java {_JAVA} or later, and JAVA_HOME or the path {met}. Install "
            "it, such as openjdk-17-jre-headless, or give --remote sc://… of a server."
        )
        raise ConfigError(msg)


def _java_version() -> int:
    """The major version of the Java that Spark would start; 0 where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if java is None:
        return 0
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    return int(version[1]) if version else 0


@contextmanager
def opened(spark: Spark, log: Path) -> Iterator[Any]:
    """A session (pyspark.sql.SparkSession), stopped afterwards; what Spark prints goes to the log.

    BuildError when it cannot be had.
    """
    refuse_missing(spark)
    _silence()
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    with told("No session of Spark could be had", log), _stderr_to(log):
        session = _builder(spark).getOrCreate()
        for name, value in _DECIDED.items():
            session.conf.set(name, value)
    try:
        yield session
    finally:
        with _stderr_to(log):
            session.stop()


def _builder(spark: Spark) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("dwell build")
    if spark.remote:
        builder = builder.remote(spark.remote)
    else:
        builder = builder.master(spark.master or os.environ.get("DWELL_SPARK_MASTER", "local[*]"))
        for name, value in _AT_START.items():
            builder = builder.config(name, value)
    for name, value in spark.conf:
        builder = builder.config(name, value)
    return builder


def _silence() -> None:
    """Each error of SQL would be printed whole, as 20 KB of JSON: it is told in one line."""
    for name in ("pyspark", "SQLQueryContextLogger", "DataFrameQueryContextLogger", "py4j"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """What is printed to stderr meanwhile goes to the file, and what a process that is begun in
    here prints, for as long as it lives.
    """
    with log.open("a") as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextmanager
def told(what: str, log: Path) -> Iterator[None]:
    """Errors of Spark in here are raised as BuildError: what did not work, and one line of why."""
    try:
        yield
    except (BuildError, ConfigError, duckdb.Error, OSError, MemoryError):
        raise
    except Exception as error:
        msg = f"{what}: {_one_line(error)}. {_STAYS} What Spark printed is in {log}."
        raise BuildError(msg) from error


def _one_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # Behind the first line of py4j stands Java's, which says it.
    said = [line for line in lines if not line.startswith(("at ", "An error occurred while"))]
    line = next(iter(said), type(error).__name__)
    line = re.sub(r"^[:\s]*(?:[\w$]+\.)+([\w$]+(?:Exception|Error)):\s*", r"\1: ", line)
    return line.rstrip(".")[:300]


def probe(session: Any, folder: Path, shown: str, log: Path) -> None:
    """Has executors read files of ours, and reads one of theirs. BuildError, in a sentence that
    says what to do, where one cannot.

    folder  new, in the home; `shown`: as the cluster names it
    """
    folder.mkdir(parents=True)
    mark = uuid4().hex
    with connect() as con:
        for number in range(_PROBES):
            path = quoted(folder / f"probe-{number}.parquet")
            con.execute(f"copy (select '{mark}' as mark, {number} as number) to {path}")
    advice = (
        "Every executor must see the home under the same path, such as by a shared file system "
        "or a mounted store; or [spark] has home = its address there. See docs/scale.md."
    )
    files = [f"{shown}/probe-{number}.parquet" for number in range(_PROBES)]
    try:
        rows = session.read.schema("mark STRING, number INT").parquet(*files)
        rows.repartition(_PROBES).write.mode("overwrite").parquet(f"{shown}/answers")
    except Exception as error:
        msg = (
            f"An executor of Spark cannot read or write the home at {shown}: {_one_line(error)}. "
            f"{advice} {_STAYS} What Spark printed is in {log}."
        )
        raise BuildError(msg) from error
    if _answers(folder / "answers", mark) != _PROBES:
        msg = (
            f"What executors of Spark wrote to {shown} is not in the home: they see another "
            f"folder of that name. {advice} {_STAYS}"
        )
        raise BuildError(msg)
    shutil.rmtree(folder)


def _answers(folder: Path, mark: str) -> int:
    files = sorted(folder.glob("*.parquet"))
    if not files:
        return 0
    with connect() as con:
        (count,) = con.execute(
            "select count(distinct number) from read_parquet($files) where mark = $mark",
            {"files": [str(file) for file in files], "mark": mark},
        ).fetchall()[0]
    return int(count)
