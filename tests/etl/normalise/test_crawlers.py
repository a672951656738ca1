"""The listed crawlers as one expression: it finds what the list does, and no more."""

import re

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler

from etl.normalise.crawlers import any_of, crawlers, is_word
from tests.etl.normalise.test_user_agents import PEOPLE


def test_crawlers_are_those_of_the_list() -> None:
    seen = [agent for crawler in CRAWLER_USER_AGENTS_DATA for agent in crawler["instances"]]
    assert len(seen) > 1000
    agents = [*seen, *(text.lower() for text in seen), *(text for text, *_ in PEOPLE)]
    assert [a for a in agents if bool(crawlers().search(a)) != is_crawler(a)] == []


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("bot", True), ("botany", True), ("a.b", True), ("axb", False), ("bo", False), ("Bot", False)],
)
def test_any_of_finds_words_as_they_are(text: str, is_found: bool) -> None:
    assert bool(re.search(any_of(["bots", "bot", "a.b", "body"]), text)) == is_found


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [("Ezooms", True), (r"AHC\/", True), (r"a\.b", True), ("a.b", False), (r"v\d", False)],
)
def test_is_word_is_said_of_patterns_without_meaning(pattern: str, wanted: bool) -> None:
    assert is_word(pattern) == wanted
