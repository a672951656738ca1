"""Access logs: what lines become, in each of their shapes, and what must not stay of them."""

import gzip
import json
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from etl.lake import Lake
from etl.lake.pseudonyms import FILE, key_of
from tests.exports import as_array, as_lines, lost, picked
from tests.make import build_home, load_files

Load = Callable[..., Any]
at = datetime.fromisoformat
ADDRESS = "203.0.113.7"
PROXY = "198.51.100.1"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
TIME = "10/Mar/2026:14:00:01 +0200"


def line(
    request: str = "GET /start HTTP/1.1",
    status: int = 200,
    *,
    address: str = ADDRESS,
    user: str = "-",
    time: str = TIME,
    rest: str = f' "-" "{CHROME}"',
) -> str:
    """A combined line; without `rest` a common one."""
    return f'{address} - {user} [{time}] "{request}" {status} 512{rest}\n'


NGINX = {
    "time_iso8601": "2026-03-10T14:00:01+02:00",
    "remote_addr": ADDRESS,
    "remote_user": "",
    "request": "GET /start?utm_campaign=spring HTTP/1.1",
    "status": 200,
    "body_bytes_sent": 512,
    "request_time": 0.012,
    "http_host": "Shop.test:8443",
    "http_referer": "https://search.test/",
    "http_user_agent": CHROME,
    "http_x_forwarded_for": "-",
    "upstream": {"addr": "10.0.0.2:80", "times": [0.01, 0.002]},
}
CADDY = {
    "level": "info",
    "ts": 1773144001.25,
    "logger": "http.log.access",
    "msg": "handled request",
    "request": {
        "remote_ip": PROXY,
        "remote_port": "41342",
        "client_ip": ADDRESS,
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "shop.test",
        "uri": "/start?utm_campaign=spring",
        "headers": {
            "User-Agent": [CHROME],
            "Referer": ["https://search.test/"],
            "X-Forwarded-For": [ADDRESS],
            "Accept-Language": ["de"],
        },
        "tls": {"resumed": False, "version": 772},
    },
    "user_id": "",
    "duration": 0.0012,
    "size": 512,
    "status": 200,
    "resp_headers": {"Server": ["Caddy"]},
}
IIS = (
    "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
    "#Date: 2026-03-10 12:00:00\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
    "cs(User-Agent) cs(Referer) cs-host sc-status time-taken\n"
    f"2026-03-10 12:00:01 10.0.0.1 GET /start utm_campaign=spring 443 - {ADDRESS} "
    f"{CHROME.replace(' ', '+')} https://search.test/ shop.test 200 15\n"
)
VHOST = line(
    "GET /start?utm_campaign=spring HTTP/1.1",
    address=f"shop.test:443 {ADDRESS}",
    rest=f' "https://search.test/" "{CHROME}"',
)
MAIN = line(
    "GET /start?utm_campaign=spring HTTP/1.1",
    address=PROXY,
    rest=f' "https://search.test/" "{CHROME}" "{ADDRESS}, {PROXY}" '
    f"0.012 up={PROXY}:80 [2001:db8::1]",
)
SHAPES = {
    "with its virtual host": ("other_vhosts_access.log", VHOST),
    "nginx main behind a proxy": ("access.log", MAIN),
    "nginx JSON": ("access.json", json.dumps(NGINX) + "\n"),
    "Caddy": ("caddy.log", json.dumps(CADDY) + "\n"),
    "IIS": ("u_ex260310.log", IIS),
}


def in_lake(loaded: Any) -> str:
    """All that the lake holds of the events, as text."""
    return json.dumps(loaded.events(), default=str)


