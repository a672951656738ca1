"""`make soak`: kills loads at random moments, reads meanwhile, compares with an undisturbed home.

Each round kills `dwell load` of five new exports at ten moments, lets it end, and loads the same
exports into a home that nobody disturbs. Both must then say the same, and the lake of the first
must hold no file that its log does not name. Merges and snapshots come in between. One kill in ten
is of a load that turns over a home of before the log.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from tests.make import build_home, load_files, write_ndjson
from tests.test_faults import DWELL, READER, assert_no_orphans, state, wait_for, write_exports

_KILLS_A_ROUND = 10
OLD_HOME = Path(__file__).parents[1] / "old_homes" / "a35daef.tar.xz"


def main() -> None:
    """Prints a line a round and the figures; fails at the first difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=200)
    parser.add_argument("--rows", type=int, default=4000, help="of each of the five exports")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dwell-soak-") as name:
        chance = random.Random(args.seed)
        _turn_over(Path(name), args.kills // 10, chance)
        _soak(Path(name), args.kills - args.kills // 10, args.rows, chance)


def _turn_over(folder: Path, kills: int, chance: random.Random) -> None:
    """Kills loads into homes of before the log, each of them once."""
    with tarfile.open(OLD_HOME) as archive:
        archive.extractall(folder / "old", filter="data")
    export = write_ndjson(folder / "new.ndjson", [{"user": "a", "time": 1773100000, "event": "x"}])
    calm = folder / "old-calm"
    shutil.copytree(folder / "old" / "home", calm)
    started = time.monotonic()
    load_files(calm, export)
    build_home(calm)
    seconds = time.monotonic() - started + 0.5
    alive = 0
    for number in range(kills):
        home = folder / f"old-{number}"
        shutil.copytree(folder / "old" / "home", home)
        (home / ".lock").unlink(missing_ok=True)
        alive += _killed(home, export, chance.random() * seconds)
        load_files(home, export)
        build_home(home)
        assert state(home) == state(calm), f"turning over, kill {number}: differs"
        assert_no_orphans(home)
        shutil.rmtree(home)
    print(f"{kills} kills of a turning over, {alive} while it worked: the same", flush=True)


def _soak(folder: Path, kills: int, rows: int, chance: random.Random) -> None:
    home, calm, stop = folder / "home", folder / "calm", folder / "stop"
    before = write_ndjson(
        folder / "first.ndjson", [{"user": "a", "time": 1773100000, "event": "x"}]
    )
    for place in (home, calm):
        load_files(place, before)
        build_home(place)
    done = alive = 0
    command = [sys.executable, "-c", READER, str(home), str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        try:
            for number in range(-(-kills // _KILLS_A_ROUND)):
                first = number * 3 * rows
                exports = write_exports(folder / str(number), rows=rows, first=first)
                started = time.monotonic()
                load_files(calm, exports)
                build_home(calm)
                seconds = time.monotonic() - started + 0.5
                for _ in range(_KILLS_A_ROUND):
                    alive += _killed(home, exports, chance.random() * seconds)
                    done += 1
                load_files(home, exports)
                build_home(home)
                assert state(home) == state(calm), f"round {number} differs"
                assert_no_orphans(home)
                print(f"{done} kills, {alive} while it worked: the same", flush=True)
        finally:
            stop.touch()
            summary = reader.communicate(timeout=120)[0]
        assert reader.returncode == 0, "the reader met an error"
    print(
        f"{done} kills of dwell load, {alive} of them while it worked; "
        f"the reader: {summary.strip()}"
    )


def _killed(home: Path, exports: Path, moment: float) -> bool:
    """Whether the load was still at work after so many seconds, when it was killed."""
    with subprocess.Popen(
        [DWELL, "load", exports, "--home", home],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as load:
        wait_for(home / ".lock")
        time.sleep(moment)
        was_alive = load.poll() is None
        load.kill()
    return was_alive


if __name__ == "__main__":
    main()
