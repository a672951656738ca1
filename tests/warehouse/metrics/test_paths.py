"""Paths: worked out by hand, and by a plain walk over the events that shares no code."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import combinations, groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import ConfigError
from tests.warehouse.conftest import opened_builds
from tests.warehouse.small_builds import NOON, event, session
from warehouse.filters import Filters
from warehouse.metrics import paths
from warehouse.steps import Step

ALL = Filters()


def visit(user, *events, minute=0, **others):
    """A session and its events: pages begin with a slash, all else is a type of event."""
    row = session(user, NOON + timedelta(minutes=minute), **others)
    told = []
    for number, name in enumerate(events, 1):
        kind = {"event_type": "page_view", "page": name} if name.startswith("/") else {}
        at = row["start_time"] + timedelta(seconds=number)
        told.append(
            event(
                row["session_id"], user, at, number, **{"event_type": name, "page": "/at", **kind}
            )
        )
    return row, told


def built(open_build, visits, *, is_older=False):
    """A build of the visits; an older one keeps no paths, and its events tell them."""
    return open_build(
        [row for row, _ in visits],
        events=[one for _, events in visits for one in events],
        lacking=("page_path", "event_path") if is_older else (),
    )


# The walk: what a reader of docs/definitions.md would write down.


def nodes_of(events, of, start=None, direction="forward"):
    """The nodes of a session from the start on, repeats taken once; none without the start."""
    named = []
    for name in events[::-1] if direction == "backward" else events:
        is_page = name.startswith("/")
        is_start = start is not None and name == start.removeprefix("page_view:")
        node = name if is_page else None
        if of == "event_type":
            node = "page_view" if is_page else name
        named.append((node or name if is_start else node, is_start, node is None))
    if start is not None:
        first = next((at for at, (_, is_start, _) in enumerate(named) if is_start), len(named))
        begun = named[first : first + 1]
        named = begun + [row for row in named[first + 1 :] if not row[2]]
    return [node for node, _ in groupby(node for node, _, _ in named if node is not None)]


def walked(visits, start, direction, of, depth, top, minimum_users):
    """Steps as paths.steps has them."""
    ways = [
        (row["user_id"], nodes_of([name_of(one) for one in events], of, start, direction))
        for row, events in visits
    ]
    kept = []
    for at in range(depth + 1):
        sessions, users = Counter(), defaultdict(set)
        for user, way in ways:
            if at < len(way):
                sessions[way[at]] += 1
                users[way[at]].add(user)
        names = [name for name in sessions if len(users[name]) >= minimum_users]
        kept.append(sorted(names, key=lambda name: (-sessions[name], name))[:top])
    counts = Counter()
    end = "Exit"
    for _, way in ways:
        for at, node in enumerate(way[:depth]):
            here = node if node in kept[at] else "Other"
            then = way[at + 1] if at + 1 < len(way) else None
            there = end if then is None else then if then in kept[at + 1] else "Other"
            counts[at + 1, here, there] += 1
    return counts


def name_of(one):
    return one["page"] if one["event_type"] == "page_view" else one["event_type"]


def counted(frame):
    return {tuple(row[:-1]): row[-1] for row in frame.iter_rows()}


# Case: events of one session, what is asked → its nodes.
WAYS = {
    "pages alone are steps": (["/a", "click", "/b"], {}, ["/a", "/b"]),
    "a repeat counts once": (["/a", "/a", "scroll", "/a", "/b"], {}, ["/a", "/b"]),
    "a way back is a step": (["/a", "/b", "/a"], {}, ["/a", "/b", "/a"]),
    "events, repeats once": (
        ["/a", "/b", "click", "click"], {"of": "event_type"}, ["page_view", "click"],
    ),
    "from the first of a page": (["/a", "/b", "/c", "/b"], {"start": "/b"}, ["/b", "/c", "/b"]),
    "the same in short form": (["/a", "/b"], {"start": "page_view:/b"}, ["/b"]),
    "from an event, which is a step then": (
        ["/a", "signup", "/a", "signup", "/b"], {"start": "signup"}, ["signup", "/a", "/b"],
    ),
    "events from a page": (
        ["/a", "click", "/b", "copy"], {"of": "event_type", "start": "/b"}, ["page_view", "copy"],
    ),
    "from pages of one beginning": (["/a", "/b/1", "/b/2"], {"start": "/b/*"}, ["/b/1", "/b/2"]),
    "from a step": (["/a", "/b"], {"start": Step("page_view", {"page": "/b"})}, ["/b"]),
    "without the start": (["/a", "/b"], {"start": "/c"}, []),
    "without any page": (["click"], {}, []),
    "backward from the end": (["/a", "/b", "/c"], {"direction": "backward"}, ["/c", "/b", "/a"]),
    "backward from the last of a page": (
        ["/a", "/b", "/c", "/b", "/d"],
        {"direction": "backward", "start": "/b"},
        ["/b", "/c", "/b", "/a"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def ways(open_shared_build):
    """The sessions of all cases, each of its own type: of a build, and of an older one."""
    visits = [visit(case, *events, session_type=case) for case, (events, *_) in WAYS.items()]
    return [built(open_shared_build, visits, is_older=is_older) for is_older in (False, True)]


@pytest.mark.parametrize("is_older", [False, True], ids=["kept", "told by events"])
@pytest.mark.parametrize("case", WAYS)
def test_a_session_goes_its_way(ways, case, is_older):
    _, asked, way = WAYS[case]
    end = "Exit"
    rows = {(at, here, there): 1 for at, (here, there) in enumerate(pairwise([*way, end]), 1)}
    filters = Filters(where={"session_type": f"= {case}"})
    assert counted(paths.steps(ways[is_older], filters, **asked)) == rows


def test_what_is_beyond_the_top_goes_on_as_other(open_build):
    visits = [visit("u", "/a", "/z"), visit("v", "/a", "/z"), visit("w", "/b", "/z", "/y")]
    assert counted(paths.steps(built(open_build, visits), ALL, top=1)) == {
        (1, "/a", "/z"): 2,
        (1, "Other", "/z"): 1,
        (2, "/z", "Exit"): 2,
        (2, "/z", "/y"): 1,
        (3, "/y", "Exit"): 1,
    }


def test_what_few_users_reach_is_other(open_build):
    visits = [visit("u", "/a"), visit("u", "/a", minute=60), visit("v", "/b"), visit("w", "/b")]
    answer = paths.steps(built(open_build, visits), ALL, minimum_users=2)
    assert counted(answer) == {(1, "Other", "Exit"): 2, (1, "/b", "Exit"): 2}


def test_a_page_view_without_a_page_is_no_step(open_build):
    row, events = visit("u", "/a", "/b")
    events[1]["page"] = None
    assert counted(paths.steps(built(open_build, [(row, events)]), ALL)) == {(1, "/a", "Exit"): 1}


def test_filters_take_sessions_by_their_start(open_build):
    visits = [visit("u", "/a"), visit("v", "/b", minute=-24 * 60), visit("w", "/c", is_bot=True)]
    answer = paths.steps(built(open_build, visits), Filters(start=NOON.date()))
    assert counted(answer) == {(1, "/a", "Exit"): 1}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"of": "tag"}, "event_type, page"),
        ({"direction": "up"}, "backward, forward"),
        ({"depth": 0}, "depth is 0. Wanted a whole number from 1 to 20"),
        ({"top": 0}, "top is 0"),
        ({"minimum_users": 0}, "minimum_users is 0"),
    ],
)
def test_what_is_asked_in_vain_is_told(open_build, asked, said):
    with pytest.raises(ConfigError, match=said):
        paths.steps(open_build([]), ALL, **asked)


@pytest.mark.parametrize("name", ["steps", "transitions", "together", "starts"])
def test_without_sessions_there_are_no_rows(open_build, name):
    frame = getattr(paths, name)(open_build([]), ALL)
    assert frame.is_empty()
    assert frame.columns


NAMES = st.sampled_from(["/a", "/b", "/c", "/d", "click", "signup"])
MADE = st.lists(
    st.tuples(st.sampled_from("uvw"), st.lists(NAMES, min_size=1, max_size=8)),
    min_size=1,
    max_size=8,
)


@st.composite
def made_visits(draw):
    return [
        visit(user, *events, minute=number * 60) for number, (user, events) in enumerate(draw(MADE))
    ]


ASKED = st.tuples(
    st.sampled_from([None, "/a", "page_view:/b", "signup"]),
    st.sampled_from(["forward", "backward"]),
    st.sampled_from(["page", "event_type"]),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 2),
)


@pytest.mark.long
@settings(max_examples=12, deadline=None)
@given(
    visits=made_visits(),
    questions=st.lists(ASKED, min_size=3, max_size=3),
    is_older=st.booleans(),
)
def test_steps_are_those_of_a_plain_walk(tmp_path_factory, visits, questions, is_older):
    with opened_builds(tmp_path_factory.mktemp("walk")) as open_build:
        wh = built(open_build, visits, is_older=is_older)
        for asked in questions:
            found = counted(paths.steps(wh, ALL, *asked))
            assert found == walked(visits, *asked)
            came_is_what_went(found, *asked)
            # A row leads to as many sessions as it counts.
            for row in list(found)[:2]:
                behind = paths.sessions(wh, ALL, *row, *asked, limit=None)
                assert behind["session_id"].n_unique() == behind.height == found[row]


def came_is_what_went(found, start, direction, of, depth, *_):
    """What comes to a node goes on from it."""
    for step in range(2, depth + 1):
        came, went = Counter(), Counter()
        for (at, here, there), count in found.items():
            if at == step - 1 and there != "Exit":
                came[there] += count
            if at == step:
                went[here] += count
        assert came == went


@pytest.mark.long
@settings(max_examples=8, deadline=None)
@given(visits=made_visits(), top=st.integers(1, 4), minimum=st.integers(1, 3))
def test_moves_and_features_together_are_counted_one_by_one(tmp_path_factory, visits, top, minimum):
    with opened_builds(tmp_path_factory.mktemp("moves")) as open_build:
        wh = built(open_build, visits)
        for of in ("page", "event_type"):
            assert_moves(visits, of, top, paths.transitions(wh, ALL, of, top))
            for by in ("session", "user"):
                answer = paths.together(wh, ALL, of, by, 20, minimum)
                assert_together(visits, of, by, minimum, answer)


def assert_moves(visits, of, top, answer):
    ways = [nodes_of([name_of(one) for one in events], of) for _, events in visits]
    seen = Counter(node for way in ways for node in way)
    kept = sorted(seen, key=lambda node: (-seen[node], node))[:top]
    moves = Counter(
        (here if here in kept else "Other", there if there in (*kept, "Exit") else "Other")
        for way in ways
        for here, there in pairwise([*way, "Exit"])
        if way
    )
    left = Counter()
    for (here, _), count in moves.items():
        left[here] += count
    assert {(row[0], row[1]): (row[2], pytest.approx(row[3])) for row in answer.iter_rows()} == {
        move: (count, count / left[move[0]]) for move, count in moves.items()
    }


def assert_together(visits, of, by, minimum, answer):
    units = defaultdict(set)
    for row, events in visits:
        nodes = nodes_of([name_of(one) for one in events], of)
        if nodes:
            units[row["user_id" if by == "user" else "session_id"]].update(nodes)
    one = Counter(node for nodes in units.values() for node in nodes)
    both = Counter(frozenset(pair) for nodes in units.values() for pair in combinations(nodes, 2))
    found = {}
    for row in answer.iter_rows(named=True):
        pair = row["feature"], row["other_feature"]
        found[frozenset(pair)] = row["together_count"]
        assert [row["feature_count"], row["other_count"]] == [one[node] for node in pair]
        assert row["unit_count"] == len(units)
        expected = one[pair[0]] * one[pair[1]] / len(units)
        assert row["expected_count"] == pytest.approx(expected)
        assert row["support"] == pytest.approx(row["together_count"] / len(units))
        assert row["lift"] == pytest.approx(row["together_count"] / expected)
    assert found == {pair: count for pair, count in both.items() if count >= minimum}
    assert answer["lift"].is_sorted(descending=True)


def test_starts_are_what_most_sessions_have(open_build):
    visits = [visit("u", "/a", "/b", "/a"), visit("v", "/b"), visit("w", "click")]
    wh = built(open_build, visits)
    assert paths.starts(wh, ALL).rows() == [("/b", 2), ("/a", 1)]
    assert paths.starts(wh, ALL, "event_type").rows() == [("page_view", 2), ("click", 1)]
