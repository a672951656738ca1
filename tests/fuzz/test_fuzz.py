"""Broken copies of every format: each is loaded or told, no row is lost, and twice is once."""

from pathlib import Path

import pytest

from tests.fuzz.check import faults
from tests.fuzz.mutants import mutant
from tests.fuzz.samples import samples

MUTANTS = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that are broken."""
    return samples(tmp_path_factory.mktemp("whole"))


def test_whole_files_are_all_loaded(whole: dict[str, bytes], tmp_path: Path) -> None:
    paths = [tmp_path / name for name in whole]
    for path in paths:
        path.write_bytes(whole[path.name])
    outcomes, found = faults(tmp_path / "home", paths)
    assert found == []
    assert [one.file for one in outcomes if one.status != "loaded" or not one.rows_read] == []


@pytest.mark.parametrize("part", range(3))
def test_broken_files_are_loaded_or_told_and_lose_nothing(
    whole: dict[str, bytes], tmp_path: Path, part: int
) -> None:
    names = sorted(whole)
    paths = []
    for seed in range(part, MUTANTS, 3):
        name = names[seed % len(names)]
        paths.append(tmp_path / f"{seed}-{name}")
        paths[-1].write_bytes(mutant(seed, whole[name]))
    _, found = faults(tmp_path / "home", paths)
    assert found == []
