"""Bad text: what was met, and what becomes of it. Every row is an event or kept with a reason."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

Load = Callable[..., Any]
TIME = "2026-03-10T14:00:00Z"
QUOTE = "a quote is not closed or stands inside a field"


def row(user: str, **more: Any) -> dict[str, Any]:
    """One click."""
    return {"user": user, "time": TIME, "event": "click"} | more


def lines(*rows: dict[str, Any] | str) -> str:
    """The rows as NDJSON."""
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows)


def array(*rows: dict[str, Any] | str) -> str:
    """The rows as an array."""
    return f"[{', '.join(r if isinstance(r, str) else json.dumps(r) for r in rows)}]"


def zst(text: str) -> bytes:
    """The text, packed."""
    return bytes(pa.compress(text.encode(), "zstd", asbytes=True))


def gz(text: str | bytes) -> bytes:
    """The text, packed."""
    return gzip.compress(text.encode() if isinstance(text, str) else text, mtime=0)


HEADER = "user,time,event\n"
A, B = f"a,{TIME},click\n", f"b,{TIME},click\n"
CSV, NDJSON, ARRAY = HEADER + A + B, lines(row("a"), row("b")), array(row("a"), row("b"))
A_JSON, B_JSON, C_JSON = (json.dumps(row(user)) for user in "abc")
PRETTY = json.dumps(row("a", p={"x": [1]}), indent=2)
DEEP = A_JSON[:-1] + ', "p": {}}'
ANY = (1, {"o": 1}, [1], "s", None, True)
OURS = ("line", "record", "reason", "event_date", "t0", "u0", "pieces", "own", "is_odd", "part",
        "raw", "text", "row", "number", "c0", "given_id")  # fmt: skip


def deep(levels: int) -> str:
    """A row with lists in lists."""
    return DEEP.replace("{}", "[" * levels + "]" * levels)


# What is met: (file name, content, users loaded, what is rejected as (line, reason)).
READ: dict[str, tuple[str, str | bytes, str, list[tuple[int, str]]]] = {
    "gzip members": ("a.csv.gz", gz(CSV) + gz("c" + A[1:]), "abc", []),
    "gzip members cut in an element": ("a.json.gz", gz(ARRAY[:30]) + gz(ARRAY[30:]), "ab", []),
    "zstd frames": ("a.ndjson.zst", zst(A_JSON + "\n") + zst(B_JSON), "ab", []),
    "UTF-16 packed": ("a.csv.gz", gz(CSV.encode("utf-16")), "ab", []),
    "UTF-16 cut in a sign": ("a.csv", (CSV + "c").encode("utf-16-le")[:-1], "ab",
                             [(4, "missing columns")]),
    "Latin-1 CSV": ("a.csv", CSV.encode() + f"\xe9,{TIME},x\n".encode("latin-1"), "ab\xe9", []),
    "Latin-1 lines": ("a.ndjson", (NDJSON + '{"user": "\xe9"}').encode("latin-1"), "ab",
                      [(3, "not valid JSON")]),
    "Latin-1 array": ("a.json", array(row("a"), '{"user": "\xe9"}').encode("latin-1"), "a",
                      [(2, "not valid JSON")]),
    "NUL in lines": ("a.ndjson", lines(row("a"), '{"user": "\0"}', "\0\0", row("b")), "ab",
                     [(2, "not valid JSON"), (3, "not valid JSON")]),
    "NUL in CSV": ("a.csv", CSV + f"c\0,{TIME},x\n\0\n", "abc", [(5, "missing columns")]),
    "NUL in an array": ("a.json", array(row("a"), '{"user": "\0"}'), "a", [(2, "not valid JSON")]),
    "CRLF": ("a.csv", CSV.replace("\n", "\r\n"), "ab", []),
    "lone CR in CSV": ("a.csv", CSV.replace("\n", "\r"), "ab", []),
    "lone CR in lines": ("a.ndjson", NDJSON.replace("\n", "\r"), "ab", []),
    "lone CR in an array": ("a.json", json.dumps([row("a")], indent=1).replace("\n", "\r"), "a",
                            []),
    "all line breaks in one": ("a.csv", f"{HEADER[:-1]}\r\n{A}{B[:-1]}\rc{A[1:]}", "abc", []),
    "line breaks in quotes": ("a.csv", f'user,time,event,n\na,{TIME},x,"1\n2\r\n\n3"\n,,,\n', "a",
                              [(6, "no user")]),
    "a quote never closed": ("a.csv", f'user,time,event,n\na,{TIME},x,"n\n{B[:-1]},\nc{A[1:-1]},',
                             "bc", [(2, QUOTE)]),
    "a quote in a field": ("a.csv", f'{HEADER}a,{TIME},"x"y"\n{B}c,{TIME},x "y" z\n', "bc",
                           [(2, QUOTE)]),
    "a short and a long row": ("a.csv", f"{HEADER}a\n{B}c,d,e,f\n", "b",
                               [(2, "missing columns"), (4, "too many columns")]),
    "the delimiter first": ("a.csv", f"\ufeffsep=;\r\n{(HEADER + A).replace(',', ';')}", "a", []),
    "a tab for the delimiter": ("a.csv", f"sep=\\t\n{(HEADER + A).replace(',', chr(9))}", "a", []),
    "comments before the header": ("a.csv", f"# made, by us\n#\n\n{HEADER}{A}b\n", "a",
                                   [(6, "missing columns")]),
    "comments before a broken file": ("a.csv", f'# made\n\n{HEADER}{A}c,{TIME},"x"y"\n', "a",
                                      [(5, QUOTE)]),
    "a header behind the sign of a comment": ("a.tsv", f"#{HEADER}{A}".replace(",", "\t"), "a", []),
    "Windows-1252": ("a.csv", (CSV + f"J\xfc\u20ac,{TIME},x\n").encode("cp1252"),
                     "abJ\xfc\u20ac", []),
    "rows under data": ("a.json", f'{{"next": null, "data": {ARRAY}}}', "ab", []),
    "rows under events": ("a.json", f'{{"events": {ARRAY}, "meta": {{"count": 2}}}}', "ab", []),
    "rows two levels deep": ("a.json", f'{{"response": {{"docs": {ARRAY}}}}}', "ab", []),
    "pages of rows": ("a.ndjson", f'{{"data": {ARRAY}}}\n{{"data": [{C_JSON}]}}\n', "abc", []),
    "what is no object among rows": ("a.json", f'{{"data": [{A_JSON}, 7]}}', "a",
                                     [(2, "not a JSON object")]),
    "hits of Elasticsearch": ("a.json", '{"took": 1, "hits": {"total": {"value": 2}, "hits": ['
                              f'{{"_id": "1", "_source": {A_JSON}}}, {{"_id": "2", "_source": '
                              f'{B_JSON}}}]}}}}', "ab", []),
    "documents of Elasticsearch": ("a.ndjson", lines(f'{{"_index": "i", "_id": "1", "_source": '
                                   f'{A_JSON}}}', f'{{"_id": "2", "_source": {B_JSON}}}'), "ab",
                                   []),
    "a header twice": ("a.csv", f"user,time,event,user\na,{TIME},x,b\n", "a", []),
    "a header alone": ("a.csv", HEADER, "", []),
    "a column of another type": ("a.csv", f"user,time,event,n\na,{TIME},x,1\nb,{TIME},x,one\n",
                                 "ab", []),
    "5000 columns": ("a.csv", f"user,time,event{''.join(f',k{n}' for n in range(5000))}\n"
                     f"a,{TIME},x{',1' * 5000}\n", "a", []),
    "a field of 1 MB": ("a.csv", f"user,time,event,n\na,{TIME},x,{'n' * 1_000_000}\n", "a", []),
    "a line of 1 MB": ("a.ndjson", lines(row("a", n="n" * 1_000_000), row("b")), "ab", []),
    "1000 levels in lines": ("a.ndjson", lines(deep(1000), row("b")), "ab", []),
    "100,000 levels in lines": ("a.ndjson", lines(row("b"), deep(100_000)), "ab", []),
    "100,000 levels in an array": ("a.json", array(deep(100_000), row("b")), "ab", []),
    "100,000 levels unclosed": ("a.ndjson", lines(row("a"), deep(100_000)[:-9]), "a",
                                [(2, "not valid JSON")]),
    "NaN and Infinity": ("a.ndjson", lines(DEEP.replace("{}", "NaN"), row("b", n=-1e999)), "ab",
                         []),
    "NaN for a time": ("a.ndjson", lines(row("a", time=float("nan")), row("b", time="NaN")), "",
                       [(1, "no readable time"), (2, "no readable time")]),
    "numbers too large for a time": ("a.ndjson", lines(
        *(row("a", time=n) for n in (-(2**63), 2**63 - 1, 10**30, 1e308, -1e308)), row("b")), "b",
        [(1, "no readable time"), (2, "no readable time"), (3, "no readable time"),
         (4, "no readable time"), (5, "no readable time")]),
    "numbers as texts": ("a.ndjson", lines(row("a", time="1773151200"), row("b", time="1e400")),
                         "a", [(2, "no readable time")]),
    "a field of every type": ("a.ndjson", lines(*(row("a", n=n) for n in ANY)), "aaaaaa", []),
    "a time of every type": ("a.ndjson", lines(row("a", time=[1]), row("b", time={"o": 1})), "",
                             [(1, "no readable time"), (2, "no readable time")]),
    "values that are no objects": ("a.ndjson", lines(row("a"), "1", '"s"', "null", "[]"), "a",
                                   [(n, "not a JSON object") for n in (2, 3, 4, 5)]),
    "an array cut in an element": ("a.json", array(row("a"), row("b"), row("c"))[:-30], "ab",
                                   [(3, "not valid JSON")]),
    "an array cut behind an element": ("a.json", array(row("a"), row("b"))[:-1], "ab", []),
    "an array cut behind a comma": ("a.json", f"[{A_JSON},", "a", []),
    "an array with a broken element": ("a.json", array(row("a"), '{"user": oops}', row("c")), "ac",
                                       [(2, "not valid JSON")]),
    "an array with half a sign": ("a.json", array(row("a"), '{"user": "\\ud800"}'), "a",
                                  [(2, "not valid JSON")]),
    "words behind an array": ("a.json", ARRAY + " and more", "ab", [(3, "not valid JSON")]),
    "an array behind an array": ("a.json", ARRAY + array(row("c")), "abc", []),
    "an array with commas too many": ("a.json", f"[,{A_JSON},,{B_JSON},]", "ab", []),
    "one object over many lines": ("a.json", PRETTY, "a", []),
    "objects over many lines": ("a.json", f"{PRETTY}\n{json.dumps(row('b'), indent=2)}\n", "ab",
                                []),
    "an object with one in a line": ("a.json", f'{{"user": "a",\n"p":\n{{"x": 1}}\n,"time": '
                                     f'"{TIME}", "event": "x"}}', "a", []),
    "an array over many lines": ("a.json", json.dumps([row("a"), row("b")], indent=4), "ab", []),
    "objects without line breaks": ("a.json", A_JSON + B_JSON + C_JSON, "abc", []),
    "one object cut among others": ("a.json", f"{PRETTY}\n{PRETTY[:-5]}", "a",
                                    [(2, "not valid JSON")]),
    "a key twice": ("a.ndjson", lines(A_JSON.replace("{", '{"user": "a", ')), "a", []),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "users", "rejected"), READ.values(), ids=READ)
def test_what_can_be_read_is_loaded_and_the_rest_is_kept_with_a_reason(
    load_text: Load, name: str, content: str | bytes, users: str, rejected: list[tuple[int, str]]
) -> None:
    loaded = load_text(content, name)
    assert loaded.outcome.status == "loaded", loaded.outcome.message
    told = loaded.rejected()
    assert [(one["line"], one["reason"]) for one in told] == rejected
    met = loaded.column("user_id")
    assert sorted("".join(met)) == sorted(users)
    assert loaded.counts == (len(met) + len(told), len(met), 0, len(told))
    assert load_text(content, name).outcome.status == "unchanged"


# (file name, content, what the message says of what was met).
REFUSED: dict[str, tuple[str, str | bytes, str]] = {
    "gzip cut in the middle": ("a.csv.gz", gz(CSV * 99)[:60], "cannot be unpacked to its end"),
    "gzip without trailer": ("a.ndjson.gz", gz(NDJSON)[:-8], "cannot be unpacked to its end"),
    "gzip with half a trailer": ("a.json.gz", gz(ARRAY)[:-3], "cannot be unpacked to its end"),
    "gzip of other bytes": ("a.csv.gz", gz(CSV)[:-8] + b"\0" * 8, "cannot be unpacked to its end"),
    "words behind gzip": ("a.csv.gz", gz(CSV) + b"words", "cannot be unpacked to its end"),
    "zstd cut in the middle": ("a.csv.zst", zst(CSV)[:-9], "cannot be unpacked to its end"),
    "zstd without its end": ("a.json.zst", zst(ARRAY)[:-1], "cannot be unpacked to its end"),
    "gzip of nothing": ("a.csv.gz", gz(""), "holds blank lines only"),
    "another delimiter": ("a.csv", CSV.replace(",", "~"), "no format recognises it"),
    "no header": ("a.csv", A + B, "or their numbers: --map user=N,time=2"),
    "empty": ("a.csv", "", "is empty"),
    "blank lines": ("a.csv", "\n \n\n", "holds blank lines only"),
    "a byte order mark": ("a.csv", b"\xff\xfe", "holds blank lines only"),
    "no text": ("a.csv", bytes(range(256)) * 9, "is no text"),
    "NULs": ("a.ndjson", b"\0" * 5000, "is no text"),
    "an Excel file": ("a.csv", b"PK\x03\x04 and more", "is an Excel file, a ZIP archive"),
    "a web page": ("a.csv", "<html>\n<body>Sign in</body>\n</html>\n", "no format recognises it"),
    "brackets alone": ("a.json", "[" * 100_000, "no format recognises it"),
    "an array in an array": ("a.json", f"[{ARRAY}]", "no format recognises it"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "met"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_told_in_one_sentence_that_says_what_to_do(
    load_text: Load, name: str, content: str | bytes, met: str
) -> None:
    loaded = load_text(content, name)
    message = str(loaded.outcome.message)
    assert (loaded.outcome.status, loaded.counts) == ("failed", (0, 0, 0, 0))
    assert met in message
    assert name in message
    assert "Wanted: " in message
    assert len(message) < 700
    assert message.isprintable()
    assert load_text(content, name).outcome.message == message


@pytest.mark.parametrize("text", [CSV, NDJSON, ARRAY], ids=["CSV", "NDJSON", "array"])
@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_every_encoding_of_unicode_is_told_from_its_first_bytes(
    load_text: Load, text: str, encoding: str
) -> None:
    assert load_text(text.encode(encoding), "a.txt").counts == (2, 2, 0, 0)


TIMES = {
    "ISO with T": "2026-03-10T14:00:00Z",
    "ISO in small letters": "2026-03-10t14:00:00z",
    "ISO with a space": "2026-03-10 14:00:00",
    "ISO without signs": "20260310T140000Z",
    "an offset": "2026-03-10T16:00:00+02:00",
    "seconds": 1773151200,
    "milliseconds": 1773151200000,
    "microseconds": "1773151200000000",
    "the word UTC": "2026-03-10 14:00:00 UTC",
    "an access log": "10/Mar/2026:14:00:00 +0000",
    "slashes": "2026/03/10 14:00",
    "RFC 2822": "Tue, 10 Mar 2026 15:00:00 +0100",
    "RFC 2822 without day": "10 Mar 2026 14:00:00 GMT",
    "JavaScript": "Tue Mar 10 2026 16:00:00 GMT+0200 (Eastern European Standard Time)",
    "a clock of twelve hours": "Mar 10, 2026 2:00:00 PM",
}


@pytest.mark.parametrize("time", TIMES.values(), ids=TIMES)
def test_a_time_is_read_in_every_shape_that_leaves_no_doubt(load_text: Load, time: Any) -> None:
    (event,) = load_text(lines(row("a", time=time))).events()
    assert str(event["event_time"]) == "2026-03-10 14:00:00"


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01 00:00:00"),
        ("2016-12-31T18:59:60.5-05:00", "2017-01-01 00:00:00.500000"),
        ("0001-01-01T00:00:00Z", "time before 1970"),
        ("9999-12-31T23:59:59Z", "time over 24 h ahead"),
        ("2026-03-10T24:00:61Z", "no readable time"),
        ("03/04/2026", "no readable time"),
    ],
)
def test_a_leap_second_is_the_next_one_and_years_must_be_possible(
    load_text: Load, time: str, read: str
) -> None:
    loaded = load_text(lines(row("a", time=time)))
    told = [str(one["event_time"]) for one in loaded.events()]
    assert told + [one["reason"] for one in loaded.rejected()] == [read]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"": "v"}, id="an empty key"),
        pytest.param({"p": 1, "P": 2, "User": "c"}, id="keys that differ in case"),
        pytest.param(dict.fromkeys(OURS, "v"), id="names of ours"),
        pytest.param({"a'b": 1, 'a"b': 2, "a.b": 3, "a\\b": 4, "$x": 5, "[0]": 6}, id="signs"),
        pytest.param({f"k{n}": n for n in range(5000)}, id="5000 keys"),
    ],
)
def test_a_property_keeps_its_value_whatever_its_name(
    load_text: Load, more: dict[str, Any]
) -> None:
    assert [one["properties"] for one in load_text(lines(row("a", **more))).events()] == [more]
    # Beside a row without them, and with others that come up later.
    others = load_text(lines(row("b"), row("c", **more)), "b.ndjson", source="b").events()
    assert [one["properties"] for one in others if one["user_id"] == "c"] == [more]


@pytest.mark.parametrize("more", [{"z": 1}, {"": 1}, {"z": None, "p": None}], ids=str)
def test_a_key_that_comes_up_behind_the_sample_is_kept(
    load_text: Load, more: dict[str, Any]
) -> None:
    rows = [row("a", p=n) for n in range(250)]
    loaded = load_text(lines(*rows, row("b", p=1) | more))
    (late,) = [one for one in loaded.events() if one["user_id"] == "b"]
    assert {k: v for k, v in late["properties"].items() if v is not None} == {
        k: v for k, v in ({"p": 1} | more).items() if v is not None
    }


@pytest.mark.parametrize("agent", [" ", "-", "", "null", "\0"], ids=repr)
def test_a_user_agent_that_says_nothing_is_asked_for_once(load_text: Load, agent: str) -> None:
    call = {"type": "track", "event": "x", "userId": "a", "timestamp": TIME, "messageId": "m"}
    loaded = load_text(lines(call | {"context": {"userAgent": agent}}))
    assert (loaded.outcome.format, loaded.counts) == ("segment", (1, 1, 0, 0))
