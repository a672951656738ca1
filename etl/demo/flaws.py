"""The flaws of real exports: late rows, rows sent twice, and lines nobody can read.

Moves, copies and adds lines of the web files. Never changes a line that is sound.
"""

import json
from collections.abc import Mapping
from random import Random

from etl.demo.export import WebLine

LATE_SHARE = 0.01
REPEATED_SHARE = 0.005


def spoil(rng: Random, weeks: Mapping[str, list[WebLine]]) -> dict[str, list[str]]:
    """The lines of each weekly file, sorted by time, with the flaws in."""
    names = sorted(weeks)
    files: dict[str, list[WebLine]] = {name: [] for name in names}
    for index, name in enumerate(names):
        later = names[index + 1 : index + 3]
        kept = []
        for line in sorted(weeks[name]):
            # Phones that were offline send what they kept a week or two later.
            if later and rng.random() < LATE_SHARE:
                files[later[0] if rng.random() < 0.75 else later[-1]].append(line)
            else:
                kept.append(line)
        files[name] += kept
        if later:
            # The next export begins a little before the last one ended.
            count = max(1, round(len(kept) * REPEATED_SHARE))
            files[later[0]] += kept[-count:]
    lines = {name: [text for _, text in sorted(files[name])] for name in names}
    for name, (place, text) in zip(_spread(names), _broken(weeks[names[0]]), strict=True):
        lines[name].insert(int(place * len(lines[name])), text)
    return lines


def _spread(names: list[str]) -> list[str]:
    last = len(names) - 1
    return [names[round(last * share)] for share in (0.1, 0.3, 0.5, 0.6, 0.8, 1.0)]


def _broken(sound: list[WebLine]) -> list[tuple[float, str]]:
    """Six lines, each broken in its own way, and where in its file each stands."""
    row = json.loads(sound[0].text)

    def changed(number: int, **fields: str | None) -> str:
        fresh = {"event_id": f"00000000-0000-4000-8000-{number:012d}"}
        return json.dumps({**row, **fresh, **fields}, separators=(",", ":"))

    return [
        (0.5, changed(1)[:173]),
        (0.2, "-- export interrupted, resumed at 03:12 --"),
        (0.7, changed(3, user_id=None, anonymous_id=None)),
        (0.4, changed(4, timestamp="yesterday at noon")),
        (0.6, changed(5, timestamp="2099-01-01T00:00:00.000Z")),
        (0.9, changed(6)[:-58]),
    ]
