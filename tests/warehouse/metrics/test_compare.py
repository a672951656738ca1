"""Comparisons of groups, against sums over users that are written out in plain Python."""

from collections import defaultdict
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy import stats

from etl.errors import ConfigError
from tests.make import build_home, commit_events, event, settings_of
from tests.search import some
from tests.warehouse.conftest import opened_builds
from tests.warehouse.small_builds import NOON, session
from warehouse import Filters
from warehouse import open as open_warehouse
from warehouse.metrics import compare, overview

NEAR = {"rel": 1e-9, "abs": 1e-12}
ALL = Filters()
# What a session adds above and below to each metric that is a ratio of sums; None leaves it out.
RATIOS = {
    "avg_duration_seconds": lambda row: None if row["is_suspect"] else row["duration_seconds"],
    "avg_engaged_seconds": lambda row: None if row["is_suspect"] else row["engaged_seconds"],
    "actions_per_session": lambda row: row["action_count"],
    "bounce_rate": lambda row: None if row["is_open"] else int(row["is_bounce"]),
    "error_rate": lambda row: None if row["is_open"] else int(row["error_count"] > 0),
}
QUANTILES = {"median_duration_seconds": 0.5, "p90_duration_seconds": 0.9}
RATES = ("bounce_rate", "error_rate")
METRICS = ("session_count", *RATIOS, *QUANTILES)

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "user": st.integers(0, 11),
            "group": st.sampled_from(["a", "b", "b", None]),
            "seconds": st.integers(0, 400),
            "actions": st.integers(0, 5),
            "errors": st.integers(0, 1),
            "bounced": st.booleans(),
            "is_open": st.sampled_from([False, False, False, True]),
            "is_suspect": st.sampled_from([False, False, False, True]),
            "day": st.integers(0, 3),
        }
    ),
    min_size=4,
    max_size=60,
)


def sessions_of(rows):
    """Sessions of a build: one user has one group, but for user 0, who has what the rows say."""
    first = {}
    for row in rows:
        first.setdefault(row["user"], row["group"])
    return [
        session(
            f"u{row['user']:02}",
            NOON + timedelta(days=row["day"], minutes=30 * number),
            row["seconds"],
            model_group=row["group"] if row["user"] == 0 else first[row["user"]],
            action_count=row["actions"],
            error_count=row["errors"],
            is_bounce=row["bounced"],
            is_open=row["is_open"],
            is_suspect=row["is_suspect"],
        )
        for number, row in enumerate(rows)
    ]


def groups_of(sessions):
    """The sessions of each group, without users who are in both."""
    groups = defaultdict(set)
    for row in sessions:
        if row["model_group"]:
            groups[row["user_id"]].add(row["model_group"])
    found = defaultdict(list)
    for row in sessions:
        if row["model_group"] and len(groups[row["user_id"]]) == 1:
            found[row["model_group"]].append(row)
    return dict(found)


def by_user(sessions, of):
    """x and y of each user who has any."""
    sums = defaultdict(lambda: [0.0, 0])
    for row in sessions:
        value = of(row)
        if value is not None:
            sums[row["user_id"]][0] += value
            sums[row["user_id"]][1] += 1
    return list(sums.values())


def ratio(pairs):
    """Value, standard error and degrees of a ratio of sums: by the residuals' own spread."""
    if not pairs:
        return None, None, None
    x, y = (np.array(side, float) for side in zip(*pairs, strict=True))
    value = x.sum() / y.sum()
    if len(pairs) < 2:
        return value, None, None
    return value, stats.sem(x - value * y) / y.mean(), len(pairs) - 1


def quantile(sessions, level):
    """Value, standard error and degrees of a quantile, by Woodruff."""
    seconds = [row["duration_seconds"] for row in sessions if not row["is_suspect"]]
    if not seconds:
        return None, None, None
    value = np.quantile(seconds, level)
    share = ratio(
        by_user(
            sessions,
            lambda row: None if row["is_suspect"] else int(row["duration_seconds"] <= value),
        )
    )
    if share[1] is None:
        return value, None, None
    times = stats.t.ppf(0.975, share[2])
    levels = np.clip([level - times * share[1], level + times * share[1]], 0, 1)
    low, high = np.quantile(seconds, levels)
    return value, (high - low) / (2 * times), share[2], low, high


