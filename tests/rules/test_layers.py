"""Layers: who may import whom. Data moves one way, and imports point one way too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("etl", "warehouse", "pages")
FILES = [ROOT / "app.py", *(p for name in PACKAGES for p in sorted((ROOT / name).rglob("*.py")))]
# The house, ground floor first: a floor is its rooms, and a room is a module or a folder of them.
# A module imports from its own room and from floors below, never from beside or above.
FLOORS = (
    ("etl.errors", "etl.landing_folder", "etl.arrow_numbers", "etl.durable", "etl.file_hash"),
    ("etl.normalise.no_ids",),
    ("etl.home_files",),
    ("etl.config", "etl.duck", "etl.collector.spool_files"),
    ("etl.lake", "etl.read"),
    ("etl.privacy",),
    ("etl.formats", "etl.demo"),
    ("etl.normalise", "etl.extract"),
    ("etl.load", "etl.collector"),
    ("warehouse.part_files", "warehouse.dimensions", "warehouse.read_only", "warehouse.written"),
    ("warehouse.version", "warehouse.xlsx_file"),
    ("warehouse.terms", "warehouse.bound_metrics", "warehouse.links", "warehouse.relations"),
    ("warehouse.typed_texts", "warehouse.measure_lines", "warehouse.kept"),
    ("warehouse.event_parts", "warehouse.saved_file", "warehouse.delivery"),
    ("warehouse.table_parts", "warehouse.timed_relation", "warehouse.frame_files"),
    ("warehouse.plain_columns",),
    (
        "warehouse.build_connection",
        "warehouse.part_views",
        "warehouse.build_files",
        "warehouse.conditions",
    ),
    (
        *("warehouse.segments", "warehouse.condition_texts", "warehouse.build_log"),
        "warehouse.addresses",
    ),
    ("warehouse.build_diff", "warehouse.home_rows", "warehouse.scopes"),
    ("warehouse.steps",),
    ("warehouse.patterns",),
    ("warehouse.pattern_sql",),
    (
        *("warehouse.filters", "warehouse.connection", "warehouse.condition_sql"),
        *("warehouse.every_dimension", "warehouse.annotations"),
    ),
    ("warehouse.query_parts", "warehouse.step_sql", "warehouse.path_sql"),
    ("warehouse.build_history",),
    ("warehouse.query", "warehouse.experiments"),
    ("warehouse.measure_shapes",),
    ("warehouse.metrics",),
    (
        "warehouse.session_stats",
        *("warehouse.saved_funnels", "warehouse.own_sql", "warehouse.saved_queries"),
        "warehouse.session_analyzer",
    ),
    ("warehouse.metric_answers",),
    # The face: what notebooks import.
    ("warehouse",),
    ("warehouse.limited_sql", "warehouse.health", "warehouse.serving", "warehouse.audit"),
    ("warehouse.limited_process", "warehouse.limited_rows", "warehouse.bearers"),
    ("warehouse.alerts", "warehouse.exports"),
    ("warehouse.build", "warehouse.demo_home", "pages.ui"),
    ("warehouse.live",),
    ("warehouse.reports",),
    ("warehouse.refresh", "warehouse.after_load", "warehouse.verify", "pages.views"),
    ("warehouse.forget",),
    ("warehouse.trial",),
    ("warehouse.mcp",),
    ("warehouse.cli", "pages", "app"),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# What warehouse (but its command line) may know of etl: contracts, and what a build or a refresh
# calls. How a load works inside is nobody's business.
ETL_CONTRACT = (
    *("etl.errors", "etl.config", "etl.duck", "etl.durable", "etl.lake", "etl.landing_folder"),
    "etl.privacy.not_kept",
    *("etl.home_files", "etl.load.outcome", "etl.load.inputs", "etl.collector.spool_files"),
)
ETL_OF_REFRESH = (
    *("etl.load", "etl.formats.registry", "etl.formats.format", "etl.formats.read_plan"),
)
# The tail is read as a load reads files, and ends where a build begins.
ETL_OF_TAIL = (
    "etl.load.typed_lines",
    "etl.load.spooled",
    "etl.collector.paths",
    "etl.arrow_numbers",
)
# Who is meant is told by pseudonyms, and what the collector has by what loads take.
# landed as loads and extracts do.
ETL_OF_FORGET = ("etl.privacy.key", "etl.load.spooled", "etl.extract.left_out", "etl.file_hash")
# Pages read: they never make or load. The segments that they save are no data.
READERS = (
    *(
        "warehouse",
        "warehouse.addresses",
        "warehouse.connection",
        "warehouse.conditions",
        "warehouse.dimensions",
    ),
    *("warehouse.filters", "warehouse.metrics", "warehouse.query", "warehouse.terms"),
    *("warehouse.annotations", "warehouse.segments", "warehouse.steps", "warehouse.written"),
    *("warehouse.typed_texts", "warehouse.frame_files", "warehouse.limited_sql"),
    *("warehouse.own_sql", "warehouse.saved_queries", "warehouse.read_only"),
    *("warehouse.saved_funnels", "warehouse.experiments", "warehouse.live"),
    *("warehouse.alerts", "warehouse.session_stats"),
    *("warehouse.serving", "warehouse.audit", "warehouse.scopes", "warehouse.kept"),
)
# Package → the files that may import it, as patterns below the project.
ALLOWED = {
    "typst": ("warehouse/reports/pdf.py",),
    "streamlit": ("app.py", "pages/*.py", "pages/ui/*.py", "pages/views/*.py"),
    "plotly": (
        *("pages/ui/charts.py", "pages/ui/*_chart.py", "pages/ui/*_charts.py"),
        *("pages/ui/chart_section.py", "pages/ui/marks.py", "pages/ui/chat_latency.py"),
    ),
    "adbc_driver_postgresql": ("etl/extract/postgres.py",),
    "adbc_driver_manager": ("etl/extract/postgres.py",),
    "pymysql": ("etl/extract/mysql.py",),
    "starlette": (
        *("etl/collector/app.py", "etl/collector/paths.py", "pages/ui/*.py"),
        *("warehouse/live/app.py", "warehouse/mcp/doors.py"),
    ),
    "uvicorn": ("etl/collector/patience.py", "warehouse/cli/collect.py", "warehouse/cli/mcp.py"),
    # Extras: only `dwell mcp` needs them.
    "mcp": ("warehouse/mcp/*.py",),
    "pydantic": ("warehouse/mcp/*.py",),
    "pyspark": ("warehouse/build/spark_session.py",),
    "sqlglot": ("warehouse/build/spark_sql.py",),
    "msgspec": ("etl/collector/*.py", "etl/privacy/*.py", "etl/extract/cut_rows.py"),
    "sqlite3": ("etl/read/*.py", "etl/demo/write.py", "warehouse/delivery/store.py"),
    "duckdb": (
        *("etl/duck.py", "etl/lake/*.py", "etl/load/*.py", "etl/normalise/*.py", "etl/read/*.py"),
        *("warehouse/*.py", "warehouse/build/*.py", "warehouse/live/*.py"),
        "warehouse/forget/*.py",
        "warehouse/mcp/builds.py",
    ),
}


def name_of(path: Path) -> str:
    """The path below the project."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """The module that a file is."""
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_module(name: str) -> bool:
    """Whether a file or folder of ours has that name as a module."""
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def imports_of(path: Path) -> Iterator[str]:
    """Each imported module, wherever in the file: of a package, those of its modules taken."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_inner = node.module.split(".")[0] in PACKAGES and is_module(inner)
                yield inner if is_inner else node.module


