"""What it takes to open the current build of a home. Asks it nothing.

python -m benchmarks.opened_build HOME
"""

import argparse
from pathlib import Path

import warehouse
from benchmarks.session_peers import tell


def main() -> None:
    """Prints what it took as JSON. Imports and the start of Python are not counted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    args = parser.parse_args()
    tell(lambda: warehouse.open(args.home).close())


if __name__ == "__main__":
    main()
