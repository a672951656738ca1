"""The table [spark] of dwell.toml, and what a call says beside it."""

from pathlib import Path

import pytest

from etl.config.spark import Spark, spark_with
from etl.errors import ConfigError
from tests.make import settings_of


def spark_of(home: Path, text: str) -> Spark:
    return settings_of(home, f"[spark]\n{text}").spark


def test_without_a_table_there_is_no_cluster(tmp_path: Path) -> None:
    assert settings_of(tmp_path / "home").spark == Spark()


def test_a_whole_table(tmp_path: Path) -> None:
    spark = spark_of(
        tmp_path / "home",
        'master = "yarn"\nhome = "s3a://b/d"\n'
        'conf = { "spark.executor.memory" = "8g", "spark.executor.cores" = 4, "spark.x" = true }',
    )
    assert spark == Spark(
        master="yarn",
        home="s3a://b/d",
        conf=(
            ("spark.executor.memory", "8g"),
            ("spark.executor.cores", "4"),
            ("spark.x", "true"),
        ),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('mastr = "yarn"', "Did you mean 'master'"),
        ('remote = "spark://a"', 'Wanted: an address such as "sc://'),
        ('master = "yarn"\nremote = "sc://a"', "Remove the other"),
        ("conf = 3", "is not a table"),
        ('conf = { memory = "8g" }', "Write the name in quotes"),
        ('conf = { "spark.a" = ["8g"] }', "Wanted: texts and numbers"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        spark_of(tmp_path / "home", text)


def test_a_token_in_an_address_is_not_shown(tmp_path: Path) -> None:
    spark = spark_of(tmp_path / "home", 'remote = "sc://a:443/;token=secret"')
    assert "secret" not in repr(spark)


def test_a_call_says_it_for_once() -> None:
    spark = Spark(master="yarn", home="s3a://b", conf=(("spark.a", "b"),))
    assert spark_with(spark, None, None) == spark
    assert spark_with(spark, "local[2]", None).master == "local[2]"
    remote = spark_with(spark, None, "sc://a")
    assert (remote.master, remote.remote, remote.home) == (None, "sc://a", "s3a://b")
    with pytest.raises(ConfigError, match="--remote"):
        spark_with(spark, None, "http://a")
