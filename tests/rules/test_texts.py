"""What is written down: headers of SQL files, comments of columns, settings in the handbook."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from etl.config.settings import SETTINGS
from tests.make import build_home
from warehouse.build.model_files import models
from warehouse.cli import COMMANDS

ROOT = Path(__file__).parents[2]
SQL = sorted(
    path for folder in ("etl", "warehouse") for path in (ROOT / folder).rglob("*.sql")
)  # fmt: skip


def tracked() -> list[Path]:
    """The files of the repository as they are in the working folder."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.name)
def test_an_sql_file_starts_with_a_sentence(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r"-- [A-Z][a-zA-Z' ]+", first), first


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_a_model_states_its_sentence_and_its_grain(model) -> None:  # type: ignore[no-untyped-def]
    assert model.sentence.endswith(".")
    assert model.grain.startswith("one row")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty build."""
    return build_home(tmp_path_factory.mktemp("built") / "home").path


def test_every_table_and_column_of_a_build_carries_a_comment(built: Path) -> None:
    with duckdb.connect(built, read_only=True) as con:
        bare = con.execute(
            "select table_name from duckdb_tables() where comment is null union all "
            "select table_name || '.' || column_name from duckdb_columns() "
            "where not internal and schema_name = 'main' and comment is null"
        ).fetchall()
    assert bare == []


def test_a_build_holds_the_tables_that_others_rely_on(built: Path) -> None:
    with duckdb.connect(built, read_only=True) as con:
        tables = {
            name
            for (name,) in con.execute(
                "select table_name from information_schema.tables"
            ).fetchall()
        }
    assert tables >= {
        *("user_sessions", "session_events", "session_days", "daily_session_stats"),
        *("session_patterns", "user_patterns", "users", "workflow_executions", "metrics"),
        *("load_runs", "rejected_summary", "settings", "models", "identities"),
    }


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_is_explained_to_its_users(setting) -> None:  # type: ignore[no-untyped-def]
    handbook = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in handbook)
    assert f"`{setting.name}`" in text or f"`{setting.name} = " in text
    assert setting.help.endswith(".")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_in_the_handbook(command: str) -> None:
    handbook = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in handbook)
    assert f"dwell {command}" in text


def test_no_file_names_a_place_of_one_machine_or_a_registry() -> None:
    # Written in two halves, so that this file does not name them either.
    places = ("/ho" + "me/", "/wo" + "rk/", "/ro" + "ot/", "/Us" + "ers/")
    registries = ("pypi" + ".org", "python" + "hosted", "registry" + ".npmjs", "arti" + "factory")
    found = []
    for path in tracked():
        if path.suffix in (".woff2", ".png", ".ico"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{path.relative_to(ROOT)}: {word}"
            for word in (*places, *registries)
            if re.search(rf"(?<![\w./]){re.escape(word)}", text)
            or (word in registries and word in text)
        ]
    assert found == []


# One idea a file. A longer one stands here with the idea that needs the room.
LONG_FILES: dict[str, str] = {}


def test_a_python_file_of_the_product_over_300_lines_has_a_reason() -> None:
    long = {
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix == ".py" and "tests" not in path.parts
        if len(path.read_text(encoding="utf-8").splitlines()) > 300
    }
    assert long == LONG_FILES.keys()


# SQL that is put together of names which no parameter can stand for: columns of a file, keys of a
# record, paths of the lake. Everything else stands in an .sql file, named after what it yields.
COMPOSED_SQL = (
    "etl/normalise/field_map_sql.py",
    "etl/normalise/json_extract.py",
    "etl/formats/",
)
_LONG_SQL = 5


def static_sql(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each string of a Python file that is a query of several lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            is_query = re.search(r"\bselect\b.+\bfrom\b", text, re.IGNORECASE | re.DOTALL)
            if is_query and len(text.strip().splitlines()) > _LONG_SQL:
                yield node.lineno, text


def test_queries_stand_in_sql_files() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for folder in ("etl", "warehouse", "pages")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not path.relative_to(ROOT).as_posix().startswith(COMPOSED_SQL)
        for line, _ in static_sql(path)
    ]
    assert found == []
