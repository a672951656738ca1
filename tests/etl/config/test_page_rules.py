"""Page rules as people write them: what they fit, and what is said of those that are none."""

import re
from pathlib import Path

import pytest

from etl.config.page_rules import page_rules
from etl.config.settings import load_settings
from etl.errors import ConfigError

FITS = [
    ("/item/:id", "/item/7", True),
    ("/item/:id", "/item/blue%20cap", True),
    ("/item/:id", "/item/7/", True),
    ("/item/:id/", "/item/7", True),
    ("/item/:id", "/item/", False),
    ("/item/:id", "/item", False),
    ("/item/:id", "/item/7/reviews", False),
    ("/item/:id", "/shop/item/7", False),
    ("/item/:id", "/Item/7", False),
    ("/user/:name/orders/:order", "/user/ann/orders/3", True),
    ("/user/:name/orders/:order", "/user//orders/3", False),
    ("/item/:number", "/item/007", True),
    ("/item/:number", "/item/7a", False),
    ("/job/:uuid", "/job/0b0c7bb5-51c5-4d2f-9c1e-2f1a3b4c5d6e", True),
    ("/job/:uuid", "/job/0b0c7bb5", False),
    ("/commit/:hex", "/commit/0B0c7bb551c5", True),
    ("/commit/:hex", "/commit/0b0c7b", False),
    ("/day/:date", "/day/2026-03-10", True),
    ("/day/:date", "/day/2026-3-1", False),
    ("/item-:number.html", "/item-12.html", True),
    ("/item-:number.html", "/item-12xhtml", False),
    ("/docs/*", "/docs/a", True),
    ("/docs/*", "/docs/a/b/c", True),
    ("/docs/*", "/docs", False),
    ("/docs/*", "/docsearch", False),
    ("/*", "/anything/at/all", True),
    ("/", "/", True),
    ("/wiki/Talk:Start", "/wiki/Talk:Start", True),
    ("/wiki/Talk:Start", "/wiki/Talkative", False),
    ("/a+b(c)[d]{2}^$|\\d/:id", "/a+b(c)[d]{2}^$|\\d/1", True),
    ("/a.b/:id", "/axb/1", False),
    ("/caf%C3%A9/:id", "/caf%C3%A9/1", True),
    ("/Größe/:id", "/Größe/1", True),
    ("/o'neil/:id", "/o'neil/1", True),
]


@pytest.mark.parametrize(("rule", "page", "fits"), FITS, ids=[f"{r} {p}" for r, p, _ in FITS])
def test_a_rule_fits_whole_pages(rule: str, page: str, fits: bool) -> None:
    (read,) = page_rules([rule])
    assert (re.fullmatch(read.pattern, page) is not None) == fits


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("/item/:id", "/item/:id"),
        ("/docs/*", "/docs/*"),
        ("/p/:id => /item/:id", "/item/:id"),
        ("/old/*=>/old", "/old"),
        (":number", ":number"),
    ],
)
def test_a_rule_names_pages_after_itself_or_as_told(rule: str, name: str) -> None:
    assert page_rules([rule])[0].name == name


WRONG = [
    ("item/:id", "is no path"),
    ("https://shop.test/item/:id", "is no path"),
    (":id", "is no word of :number, :uuid, :hex, :date"),
    (":number => N", "is no word of"),
    ("/docs/*/edit", "has a * that is not its last part"),
    ("/docs*", "has a * that is not its last part"),
    ("/item/:", "has a colon without a name"),
    ("/item/:1", "has a colon without a name"),
    ("/item?id=:id", "has a query string"),
    ("/p/:id => item", "does not begin with a slash on both sides"),
    ("/p/:id =>", "does not begin with a slash on both sides"),
]


@pytest.mark.parametrize(("rule", "problem"), WRONG, ids=[rule for rule, _ in WRONG])
def test_what_is_no_rule_is_refused_with_the_reason(
    tmp_path: Path, rule: str, problem: str
) -> None:
    file = tmp_path / "dwell.toml"
    file.write_text(f"page_rules = ['/fine/:id', '{rule}']", encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(problem)) as error:
        load_settings("h", file)
    assert repr(rule) in str(error.value)
    assert "Wanted: a path such as /item/:id" in str(error.value)
