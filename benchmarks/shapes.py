"""What loading and building costs for homes of several shapes, and one more row on top.

    python -m benchmarks.shapes sparse_years small_files

Each shape's files are loaded into a new home and built by one `dwell load`, then a file with one
new event is. Beside it stands what plain DuckDB needs for the sessions alone, of the same events
in a table already; both must find the same sessions. `many_loads` loads 15 minutes again and again
and tells what the number of loads costs (many_loads.py). Wanted, and not asserted: `sparse_years`
within 10 x plain DuckDB, `small_files` within 10 s, `many_small_files` within 90 s, one more row
within 1.5 s everywhere.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.many_loads import measure_loads
from benchmarks.shape_home import ShapedHome
from benchmarks.shape_inputs import INPUTS
from benchmarks.watched import Stopped, take_two_cores

_MANY_LOADS = "many_loads"
_SHAPES = (*INPUTS, _MANY_LOADS)


def main() -> None:
    """Prints a table with a row for each shape, and one of what many loads cost."""
    args = _arguments()
    take_two_cores()
    with _folder(is_kept=args.keep) as folder:
        inputs = [shape for shape in _SHAPES if shape in args.shapes and shape != _MANY_LOADS]
        if inputs:
            print(
                "| shape | events | files | load + build | CPU | plain DuckDB | CPU "
                "| ratio | of CPU | one more row | CPU | files in the lake |"
            )
            print("|---|---|---|---|---|---|---|---|---|---|---|---|")
        for shape in inputs:
            _print_row(shape, folder / shape)
        if _MANY_LOADS in args.shapes:
            (folder / _MANY_LOADS).mkdir()
            measure_loads(folder / _MANY_LOADS, args.loads, is_made=args.made)


def _print_row(shape: str, folder: Path) -> None:
    folder.mkdir()
    given = INPUTS[shape](folder)
    home = ShapedHome(folder, given.config)
    try:
        first = home.load(*given.given)
        plain = home.compare(given.read)
        row = home.add(1, *given.add_row())
    except Stopped as stopped:
        msg = f"{shape}: {stopped}"
        raise SystemExit(msg) from stopped
    print(
        f"| `{shape}` | {first.told['events']:,} | {first.files:,} | {first.cost.cells()} "
        f"| {plain.cells(2)} | {first.cost.ratios(plain)} | {row.cost.cells()} "
        f"| {home.lake_files():,} |",
        flush=True,
    )


@contextmanager
def _folder(*, is_kept: bool) -> Iterator[Path]:
    """A new folder for all that is made, gone afterwards unless it is kept."""
    if is_kept:
        folder = Path(tempfile.mkdtemp(prefix="dwell-bench-"))
        print(f"All that is made stays in {folder}")
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as name:
        yield Path(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*", default=_SHAPES, metavar="SHAPE",
                        help=f"some of {', '.join(_SHAPES)}; none: all")  # fmt: skip
    parser.add_argument("--loads", type=int, default=100, help="of many_loads")
    parser.add_argument(
        "--made", action="store_true", help="make the homes of many_loads without loading"
    )
    parser.add_argument("--keep", action="store_true", help="keep all that is made")
    args = parser.parse_args()
    unknown = sorted(set(args.shapes) - set(_SHAPES))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}. Known: {', '.join(_SHAPES)}")
    return args


if __name__ == "__main__":
    main()