def test_combined_lines_become_what_a_visitor_did(load_text: Load) -> None:
    text = (
        line("GET /start?a=1#top HTTP/1.1", rest=f' "https://search.test/" "{CHROME}"')
        + line("GET /style.css HTTP/1.1")
        + line("POST /cart HTTP/2.0", 303, time="10/Mar/2026:12:00:09 +0000")
        + line("GET /gone HTTP/1.1", 404, time="10/Mar/2026:12:00:10 +0000", user="ann lee")
    )
    loaded = load_text(text, "access.log")
    assert (loaded.outcome.format, loaded.counts) == ("access_log", (4, 4, 0, 0))
    events = {one["event_type"]: one for one in loaded.events()}
    assert events.keys() == {"page_view", "asset_request", "form_submit", "error"}
    page = events["page_view"]
    names = ("event_time", "page", "referrer", "device_type", "browser", "os", "stream")
    assert picked(page, *names) == [
        at("2026-03-10 12:00:01"), "/start", "https://search.test/", "desktop", "Chrome",
        "Windows", "inactivity",
    ]  # fmt: skip
    assert page["properties"] == {
        "method": "GET", "url": "/start?a=1#top", "protocol": "HTTP/1.1", "status": "200",
        "bytes": "512",
    }  # fmt: skip
    assert page["user_id"] == page["anonymous_id"] == events["asset_request"]["user_id"]
    # Where a visit begins and ends is told by pages, not by what they bring along.
    assert [events[kind]["page"] for kind in ("asset_request", "form_submit", "error")] == [
        None, "/cart", "/gone",
    ]  # fmt: skip
    assert picked(events["error"], "user_id", "anonymous_id") == ["ann lee", page["user_id"]]


@pytest.mark.parametrize(("name", "text"), SHAPES.values(), ids=SHAPES)
def test_every_shape_tells_the_same_visit(load_text: Load, name: str, text: str) -> None:
    loaded = load_text(text, name)
    assert (loaded.outcome.format, loaded.counts) == ("access_log", (1, 1, 0, 0))
    (event,) = loaded.events()
    assert event["event_time"].replace(microsecond=0) == at("2026-03-10 12:00:01")
    columns = ("event_type", "page", "referrer", "campaign", "browser", "os")
    assert picked(event, *columns) == [
        "page_view", "/start", "https://search.test/", "spring", "Chrome", "Windows",
    ]  # fmt: skip
    assert event["page_host"] == (None if name == "access.log" else "shop.test")
    # The same visitor in the same home, whatever wrote the log.
    other = load_text(line(), "plain.log")
    assert {one["user_id"] for one in other.events()} == {event["user_id"]}


@pytest.mark.parametrize(("name", "text"), SHAPES.values(), ids=SHAPES)
def test_no_address_and_no_user_agent_stays_in_the_lake(
    load_text: Load, name: str, text: str
) -> None:
    held = in_lake(load_text(text, name))
    assert ADDRESS in text
    assert ADDRESS not in held
    assert "Mozilla" not in held
    assert "2001:db8" not in held


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n", ""], ids=repr)
def test_what_stands_behind_the_user_agent_stays_but_for_addresses(
    load_text: Load, end: str
) -> None:
    (event,) = load_text(MAIN.rstrip("\n") + end, "access.log").events()
    assert event["properties"]["more"] == "0.012 up=:80 []"


@pytest.mark.parametrize("record", [NGINX, CADDY], ids=["nginx", "Caddy"])
def test_what_is_personal_does_not_stay_where_it_comes_up_late(
    load_text: Load, record: dict[str, Any]
) -> None:
    late = {"X-Forwarded-For": ADDRESS, "user_agent": CHROME, "request_id": "r1"}
    rows = [*[record] * 400, record | late]
    loaded = load_text("\n".join(json.dumps(row) for row in rows), "access.json")
    assert [
        e["properties"]["request_id"] for e in loaded.events() if "request_id" in e["properties"]
    ] == ["r1"]
    assert ADDRESS not in in_lake(loaded)
    assert "Mozilla" not in in_lake(loaded)


@pytest.mark.parametrize("record", [NGINX, CADDY], ids=["nginx", "Caddy"])
def test_nothing_but_what_is_personal_is_lost_of_json(
    load_text: Load, record: dict[str, Any]
) -> None:
    (event,) = load_text(as_lines([record])).events()
    gone = [word for word in lost(record, event) if word not in ("-", ADDRESS, PROXY, CHROME)]
    # The visitor's port changes with every connection.
    assert gone == (["41342"] if record is CADDY else [])


def test_json_logs_come_as_lines_and_as_an_array(load_text: Load) -> None:
    assert load_text(as_lines([NGINX]), "a.log").counts == (1, 1, 0, 0)
    assert load_text(as_array([NGINX]), "b.json").counts == (1, 0, 1, 0)
    packed = load_text(gzip.compress(as_lines([NGINX]).encode()), "c.log.gz")
    assert packed.counts == (1, 0, 1, 0)


