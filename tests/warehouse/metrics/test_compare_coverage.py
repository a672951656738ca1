"""A slice of benchmarks/compare_coverage.py: worlds whose truth the intervals are to hold."""

import pytest
from scipy import stats

from benchmarks.compare_coverage import told
from tests.search import some

WORLDS = some(200, of=2000)
# How far the share of so many worlds may lie from the true one by chance, once in a thousand.
LEAST, MOST = (stats.binom.ppf(tail, WORLDS, 0.95) / WORLDS for tail in (0.0005, 0.9995))


@pytest.mark.long
def test_intervals_hold_the_truth_and_verdicts_are_seldom_false():
    rows = {row.metric: row for row in told(WORLDS, users=400, seed=11)}
    for row in rows.values():
        assert LEAST <= row.difference_held <= MOST, row
        assert LEAST <= row.effect_held <= MOST, row
        assert 1 - MOST <= row.false_verdicts <= 1 - LEAST, row
    # A value of users who differ so much needs more of them: docs/definitions.md tells how many.
    assert all(row.value_held > 0.85 for row in rows.values())
    # Taking sessions for independent would call every fourth accident a difference.
    assert rows["average duration"].false_by_session > 0.2
