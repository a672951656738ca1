"""Whether the intervals of comparisons hold what they promise, where the truth is known.

    python -m benchmarks.compare_coverage --worlds 2000 --seed 7

In each world two groups of users come: most a few times, some a hundred times, and who comes often
stays longer. In half of the worlds both groups are alike (A/A), in the others the second one stays
a tenth longer and bounces less (A/B). What their true values are is told by a population of a
million users. Told are the share of worlds whose interval holds the truth, the share of A/A worlds
with a verdict (p below 0.05), and what taking sessions for independent would have said.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from warehouse.metrics import estimates
from warehouse.metrics.differences import difference
from warehouse.metrics.estimates import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MOST_SESSIONS = 100


@dataclass(frozen=True)
class Sessions:
    """Sessions of one group: of which user each is, how long it was, whether it bounced."""

    user: Ints
    seconds: Floats
    bounced: Floats
    user_count: int


@dataclass(frozen=True)
class Told:
    """Of one metric in many worlds: shares of them, and the verdicts of those that are alike."""

    metric: str
    value_held: float
    difference_held: float
    effect_held: float
    false_verdicts: float
    false_by_session: float
    effects_seen: float


def group(rng: Generator, users: int, effect: float, spread: float) -> Sessions:
    """A group that stays by `effect` longer, as a factor, and bounces less by as much.

    Durations are log-normal; `spread` makes them differ more than they do (1).
    """
    # Half come once; one in a hundred comes dozens of times.
    count = np.clip(np.exp(rng.normal(0.7, 1.1, users)), 1, _MOST_SESSIONS).astype(np.int64)
    habit = rng.normal(0, 0.5, users) * spread + 0.2 * np.log(count)
    user = np.repeat(np.arange(users), count)
    seconds = np.exp(4 + habit[user] + rng.normal(0, 0.9, len(user)) * spread) * effect
    chance = 1 / (1 + np.exp(1.2 + 0.7 * habit + np.log(effect) * 2))
    bounced = (rng.random(len(user)) < chance[user]).astype(float)
    return Sessions(user, seconds, bounced, users)


def _sums(sessions: Sessions, values: Floats) -> Floats:
    return np.bincount(sessions.user, weights=values, minlength=sessions.user_count)


def _ratio(over: Floats, under: Floats) -> Estimate:
    x, y = float(over.sum()), float(under.sum())
    return estimates.of_ratio(x, y, float(((over - x / y * under) ** 2).sum()), len(over))


def _visits(sessions: Sessions) -> Estimate:
    count = _sums(sessions, np.ones(len(sessions.user)))
    return _ratio(count, np.ones(sessions.user_count))


def _of(what: Callable[[Sessions], Floats]) -> Callable[[Sessions], Estimate]:
    def estimated(sessions: Sessions) -> Estimate:
        return _ratio(_sums(sessions, what(sessions)), _sums(sessions, np.ones(len(sessions.user))))

    return estimated


def _quantile(level: float) -> Callable[[Sessions], Estimate]:
    def estimated(sessions: Sessions) -> Estimate:
        values = np.sort(sessions.seconds)
        middle = _at(values, level)
        share = _of(lambda each: (each.seconds <= middle).astype(float))(sessions)
        ends = [_at(values, each) for each in estimates.quantile_levels(level, share)]
        return estimates.of_quantile(middle, *ends, share.degrees, share.units)

    return estimated


def _at(ordered: Floats, level: float) -> float:
    place = level * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (place - low))


METRICS: dict[str, Callable[[Sessions], Estimate]] = {
    "sessions per user": _visits,
    "average duration": _of(lambda sessions: sessions.seconds),
    "bounce rate": _of(lambda sessions: sessions.bounced),
    "median duration": _quantile(0.5),
    "90th percentile": _quantile(0.9),
}


def _by_session(metric: str, sessions: Sessions) -> Estimate | None:
    """The same, as if sessions knew nothing of each other."""
    each = Sessions(
        np.arange(len(sessions.user)), sessions.seconds, sessions.bounced, len(sessions.user)
    )
    return None if metric == "sessions per user" else METRICS[metric](each)


def told(
    worlds: int, users: int, effect: float = 1.1, seed: int = 7, spread: float = 1.0
) -> Iterator[Told]:
    """The metrics, each in `worlds` worlds of either kind, with `users` in each group."""
    rng = np.random.default_rng(seed)
    truth = [group(rng, 1_000_000, each, spread) for each in (1.0, effect)]
    true = {name: [of(each).value or 0.0 for each in truth] for name, of in METRICS.items()}
    del truth
    seen: dict[str, list[tuple[bool, ...]]] = {name: [] for name in METRICS}
    for _ in range(worlds):
        base, alike, other = (group(rng, users, each, spread) for each in (1.0, 1.0, effect))
        for name, of in METRICS.items():
            seen[name].append(_seen(name, of, (base, alike, other), true[name]))
    for name, rows in seen.items():
        yield Told(name, *(float(share) for share in np.mean(np.array(rows, float), axis=0)))


def _seen(
    name: str,
    of: Callable[[Sessions], Estimate],
    groups: tuple[Sessions, Sessions, Sessions],
    true: list[float],
) -> tuple[bool, ...]:
    base, alike, other = (of(each) for each in groups)
    same, effect = difference(alike, base), difference(other, base)
    plain = [_by_session(name, each) for each in groups[:2]]
    by_session = difference(plain[1], plain[0]) if plain[0] and plain[1] else same
    return (
        _holds(base, true[0]),
        _holds(same, 0.0),
        _holds(effect, true[1] - true[0]),
        (same.p_value or 0.0) < 0.05,
        (by_session.p_value or 0.0) < 0.05,
        (effect.p_value or 0.0) < 0.05,
    )


def _holds(each: object, truth: float) -> bool:
    low, high = getattr(each, "low", None), getattr(each, "high", None)
    return (-inf if low is None else low) <= truth <= (inf if high is None else high)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--users", type=int, default=3000, help="in each group")
    parser.add_argument("--effect", type=float, default=1.1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--spread", type=float, default=1.0, help="of durations")
    args = parser.parse_args()
    print(
        "| metric | value held | A/A difference held | A/B difference held "
        "| false verdicts | false by session | A/B seen |\n|---|---|---|---|---|---|---|"
    )
    for row in told(args.worlds, args.users, args.effect, args.seed, args.spread):
        shares = list(vars(row).values())[1:]
        print(f"| {row.metric} | {' | '.join(f'{share:.1%}' for share in shares)} |")


if __name__ == "__main__":
    main()
