"""Builds one home with both engines, and says what a Spark of these tests is."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from shutil import which

from etl.config.settings import Settings
from etl.config.spark import Spark
from etl.lake import locked
from tests.spark.equal_builds import differences
from warehouse.build import Build, build
from warehouse.build.spark import SparkEngine

# Two tasks at a time, and as many pieces: these are small. One JVM serves all tests.
LOCAL = Spark(
    master="local[2]",
    conf=(
        ("spark.sql.shuffle.partitions", "2"),
        ("spark.driver.memory", "1500m"),
        ("spark.driver.host", "127.0.0.1"),
        ("spark.driver.bindAddress", "127.0.0.1"),
    ),
)


def missing() -> str:
    """Why nothing is run on Spark here; empty where it is."""
    if not os.environ.get("TEST_SPARK"):
        return "Spark has a run of its own: make test-spark"
    if find_spec("pyspark") is None:
        return "pyspark is not installed: make spark"
    return "" if which("java") else "there is no Java: install openjdk-17-jre-headless"


def of_both(
    settings: Settings, spark: Spark = LOCAL, now: datetime | None = None
) -> tuple[Build, Build]:
    """Two builds of all history of a home: of DuckDB, then of Spark."""
    now = (now or datetime.now(UTC)).replace(tzinfo=UTC)
    settings = replace(settings, keep_builds=100)
    engine = SparkEngine(spark, settings.home)
    with locked(settings.home):
        one = build(settings, full=True, now=now)
        other = build(settings, full=True, now=now, make_sessions=engine.make_sessions)
    assert engine.has_run
    return one, other


def unequal(one: Path, other: Path) -> str:
    """The tables that differ, in words; empty where none does."""
    found = differences(one, other)
    return "\n".join(f"{table}: {what}" for table, what in found.items())
