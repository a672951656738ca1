"""Which ids are one, and which say nothing: small files, those of the field, and laws."""

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.config.empty_words import EMPTY_WORDS
from etl.formats.format import Request
from etl.load.outcome import Listener
from etl.load.run import load
from tests.make import lake_events, lake_table, load_files, settings_of

Load = Callable[..., "Loaded"]  # noqa: F821
FIELD = Path(__file__).parents[4] / "shared" / "data" / "field"
ZERO_UUID = "00000000-0000-0000-0000-000000000000"
OBJECT_ID = "65f1a0b2c3d4e5f6a7b8c9d0"
AT = "2026-03-10T10:{:02}:00Z"


def lines(*rows: dict[str, Any]) -> str:
    """The rows as NDJSON, a minute apart, each a click unless it says otherwise."""
    return "".join(
        json.dumps({"timestamp": AT.format(n % 60), "event": "click"} | row) + "\n"
        for n, row in enumerate(rows)
    )


def text_csv(*rows: dict[str, Any]) -> str:
    """The same as CSV; all rows have the columns of the first."""
    out = io.StringIO()
    rows = tuple({"timestamp": AT.format(n), "event": "click"} | row for n, row in enumerate(rows))
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


SAYS_NOTHING = [
    *EMPTY_WORDS,
    *("NULL", "Null", "None", "NONE", "Undefined", "nan", "NAN", "NIL", "n/a", "(Not Set)", " - "),
    *("UNKNOWN", "Unknown", "#ref!", "#N/A"),
    *(ZERO_UUID, "0" * 32, "{" + ZERO_UUID + "}", "\u00a0", "\t", "\u200b null", ""),
]


def test_what_says_nothing_is_no_id_and_no_value(load_text: Load) -> None:
    names = ("chat_id", "browser", "page", "referrer", "campaign", "device", "session_type")
    rows = [
        {"event_id": word, "user_id": word, "anonymous_id": f"v{n}"} | dict.fromkeys(names, word)
        for n, word in enumerate(SAYS_NOTHING)
    ]
    loaded = load_text(lines(*rows, *({"user_id": word} for word in SAYS_NOTHING)))
    count = len(SAYS_NOTHING)
    assert loaded.counts == (2 * count, count, 0, count)
    assert {one["reason"] for one in loaded.rejected()} == {"no user"}
    visitors = {row["anonymous_id"] for row in rows}
    assert {event["user_id"] for event in loaded.events()} == visitors
    columns = ("chat_id", "browser", "page", "referrer", "campaign", "device_type", "session_type")
    told = {(e["user_id"], name, e[name]) for e in loaded.events() for name in columns}
    assert {one for one in told if one[2] is not None} == set()


def test_a_session_id_that_says_nothing_joins_nobody(load_text: Load) -> None:
    words = ["0", "0.0", "000", *SAYS_NOTHING]
    rows = [{"user_id": f"u{n}", "session_id": w, "event_id": w} for n, w in enumerate(words)]
    loaded = load_text(lines(*rows), sessions="tracker")
    assert loaded.counts == (len(words), len(words), 0, 0)
    assert set(loaded.column("tracker_session_id")) == {None}


@pytest.mark.parametrize("zeros", [8, 10, 32])
def test_an_id_of_many_zeros_is_nobody(load_text: Load, zeros: int) -> None:
    roles = ("event_id", "user_id", "session_id", "chat_id")
    row = dict.fromkeys(roles, "0" * zeros)
    loaded = load_text(lines(row | {"anonymous_id": "v1"}, row | {"anonymous_id": "0" * zeros}))
    assert loaded.counts == (2, 1, 0, 1)
    (event,) = loaded.events()
    told = [event[name] for name in ("user_id", "tracker_session_id", "chat_id")]
    assert told == ["v1", None, None]


