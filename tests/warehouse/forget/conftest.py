"""A home that knows a person, one that never did, and one that has forgotten her."""

import shutil
from pathlib import Path

import pytest

from tests.warehouse.forget.homes import add_beside, forget_in, make_home, write_exports
from warehouse.forget.run import Forgotten


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `with` and `without`, to be copied, beside their exports."""
    folder = tmp_path_factory.mktemp("forget")
    exports = write_exports(folder / "exports")
    make_home(folder / "with", {name: exports.pop(name) for name in ("web", "tracked")})
    make_home(folder / "with", exports)
    make_home(folder / "without", write_exports(folder / "others", is_without=True))
    add_beside(folder / "with")
    return folder


@pytest.fixture
def home(both: Path, tmp_path: Path) -> Path:
    """A copy of the home with her."""
    shutil.copytree(both / "with", tmp_path / "with")
    return tmp_path / "with"


@pytest.fixture(scope="session")
def done(both: Path) -> tuple[Path, Forgotten]:
    """A copy of the home that has forgotten her, to be looked at, and what that told."""
    shutil.copytree(both / "with", both / "done")
    return both / "done", forget_in(both / "done")
