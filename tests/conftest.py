"""What all tests share: the hypothesis profile, a browser, a small disk, and no setting of who runs
them.
"""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# One profile everywhere: the same examples on every machine, so that a red test stays red.
# Deadlines measure the machine, not the code.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# `HYPOTHESIS_PROFILE=search` looks for new examples.
settings.register_profile("search", parent=settings.get_profile("ci"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# The files that take longest, the longest first: a worker that is given one of them last goes on
# alone.
LONGEST = (
    *("pages/test_browser.py", "pages/test_pages.py", "test_faults.py", "test_damage.py"),
    *("warehouse/build/test_increment.py", "peers/test_real_sets.py", "etl/lake/test_faults.py"),
    *("warehouse/build/test_prune.py", "etl/read/test_bad_input.py"),
    *("etl/normalise/test_many_rows.py", "etl/normalise/test_identity.py"),
    *("etl/read/test_chunks.py", "peers/test_mathoverflow.py", "etl/lake/test_compact.py"),
    *("rules/test_recipes.py", "etl/load/test_together.py", "etl/formats/test_told_counts.py"),
    *("etl/formats/test_sessions.py", "warehouse/build/test_publish.py", "fuzz/test_fuzz.py"),
    *("warehouse/cli/test_load.py", "etl/extract/test_crashes.py", "test_end_to_end.py"),
    *("etl/extract/test_passwords.py", "warehouse/build/test_oracle.py"),
    "warehouse/test_old_homes.py",
)

CHROMIUM = Path("/usr/bin/chromium")
# Of a person: a browser without a screen says that it is a robot.
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Safari/537.36"
)

for name in [name for name in os.environ if name.startswith("DWELL_")]:
    del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first, and then those of many tests."""
    sizes = Counter(item.path for item in items)
    ranks = {Path(__file__).parent / file: rank for rank, file in enumerate(LONGEST)}
    items.sort(key=lambda item: (ranks.get(item.path, len(ranks)), -sizes[item.path]))


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Any]]:
    """Starts chromium, with options. Skips where it is missing; in CI that is a failure."""
    if not (CHROMIUM.exists() or shutil.which("chromium")):
        reason = f"{CHROMIUM} is not there: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", f"--user-agent={AGENT}"]
    with sync_playwright() as playwright:
        yield partial(playwright.chromium.launch, executable_path=str(CHROMIUM), args=arguments)


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Any]) -> Iterator[Any]:
    """One browser for all pages of the dashboard."""
    chromium = launch()
    yield chromium
    chromium.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB; the test is skipped where none can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("no mount command")
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)