def imports() -> Iterator[tuple[Path, str]]:
    """File and module, for each import of the product."""
    return ((path, module) for path in FILES for module in imports_of(path))


def room_of(module: str) -> str | None:
    """The innermost room that a module is in; None for modules of others."""
    while module and module not in FLOOR_OF:
        module = module.rpartition(".")[0]
    return module or None


def is_in(module: str, rooms: tuple[str, ...]) -> bool:
    """Whether the module is one of the rooms, or in one that is not the face alone."""
    return any(
        module == room or (room != "warehouse" and module.startswith(f"{room}.")) for room in rooms
    )


def test_every_module_has_a_room() -> None:
    # What lies right in `warehouse` stands in the table by its name: the face is a room of its own.
    strangers = [
        module_of(path)
        for path in FILES
        if room_of(module_of(path)) in (None, "warehouse") and module_of(path) not in PACKAGES
    ]
    assert strangers == []


@pytest.mark.parametrize("room", FLOOR_OF)
def test_a_room_is_there(room: str) -> None:
    assert is_module(room)


def test_no_import_runs_up() -> None:
    upward = []
    for path, module in imports():
        here, there = room_of(module_of(path)), room_of(module)
        if here is None or there is None or here == there:
            continue
        if FLOOR_OF[there] >= FLOOR_OF[here]:
            upward.append(f"{name_of(path)} imports {module}")
    assert upward == []


def test_warehouse_knows_of_etl_only_the_contract() -> None:
    strangers = []
    for path, module in imports():
        here = module_of(path)
        if not here.startswith("warehouse") or not module.startswith("etl"):
            continue
        known = ETL_CONTRACT
        if here in ("warehouse.refresh", "warehouse.trial"):
            known += ETL_OF_REFRESH
        if here.startswith("warehouse.live."):
            known += ETL_OF_TAIL
        if here.startswith("warehouse.forget."):
            known += ETL_OF_FORGET
        if not here.startswith("warehouse.cli") and not is_in(module, known):
            strangers.append(f"{name_of(path)} imports {module}")
    assert strangers == []


def test_pages_know_only_the_readers() -> None:
    strangers = [
        f"{name_of(path)} imports {module}"
        for path, module in imports()
        if module_of(path).split(".")[0] in ("pages", "app")
        and module.split(".")[0] in ("warehouse", "etl")
        and not is_in(module, (*READERS, "etl.errors"))
    ]
    assert strangers == []


def test_only_the_demo_command_knows_the_demo() -> None:
    knowing = {
        name_of(path)
        for path, module in imports()
        if module.startswith("etl.demo") and not name_of(path).startswith("etl/demo/")
    }
    assert knowing <= {"warehouse/cli/demo.py"}


def test_databases_are_opened_in_one_place() -> None:
    opening = {name_of(path) for path in FILES if "duckdb.connect(" in path.read_text("utf-8")}
    assert opening == {"etl/duck.py"}


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_is_imported_only_where_its_layer_is(package: str) -> None:
    found = {name_of(path) for path, module in imports() if module.split(".")[0] == package}
    strangers = {name for name in found if not any(Path(name).match(p) for p in ALLOWED[package])}
    assert strangers == set()
