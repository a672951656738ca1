"""Access logs in the shapes that servers write: nobody is mixed up, and no address stays."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.formats.log_lines import shape_of
from tests.exports import as_csv, as_parquet

Load = Callable[..., Any]
FIRST, SECOND, PROXY = "203.0.113.1", "203.0.113.2", "10.0.0.3"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36"
TAIL = '[10/Mar/2026:12:00:0{} +0000] "GET /p{} HTTP/1.1" 200 512 "-" "' + CHROME + '"\n'


def log(start: str) -> str:
    """Three lines of two visitors: what stands before the time, with VISITOR for the address."""
    visitors = enumerate((FIRST, SECOND, FIRST))
    return "".join(start.replace("VISITOR", v) + " " + TAIL.format(n, n) for n, v in visitors)


BEFORE = {
    "syslog": "Mar 10 12:00:00 web1.home.example nginx: VISITOR - -",
    "syslog with a process": "Mar 10 12:00:00 web1 nginx[812]: VISITOR - -",
    "syslog of RFC 5424": '<134>1 2026-03-10T12:00:00Z web1 nginx 7 - [m id="1"] VISITOR - -',
    "syslog through a relay": "Mar 10 12:00:00 10.0.0.1 nginx: VISITOR - -",
    "Kubernetes": "2026-03-10T12:00:00.1Z stdout F VISITOR - -",
    "Docker Compose": "web_1  | VISITOR - -",
    "two names": "web1 shop.example VISITOR - -",
    "a third dash": "VISITOR - - -",
    "a name behind the address": "VISITOR web1 - -",
    "a site between the dashes": "VISITOR - shop.example -",
    "a list of forwarded addresses": f"VISITOR, 10.0.0.2 {PROXY} - -",
    "a forwarded address": f"VISITOR {PROXY} - -",
    "a forwarded address in quotes": f'"VISITOR" {PROXY} - -',
    "IPv4 written as IPv6": "::ffff:VISITOR - -",
}


@pytest.mark.parametrize("start", BEFORE.values(), ids=BEFORE)
def test_what_stands_before_the_address_is_nobody(load_text: Load, start: str) -> None:
    loaded = load_text(log(start), "access.log")
    assert (loaded.outcome.format, loaded.counts) == ("access_log", (3, 3, 0, 0))
    users = {one["page"]: one["user_id"] for one in loaded.events()}
    assert users["/p0"] == users["/p2"] != users["/p1"]
    assert all(one["user_id"] == one["anonymous_id"] for one in loaded.events())
    held = json.dumps(loaded.events(), default=str)
    for word in (FIRST, SECOND, PROXY, "10.0.0.1", "web1", "web_1", "nginx", "Mozilla"):
        assert word not in held


def test_a_user_is_known_behind_what_another_program_wrote(load_text: Load) -> None:
    loaded = load_text(log("Mar 10 12:00:00 web1 nginx: VISITOR - ann lee"), "access.log")
    assert set(loaded.column("user_id")) == {"ann lee"}


def test_a_name_that_each_address_has_for_itself_is_no_site(load_text: Load) -> None:
    text = log("VISITOR.home.example VISITOR - -")
    assert load_text(text, "access.log").column("page_host") == [None] * 3


# What grep and zgrep write before the lines of several files, of two visitors each.
GREPPED = {
    "the file": "{file}:{visitor} - -",
    "its path": "./logs/{file}:{visitor} - -",
    "the file and the line": "{file}:{number}:{visitor} - -",
    "the line": "{number}:{visitor} - -",
    "the file and the port": "{file}:{visitor}:{number}443 - -",
    "the file and a site": "{file}:shop.example {visitor} - -",
    "the file and syslog": "{file}:Mar 10 12:00:00 web1 nginx: {visitor} - -",
    "the file, of some lines": "{some}{visitor} - -",
}


def grepped(start: str, visitors: tuple[str, str]) -> str:
    """A line of each visitor in each of two files."""
    files = ("access.log", "access.log.2.gz")
    return "".join(
        start.format(
            file=file, visitor=visitor, number=n + 1, some=f"{file}:" if file == files[1] else ""
        )
        + f" {TAIL.format(n, n)}"
        for file in files
        for n, visitor in enumerate(visitors)
    )


V6 = ("2001:db8::1", "2001:db8:0:0:0:0:0:2")
# A number and a colon may be the beginning of IPv6.
GREPPED_LINES = {
    **{name: (start, (FIRST, SECOND)) for name, start in GREPPED.items()},
    **{f"{name}, IPv6": (s, V6) for name, s in GREPPED.items() if "number" not in s},
}


@pytest.mark.parametrize(("start", "visitors"), GREPPED_LINES.values(), ids=GREPPED_LINES)
def test_the_name_of_a_file_before_the_address_is_nobody(
    load_text: Load, start: str, visitors: tuple[str, str]
) -> None:
    loaded = load_text(grepped(start, visitors), "all.log")
    assert loaded.counts[:2] == (4, 4)
    users: dict[str, set[str]] = {}
    for one in loaded.events():
        users.setdefault(one["page"], set()).add(one["user_id"])
    assert [len(ids) for ids in users.values()] == [1, 1]
    assert users["/p0"] != users["/p1"]
    held = json.dumps(loaded.events(), default=str)
    for word in (*visitors, "access.log", "web1", "2.gz"):
        assert word not in held


def test_a_grepped_visitor_is_the_one_of_the_whole_file(load_text: Load) -> None:
    whole = load_text(grepped("{visitor} - -", (FIRST, SECOND)), "a.log", source="web")
    users = set(whole.column("user_id"))
    again = load_text(grepped("{file}:{visitor} - -", (FIRST, SECOND)), "b.log", source="web")
    assert set(again.column("user_id")) == users


def test_an_address_elsewhere_in_a_grepped_line_is_taken_out(load_text: Load) -> None:
    text = grepped("{file}:{visitor} - -", (FIRST, FIRST)).replace("/p", f"/x?ip={FIRST}&p=")
    assert FIRST not in json.dumps(load_text(text, "all.log").events(), default=str)


UNSURE = {
    "one word behind the address": "web1 VISITOR -",
    "an address for a user": "10.0.0.9 - VISITOR",
    "a word too many": "web1 shop.example VISITOR -",
}


@pytest.mark.parametrize("start", UNSURE.values(), ids=UNSURE)
def test_a_log_that_cannot_be_cut_safely_is_refused_without_its_lines(
    load_text: Load, start: str
) -> None:
    outcome = load_text(log(start), "access.log").outcome
    assert outcome.status == "failed"
    assert "cannot be told for sure" in str(outcome.message)
    assert FIRST not in str(outcome.message)


@pytest.mark.parametrize(
    "address",
    [
        *("::ffff:203.0.113.1", "::FFFF:203.0.113.1", "0:0:0:0:0:ffff:203.0.113.1"),
        *("::ffff:cb00:7101", "203.0.113.1:49152", "[::ffff:203.0.113.1]:443"),
    ],
)
def test_an_address_is_the_same_however_it_is_written(load_text: Load, address: str) -> None:
    row = {"time": "2026-03-10T12:00:00Z", "request": "GET / HTTP/1.1", "status": 200}
    rows = [row | {"remote_addr": FIRST}, row | {"remote_addr": address}]
    events = load_text("".join(json.dumps(one) + "\n" for one in rows)).events()
    assert len({one["user_id"] for one in events}) == 1


@given(
    st.text(st.sampled_from('ab19.:/-[]"| '), max_size=30),
    st.sampled_from(["- -", "- ann", "- - -", "frank", "- ann lee", "x y"]),
    st.sampled_from([FIRST, "2001:db8::7", "host.example"]),
)
def test_whatever_stands_there_the_user_holds_no_address(
    before: str, who: str, address: str
) -> None:
    line = f"{before} {address} {who} " + TAIL.format(1, 1)
    shape, count = shape_of([line])
    if shape is not None and count:
        match = re.match(shape.pattern, line)
        assert match
        told = [t for c, t in zip(shape.columns, match.groups(), strict=True) if c == "user"]
        assert address not in told


ALB = (
    f"https 2026-03-10T12:00:01.1Z app/shop/0a1b {FIRST}:2817 10.0.0.1:80 0.001 0.102 0.000 200 "
    f'200 225 24950 "GET https://shop.test:443/start?utm_campaign=spring HTTP/1.1" "{CHROME}" '
    'ECDHE TLSv1.2 arn:aws:x "Root=1-0a1b" "shop.test" "-" 0 2026-03-10T12:00:00Z "forward" "-"\n'
)
ELB = (
    f"2026-03-10T12:00:01.1Z shop {FIRST}:2817 10.0.0.1:80 0.001 0.102 0.000 200 200 0 57 "
    f'"GET http://shop.test:80/start?utm_campaign=spring HTTP/1.1" "{CHROME}" - -\n'
)
S3 = (
    f"79a59df900b949e5 shop [10/Mar/2026:12:00:01 +0000] {FIRST} - 3E57 WEBSITE.GET.OBJECT start "
    f'"GET /start?utm_campaign=spring HTTP/1.1" 200 - 113 113 7 6 "-" "{CHROME}" - s9lz= SigV4 -\n'
)
HAPROXY = (
    f"Mar 10 12:00:01 web1 haproxy[143]: {FIRST}:33317 [10/Mar/2026:12:00:01.655] http-in "
    f"static/srv1 10/0/30/69/109 200 2750 sid=secret1 - ---- 1/1/1/1/0 0/0 {{{CHROME}}} "
    '"GET /start?utm_campaign=spring HTTP/1.1"\n'
)
TRAEFIK = {
    "ClientAddr": f"{FIRST}:5512", "ClientHost": FIRST, "ClientPort": "5512",
    "ClientUsername": "-", "DownstreamStatus": 200, "RequestMethod": "GET",
    "RequestHost": "shop.test", "RequestPath": "/start?utm_campaign=spring",
    "StartUTC": "2026-03-10T12:00:01Z", "request_User-Agent": CHROME,
    "request_Cookie": "sid=secret1", "time": "2026-03-10T12:00:01Z",
}  # fmt: skip
NGINX = {
    "time": "2026-03-10T12:00:01+00:00", "ip": FIRST, "verb": "GET", "code": 200, "ua": CHROME,
    "uri": "/start?utm_campaign=spring", "cookies": "sid=secret1", "x_real": f"via {FIRST}",
}  # fmt: skip
CLOUDFLARE = {
    "ClientIP": FIRST, "ClientRequestMethod": "GET", "ClientRequestHost": "shop.test",
    "ClientRequestURI": "/start?utm_campaign=spring", "ClientRequestUserAgent": CHROME,
    "EdgeResponseStatus": 200, "EdgeStartTimestamp": "2026-03-10T12:00:01Z",
}  # fmt: skip
TABLE = {
    "ip_address": FIRST, "timestamp": "2026-03-10 12:00:01", "method": "GET", "status_code": "200",
    "url": "/start?utm_campaign=spring", "user_agent": CHROME,
}  # fmt: skip
QUOTED = (
    "#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip c-dns cs(User-Agent) cs(Cookie) "
    "sc-status\n"
    f'2026-03-10 12:00:01 GET /start utm_campaign=spring "{FIRST}" h1.home.example "{CHROME}" '
    '"sid=secret1; a=""b""" 200\n'
)
SERVERS: dict[str, tuple[str, str | bytes]] = {
    "a load balancer of AWS": ("alb.log", ALB),
    "a classic load balancer": ("elb.log", ELB),
    "S3": ("s3", S3),
    "HAProxy": ("haproxy.log", HAPROXY),
    "Traefik": ("traefik.json", json.dumps(TRAEFIK) + "\n"),
    "nginx with names of its own": ("nginx.json", json.dumps(NGINX) + "\n"),
    "Cloudflare": ("cf.json", json.dumps(CLOUDFLARE) + "\n"),
    "a table as CSV": ("web_logs.csv", as_csv([TABLE])),
    "a table as Parquet": ("web_logs.parquet", as_parquet([TABLE])),
    "W3C in quotes": ("u_ex.log", QUOTED),
}


