"""One part of a long run: some mutants in a home of their own, in a process of many."""

import faulthandler
import shutil
from pathlib import Path

from etl.load.outcome import Outcome
from tests.fuzz.check import SLOWEST_SECONDS, faults
from tests.fuzz.mutants import mutant
from tests.fuzz.samples import payloads, samples


def run(folder: Path, seeds: list[int]) -> tuple[list[Outcome], list[str]]:
    """The outcomes of the mutants of those seeds, and their faults; their files stay on a fault."""
    # Whoever hangs shall say where.
    faulthandler.dump_traceback_later(SLOWEST_SECONDS * len(seeds), exit=True)
    place = folder / f"from-{seeds[0]}"
    place.mkdir()
    whole = samples(place) | payloads()
    names = sorted(whole)
    paths = []
    for seed in seeds:
        name = names[seed % len(names)]
        paths.append(place / f"{seed}-{name}")
        paths[-1].write_bytes(mutant(seed, whole[name]))
    try:
        outcomes, found = faults(place / "home", paths)
    except Exception as error:
        outcomes, found = [], [f"{place}: {type(error).__name__}: {error}"]
    faulthandler.cancel_dump_traceback_later()
    if not found:
        shutil.rmtree(place)
    return outcomes, found
