"""What it takes to open a build for the first time, beside starting DuckDB alone.

python -m benchmarks.opening HOME
"""

import argparse
import sys
from pathlib import Path

from benchmarks.watched import Done, watched

_ENGINE = "import duckdb, sys; duckdb.connect().execute('select 1')"
_DWELL = "import sys, warehouse; warehouse.open(sys.argv[1])"
_RUNS = 7


def main() -> None:
    """Prints the CPU of both, Python's own start counted, each the best of several runs in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    args = parser.parse_args()
    rounds = [(_run(_ENGINE, args.home), _run(_DWELL, args.home)) for _ in range(_RUNS)]
    engine, dwell = (min(done.cpu for done in runs) for runs in zip(*rounds, strict=True))
    print(
        f"DuckDB alone {engine:.3f} s, a build opened {dwell:.3f} s of CPU: {dwell / engine:.2f} x"
    )


def _run(code: str, home: Path) -> Done:
    return watched([sys.executable, "-c", code, home])


if __name__ == "__main__":
    main()
