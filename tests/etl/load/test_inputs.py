"""What a load has to do: which files, and what looks wrong about them."""

from pathlib import Path

from etl.config.sources import TableEvent
from etl.formats.format import Request
from etl.lake import Lake
from etl.load.inputs import find_inputs


def found(folder: Path, *inputs: tuple[str, Request]) -> tuple[list[str], list[str]]:
    """Names of the files to load, and the warnings, of patterns below the folder."""
    inputs_found = find_inputs([(str(folder / p), r) for p, r in inputs], Lake(folder / "home"))
    return [file.path.name for file in inputs_found.files], list(inputs_found.warnings)


def test_a_file_is_loaded_once_however_often_a_source_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    web = Request(source="web")
    assert found(tmp_path, ("a.csv", web), ("*.csv", web)) == (["a.csv"], [])


def test_two_sources_that_claim_the_same_files_are_told(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").touch()
    web, app = Request(source="web"), Request(source="app")
    files, warnings = found(tmp_path, ("*.csv", web), ("b.csv", app))
    assert files == ["a.csv", "b.csv", "c.csv", "b.csv"]
    (said,) = warnings
    assert "b.csv belongs to the sources web and app: each row counts once for each" in said
    _, warnings = found(tmp_path, ("*.csv", web), ("[bc].csv", app))
    assert "2 files (" in warnings[0]


def test_sources_that_take_different_tables_of_one_file_are_fine(tmp_path: Path) -> None:
    (tmp_path / "app.sqlite").touch()

    def taking(source: str, *tables: str) -> tuple[str, Request]:
        events = tuple(TableEvent(table, "user", "time", "x") for table in tables)
        return "app.sqlite", Request(source=source, tables=events)

    assert found(tmp_path, taking("one", "posts"), taking("two", "votes", "likes"))[1] == []
    assert len(found(tmp_path, taking("one", "posts"), taking("two", "votes", "posts"))[1]) == 1


def test_a_folder_that_holds_the_home_gives_none_of_its_files(tmp_path: Path) -> None:
    for place in ("home/lake/events", "home/builds", "home/landing"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.csv").touch()
    inputs_found = find_inputs([(str(tmp_path), Request())], Lake(tmp_path / "home"))
    assert [file.path.parent.name for file in inputs_found.files] == ["landing"]
