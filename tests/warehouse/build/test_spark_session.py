"""What is told where there is no Spark, or where it fails. Needs none."""

import sys
from pathlib import Path

import pytest

from etl.config.spark import Spark
from etl.errors import BuildError, ConfigError
from tests.make import commit_events, event, settings_of
from tests.make import minutes as at
from warehouse.build import spark_session
from warehouse.build.spark_session import refuse_missing, told
from warehouse.cli import main


def test_without_pyspark_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"needs pyspark and sqlglot.*make spark"):
        refuse_missing(Spark())


def test_without_java_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda name: sys)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"needs Java 17.*openjdk-17"):
        refuse_missing(Spark())
    # A server has its own.
    refuse_missing(Spark(remote="sc://a"))


def test_the_command_refuses_before_it_builds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda name: None)
    home = tmp_path / "home"
    commit_events(home, [event(at(0)[0])])
    assert main(["build", "--engine", "spark", "--home", str(home)]) == 2
    assert "make spark" in capsys.readouterr().err
    assert not (home / "builds").exists()
    assert main(["build", "--master", "yarn", "--home", str(home)]) == 2
    assert "Add --engine spark" in capsys.readouterr().err
    assert settings_of(home).spark == Spark()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "An error occurred while calling o1.parquet.\n: java.io.IOException: gone\n\tat x",
            "gone",
        ),
        ("[UNRESOLVED] no such column.\nline 1", r"no such column\."),
        ("", "ValueError"),
        ("x" * 5000, "x{300}"),
    ],
)
def test_an_error_is_one_line(tmp_path: Path, text: str, wanted: str) -> None:
    with pytest.raises(BuildError, match=wanted) as refused, told("No", tmp_path / "spark.log"):
        raise ValueError(text)
    assert "\n" not in str(refused.value)
    assert "spark.log" in str(refused.value)
    assert len(str(refused.value)) < 500 + len(str(tmp_path))
