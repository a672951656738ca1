"""A home forgets a person and is killed at every kind of moment: what is left is the home of before
or goes on to its end, and that is always the same.

    python -m tests.soak.forget --kills 100
    python -m tests.soak.forget child HOME N      forgets, and kills itself before its N-th change
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from etl.lake import Lake
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.warehouse.forget.homes import (
    ANN,
    SECRETS,
    add_beside,
    forget_in,
    make_home,
    settings_for,
    write_exports,
)
from tests.warehouse.forget.leftovers import leftovers
from warehouse.build_files import last_build
from warehouse.forget.finish import pending
from warehouse.verify import verify_home

ROOT = Path(__file__).parents[2]

# What changes a disk, as pathlib and the product call it.
_CHANGES = ("fsync", "link", "replace", "rename", "unlink", "rmdir", "mkdir")
_OF_LOADS = ("load_runs", "rejected_summary")


def child(home: Path, last: int) -> int:
    """Forgets, and dies before the change of that number; how many there were."""
    done = 0

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal done
            done += 1
            if done == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*args, **options)

        return call

    for name in _CHANGES:
        setattr(os, name, counted(getattr(os, name)))
    forget_in(home)
    return done


def killed(home: Path, last: int) -> int | None:
    """Runs a child to its end, or to that change: how many there were; None where it was killed."""
    command = [sys.executable, "-m", "tests.soak.forget", "child", str(home), str(last)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode == -signal.SIGKILL:
        return None
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


def said(home: Path) -> dict[str, Any]:
    """All tables of the current build but those of loads."""
    build = last_build(home)
    assert build
    return {name: rows for name, rows in tables(build.path).items() if name not in _OF_LOADS}


def check_goes_on(home: Path, before: list[Any], never: Path) -> str:
    """Looks at a home that was killed, and goes on: how far it had come."""
    state = Lake(home).state()
    where = "begun"
    if not state.erased:
        assert lake_rows(home) == before
    else:
        where = "in force" if pending(state) else "ended"
        assert lake_rows(home) == lake_rows(never)
    forget_in(home)
    assert leftovers(home, SECRETS) == []
    assert said(home) == said(never)
    assert not pending(Lake(home).state())
    assert_lake_is_tidy(home)
    assert verify_home(settings_for(home)).faults == ()
    return where


def main() -> None:
    """Kills at changes by chance, and tells how far each run had come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with TemporaryDirectory() as folder:
        root = Path(folder)
        make_home(root / "with", write_exports(root / "exports"))
        add_beside(root / "with")
        make_home(root / "never", write_exports(root / "others", is_without=True))
        before = lake_rows(root / "with")
        shutil.copytree(root / "with", root / "count")
        changes = killed(root / "count", 0)
        assert changes
        told: dict[str, int] = {}
        for kill in range(options.kills):
            home = root / f"home-{kill}"
            shutil.copytree(root / "with", home)
            moments = chance.sample(range(1, changes + 1), chance.choice([1, 1, 2]))
            for moment in moments:
                killed(home, moment)
            where = check_goes_on(home, before, root / "never")
            told[where] = told.get(where, 0) + 1
            shutil.rmtree(home)
        sys.stdout.write(f"{options.kills} kills among {changes} changes: {told}, {ANN} is gone\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        sys.stdout.write(str(child(Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        main()
