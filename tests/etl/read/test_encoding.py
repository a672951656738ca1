# ruff: noqa: RUF001 - letters that look like others are what this is about.
"""The encoding of a text that is no UTF-8: told where letters say it, else left alone."""

import gzip
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from etl.read.decode import Decoder
from etl.read.encoding import encoding_of

# What people write, by the encoding that their programs write it in.
TEXTS = {
    "cp1252": "Réservation d’hôtel à Paris|Générale – 12 €|L’été “indien”|À propos|Où êtes-vous ?",
    "latin-1": "São Paulo|Promoção|Informações|coração|Página não encontrada",
    "cp1251": "Москва|Главная страница|Связаться с нами|Новости сегодня|О компании",
    "koi8-r": "Москва|Главная страница|Связаться с нами|Новости сегодня|О компании",
    "cp866": "Москва|Главная страница|Связаться с нами|Новости сегодня|О компании",
    "cp1250": "Příliš žluťoučký kůň|Úvodní stránka|Děkujeme za objednávku|Košík je prázdný",
    "cp1253": "Αθήνα|Αρχική σελίδα|Επικοινωνία|Τα νέα της ημέρας",
    "cp1255": "שלום עולם|ירושלים היא עיר הבירה של ישראל|חדשות היום|מזג האוויר מחר",
    "shift_jis": "東京の天気|ニュース速報|お問い合わせ",
    "euc_jp": "東京の天気|ニュース速報|お問い合わせ",
    "gbk": "北京天气预报|新闻快讯|联系我们",
    "euc_kr": "안녕하세요|서울 날씨|문의하기",
    "cp850": "Café crème|Münster|Straße|Größe",
}


def export(words: str) -> str:
    """A CSV file with these words in it, among many without a foreign letter."""
    rows = [f"u{n},2026-03-10T14:00:00Z,click,Welcome to our page\n" for n in range(200)]
    rows += [f"u{n},2026-03-10T14:00:00Z,click,{word}\n" for n, word in enumerate(words.split("|"))]
    return "user,time,event,page\n" + "".join(rows)


@pytest.mark.parametrize("written", TEXTS)
def test_encoding_is_told_from_letters(written: str) -> None:
    text = export(TEXTS[written])
    encoding = encoding_of(text.encode(written))
    assert encoding is not None
    assert text.encode(written).decode(encoding) == text


@pytest.mark.parametrize("words", ["10 €|20 €", "“one”|“two”", "£12|£13|£14", "20°C|21°C|22°C"])
def test_encoding_is_that_of_spreadsheets_where_signs_alone_are_foreign(words: str) -> None:
    assert encoding_of((export(words) * 3).encode("cp1252")) == "cp1252"


UTF8 = export(TEXTS["cp1252"]).encode()
ASCII = export("plain").encode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(ASCII, id="ASCII"),
        pytest.param(UTF8, id="UTF-8"),
        pytest.param(UTF8 + b"u,\xff\n", id="UTF-8 with a broken byte at its end"),
        pytest.param(b"u,\xe9\xe8\n" + UTF8, id="UTF-8 with broken bytes before all others"),
        pytest.param(UTF8.replace("é".encode(), "é".encode("latin-1"), 3), id="UTF-8 mended badly"),
        pytest.param(UTF8[:-3] + b"\xe2\x82", id="UTF-8 cut in a letter"),
        pytest.param(
            ASCII + b"u,\xe2\x82\nu,\xf0\x9f\x98\n" + "é".encode(), id="letters cut, one whole"
        ),
        pytest.param(ASCII + b"u,cl\xffck\n", id="ASCII with a broken byte"),
        pytest.param(ASCII + "клик\n".encode("cp1251"), id="four letters of who knows what"),
        pytest.param(bytes(range(256)) * 9, id="no text"),
    ],
)
def test_encoding_stays_utf8_where_nothing_else_can_be_told(data: bytes) -> None:
    assert encoding_of(data) is None


def test_encoding_of_utf8_asks_no_library() -> None:
    for name in [name for name in sys.modules if name.startswith("charset_normalizer")]:
        del sys.modules[name]
    assert encoding_of(UTF8 * 20) is None
    assert "charset_normalizer" not in sys.modules


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_decoder_reads_a_text_in_one_way_however_it_is_cut(size: int) -> None:
    text = "click\n" * 500 + export(TEXTS["shift_jis"])
    for data, wanted in (
        (text.encode(), text),
        (text.encode() + b"\xff.", text + "\\xff."),
        (text.encode()[:-3], text.encode()[:-3].decode("utf-8", "backslashreplace")),
    ):
        decoder = Decoder()
        parts = [decoder.utf8(data[at : at + size], False) for at in range(0, len(data), size)]
        assert b"".join((*parts, decoder.utf8(b"", True))).decode() == wanted