@pytest.mark.parametrize(("name", "content"), SERVERS.values(), ids=SERVERS)
def test_every_server_tells_the_same_page_view(
    load_text: Load, name: str, content: str | bytes
) -> None:
    loaded = load_text(content, name)
    assert (loaded.outcome.format, loaded.counts) == ("access_log", (1, 1, 0, 0))
    (event,) = loaded.events()
    told = [str(event["event_time"])[:19], event["event_type"], event["page"], event["campaign"]]
    assert told == ["2026-03-10 12:00:01", "page_view", "/start", "spring"]
    assert (event["browser"], event["os"]) == ("Chrome", "Windows")
    assert event["page_host"] in (None, "shop.test")
    assert len(event["user_id"]) == 32
    held = json.dumps(event, default=str)
    for word in (FIRST, "secret1", "home.example", "Mozilla", "web1"):
        assert word not in held


def test_a_web_log_as_rows_tells_errors_and_assets(load_text: Load) -> None:
    rows = [
        TABLE,
        TABLE | {"url": "/cart", "status_code": "500"},
        TABLE | {"url": "/site.css"},
        TABLE | {"url": "/login", "method": "POST", "status_code": "302", "ip_address": SECOND},
    ]
    loaded = load_text(as_csv(rows), "web_logs.csv")
    kinds = {one["event_type"]: one["page"] for one in loaded.events()}
    assert kinds == {
        "page_view": "/start", "error": "/cart", "asset_request": None, "form_submit": "/login",
    }  # fmt: skip
    assert len(set(loaded.column("user_id"))) == 2