def wanted(metric, sessions):
    """What a group comes to: value, error, degrees, then the ends if they are not by t."""
    if metric == "session_count":
        counts = list(pl.Series([row["user_id"] for row in sessions]).value_counts()["count"])
        return ratio([(count, 1) for count in counts])
    if metric in QUANTILES:
        return quantile(sessions, QUANTILES[metric])
    return ratio(by_user(sessions, RATIOS[metric]))


def ends(value, error, degrees, *told):
    """The interval of an estimate."""
    if told:
        return told
    # Nobody knows how far it may be off where all are alike.
    if error is None or error < 1e-12 * abs(value) or not error:
        return None, None
    half = stats.t.ppf(0.975, degrees) * error
    return value - half, value + half


def is_near(found, value):
    """Whether both are the same number, or none."""
    if value is None or found is None:
        return value is found
    return found == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """Opens builds that close together."""
    with opened_builds(tmp_path_factory.mktemp("compared")) as open_one:
        yield open_one


@pytest.mark.long
@given(rows=ROWS)
@settings(max_examples=some(8, of=600), suppress_health_check=list(HealthCheck), deadline=None)
def test_groups_are_what_their_users_add_up_to(builds, rows):
    sessions = sessions_of(rows)
    groups = groups_of(sessions)
    found = compare.groups(builds(sessions), ALL, metrics=METRICS)
    names = sorted({row["model_group"] for row in sessions if row["model_group"]})
    assert found.select("metric", "group").rows() == [(m, n) for m in METRICS for n in names]
    for row in found.iter_rows(named=True):
        mine = wanted(row["metric"], groups.get(row["group"], []))
        assert is_near(row["value"], mine[0]), row
        low, high = ends(*mine)
        assert is_near(row["low"], low), (row, low)
        assert is_near(row["high"], high), (row, high)
        base = wanted(row["metric"], groups.get(names[0], []))
        if row["group"] == names[0] or mine[0] is None or base[0] is None:
            assert row["difference"] is None
            continue
        assert is_near(row["difference"], mine[0] - base[0])
        if mine[1] is None or base[1] is None or not mine[1] + base[1]:
            assert row["p_value"] is None
            continue
        parts = [(each[1] ** 2, each[2]) for each in (mine, base)]
        error = sum(variance for variance, _ in parts)
        degrees = error**2 / sum(variance**2 / n for variance, n in parts)
        p_value = 2 * stats.t.sf(abs(mine[0] - base[0]) / error**0.5, degrees)
        assert row["p_value"] == pytest.approx(p_value, rel=1e-7)


@pytest.mark.long
@given(rows=ROWS)
@settings(max_examples=some(4, of=400), suppress_health_check=list(HealthCheck), deadline=None)
def test_sessions_are_compared_as_if_they_knew_nothing_of_each_other(builds, rows):
    sessions = sessions_of(rows)
    found = compare.groups(builds(sessions), ALL, metrics=METRICS[1:], unit="session")
    for row in found.iter_rows(named=True):
        own = [each for each in sessions if each["model_group"] == row["group"]]
        if row["metric"] in QUANTILES:
            values = [each["duration_seconds"] for each in own if not each["is_suspect"]]
            known = (
                stats.quantile_test(values, p=QUANTILES[row["metric"]]).confidence_interval()
                if values
                else None
            )
            low, high = (known.low, known.high) if known else (None, None)
            low, high = (None if end is None or np.isnan(end) else end for end in (low, high))
        else:
            values = [RATIOS[row["metric"]](each) for each in own]
            values = [value for value in values if value is not None]
            low = high = None
            if values and row["metric"] in RATES:
                known = stats.binomtest(sum(values), len(values)).proportion_ci(method="wilson")
                low, high = known.low, known.high
            elif len(values) > 1 and stats.sem(values) > 1e-12 * abs(np.mean(values)):
                half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
                low, high = np.mean(values) - half, np.mean(values) + half
        assert row["session_count"] == len(values)
        assert is_near(row["low"], low), row
        assert is_near(row["high"], high), row


def crowd(group, users, seconds, **more):
    """Users of a group, each with two sessions, some of them longer."""
    return [
        session(
            f"{group}{user:04}",
            NOON + timedelta(hours=12 * at),
            seconds + user % 7,
            model_group=group,
            **more,
        )
        for user in range(users)
        for at in (0, 1)
    ]


@pytest.fixture(scope="module")
def wh(open_shared_build):
    """Two groups of 120 users, of whom the second stays longer, and one who is in both."""
    both = [session("both", NOON, 10, model_group=group) for group in "ab"]
    both[1]["session_id"] += "-b"
    return open_shared_build([*crowd("a", 120, 60), *crowd("b", 120, 64), *both])


