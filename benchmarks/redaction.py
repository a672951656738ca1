"""What it costs to cut personal data: loads of one clickstream, by rules and without.

    python -m benchmarks.redaction 500000

CPU seconds of a load up to the committed batch, each in a process of its own, one after the other,
the best of the rounds. `long`: as many bytes in lines whose prompts have two thousand signs, and an
e-mail address in every tenth of them.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.clickstream import Clickstream, write_day

RULES = {
    "nothing": "",
    "patterns, urls": 'patterns = "all"\nurls = "drop query"',
    "pseudonyms": 'pseudonymise = ["user_id"]',
    "texts": 'texts = "length"',
    "all of it": 'patterns = "all"\nurls = "drop query"\npseudonymise = ["user_id"]\n'
    'texts = "length"',
}
_KEY = "0123456789abcdef0123456789abcdef"
_WORDS = [
    *("where", "is", "the", "item", "that", "people", "asked", "for", "when", "they", "came"),
    *("here", "last", "week", "and", "why"),
]
_LETTERS = 2_000


def write_long(path: Path, bytes_wanted: int) -> None:
    """Lines of prompts that are long, about so many bytes in all."""
    chance = random.Random(7)
    number = 0
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < bytes_wanted:
            text = " ".join(chance.choices(_WORDS, k=_LETTERS // 5))
            if number % 10 == 0:
                text += f" write to user{number}@example.com"
            line = {
                "event_id": f"{number:032x}",
                "user_id": f"u-{chance.randrange(20_000)}",
                "timestamp": f"2025-11-02T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:00Z",
                "event": "prompt",
                "properties": {"text": text},
            }
            file.write(json.dumps(line) + "\n")
            number += 1


def load(file: str, rules: str) -> None:
    """Loads the file by the rules, and prints its rows and CPU seconds."""
    from etl.config.settings import load_settings
    from etl.formats.format import Request
    from etl.lake import locked
    from etl.load.run import load as load_files

    with tempfile.TemporaryDirectory() as folder:
        home, config = Path(folder) / "data", Path(folder) / "dwell.toml"
        (Path(folder) / "key").write_text(_KEY)
        (Path(folder) / "key").chmod(0o600)
        config.write_text(f'[redact]\nkey_file = "key"\n{rules}\n')
        settings = load_settings(home, config)
        with locked(home):
            began = time.process_time()
            (outcome,) = load_files(settings, [(file, Request())])
        print(json.dumps([outcome.rows_loaded, time.process_time() - began]))


def _measured(file: Path, rounds: int) -> dict[str, tuple[int, float]]:
    best: dict[str, tuple[int, float]] = {}
    for _ in range(rounds):
        for name, rules in RULES.items():
            command = [sys.executable, "-m", "benchmarks.redaction", "--load", str(file), rules]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rows, seconds = json.loads(done.stdout.splitlines()[-1])
            best[name] = (rows, min(seconds, best.get(name, (rows, seconds))[1]))
    return best


def main() -> None:
    """Measures both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", nargs="?", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--load", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.load:
        load(*args.load)
        return
    with tempfile.TemporaryDirectory() as folder:
        clicks, long = Path(folder) / "clicks.ndjson", Path(folder) / "long.ndjson"
        write_day(clicks, Clickstream(1, args.events), 1)
        write_long(long, clicks.stat().st_size)
        for file in (clicks, long):
            found = _measured(file, args.rounds)
            rows, base = found["nothing"]
            print(f"{file.stem}: {rows:,} rows, {file.stat().st_size / 1e6:,.0f} MB")
            for name, (loaded, seconds) in found.items():
                assert loaded == rows
                print(f"  {name:16} {seconds:6.2f} s  {seconds / base - 1:+.0%}")


if __name__ == "__main__":
    main()
