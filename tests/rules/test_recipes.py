"""What an addition costs: each recipe of CONTRIBUTING, followed in a copy of the repository.

The copy is a repository of its own, so that git counts the files that a recipe touches; then the
program of the copy runs, and has to know what was added.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Line:
    """Text that goes into a file, right before or behind its first line with some words."""

    file: str
    text: str
    behind: str = ""
    before: str = ""

    def apply(self, root: Path) -> None:
        """Writes it into the copy at the root."""
        path = root / self.file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        words = self.behind or self.before
        found = [number for number, line in enumerate(lines) if words in line]
        assert found, f"{self.file} has no line with {words!r}: mend the recipe"
        lines.insert(found[0] + bool(self.behind), self.text)
        path.write_text("".join(lines), encoding="utf-8")


@dataclass(frozen=True)
class File:
    """A file that is new."""

    file: str
    text: str

    def apply(self, root: Path) -> None:
        """Writes it into the copy at the root."""
        assert not (root / self.file).exists()
        (root / self.file).write_text(self.text, encoding="utf-8")


@dataclass(frozen=True)
class Recipe:
    """What is written where, how many files of the product and of the handbook that is at most,
    and a program that fails when the addition does not work.
    """

    edits: tuple[Line | File, ...]
    files: int
    program: str
    documents: int = 0


# What the programs share: an export, loads of it and builds.
KITCHEN = """
import json, sys
from pathlib import Path
import warehouse
from etl.config.settings import load_settings
from etl.formats.format import Request
from etl.lake import locked
from etl.load.run import load
from warehouse import Filters
from warehouse.build import build
from warehouse.metrics import overview

here = Path.cwd()
EVENTS = [
    {"user": f"u{n % 5}", "time": f"2026-03-{1 + n % 9:02}T{8 + n % 7:02}:00:00Z", "id": f"e{n}",
     "event": "prompt" if n % 3 else "page_view", "url": f"/{n % 4}",
     "plan": "pro" if n % 2 else None, "referrer": f"https://site{n % 3}.example/"}
    for n in range(60)
]


def load_events(name, events, settings=None, **request):
    settings = settings or load_settings(here / "home")
    (here / name).write_text("".join(json.dumps(event) + "\\n" for event in events))
    with locked(settings.home):
        outcomes = load(settings, [(str(here / name), Request(source="web", **request))])
        assert [outcome.status for outcome in outcomes] == ["loaded"], outcomes
        return build(settings)


def rows(wh, query):
    return wh.sql(query).fetchall()
"""

RECIPES: dict[str, Recipe] = {}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it is in the working folder, committed to one of its own."""
    root = tmp_path_factory.mktemp("copy") / "dwell"
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "requirements")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-qm", "all")
    return root


@pytest.fixture
def kitchen(copy: Path) -> Iterator[Path]:
    """The copy, clean before and after."""
    yield copy
    git(copy, "checkout", "--quiet", ".")
    git(copy, "clean", "-fdxq")


def git(root: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", RECIPES)
def test_an_addition_touches_few_files_and_works(kitchen: Path, name: str) -> None:
    recipe = RECIPES[name]
    for edit in recipe.edits:
        edit.apply(kitchen)
    touched = git(kitchen, "status", "--porcelain", "--untracked-files=all").splitlines()
    documents = [line for line in touched if line.endswith(".md")]
    assert len(touched) - len(documents) == recipe.files
    assert len(documents) == recipe.documents
    done = subprocess.run(
        [sys.executable, "-c", KITCHEN + recipe.program],
        cwd=kitchen,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_handbook_tells_these_numbers() -> None:
    handbook = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| (an? [^|]+) \| (\d(?: \+ doc)?) \|", handbook, re.MULTILINE))
    counted = {
        name: f"{recipe.files}{' + doc' if recipe.documents else ''}"
        for name, recipe in RECIPES.items()
    }
    assert told == counted | {"a name for a column or an event type": "1"}
