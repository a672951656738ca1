"""The demo's export: the same every time, never from the future, and believable."""

import csv
import gzip
import json
import re
import sqlite3
import tomllib
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from etl.demo import DemoExport, generate
from etl.errors import ConfigError

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SMALL = {"events": 3000, "days": 20}
UNREADABLE = {"yesterday at noon", "2099-01-01T00:00:00.000Z"}


@dataclass(frozen=True)
class Contents:
    """An export as read back: sound web rows (by first receipt), and all the rest."""

    export: DemoExport
    until: datetime
    web: dict[str, dict[str, Any]]
    repeated: int
    late: int
    broken: list[tuple[str, str]]
    documents: list[dict[str, Any]]
    posts: list[tuple[Any, ...]]
    comments: list[tuple[Any, ...]]
    collections: list[tuple[Any, ...]]
    searches: list[dict[str, str]]
    workflows: list[dict[str, str]]

    def activity(self) -> list[tuple[datetime, str]]:
        """Time and user of everything people did; crawlers left out."""
        rows = [
            (moment(row["timestamp"]), user(row)) for row in self.web.values() if not is_bot(row)
        ]
        for document in self.documents:
            rows += [(chat_time(event), document["user_id"]) for event in document["events"]]
        return rows


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def table_moment(text: str) -> datetime:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def chat_time(event: dict[str, Any]) -> datetime:
    t = event["t"]
    milliseconds = int(t["$numberLong"]) if isinstance(t, dict) else t
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def user(row: dict[str, Any]) -> str:
    return str(row["user_id"] or row["anonymous_id"])


def is_bot(row: dict[str, Any]) -> bool:
    return "bot" in row["user_agent"].lower()