def test_other_words_are_ids(load_text: Load) -> None:
    words = ["no", "nullify", "nonesuch", "x-y", "0", "Nana", "a/b", "na", "nULL", "Na", "#REF"]
    words += ["0" * 7, "0" * 33, "00000001", "unknown1"]
    rows = [{"user_id": word, "anonymous_id": "v", "event_id": f"e{word}"} for word in words]
    assert sorted(load_text(lines(*rows)).column("user_id")) == sorted(words)


def test_a_source_may_have_words_of_its_own(load_text: Load) -> None:
    rows = [{"user_id": "guest", "anonymous_id": "v1"}, {"user_id": "None", "anonymous_id": "v2"}]
    loaded = load_text(lines(*rows), empty_words=("Guest",))
    assert sorted(loaded.column("user_id")) == ["None", "v1"]


def test_a_word_that_says_nothing_gives_way_to_the_next_column(load_text: Load) -> None:
    text = text_csv(
        {"user_id": r"\N", "customer_id": "c1", "event_type": "-", "event_name": "open"},
        {"user_id": "ann", "customer_id": "c2", "event_type": "shut", "event_name": "open"},
    ).replace(",event,", ",other,")
    loaded = load_text(text, "events.csv")
    assert sorted(loaded.column("user_id")) == ["ann", "c1"]
    assert sorted(loaded.column("event_type")) == ["open", "shut"]


ONE_ID: dict[str, tuple[str, list[Any]]] = {
    "odd blanks": (
        "ned",
        ["ned", "ned\u00a0", "\tned", "\ufeffned", "\u200bned\u2009", " ned\r\n"],
    ),
    "spellings of an ObjectId": (
        OBJECT_ID,
        [OBJECT_ID, {"$oid": OBJECT_ID}, f"ObjectId({OBJECT_ID})", f'ObjectId("{OBJECT_ID}")'],
    ),
    "objects": ("7", ["7", 7, {"id": 7, "plan": "free"}, {"plan": "pro", "id": "7"}, '{"id": 7}']),
    "accents set apart": ("zo\u00eb", ["zo\u00eb", "zoe\u0308", " zoe\u0308\u00a0"]),
    "several of them": ("Vi\u1ec7t", ["Vi\u1ec7t", "Vie\u0323\u0302t", "Vi\u1eb9\u0302t"]),
    "syllables set apart": ("\ud55c", ["\ud55c", "\u1112\u1161\u11ab"]),
    "GUIDs": (
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        ["0f8fad5b-d9cb-469f-a165-70867728950e", "{0f8fad5b-d9cb-469f-a165-70867728950e}"],
    ),
    "whole numbers": ("41", ["41", 41, 41.0, "41.0", "41.00"]),
    "long whole numbers": ("98765432109876543210", [98765432109876543210, "98765432109876543210"]),
}


@pytest.mark.parametrize(("one", "spellings"), ONE_ID.values(), ids=ONE_ID)
def test_one_id_in_several_spellings(load_text: Load, one: str, spellings: list[Any]) -> None:
    roles = ("user_id", "anonymous_id", "session_id", "chat_id")
    loaded = load_text(lines(*(dict.fromkeys(roles, spelt) for spelt in spellings)))
    for column in ("user_id", "anonymous_id", "tracker_session_id", "chat_id"):
        assert loaded.column(column) == [one] * len(spellings)


@pytest.mark.parametrize("write", [lines, text_csv], ids=["NDJSON", "CSV"])
@pytest.mark.parametrize("user", ["jos\u00e9", "jose\u0301"], ids=["NFC", "NFD"])
def test_accents_set_apart_are_read_alike_alone_and_as_an_excluded_user(
    load_text: Load, write: Callable[..., str], user: str
) -> None:
    name = "e.csv" if write is text_csv else "e.ndjson"
    rows = write({"user_id": user}, {"user_id": "ann"})
    loaded = load_text(rows, name, source="a", exclude_users=("jose\u0301",))
    assert loaded.counts == (2, 1, 0, 1)
    (alone,) = load_text(write({"user_id": user}), name, source="b").events()[:1]
    users = {event["user_id"] for event in load_text(rows, name, source="c").events()}
    assert users == {"jos\u00e9", "ann"}
    assert alone["user_id"] in users