@pytest.mark.parametrize("name", ["access_log", "access.log.1", "access.log-20260310.gz", "x.txt"])
def test_lines_are_recognised_by_what_they_say_not_by_the_name(load_text: Load, name: str) -> None:
    text = line("GET / HTTP/1.1", rest="")
    content = gzip.compress(text.encode()) if name.endswith(".gz") else text
    loaded = load_text(content, name)
    assert (loaded.outcome.format, loaded.counts) == ("access_log", (1, 1, 0, 0))


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("user,time,event,status,url\na,2026-03-10T12:00:00Z,click,200,/x\n", "a.csv", "events"),
        (
            '{"user":"a","time":"2026-03-10T12:00:00Z","event":"x","request":"r","status":"ok"}\n',
            "a.ndjson", "events",
        ),
        ("id,user_id,created_at,ip\n1,a,1773144000,203.0.113.7\n", "posts.csv", "tables"),
    ],
    ids=["rows with a status", "JSON with a request", "a table with an address"],
)  # fmt: skip
def test_other_exports_are_not_taken_for_logs(
    load_text: Load, text: str, name: str, wanted: str
) -> None:
    assert load_text(text, name).outcome.format == wanted


def test_with_a_map_the_columns_are_those_that_it_names(load_text: Load) -> None:
    text = "host\ttime\turl\nh1\t804571201\t/history/\nh2\t804571206\t/shuttle/\n"
    mapping = {"user": "host", "time": "time", "page": "url", "type": "'page_view'"}
    loaded = load_text(text, "nasa.tsv", map=mapping)
    assert (loaded.outcome.format, loaded.counts) == ("events", (2, 2, 0, 0))


BROKEN = {
    "half a line": (f'{ADDRESS} - - [{TIME}] "GET /sta\n', "not a line of this format"),
    "no request": (line("-", 408), "not a line of this format"),
    "bytes that are no request": (line(r"\x16\x03\x01", 400), "not a line of this format"),
    "no status": (line().replace(" 200 ", " "), "not a line of this format"),
    "an unreadable time": (line(time="today"), "no readable time"),
    "a time of long ago": (line(time="10/Mar/1969:12:00:00 +0000"), "time before 1970"),
}