SECRETS = {
    "http_x_cluster_client_ip": "192.0.2.9", "binary_remote_addr": "secret",
    "geo": {"ip": "192.0.2.9"},
    "akamai_client_ip": "192.0.2.9", "http_x_envoy_external_address": "192.0.2.9",
    "http_x_appengine_user_ip": "192.0.2.9", "incapClientIP": "192.0.2.9",
    "true.client.ip": "192.0.2.9",
    "headers": {
        "X-Forwarded-For": "192.0.2.9", "Cookie": 'a="secret, {"b":1}',
        "cookies": {"sid": ["secret"]},
        "AUTHORIZATION": ["secret", "secret"],
        "x": {"y": [{"set-cookie": "secret"}, {"Peer-IP": "192.0.2.9"}]},
    },
}  # fmt: skip
KEPT = {
    "zip": "12345", "ship": 1, "server_addr": "10.9.9.1", "upstream": {"target_ip": "10.9.9.2"},
    "told": 'x,"cookie":"is a word",{', "geoip": {"country": "DE"}, "none": None, "list": [1, {}],
}  # fmt: skip


@pytest.mark.parametrize("order", [1, -1], ids=["as they are", "the other way round"])
@pytest.mark.parametrize("is_late", [False, True], ids=["from the start", "further on"])
def test_what_names_a_person_stays_at_no_depth(
    load_text: Load, order: int, *, is_late: bool
) -> None:
    base = {"time": "2026-03-10T12:00:00Z", "request": "GET / HTTP/1.1", "status": 200}
    base["remote_addr"] = FIRST
    mixed = dict(([*SECRETS.items(), *KEPT.items()])[::order])
    rows = [base] * 3000 * is_late + [base | {"time": "2026-03-10T13:00:00Z"} | mixed]
    event = max(load_text("".join(json.dumps(one) + "\n" for one in rows)).events(),
                key=lambda one: one["event_time"])  # fmt: skip
    properties = event["properties"]
    assert {name: properties.get(name) for name in KEPT} == KEPT
    assert properties["headers"] == {"x": {"y": [{}, {}]}}
    assert properties["geo"] == {}
    assert set(properties) == {*KEPT, "geo", "headers", "request", "status"}