def test_an_object_stays_in_the_properties(load_text: Load) -> None:
    loaded = load_text(lines({"user": {"id": 7, "plan": "free"}}, {"user": {"id": 8, "plan": "x"}}))
    assert [e["user_id"] for e in loaded.events()] == ["7", "8"]
    assert [e["properties"]["user"]["plan"] for e in loaded.events()] == ["free", "x"]


def test_an_object_without_an_id_is_no_user(load_text: Load) -> None:
    loaded = load_text(lines({"user": {"plan": "free"}}, {"user": {}}))
    assert [one["reason"] for one in loaded.rejected()] == ["no user", "no user"]


def test_fractions_stay_where_not_all_are_whole(load_text: Load) -> None:
    users = ["1.0", "1.1", "2.0"]
    loaded = load_text(text_csv(*({"user_id": user} for user in users)), "events.csv")
    assert sorted(loaded.column("user_id")) == users


def test_what_one_row_needs_changes_no_other(load_text: Load) -> None:
    users = ["\u200eann", "ann\u00ad", "7", "nULL", "x", "0" * 40, "0000"]
    types = ["N/A", "(not set)", "click", "- -", "", "0", "null"]
    rows = [
        {"user_id": user, "session_id": f"s{n}", "event": types[n]} for n, user in enumerate(users)
    ]
    columns = ("user_id", "tracker_session_id", "event_type")
    beside = load_text(lines(*rows, {"user_id": "null", "anonymous_id": "v"}))
    told = {e["tracker_session_id"]: tuple(e[c] for c in columns) for e in beside.events()}
    for n, row in enumerate(rows):
        shutil.rmtree(beside.lake.home)
        (alone,) = load_text(lines(row)).events()
        assert tuple(alone[c] for c in columns) == told[f"s{n}"]


@pytest.mark.parametrize("later", [["8.0", "9"], ["abc", "7.0"]], ids=["whole", "words"])
def test_one_answer_holds_for_all_chunks_of_a_file(
    load_text: Load, monkeypatch: pytest.MonkeyPatch, later: list[str]
) -> None:
    monkeypatch.setattr("etl.load.work.BLOCK_BYTES", 2_000)
    users = ["7.0", "abc"] * 40 + later * 80
    loaded = load_text(lines(*({"user_id": user} for user in users)))
    assert sorted(set(loaded.column("user_id"))) == sorted(set(users))


def test_numbers_keep_all_their_digits(load_text: Load) -> None:
    numbers = ["1234567890.1773136801", "1234567890.1773136849", "-12345678.12345678901"]
    text = "".join(
        f'{{"context": {{"client_id": 1.5}}, "client_id" : {number}, '
        f'"timestamp": "2026-03-10T10:00:00Z", "event": "e"}}\n'
        for number in numbers
    )
    assert sorted(load_text(text).column("user_id")) == sorted(numbers)


@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(st.integers(10**8, 10**10), st.text("0123456789", min_size=8, max_size=14)),
        min_size=1,
        max_size=20,
    )
)
def test_numbers_are_the_texts_that_stand_there(pairs: list[tuple[int, str]]) -> None:
    ids = [f"{whole}.{fraction}7" for whole, fraction in pairs]
    record = '{{"device_id":{},"timestamp":"2026-03-10T10:00:00Z","event":"e","n":{}}}\n'
    with TemporaryDirectory() as folder:
        file = Path(folder) / "events.ndjson"
        file.write_text("".join(record.format(one, n) for n, one in enumerate(ids)))
        load_files(Path(folder) / "home", file)
        events = lake_events(Path(folder) / "home")
    assert sorted(e["user_id"] for e in events) == sorted(ids)