def test_a_value_is_that_of_the_overview_where_nobody_is_in_two_groups(wh):
    only = Filters(where={"model_group": "a"}).also({"duration_seconds": ">= 60"})
    totals = overview.totals(wh, only).row(0, named=True)
    found = compare.groups(wh, Filters(where={"duration_seconds": ">= 60"}), metrics=METRICS[1:])
    for row in found.filter(pl.col("group") == "a").iter_rows(named=True):
        assert row["value"] == pytest.approx(totals[row["metric"]], rel=1e-12)
        assert row["user_count"] == 120


def test_whoever_is_in_two_groups_is_in_none_and_told(wh):
    assert compare.left_out(wh, ALL).row(0) == (1, 2)
    counts = compare.groups(wh, ALL, metrics=("session_count",))
    assert counts.select("user_count", "session_count").rows() == [(120, 240), (120, 240)]
    assert compare.left_out(wh, ALL, unit="session").row(0) == (0, 0)


def test_a_user_of_a_group_that_is_not_shown_is_in_two_all_the_same(open_build):
    rows = [*crowd("a", 3, 60), *crowd("b", 3, 60), session("a0001", NOON, 5, model_group="z")]
    rows[-1]["session_id"] += "-z"
    assert compare.left_out(open_build(rows), ALL).row(0) == (1, 3)
    assert compare.groups(open_build(rows), ALL, limit=2)["user_count"].to_list()[:2] == [2, 3]


def test_a_difference_is_told_in_words(wh):
    row = compare.groups(wh, ALL, metrics=("avg_duration_seconds",)).row(1, named=True)
    assert row["is_decided"]
    assert row["verdict"].startswith("Better than a: +6.4 % (95 %: +")
    assert row["difference"] == pytest.approx(4)


@pytest.mark.parametrize(
    ("users", "decided", "words"),
    [
        pytest.param(100, True, "Better than a", id="a hundred users decide"),
        pytest.param(99, False, "No verdict yet: 99 users in the smaller group", id="99 do not"),
    ],
)
def test_fewer_than_a_hundred_users_decide_nothing(open_build, users, decided, words):
    wh = open_build([*crowd("a", users, 60), *crowd("b", 120, 90)])
    row = compare.groups(wh, ALL, metrics=("avg_duration_seconds",)).row(1, named=True)
    assert row["is_decided"] == decided
    assert row["verdict"].startswith(words)


@pytest.mark.parametrize(
    ("split", "is_mismatch"),
    [
        pytest.param({"a": 1, "b": 1}, False, id="as intended"),
        pytest.param({"a": 0.35, "b": 0.65}, True, id="otherwise than intended"),
        pytest.param({"a": 40, "b": 40, "c": 20}, True, id="a group that nobody came to"),
    ],
)
def test_a_split_otherwise_than_intended_overrides_any_verdict(wh, split, is_mismatch):
    ratio = compare.sample_ratio(wh, ALL, split=split).row(0, named=True)
    counts = [120 if group in "ab" else 0 for group in split]
    shares = np.array(list(split.values())) / sum(split.values())
    known = stats.chisquare(counts, 240 * shares)
    assert ratio["chi_square"] == pytest.approx(known.statistic, rel=1e-9)
    assert ratio["p_value"] == pytest.approx(known.pvalue, rel=1e-9)
    assert ratio["is_mismatch"] == is_mismatch
    row = compare.groups(wh, ALL, metrics=("avg_duration_seconds",), split=split).row(1, named=True)
    assert row["is_decided"] == (not is_mismatch)
    assert row["verdict"].startswith("No verdict: users came") == is_mismatch
    sizes = compare.sizes(wh, ALL, split=split)
    assert sizes["intended_user_count"].to_list() == pytest.approx(list(240 * shares))


def test_the_split_of_an_experiment_in_dwell_toml_is_taken(wh, monkeypatch, tmp_path):
    config = tmp_path / "dwell.toml"
    config.write_text("[experiments.ranker]\nsplit = {a = 0.9, b = 0.1}\n")
    monkeypatch.setenv("DWELL_CONFIG", str(config))
    assert compare.sample_ratio(wh, ALL)["is_mismatch"].item()
    assert not compare.groups(wh, ALL)["is_decided"].any()
    other = Filters(where={"experiment_id": "another"})
    with pytest.raises(ConfigError, match="Nothing says how the users were to be split"):
        compare.sample_ratio(wh, other)


