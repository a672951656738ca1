"""However events are dealt out to builds and tails, the same is said of them."""

import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search import some
from tests.warehouse.live.spooled import (
    NOON,
    Line,
    built_with,
    home_of,
    line,
    refreshed,
    spool,
    told,
)
from warehouse.live.live import Live

NOW = NOON + timedelta(hours=6)
TYPES = ("page_view", "click", "query", "error", "login", "logout", "session_end", "scroll")


def history(random: Random) -> list[Line]:
    """Events of some visitors with habits that make sessions meet, cut and change hands."""
    lines: list[Line] = []
    for number in range(random.randint(4, 14)):
        user, visitor = f"u{number % 5}", f"v{number}"
        is_tracked = random.random() < 0.6
        at = random.choice((0, 10, 60, 200, 340))
        for step in range(random.randint(1, 7)):
            # On the clock, so that silences of exactly the timeout come about.
            at += random.choice((0, 1, 5, 29, 30, 31))
            is_known = random.random() < 0.5
            fields = {
                "source": "web" if is_tracked else random.choice(("crm", "crm", "web")),
                "session_id": f"s{number % 7}" if is_tracked else None,
                "user_id": user if is_known else None,
                "anonymous_id": visitor if random.random() < 0.8 or not is_known else None,
                "url": random.choice((None, "https://x.org/", "/item/3?a=1", "/docs")),
                "tags": random.choice((None, None, ["a"], ["b", "a"])),
                "model_group": random.choice((None, "m1", "m2")),
                "event_id": f"{number}-{step}",
            }
            lines.append(line(at, random.choice(TYPES), **fields))
    lines += random.sample(lines, k=min(3, len(lines)))
    random.shuffle(lines)
    return lines


@given(seed=st.integers(0, 2**32))
@settings(max_examples=some(1, of=150))
def test_a_tail_in_pieces_says_what_a_build_says(seed: int) -> None:
    random = Random(seed)
    lines = history(random)
    cuts = sorted(random.randint(0, len(lines)) for _ in range(4))
    built, again, *pieces = (
        lines[start:end] for start, end in zip((0, *cuts), (*cuts, len(lines)), strict=True)
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        first = line(0, "query", user_id="first", session_id="f"), line(0, "query", user_id="f",
                     source="crm")  # fmt: skip
        _, known = home_of(folder / "home", [*first, *built], NOW)
        if again and random.random() < 0.5:
            spool(known.home, again, "2")
            refreshed(known, NOW)
        else:
            pieces.insert(0, again)
        live = Live(known.home, lambda: known, threads=1, every=0)
        for number, piece in enumerate(pieces):
            spool(known.home, piece, str(3 + number // 2), is_open=True)
            seen = live.look(NOW + timedelta(seconds=number))
            assert seen.problem is None
        end = NOW + timedelta(seconds=len(pieces))
        with (
            built_with(known, [], end, folder / "copy") as wh,
            seen.answering(known.home) as answering,
        ):
            assert told(answering) == told(wh)
        live.close()