PARQUET: dict[str, tuple[Any, list[str]]] = {
    "doubles": (pa.array([70.0, 71.0, None], pa.float64()), ["70", "71", "v2"]),
    "reals": (pa.array([70.0, 71.0, None], pa.float32()), ["70", "71", "v2"]),
    "decimals": (pa.array([70, 71, None], pa.decimal128(20, 2)), ["70", "71", "v2"]),
    "integers": (pa.array([70, 71, None], pa.int64()), ["70", "71", "v2"]),
    "binary UUIDs": (
        pa.array([bytes(range(16)), bytes(range(1, 17)), None], pa.binary(16)),
        ["00010203-0405-0607-0809-0a0b0c0d0e0f", "01020304-0506-0708-090a-0b0c0d0e0f10", "v2"],
    ),
    "binary text": (pa.array([b"ann", b"bob", None], pa.binary()), ["ann", "bob", "v2"]),
}


@pytest.mark.parametrize(("users", "wanted"), PARQUET.values(), ids=PARQUET)
def test_ids_of_typed_columns(tmp_path: Path, users: Any, wanted: list[str]) -> None:
    file = tmp_path / "events.parquet"
    table = {"user_id": users, "anonymous_id": ["v0", "v1", "v2"], "event": ["e"] * 3}
    pq.write_table(pa.table(table | {"timestamp": [AT.format(n) for n in range(3)]}), file)
    load_files(tmp_path / "home", file)
    assert [e["user_id"] for e in lake_events(tmp_path / "home")] == wanted


def test_blobs_of_sqlite_are_the_ids_that_parquet_has(tmp_path: Path) -> None:
    file = tmp_path / "app.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("create table posts (id integer, user_id blob, created_at text)")
        database.execute(
            "insert into posts values (1, ?, '2026-03-10 10:00:00')", [bytes(range(16))]
        )
    database.close()
    load_files(tmp_path / "home", file)
    (event,) = lake_events(tmp_path / "home")
    assert event["user_id"] == "00010203-0405-0607-0809-0a0b0c0d0e0f"


NESTED = {"a": {"x": 1, "y": [{"p": 1, "q": None}, 2]}, "b": "t"}
TURNED = {"b": "t", "c": None, "a": {"z": None, "y": [{"q": None, "p": 1}, 2], "x": 1}}
OTHERS = [
    {"a": {"x": 1, "y": [2, {"p": 1}]}, "b": "t"},
    {"a": {"x": 2, "y": [{"p": 1}, 2]}, "b": "t"},
    {"a": {"x": 1, "y": [{"p": 1}, 2]}, "b": "u"},
    {"a": {"x": "1", "y": [{"p": 1}, 2]}, "b": "t"},
    {"a": {"y": [{"p": 1}, 2]}, "b": "t", "x": 1},
]


def test_keys_in_another_order_and_nulls_left_out_are_the_same_event(load_text: Load) -> None:
    def text(properties: Any) -> str:
        return lines({"user_id": "ann", "properties": properties})

    load_text(text(NESTED), "a.ndjson")
    assert load_text(text(TURNED), "b.ndjson").counts == (1, 0, 1, 0)
    for number, other in enumerate(OTHERS):
        assert load_text(text(other), f"other-{number}.ndjson").counts == (1, 1, 0, 0)


OF_THE_FIELD: dict[str, tuple[str, dict[str, Any], tuple[int, int, int], set[str]]] = {
    "01-event-id-null": ("events.csv", {}, (4, 0, 0), {"ann0", "ann1"}),
    "02-event-id-posthog-uuid-null": ("events.ndjson", {}, (3, 0, 0), {"cy"}),
    "03-event-id-zero": ("events.ndjson", {}, (3, 0, 0), set()),
    "05-session-id-null": (
        "events.csv", {"sessions": "tracker"}, (6, 0, 0), {"ian0", "ian1", "ian2"}
    ),
    "07-user-backslash-n": ("events.tsv", {}, (4, 0, 0), {"v0", "v1", "v2", "lea"}),
    "08-user-not-set-ga4": ("events.ndjson", {}, (3, 0, 0), {"100.200", "101.201", "102.202"}),
    "09-user-zero-uuid": ("events.csv", {}, (1, 0, 3), set()),
    "10-user-with-odd-blanks": ("events.csv", {}, (4, 0, 0), {"ned"}),
    "11-float-ids-parquet": ("in", {}, (5, 2, 0), {"70", "71", "v9"}),
    "12-float-ids-csv": ("in", {}, (3, 2, 1), {"41", "42"}),
    "13-json-number-loses-digits": (
        "events.ndjson", {}, (2, 0, 0), {"1234567890.1773136801", "1234567890.1773136849"}
    ),
    "14-objectid-of-csv": ("in", {}, (3, 2, 0), set()),
    "26-user-object": ("events.ndjson", {}, (3, 0, 0), {"7"}),
    "31-key-order-nested": ("in", {}, (3, 3, 0), set()),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_THE_FIELD)