def test_two_segments_are_groups_by_their_names(open_build):
    rows = [*crowd("a", 5, 60, device_type="mobile"), *crowd("b", 7, 60, device_type="desktop")]
    by = {
        "on phones": Filters(where={"device_type": "mobile"}),
        "the rest": Filters(where={"device_type": "!= mobile"}),
    }
    found = compare.groups(open_build(rows), ALL, by, metrics=("session_count",))
    assert found.select("group", "user_count").rows() == [("on phones", 5), ("the rest", 7)]
    turned = compare.groups(open_build(rows), ALL, by, ("session_count",), baseline="the rest")
    assert turned["difference"].to_list() == [0.0, None]


def test_two_periods_have_the_same_users(open_build):
    days = [NOON + timedelta(days=at) for at in range(4)]
    rows = [
        session(f"u{n}", day, 60 + n, model_group="a") for n in range(6) for day in days[n % 2 :]
    ]
    wh = open_build(rows)
    now, before = (Filters(start=days[at].date(), end=days[at + 1].date()) for at in (2, 0))
    found = compare.periods(wh, now, before, metrics=("session_count", "avg_duration_seconds"))
    assert found.select("group", "user_count", "session_count").rows() == [
        ("current", 6, 12),
        ("previous", 6, 9),
        ("current", 6, 12),
        ("previous", 6, 9),
    ]
    assert found["difference"].is_null().to_list() == [False, True, False, True]
    mean = overview.totals(wh, now)["avg_duration_seconds"].item()
    assert found["value"][2] == pytest.approx(mean)


def test_a_dimension_of_lists_leaves_out_who_is_in_two(open_build):
    rows = [
        session("one", NOON, 60, sources=["app"]),
        session("two", NOON, 60, sources=["web"]),
        session("both", NOON, 60, sources=["app", "web"]),
    ]
    wh = open_build(rows)
    for unit in ("user", "session"):
        assert compare.left_out(wh, ALL, "source", unit).row(0) == (1, 1)
        found = compare.groups(wh, ALL, "source", ("avg_duration_seconds",), unit)
        assert found["user_count"].to_list() == [1, 1]


def test_the_difference_by_day_ends_with_that_of_the_groups(open_build):
    rows = [
        session(
            f"u{n:02}",
            NOON + timedelta(days=day),
            7 * (n + day) % 50,
            model_group="ab"[n % 2],
            is_bounce=(n + day) % 3 == 0,
        )
        for n in range(14)
        for day in range(n % 5)
    ]
    wh = open_build(rows)
    for metric in ("session_count", "avg_duration_seconds", "bounce_rate"):
        days = compare.trend(wh, ALL, metric=metric)
        for day in days["date"].unique():
            told = compare.groups(wh, Filters(end=day), metrics=(metric,))
            then = days.filter(pl.col("date") == day)
            assert then["group"].to_list() == told["group"].to_list()
            assert then["unit_count"].to_list() == told["user_count"].to_list()
            for name, other in (
                ("value", "value"),
                ("difference", "difference"),
                ("difference_low", "difference_low"),
                ("difference_high", "difference_high"),
            ):
                for one, two in zip(then[name], told[other], strict=True):
                    assert is_near(one, two), (metric, day, name)


@pytest.mark.parametrize("metric", ["bounce_rate", "median_duration_seconds", "session_count"])
def test_a_segment_is_what_a_filter_on_it_is(open_build, metric):
    rows = [
        session(
            f"u{n:02}",
            NOON + timedelta(days=day),
            11 * (n + day) % 90,
            model_group="ab"[n % 2],
            device_type=("mobile", "desktop", None)[(n + day) % 3],
            is_bounce=n % 3 == 0,
        )
        for n in range(20)
        for day in range(4)
    ]
    wh = open_build(rows)
    found = compare.by_segment(wh, ALL, "device_type", metric=metric)
    assert found["segment"].unique().sort().to_list() == ["desktop", "mobile"]
    for segment in ("desktop", "mobile"):
        only = compare.groups(wh, Filters(where={"device_type": segment}), metrics=(metric,))
        names = [name for name in only.columns if name not in ("p_adjusted", "verdict")]
        within = found.filter(pl.col("segment") == segment).select(names)
        assert_frame_equal(within, only.select(names), rel_tol=1e-9)


