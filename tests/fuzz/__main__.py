"""`python -m tests.fuzz --mutants 5000`: breaks files by seed and loads them; 1 if any fault."""

import argparse
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from etl.load.outcome import Outcome
from tests.fuzz.check import told
from tests.fuzz.parts import run

_IN_A_HOME = 25


def main() -> int:
    """Runs them all on two processes."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--mutants", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args()
    seeds = list(range(given.first, given.first + given.mutants))
    parts = [seeds[i : i + _IN_A_HOME] for i in range(0, len(seeds), _IN_A_HOME)]
    folder = Path(tempfile.mkdtemp(prefix="dwell-fuzz-"))
    started = monotonic()
    outcomes: list[Outcome] = []
    found: list[str] = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for some, wrong in pool.map(run, [folder] * len(parts), parts):
            outcomes += some
            found += wrong
            for fault in wrong:
                sys.stdout.write(f"{fault}\n")
            sys.stdout.flush()
    seconds = monotonic() - started
    sys.stdout.write(f"{told(outcomes)}\n{len(seeds) / seconds:.1f} mutants a second\n")
    if not found:
        shutil.rmtree(folder)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