WORDS = TEXTS["latin-1"]


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        pytest.param(
            [b"click\n" * 9, WORDS.encode("latin-1"), "é".encode("latin-1")],
            "click\n" * 9 + WORDS + "é",
            id="ASCII, then another encoding",
        ),
        pytest.param(
            ["é\n".encode(), WORDS.encode("latin-1"), "é".encode()],
            "é\n" + WORDS.encode("latin-1").decode("utf-8", "backslashreplace") + "é",
            id="UTF-8, then bytes of another encoding",
        ),
        pytest.param(
            [b"click\xff\n", WORDS.encode()], "click\\xff\n" + WORDS, id="a broken byte, then UTF-8"
        ),
    ],
)
def test_decoder_asks_for_the_encoding_once(parts: list[bytes], wanted: str) -> None:
    decoder = Decoder()
    text = b"".join(decoder.utf8(part, part is parts[-1]) for part in parts)
    assert text.decode() == wanted


Load = Callable[..., Any]
TIME = "2026-03-10T14:00:00Z"


def row(user: str, page: str) -> dict[str, str]:
    """One click."""
    return {"user": user, "time": TIME, "event": "x", "note": page}


PAGES = ("Café crème à 10 €", "L’été “indien”", "Où êtes-vous ?")
LATIN = ("Café crème", "São Paulo", "Où êtes-vous ?")
RUSSIAN = ("Новости сегодня", "Связаться с нами", "Главная страница")
JAPANESE = ("東京の天気", "ニュース速報", "お問い合わせ")


@pytest.mark.parametrize("shape", ["a.csv", "a.csv.gz", "a.ndjson", "a.json"])
@pytest.mark.parametrize(
    ("encoding", "pages"),
    [("cp1252", PAGES), ("latin-1", LATIN), ("cp1251", RUSSIAN), ("shift_jis", JAPANESE)],
)
@pytest.mark.parametrize("blanks", [0, 2_000_000], ids=["at once", "behind the sample"])
def test_another_encoding_is_read_with_its_letters_and_lines(
    load_text: Load, shape: str, encoding: str, pages: tuple[str, ...], blanks: int
) -> None:
    rows = [row("x", "n" * blanks), *(row("a", page) for page in pages)]
    if "csv" in shape:
        content = "user,time,event,note\n"
        content += "".join(f"{r['user']},{TIME},x,{r['note']}\n" for r in rows)
        content += f"a,,{pages[0]},{pages[1]}\n"
        wanted = [(6, f"a,,{pages[0]},{pages[1]}")]
    else:
        broken = f'{{"user": {pages[0]}}}'
        texts = [*(json.dumps(r, ensure_ascii=False) for r in rows), broken]
        content = "\n".join(texts) if shape == "a.ndjson" else f"[{', '.join(texts)}]"
        wanted = [(5, broken)]
    data = content.encode(encoding)
    loaded = load_text(gzip.compress(data, mtime=0) if shape.endswith("gz") else data, shape)
    assert loaded.counts == (5, 4, 0, 1), loaded.outcome.message
    told = [event["properties"]["note"] for event in loaded.events() if event["user_id"] == "a"]
    assert sorted(told) == sorted(pages)
    assert [(one["line"], one["raw"]) for one in loaded.rejected()] == wanted


@pytest.mark.parametrize("shape", ["a.csv", "a.ndjson"])
def test_utf8_with_broken_bytes_keeps_its_letters_and_tells_the_bytes(
    load_text: Load, shape: str
) -> None:
    texts = [*PAGES, *RUSSIAN, "cl\udcffck", "\udce9t\udce9 \udce9"]
    if shape == "a.csv":
        content = "user,time,event,note\n" + "".join(f"a,{TIME},x,{text}\n" for text in texts)
    else:
        content = "".join(
            f'{{"user": "a", "time": "{TIME}", "event": "x", "note": "{text}"}}\n' for text in texts
        )
    loaded = load_text(content.encode("utf-8", "surrogateescape"), shape)
    notes = [str(event["properties"]["note"]) for event in loaded.events()]
    broken = ["cl\\xffck", "\\xe9t\\xe9 \\xe9"]
    if shape == "a.csv":
        assert sorted(notes) == sorted([*PAGES, *RUSSIAN, *broken])
    else:
        # \x is no sign of JSON.
        assert sorted(notes) == sorted([*PAGES, *RUSSIAN])
        assert [broken[n] in one["raw"] for n, one in enumerate(loaded.rejected())] == [True, True]


def test_header_in_another_encoding_names_the_columns(load_text: Load) -> None:
    text = f"user,time,event,prénom,ville\na,{TIME},x,René,Besançon\nb,{TIME},x,Zoë,Nîmes\n"
    events = load_text(text.encode("cp1252"), "a.csv").events()
    assert [event["properties"] for event in events] == [
        {"prénom": "René", "ville": "Besançon"},
        {"prénom": "Zoë", "ville": "Nîmes"},
    ]