def test_the_distribution_has_every_session_of_its_group(wh):
    found = compare.distribution(wh, ALL)
    totals = found.group_by("group", maintain_order=True).agg(
        pl.col("session_count").sum(), pl.col("share").sum().round(9)
    )
    assert totals.rows() == [("a", 240, 1.0), ("b", 240, 1.0)]


def test_experiments_that_share_users_are_told(open_build):
    rows = [
        *(session(f"u{n}", NOON, 60, experiment_id="one") for n in range(4)),
        *(session(f"u{n}", NOON + timedelta(days=1), 60, experiment_id="two") for n in (2, 3, 7)),
    ]
    assert compare.overlap(open_build(rows), ALL).rows() == [("one", "two", 2, 2 / 3)]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param({"by": "model"}, "Unknown dimension 'model'", id="no dimension"),
        pytest.param({"metrics": ("bounce",)}, "Unknown metric 'bounce'", id="no metric"),
        pytest.param({"metrics": "bounce_rate"}, "metrics is the text", id="a text"),
        pytest.param({"metrics": ("user_count",)}, "Unknown metric 'user_count'", id="users"),
        pytest.param({"unit": "person"}, "Unknown unit 'person'", id="no unit"),
        pytest.param({"baseline": "c"}, "Unknown baseline 'c'", id="no group"),
        pytest.param({"split": {"a": 1}}, "Wanted: a table of two groups", id="one share"),
        pytest.param({"split": {"a": 1, "b": -1}}, "Wanted: a table of two", id="a share below 0"),
        pytest.param(
            {"split": {"a": 1, "c": 1}}, "says nothing of the group 'b'", id="a group more"
        ),
        pytest.param({"by": {"a": ALL}}, "1 group cannot be compared", id="one group"),
        pytest.param({"by": {"a": ALL, "b": {}}}, "Wanted: Filters", id="a group of no filters"),
        pytest.param(
            {"metrics": ("session_count",), "unit": "session"},
            "no value of one session",
            id="sessions of a session",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(wh, asked, words):
    with pytest.raises(ConfigError, match=words):
        compare.groups(wh, ALL, **asked)


def test_a_metric_that_few_users_have_decides_nothing_by_session_either(open_build):
    """150 users of each group, of whom 3 alone have a session that ended."""
    rows = [
        session(
            f"{group}{user:03}",
            NOON + timedelta(minutes=at),
            60,
            model_group=group,
            is_open=user >= 3,
            is_bounce=group == "a",
        )
        for group in "ab"
        for user in range(150)
        for at in range(60 if user < 3 else 1)
    ]
    for number, row in enumerate(rows):
        row["session_id"] = f"s{number}"
    wh = open_build(rows)
    for unit in ("user", "session"):
        row = compare.groups(wh, ALL, metrics=("bounce_rate",), unit=unit).row(1, named=True)
        assert (row["user_count"], row["session_count"], row["is_decided"]) == (3, 180, False)


def test_where_all_are_alike_no_interval_and_no_chance_is_told(open_build):
    rows = [
        session(f"{group}{user}", NOON, 0.1 + 0.2, model_group=group)
        for group in "ab"
        for user in range(120)
    ]
    wh = open_build(rows)
    row = compare.groups(wh, ALL, metrics=("avg_duration_seconds",)).row(1, named=True)
    assert (row["low"], row["p_value"]) == (None, None)
    assert row["verdict"].startswith("No verdict: the users of a group do not differ")
    days = compare.trend(wh, ALL, metric="avg_duration_seconds")
    assert days["difference_low"].to_list() == [None, None]


def test_the_difference_by_day_is_of_shares_by_session_too(wh):
    days = compare.trend(wh, ALL, metric="error_rate", unit="session")
    told = compare.groups(wh, ALL, metrics=("error_rate",), unit="session")
    assert days["difference_low"][-1] == pytest.approx(told["difference_low"][-1], **NEAR)


def test_segments_are_those_of_the_sessions_that_are_compared(open_build):
    old = [session(f"o{n}", NOON - timedelta(days=40), device_type="tablet") for n in range(9)]
    new = [session(f"n{n}", NOON - timedelta(days=n % 2), device_type="mobile") for n in range(4)]
    days = [(NOON - timedelta(days=at)).date() for at in (0, 1)]
    by = {name: Filters(start=day, end=day) for name, day in zip("ab", days, strict=True)}
    found = compare.by_segment(
        open_build([*old, *new]), ALL, "device_type", by, segment_limit=1, may_share=True
    )
    assert found["segment"].to_list() == ["mobile", "mobile"]


@pytest.mark.parametrize(
    ("asked", "is_checked"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"experiment_id": "ranker"}, True, id="the experiment"),
        pytest.param({"experiment_id": "!= other"}, True, id="all but another"),
        pytest.param({"experiment_id": "other"}, False, id="another"),
        pytest.param({"experiment_id": "!= ranker"}, False, id="all but this"),
    ],
)
def test_the_experiment_is_the_one_that_is_asked_for(
    open_build, monkeypatch, tmp_path, asked, is_checked
):
    config = tmp_path / "dwell.toml"
    config.write_text("[experiments.ranker]\nsplit = {a = 0.99, b = 0.01}\n")
    monkeypatch.setenv("DWELL_CONFIG", str(config))
    rows = [
        *crowd("a", 20, 60, experiment_id="ranker"),
        *crowd("b", 20, 60, experiment_id="ranker"),
    ]
    sizes = compare.sizes(open_build(rows), Filters(where=asked))
    assert bool(sizes["intended_share"].drop_nulls().len()) == is_checked or sizes.is_empty()