def problem(line: str) -> str | None:
    """Why a line cannot be an event; None for a sound one."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return "truncated" if line.startswith("{") else "text"
    if not (row["user_id"] or row["anonymous_id"]):
        return "user"
    return "time" if row["timestamp"] in UNREADABLE else None


def read(folder: Path, until: datetime, **arguments: int) -> Contents:
    export = generate(folder, until=until, **arguments)
    web: dict[str, dict[str, Any]] = {}
    broken, repeated, late = [], 0, 0
    for file in sorted((folder / "web").iterdir()):
        for line in gzip.decompress(file.read_bytes()).decode().splitlines():
            reason = problem(line)
            if reason:
                broken.append((reason, line))
                continue
            row = json.loads(line)
            year, week, _ = moment(row["timestamp"]).isocalendar()
            if row["event_id"] in web:
                assert web[row["event_id"]] == row
                repeated += 1
            else:
                late += f"{year}-W{week:02d}" not in file.name
            web.setdefault(row["event_id"], row)
    documents = [
        json.loads(line)
        for file in sorted((folder / "chat").iterdir())
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    with closing(sqlite3.connect(folder / "app/app.sqlite")) as database:
        tables = {
            table: database.execute(f"select * from {table} order by id").fetchall()
            for table in ("posts", "comments", "collections")
        }
    dumps = {}
    for name in ("query_embeddings", "workflow_executions"):
        with (folder / f"app/{name}.csv").open(encoding="utf-8", newline="") as lines:
            dumps[name] = list(csv.DictReader(lines))
    return Contents(
        export,
        until,
        web,
        repeated,
        late,
        broken,
        documents,
        **tables,
        searches=dumps["query_embeddings"],
        workflows=dumps["workflow_executions"],
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """A demo with the shape of the real one, at a tenth of its size."""
    return read(tmp_path_factory.mktemp("demo"), NOON, events=20_000, days=90)


def bytes_of(export: DemoExport) -> dict[str, bytes]:
    names = [*export.files, export.config]
    return {str(file.relative_to(export.folder)): file.read_bytes() for file in names}


def test_the_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    first = generate(tmp_path / "first", until=NOON, **SMALL)
    second = generate(tmp_path / "second", until=NOON, **SMALL)
    assert bytes_of(first) == bytes_of(second)


def test_another_seed_tells_another_story(tmp_path: Path) -> None:
    first = generate(tmp_path / "first", until=NOON, **SMALL)
    second = generate(tmp_path / "second", seed=8, until=NOON, **SMALL)
    assert bytes_of(first) != bytes_of(second)


def test_a_second_demo_replaces_the_first(tmp_path: Path) -> None:
    generate(tmp_path, until=NOON - timedelta(days=70), **SMALL)
    export = generate(tmp_path, until=NOON, **SMALL)
    left = {file for file in tmp_path.rglob("*") if file.is_file()}
    assert left == {*export.files, export.config}


def test_a_folder_configured_by_somebody_else_is_left_alone(tmp_path: Path) -> None:
    config = tmp_path / "dwell.toml"
    config.write_text('home = "data"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="Choose another folder"):
        generate(tmp_path, until=NOON, **SMALL)
    assert config.read_text(encoding="utf-8") == 'home = "data"\n'


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"until": NOON.replace(tzinfo=None)}, id="no time zone"),
        pytest.param({"until": NOON, "events": 10}, id="too few events"),
        pytest.param({"until": NOON, "days": 1}, id="too few days"),
    ],
)
def test_a_demo_that_would_show_nothing_is_refused(
    tmp_path: Path, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError):
        generate(tmp_path, **arguments)
    assert not list(tmp_path.iterdir())


def test_the_config_names_every_file(demo: Contents) -> None:
    folder = demo.export.folder
    config = tomllib.loads(demo.export.config.read_text(encoding="utf-8"))
    named = set()
    for source in config["sources"].values():
        paths = source["path"] if isinstance(source["path"], list) else [source["path"]]
        named |= {file for path in paths for file in folder.glob(path)}
    assert named == set(demo.export.files)
    tables = config["sources"]["app"]["tables"]
    assert tables["posts"]["user"] == "author_id"
    assert [entry["type"] for entry in tables["workflow_executions"]] == [
        "workflow_start",
        "workflow_complete",
    ]
    assert tables["workflow_executions"][1]["when"] == "completed_at"


def test_there_are_as_many_events_as_asked_for(demo: Contents) -> None:
    count = len(demo.web) + sum(len(document["events"]) for document in demo.documents)
    count += len(demo.posts) + len(demo.comments) + len(demo.collections)
    count += len(demo.searches) + len(demo.workflows)
    count += sum(row["completed_at"] != "" for row in demo.workflows)
    assert count == demo.export.event_count
    assert count == pytest.approx(20_000, rel=0.03)


def test_nothing_is_later_than_until_nor_older_than_asked_for(demo: Contents) -> None:
    times = [moment(row["timestamp"]) for row in demo.web.values()]
    for document in demo.documents:
        times += [chat_time(event) for event in document["events"]]
        times.append(moment(document["started_at"]["$date"]))
        if document["ended_at"]:
            times.append(moment(document["ended_at"]["$date"]))
    times += [table_moment(row[2]) for row in demo.posts]
    times += [table_moment(row[3]) for row in (*demo.comments, *demo.collections)]
    times += [table_moment(row["created_at"]) for row in demo.searches]
    for row in demo.workflows:
        times += [table_moment(row[name]) for name in ("started_at", "completed_at") if row[name]]
    assert max(times) <= NOON
    assert min(times) >= NOON - timedelta(days=90, seconds=1)


def test_web_rows_have_all_their_fields(demo: Contents) -> None:
    for row in demo.web.values():
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", row["event_id"])
        assert re.fullmatch(r"anon-[0-9a-f]{12}", row["anonymous_id"])
        assert row["user_id"] is None or re.fullmatch(r"u-\d{5}", row["user_id"])
        assert urlsplit(row["url"]).hostname == "lumen.example"
        assert isinstance(row["properties"], dict)
    offsets = Counter(row["timestamp"][23:] for row in demo.web.values())
    assert set(offsets) == {"Z", "+02:00"}
    names = {row["event"] for row in demo.web.values()}
    assert names >= {"page_view", "click", "search", "signup", "heartbeat", "error"}
    assert not any(name.startswith("workflow") for name in names)


def test_searches_are_counted_once(demo: Contents) -> None:
    searches = [row for row in demo.web.values() if row["event"] == "search"]
    assert searches
    assert all(row["user_id"] is None for row in searches)
    assert all(row["user_id"].startswith("u-") for row in demo.searches)


def test_chat_documents_are_in_order_and_whole(demo: Contents) -> None:
    ids = [document["_id"]["$oid"] for document in demo.documents]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{24}", number) for number in ids)
    for document in demo.documents:
        times = [chat_time(event) for event in document["events"]]
        assert times == sorted(times)
        assert moment(document["started_at"]["$date"]) <= times[0]
        assert document["user_id"].startswith("u-")
    types = {event["type"] for document in demo.documents for event in document["events"]}
    assert types >= {"prompt", "model_response", "feedback", "copy", "idle", "new_chat"}
    assert any(isinstance(d["events"][0]["t"], dict) for d in demo.documents)
    assert any(isinstance(d["events"][0]["t"], int) for d in demo.documents)


def test_comments_follow_their_posts(demo: Contents) -> None:
    written = {number: created for number, _, created, *_ in demo.posts}
    # Comments made before the first post of a demo have nothing else to go to.
    known = [row for row in demo.comments if row[1] > 1]
    assert known
    assert all(written[row[1]] <= row[3] for row in known)


def test_workflows_end_or_are_given_up(demo: Contents) -> None:
    statuses = Counter(row["status"] for row in demo.workflows)
    assert statuses["completed"] > statuses["abandoned"] > 0
    for row in demo.workflows:
        assert bool(row["completed_at"]) == (row["status"] == "completed")
        assert row["completed_at"] == "" or row["completed_at"] > row["started_at"]


def test_some_lines_are_broken_each_in_a_known_way(demo: Contents) -> None:
    reasons = Counter(reason for reason, _ in demo.broken)
    assert reasons == {"truncated": 2, "text": 1, "user": 1, "time": 2}


def test_some_rows_are_late_and_some_are_sent_twice(demo: Contents) -> None:
    assert demo.repeated / len(demo.web) == pytest.approx(0.005, abs=0.002)
    assert demo.late / len(demo.web) == pytest.approx(0.01, abs=0.004)


def test_crawlers_are_few(demo: Contents) -> None:
    share = sum(map(is_bot, demo.web.values())) / len(demo.web)
    assert 0.02 <= share <= 0.03


def test_both_groups_are_of_one_size_and_people_stay_in_theirs(demo: Contents) -> None:
    groups = defaultdict(set)
    for row in demo.web.values():
        if not is_bot(row):
            groups[row["anonymous_id"]].add(row["model_group"])
    assert {len(names) for names in groups.values()} == {1}
    sizes = Counter(next(iter(names)) for names in groups.values())
    assert sizes["aurora"] / sizes["baseline"] == pytest.approx(1, abs=0.1)


def test_traffic_grows(demo: Contents) -> None:
    visitors = {((NOON - at).days, who) for at, who in demo.activity()}
    weeks = Counter(day // 7 for day, _ in visitors)
    growth = sum(weeks[n] for n in (0, 2, 3)) / sum(weeks[n] for n in (9, 10, 11))
    assert 1.2 < growth < 2.2


def test_weekends_and_nights_are_quiet(demo: Contents) -> None:
    days = Counter(at.weekday() for at, _ in demo.activity())
    assert max(days[5], days[6]) < min(days[day] for day in range(5))
    hours = Counter(at.hour for at, _ in demo.activity())
    assert 3 * sum(hours[hour] for hour in (2, 3, 4)) < sum(hours[h] for h in (9, 10, 11))


def test_an_outage_shows_in_traffic_and_errors(demo: Contents) -> None:
    # Twelve days before is a Sunday; the outage keeps to working days.
    outage = datetime(2026, 11, 6, tzinfo=UTC)

    def people(day: datetime) -> int:
        hours = timedelta(hours=8), timedelta(hours=16)
        return len({who for at, who in demo.activity() if hours[0] <= at - day < hours[1]})

    usual_people = [people(outage - timedelta(weeks=weeks)) for weeks in (1, 2, 3, 4)]
    assert people(outage) < 0.6 * sum(usual_people) / len(usual_people)
    seen, troubled = defaultdict(set), defaultdict(set)
    for row in demo.web.values():
        day = moment(row["timestamp"]).date()
        seen[day].add(user(row))
        if row["event"] == "error":
            troubled[day].add(user(row))
    usual = sum(map(len, troubled.values())) / sum(map(len, seen.values()))
    assert len(troubled[outage.date()]) / len(seen[outage.date()]) > 2 * usual


def test_many_visit_once_and_few_visit_most(demo: Contents) -> None:
    days = defaultdict(set)
    for at, who in demo.activity():
        days[who].add(at.date())
    once = sum(len(dates) == 1 for dates in days.values())
    assert once / len(days) > 0.5
    assert max(map(len, days.values())) > 10


def test_bounces_are_a_good_third_of_the_visits(demo: Contents) -> None:
    times = defaultdict(list)
    for row in demo.web.values():
        if not is_bot(row):
            times[user(row)].append((moment(row["timestamp"]), row["event"]))
    visits: list[list[tuple[datetime, str]]] = []
    for events in times.values():
        previous = datetime.min.replace(tzinfo=UTC)
        for at, name in sorted(events):
            if at - previous > timedelta(minutes=30):
                visits.append([])
            visits[-1].append((at, name))
            previous = at
    bounces = [
        visit
        for visit in visits
        if visit[-1][0] - visit[0][0] < timedelta(seconds=30)
        and sum(name not in ("scroll", "heartbeat", "login", "logout") for _, name in visit) < 2
    ]
    assert 0.33 <= len(bounces) / len(visits) <= 0.47


@pytest.mark.parametrize(
    "until",
    [
        pytest.param(datetime(2026, 11, 20, 0, 0, 1, tzinfo=UTC), id="midnight"),
        pytest.param(datetime(2026, 11, 22, 3, 30, tzinfo=UTC), id="Sunday night"),
        pytest.param(datetime(2026, 12, 31, 14, 59, 59, 999999, UTC), id="end of year"),
    ],
)
def test_people_are_there_at_the_end_whatever_the_hour(tmp_path: Path, until: datetime) -> None:
    demo = read(tmp_path, until, **SMALL)
    last: dict[str, datetime] = {}
    for at, who in demo.activity():
        last[who] = max(at, last.get(who, at))
    ages = [until - at for at in last.values()]
    assert min(ages) >= timedelta(0)
    assert min(ages) < timedelta(seconds=2)
    assert sum(age <= timedelta(minutes=30) for age in ages) >= 15
    assert sum(age <= timedelta(minutes=5) for age in ages) >= 5
    assert demo.export.event_count == pytest.approx(3000, rel=0.03)
    assert any(document["ended_at"] is None for document in demo.documents)
