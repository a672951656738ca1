"""Ordered patterns: the grammar of their steps."""

from __future__ import annotations

from typing import Any

import pytest

from warehouse import DwellError
from warehouse.links import Link
from warehouse.patterns import Pattern, pattern_of
from warehouse.steps import step_of

READ: dict[str, tuple[list[str], Pattern]] = {
    "one step": (["a"], Pattern((step_of("a"),), (Link(0),))),
    "all that there is": (
        ["prompt", "then model_response", "without copy", "then prompt within 20s", "not error"],
        Pattern(
            tuple(map(step_of, ("prompt", "model_response", "copy", "error"))),
            (Link(0), Link(1), Link(0, within=20_000_000, without=(2,))),
            nowhere=(3,),
        ),
    ),
    "two that may not lie between": (
        ["a", "without b", "without c", "then d"],
        Pattern(tuple(map(step_of, ("a", "b", "c", "d"))), (Link(0), Link(3, without=(1, 2)))),
    ),
    "what may not follow": (
        ["error", "then not click"],
        Pattern((step_of("error"), step_of("click")), (Link(0),), not_after=(1,)),
    ),
    "only the end": (
        ["ends error"],
        Pattern((step_of("error"), step_of("*")), (Link(1),), ends=(0,)),
    ),
    "pages and properties": (
        ["page_view:/docs/*", "then signup[plan=pro] within 2 h"],
        Pattern(
            (step_of("page_view:/docs/*"), step_of("signup[plan=pro]")),
            (Link(0), Link(1, within=7_200_000_000)),
        ),
    ),
}


@pytest.mark.parametrize(("steps", "pattern"), READ.values(), ids=READ)
def test_steps_are_read(steps: list[str], pattern: Pattern) -> None:
    assert pattern_of(steps) == pattern


REFUSED: dict[str, tuple[Any, str]] = {
    "none": ([], "Wanted a list of texts"),
    "one text": ("a", "Wanted a list of texts"),
    "a number": ([1], "Wanted a list of texts"),
    "no first step": (["then a"], "'then a' follows no step"),
    "a step that does not say when": (["a", "b"], "Write 'then b', or 'without b'"),
    "nothing behind what lies between": (["a", "without b"], "stands no further step"),
    "only what lies between": (["without b"], "Before 'without b' stands no step"),
    "what lies before the first step": (
        ["without b", "a", "then c"],
        "Before 'without b' stands no step",
    ),
    "no duration": (["a", "then b within soon"], "'soon' is no duration"),
    "no step": (["a b"], "'a b' is no step"),
    "too many events": (
        ["a", *(f"then e{number}" for number in range(20))],
        "names 21 different events. At most: 20",
    ),
}


@pytest.mark.parametrize(("steps", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_pattern_is_refused(steps: Any, message: str) -> None:
    with pytest.raises(DwellError, match=message):
        pattern_of(steps)