def test_ids_of_the_field(tmp_path: Path, name: str) -> None:
    folder = FIELD / name
    if not folder.is_dir():
        pytest.skip(f"no {name} beside the project")
    file, options, counts, users = OF_THE_FIELD[name]
    outcomes = load_files(tmp_path / "home", folder / file, **options)
    assert [one.message for one in outcomes if one.status == "failed"] == []
    told = [(o.rows_loaded, o.rows_duplicate, o.rows_rejected) for o in outcomes]
    assert tuple(map(sum, zip(*told, strict=True))) == counts
    found = {row["user_id"] for row in lake_table(tmp_path / "home", "events")}
    assert found == users if users else len(found) == 1


def test_ready_sessions_without_an_id_stay_apart(tmp_path: Path) -> None:
    rows = "session_id,user_id,start_time,end_time\n" + "".join(
        f"null,u{n},2026-03-1{n}T10:00:00Z,2026-03-1{n}T10:10:00Z\n" for n in range(3)
    )
    file = tmp_path / "user_sessions.csv"
    file.write_text(rows)
    load_files(tmp_path / "home", file)
    events = lake_table(tmp_path / "home", "events")
    assert sorted(row["user_id"] for row in events) == ["u0", "u0", "u1", "u1", "u2", "u2"]
    assert {row["tracker_session_id"] for row in events} == {None}


class Heard(Listener):
    """What was warned of."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def on_warning(self, message: str) -> None:
        self.warnings.append(message)


def kinds_of_events(count: int) -> str:
    """Rows whose EventID is the kind of event, four of them."""
    rows = (f"{4624 + n % 4},u{n % 7},{1773136800 + n},logon\n" for n in range(count))
    return "EventID,UserId,time,event\n" + "".join(rows)


@pytest.mark.parametrize(
    ("rows", "given", "loaded", "said"),
    [
        (4_000, {}, 4_000, "'EventID' has 4 values in 4,000 rows"),
        (40, {}, 4, "--map \"id=''\""),
        (40, {"id": "''"}, 40, ""),
        (4_000, {"id": "EventID"}, 4, ""),
    ],
    ids=["many rows", "few rows", "said to be none", "said to be one"],
)
def test_a_column_that_names_kinds_is_no_id_of_events(
    tmp_path: Path, rows: int, given: dict[str, str], loaded: int, said: str
) -> None:
    (tmp_path / "logons.csv").write_text(kinds_of_events(rows))
    heard = Heard()
    inputs = [(str(tmp_path / "logons.csv"), Request("events", "events", map=given))]
    (outcome,) = load(settings_of(tmp_path / "home"), inputs, listener=heard)
    assert (outcome.rows_read, outcome.rows_loaded) == (rows, loaded)
    assert said in " ".join(heard.warnings)
    assert bool(heard.warnings) == bool(said)


def test_an_export_that_delivers_events_twice_keeps_its_ids(load_text: Load) -> None:
    rows = [f"e{n // 2},u{n // 2 % 9},{1773136800 + n // 2},x\n" for n in range(3_000)]
    loaded = load_text("event_id,user_id,time,event\n" + "".join(rows), "events.csv")
    assert loaded.counts == (3_000, 1_500, 1_500, 0)
