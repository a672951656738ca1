"""Keys: declared once on a field, read by their kind, and told in one kind of sentence."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from etl.config.keys import NAMES, key, key_names, keys_of, read_keys, refuse_unknown
from etl.errors import ConfigError


@dataclass(frozen=True)
class Shop:
    """What a shop may say."""

    label: str
    opens_after: timedelta = key(timedelta(minutes=5), "When it opens.")
    shelves: int = key(10, shapes_history=False)
    owners: tuple[str, ...] = key((), kind=NAMES, name="owner", example='["ann"]')


def test_keys_are_the_fields_that_declare_one() -> None:
    assert key_names(Shop) == ("opens_after", "shelves", "owner")
    declared = keys_of(Shop)
    assert (declared["opens_after"].help, declared["opens_after"].default) == (
        "When it opens.",
        timedelta(minutes=5),
    )
    assert [name for name, each in declared.items() if each.shapes_history] == [
        "opens_after",
        "owners",
    ]


def test_keys_are_read_by_field_and_those_not_written_are_left_out() -> None:
    written = {"opens_after": "2 h", "owner": 7, "label": "no key"}
    assert read_keys(Shop, written, "shop") == {
        "opens_after": timedelta(hours=2),
        "owners": ("7",),
    }


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"shelves": "few"}, "The shop has shelves = 'few'. Wanted: a whole number such as 10."),
        ({"shelves": True}, "The shop has shelves = True. Wanted: a whole number such as 10."),
        (
            {"owner": [["ann"]]},
            "The shop has owner = [['ann']]. Wanted: a name or a list of them, for example "
            'owner = ["ann"].',
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_what_was_wanted(
    written: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read_keys(Shop, written, "shop")
    assert str(refused.value) == message


def test_a_key_that_nobody_declared_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'shelfes' in the shop\. Did you mean 'shelves'\?"):
        refuse_unknown({"shelfes": 1}, key_names(Shop), "the shop")
