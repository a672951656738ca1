"""What is told of refusals: each kind at once, and how often it came, once a minute."""

from etl.collector.refusal import Refused
from etl.collector.refusals import Refusals

SITE = b"https://a.example"


def test_each_kind_is_told_once_and_counted_after_a_minute() -> None:
    told: list[tuple[str, int]] = []
    refusals = Refusals(lambda text, count: told.append((text, count)))
    wrong = Refused(401, "There is no write key.")
    for second in (0, 1, 59):
        refusals.note(wrong, None, 100.0 + second)
    refusals.note(Refused(403, "Not this site."), SITE, 100.5)
    assert told == [
        ("401: There is no write key.", 1),
        ("403: Not this site. From 'https://a.example'.", 1),
    ]
    told.clear()
    refusals.note(wrong, None, 160.0)
    assert told == [("401: There is no write key.", 2), ("401: There is no write key.", 1)]


def test_what_strangers_send_neither_breaks_a_line_nor_fills_the_memory() -> None:
    told: list[str] = []
    refusals = Refusals(lambda text, _: told.append(text))
    for number in range(1000):
        site = b"https://\r\nx\x1b[31m%d" % number + b"y" * 5000
        refusals.note(Refused(403, "No."), site, 1.0)
    assert len(told) == 100
    assert max(map(len, told)) < 300
    assert all(text.isascii() and text.isprintable() for text in told)
