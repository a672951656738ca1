"""The tracker as a file: small, made of its source, and there in an installation."""

import gzip
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
from setuptools.config.pyprojecttoml import read_configuration

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "static" / "dwell.js"
SOURCE = ROOT / "static" / "src" / "dwell.js"
# Another version may write the same otherwise.
ESBUILD = "0.17.0"


def test_the_tracker_is_under_3_kb_as_it_is_sent() -> None:
    assert len(gzip.compress(SMALL.read_bytes(), 9)) < 3 * 1024


def test_the_small_file_is_made_of_the_source(tmp_path: Path) -> None:
    esbuild = shutil.which("esbuild")
    if esbuild is None:
        pytest.skip("esbuild is not there: apt-get install esbuild")
    version = subprocess.run([esbuild, "--version"], capture_output=True, text=True, check=True)
    if version.stdout.strip() != ESBUILD:
        pytest.skip(f"esbuild is {version.stdout.strip()}; the file was made by {ESBUILD}")
    [command] = re.findall(r"^\t(esbuild .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    made = tmp_path / "dwell.js"
    words = command.replace("=static/dwell.js", f"={made}").split()
    subprocess.run(words, cwd=ROOT, check=True)
    assert made.read_bytes() == SMALL.read_bytes(), "make tracker, and commit static/dwell.js"


@pytest.mark.parametrize("word", ["eval(", "Function(", "innerHTML", "cookie", 'unload"'])
def test_the_tracker_does_nothing_that_a_policy_forbids(word: str) -> None:
    assert word not in SMALL.read_text(encoding="utf-8")


def test_an_installation_has_the_tracker_beside_the_packages() -> None:
    configuration = read_configuration(ROOT / "pyproject.toml", expand=True)["tool"]["setuptools"]
    assert "static" in configuration["packages"]
    assert "static.src" not in configuration["packages"]
    patterns = configuration["package-data"]["static"]
    assert any(fnmatch(SMALL.name, pattern) for pattern in patterns)


PATTERNS = {
    "options": r"^  (\w+): (?:true|false|\"default\"|[\d.e]+),$",
    "events": r"add\(\s*\"(\w+)\"",
    "calls": r"^  (\w+)(?:: \(|\(\w*(?:, \w+)*\) \{$)",
}


@pytest.mark.parametrize("what", PATTERNS)
def test_the_handbook_names_all_that_there_is(what: str) -> None:
    handbook = (ROOT / "docs" / "tracker.md").read_text(encoding="utf-8")
    source = SOURCE.read_text(encoding="utf-8")
    searched = source.partition("const api = {")[2] if what == "calls" else source
    names = re.findall(PATTERNS[what], searched, re.MULTILINE)
    assert len(names) > 9
    written = "`dwell.{}(" if what == "calls" else "`{}`"
    assert [name for name in names if written.format(name) not in handbook] == []