@pytest.mark.parametrize(("text", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_rejected_as_it_stood(load_text: Load, text: str, reason: str) -> None:
    loaded = load_text(line() + line() + "\n" + text, "access.log")
    assert loaded.counts == (3, 2, 0, 1)
    (row,) = loaded.rejected()
    assert picked(row, "line", "reason", "raw") == [4, reason, text.rstrip("\n")]


ODD = {
    "an escaped quote in the user agent": (
        line(rest=r' "-" "Mozilla/5.0 (X11; Linux x86_64) \"odd\" Firefox/140.0"'), "/start"
    ),
    "an escaped quote in the request": (line(r"GET /a\"b HTTP/1.1"), r"/a\"b"),
    "a blank in the path": (line("GET /a b HTTP/1.1"), "/a b"),
    "no protocol": (line("GET /old-style"), "/old-style"),
    "a whole URL": (line("GET http://shop.test/whole?x=1 HTTP/1.1"), "/whole"),
    "an empty user": (line(user='""'), "/start"),
    "no size": (line().replace(" 512 ", " - "), "/start"),
    "an address of IPv6": (line(address="2001:db8::7"), "/start"),
    "a name for an address": (line(address="unicomp6.unicomp.net"), "/start"),
    "a Windows line end": (line().replace("\n", "\r\n"), "/start"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "page"), ODD.values(), ids=ODD)
def test_an_odd_line_is_read_all_the_same(load_text: Load, text: str, page: str) -> None:
    loaded = load_text(text, "access.log")
    (event,) = loaded.events()
    assert picked(event, "event_type", "page") == ["page_view", page]
    assert event["user_id"] == event["anonymous_id"]


def test_the_user_agent_tells_visitors_of_one_address_apart(load_text: Load) -> None:
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1"
    text = line() + line(rest=f' "-" "{phone}"') + line(rest=' "-" "-"') + line(address=PROXY)
    events = load_text(text, "access.log").events()
    assert len({one["user_id"] for one in events}) == 4


def test_a_dash_for_a_user_agent_tells_no_device(load_text: Load) -> None:
    (event,) = load_text(line(rest=' "-" "-"'), "access.log").events()
    assert picked(event, "device_type", "browser", "os") == [None, None, None]


def test_bots_are_told_by_their_user_agent(load_text: Load) -> None:
    bot = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"
    (event,) = load_text(line(rest=f' "-" "{bot}"'), "access.log").events()
    assert event["device_type"] == "bot"


FORWARDED = {
    "the first address is the visitor's": f"{ADDRESS}, {PROXY}",
    "a port is left off": f"{ADDRESS}:49152",
    "the proxy's own stands in for an unknown one": "unknown",
    "a dash is none": "-",
}


@pytest.mark.parametrize("forwarded", FORWARDED.values(), ids=FORWARDED)
def test_behind_a_proxy_the_forwarded_address_counts(load_text: Load, forwarded: str) -> None:
    record = NGINX | {"http_x_forwarded_for": forwarded}
    if ADDRESS in forwarded:
        record["remote_addr"] = PROXY
    (event, other) = load_text(as_lines([NGINX, record])).events()
    assert event["user_id"] == other["user_id"]


def test_fields_of_a_cloud_log_are_cut_at_tabs(load_text: Load) -> None:
    fields = ["date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status", "cs(User-Agent)"]
    values = ["2026-03-10", "12:00:01", ADDRESS, "GET", "/start", "200", CHROME.replace(" ", "%20")]
    text = f"#Version: 1.0\n#Fields: {' '.join(fields)}\n" + "\t".join(values) + "\n"
    (event,) = load_text(text, "E2.2026-03-10-12.abc.gz").events()
    assert picked(event, "event_time", "page", "browser") == [
        at("2026-03-10 12:00:01"), "/start", "Chrome",
    ]  # fmt: skip


def test_fields_that_change_in_the_middle_reject_the_lines_that_do_not_fit(load_text: Load) -> None:
    text = IIS + "#Fields: date time c-ip\n" + f"2026-03-10 12:00:01 {ADDRESS}\n"
    loaded = load_text(text, "iis.log")
    assert loaded.counts == (2, 1, 0, 1)
    assert loaded.rejected()[0]["line"] == 7


def test_a_file_that_is_no_log_is_refused_with_what_was_met(load_text: Load) -> None:
    outcome = load_text("some words\nand more\n", "notes.txt", format="access_log").outcome
    assert outcome.status == "failed"
    assert "no line of its beginning is a request" in str(outcome.message)
    assert "Met: some words" in str(outcome.message)


def test_homes_have_visitors_of_their_own(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(line())
    ids = set()
    for home in ("one", "two"):
        load_files(tmp_path / home, log)
        (file,) = (tmp_path / home / "lake" / "events").rglob("*.parquet")
        ids |= set(pq.read_table(file, columns=["user_id"])["user_id"].to_pylist())
    assert len(ids) == 2


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert key_of(lake) == key_of(lake)
    assert stat.S_IMODE((lake.root / FILE).stat().st_mode) == 0o600
    lake.sweep()
    assert (lake.root / FILE).exists()


def test_a_key_that_is_not_whole_stops_the_file_and_says_what_to_do(load_text: Load) -> None:
    home = load_text(line(), "a.log").lake.root
    (home / FILE).write_text('{"ke')
    outcome = load_text(line("GET /more HTTP/1.1"), "b.log").outcomes[-1]
    assert outcome.status == "failed"
    assert "Restore it from a backup" in str(outcome.message)


def test_images_do_not_make_a_visit_look_busy(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    images = (line(f"GET /img/{n}.png HTTP/1.1") for n in range(20))
    later = line(address=PROXY, time="11/Mar/2026:14:00:01 +0200")
    log.write_text(line() + "".join(images) + later)
    load_files(tmp_path / "home", log)
    build = build_home(tmp_path / "home")
    with duckdb.connect(build.path, read_only=True) as con:
        found = con.execute(
            "select event_count, action_count, page_view_count, entry_page, exit_page, is_bounce "
            "from user_sessions order by start_time limit 1"
        ).fetchall()
    assert found == [(21, 1, 1, "/start", "/start", True)]


def test_the_first_lines_of_a_real_log_are_all_read(
    load_text: Load, payload: Callable[[str], bytes]
) -> None:
    loaded = load_text(payload("combined_access.log"), "combined_access.log")
    assert (loaded.outcome.format, loaded.counts) == ("access_log", (25, 25, 0, 0))
    assert all(one["browser"] for one in loaded.events())