def test_nobody_asked_for_bots_in_the_group_of_all_others(open_build):
    rows = [
        session("ann", device_type="mobile"),
        session("eve", device_type="desktop", is_bot=True),
        session("bob", device_type="tablet", is_bot=True),
    ]
    by = {
        "phones": Filters(where={"device_type": "mobile"}),
        "desks": Filters(where={"device_type": "desktop"}, include_bots=True),
        "others": None,
    }
    found = compare.groups(open_build(rows), ALL, by, ("session_count",))
    assert found["user_count"].to_list() == [1, 1, 0]


def test_medians_do_not_add_up_by_day(wh):
    with pytest.raises(ConfigError, match="does not add up from day to day"):
        compare.trend(wh, ALL, metric="median_duration_seconds")


def test_without_sessions_there_is_nothing_to_compare(open_build):
    wh = open_build([])
    for frame in (
        compare.groups(wh, ALL),
        compare.trend(wh, ALL),
        compare.by_segment(wh, ALL, "device_type"),
        compare.distribution(wh, ALL),
        compare.overlap(wh, ALL),
        compare.sizes(wh, ALL),
    ):
        assert frame.is_empty()
    assert compare.left_out(wh, ALL).row(0) == (0, 0)
    nobody = compare.sample_ratio(wh, ALL, split={"a": 1, "b": 1}).row(0)
    assert nobody == (None, None, False)
    periods = compare.periods(wh, ALL, ALL, metrics=("bounce_rate",))
    assert periods.select("group", "value", "user_count").rows() == [
        ("current", None, 0),
        ("previous", None, 0),
    ]


OWN = """
[metrics.deep_reads]
unit = "rate"
better = "up"
sql = "avg((event_count > 2)::int)"

[metrics.evenness]
sql = "stddev(event_count)"
"""


@pytest.mark.long
def test_metrics_of_dwell_toml_are_compared_too(tmp_path):
    """A share of sessions is a ratio; what does not add up is measured by portions of the users."""
    events = [
        event(
            timedelta(hours=5 * at, minutes=minute),
            user_id=f"u{user:03}",
            model_group="ab"[user % 2],
        )
        for user in range(160)
        for at in range(2)
        for minute in range(1 + (user // 3 + at * 3) % 4)
    ]
    commit_events(tmp_path, events)
    build_home(tmp_path, settings_of(tmp_path, OWN))
    with open_warehouse(tmp_path) as wh:
        found = compare.groups(wh, ALL, metrics=("deep_reads", "evenness"))
        whole = overview.totals(wh, Filters(where={"model_group": "a"}))["evenness"].item()
        refused = compare.groups(wh, ALL, metrics=("deep_reads",), unit="session")
    deep = [
        [
            (sum(1 + (u // 3 + at * 3) % 4 > 2 for at in range(2)), 2)
            for u in range(160)
            if u % 2 == g
        ]
        for g in (0, 1)
    ]
    for row, pairs in zip(found.head(2).iter_rows(named=True), deep, strict=True):
        value, error, degrees = ratio(pairs)
        assert row["value"] == pytest.approx(value, rel=1e-12)
        assert row["low"] == pytest.approx(ends(value, error, degrees)[0], rel=1e-9)
    assert found["value"][2] == pytest.approx(whole)
    assert found["low"][2] < whole < found["high"][2]
    assert refused["low"].is_not_null().all()