def test_headers_of_caddy_in_lower_case_go(load_text: Load) -> None:
    row = {
        "ts": 1773144000.0, "status": 200,
        "resp_headers": {"set-cookie": ["secret"], "server": ["x"]},
        "request": {
            "method": "GET", "uri": "/", "remote_ip": FIRST, "host": "shop.test",
            "headers": {"cookie": ["sid=secret"], "user-agent": [CHROME], "accept": ["*/*"]},
        },
    }  # fmt: skip
    (event,) = load_text(json.dumps(row) + "\n").events()
    properties = event["properties"]
    assert properties["resp_headers"] == {"server": ["x"]}
    assert properties["request"]["headers"] == {"accept": ["*/*"]}


FORWARDED = {
    "one": "203.0.113.77",
    "with a port": "203.0.113.77:4711",
    "a list": "198.51.100.4, 203.0.113.77, 10.0.0.3",
    "IPv4 as IPv6": "::ffff:203.0.113.77",
    "named": 'for=203.0.113.77;proto=https, for="[2001:db8::77]:80"',
}


@pytest.mark.parametrize("forwarded", FORWARDED.values(), ids=FORWARDED)
def test_a_forwarded_address_stays_in_no_other_field(load_text: Load, forwarded: str) -> None:
    row = {
        "time": "2026-03-10T12:00:00Z", "request": "GET /p?ip=203.0.113.77 HTTP/1.1", "status": 200,
        "remote_addr": "10.1.1.1", "http_x_forwarded_for": forwarded, "trace": f"for {forwarded}",
        "plain": "203.0.113.77 by 10.1.1.1",
    }  # fmt: skip
    (event,) = load_text(json.dumps(row) + "\n").events()
    held = json.dumps(event, default=str)
    assert not re.search(r"203\.0\.113|198\.51\.100|10\.1\.1\.1|2001:db8", held)
    assert event["properties"]["plain"] == " by "


