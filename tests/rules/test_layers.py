"""Layers: who may import whom. Data moves one way, and imports point one way too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("etl", "warehouse", "pages")
FILES = [ROOT / "app.py", *(p for name in PACKAGES for p in sorted((ROOT / name).rglob("*.py")))]
# Package → the files that may import it, as patterns below the project.
ALLOWED = {
    "streamlit": ("app.py", "pages/*.py", "pages/ui/*.py", "pages/views/*.py"),
    "plotly": ("pages/ui/charts.py", "pages/views/user_timeline.py"),
    "adbc_driver_postgresql": ("etl/extract/postgres.py",),
    "adbc_driver_manager": ("etl/extract/postgres.py",),
    "pymysql": ("etl/extract/mysql.py",),
    "sqlite3": ("etl/read/*.py", "etl/demo/write.py"),
    "duckdb": (
        "etl/*.py",
        "etl/lake/*.py",
        "etl/load/*.py",
        "etl/normalise/*.py",
        "etl/read/*.py",
        "warehouse/*.py",
        "warehouse/build/*.py",
        "warehouse/cli/sql.py",
        "pages/ui/*.py",
    ),
}
# What warehouse (but its command line) may know of etl.
CONTRACT = {
    *("errors", "config.settings", "config.page_rules", "duck"),
    *("lake", "lake.schema", "lake.manifest", "lake.durable", "lake.prune", "lake.store"),
    "load.outcome",
}


def imports_of(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each imported module, with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ()
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, tuple(alias.name for alias in node.names)


def name_of(path: Path) -> str:
    """The path below the project."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_is_imported_only_where_its_layer_is(package: str) -> None:
    found = {
        name_of(path)
        for path in FILES
        for module, _ in imports_of(path)
        if module.split(".")[0] == package
    }
    strangers = {name for name in found if not any(Path(name).match(p) for p in ALLOWED[package])}
    assert strangers == set()


def test_etl_knows_nothing_of_those_who_read() -> None:
    for path in (ROOT / "etl").rglob("*.py"):
        for module, _ in imports_of(path):
            assert module.split(".")[0] not in ("warehouse", "pages", "app"), name_of(path)


def test_warehouse_knows_of_etl_only_the_contract() -> None:
    for path in (ROOT / "warehouse").rglob("*.py"):
        if path.is_relative_to(ROOT / "warehouse" / "cli"):
            continue
        for module, names in imports_of(path):
            package, _, part = module.partition(".")
            assert package != "pages", name_of(path)
            if package != "etl":
                continue
            assert part in CONTRACT, f"{name_of(path)} imports {module}"
            if part == "load.outcome":
                assert names == ("failures",), name_of(path)


def test_pages_know_only_the_readers() -> None:
    known = {"warehouse", "warehouse.filters", "warehouse.connection", "warehouse.metrics"}
    for path in [*(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]:
        for module, _ in imports_of(path):
            if module.split(".")[0] == "warehouse":
                allowed = module in known or module.startswith("warehouse.metrics.")
                assert allowed, f"{name_of(path)} imports {module}"
            if module.split(".")[0] == "etl":
                assert module in ("etl.errors", "etl.config.settings"), f"{name_of(path)}: {module}"


def test_only_the_demo_command_knows_the_demo() -> None:
    knowing = {
        name_of(path)
        for path in FILES
        for module, _ in imports_of(path)
        if module.startswith("etl.demo") and "etl/demo/" not in name_of(path)
    }
    assert knowing <= {"warehouse/cli/demo.py"}