@pytest.mark.parametrize(
    ("address", "written"),
    [("203.0.113.77", "203.0.113.77"), ("2001:db8::77", "2001%3Adb8%3A%3A77")],
)
def test_the_address_stays_in_no_url_of_a_line(load_text: Load, address: str, written: str) -> None:
    line = (
        f'{address} - - [10/Mar/2026:12:00:00 +0000] "GET /p?ip={written}&utm_campaign=a HTTP/1.1" '
    )
    line += f'200 5 "https://a.test/?c={written}" "{CHROME}"\n'
    (event,) = load_text(line, "access.log").events()
    assert (event["page"], event["campaign"]) == ("/p", "a")
    assert event["referrer"] == "https://a.test/?c="
    held = json.dumps(event, default=str)
    assert address not in held
    assert written not in held


@pytest.mark.parametrize(
    "user",
    [
        *("203.0.113.77", "203.0.113.77:99", "[2001:db8::7]", "[2001:db8::7]:99", "2001:db8::7"),
        *("fe80::1%eth0", "[fe80::1%25eth0]:99", "::ffff:203.0.113.77"),
    ],
)
def test_an_address_is_nobodys_name_however_it_is_written(load_text: Load, user: str) -> None:
    row = {"time": "2026-03-10T12:00:00Z", "request": "GET / HTTP/1.1", "status": 200}
    rows = [row | {"remote_addr": "10.1.1.1", "user": user}]
    (event,) = load_text("".join(json.dumps(one) + "\n" for one in rows)).events()
    assert event["user_id"] == event["anonymous_id"]
    assert user not in json.dumps(event, default=str)
