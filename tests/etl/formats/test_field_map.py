"""Which columns of a flat record fill which role, and which of them leave the properties."""

import pytest

from etl.formats import field_map
from etl.formats.field_map import ALIASES, NESTED_NAMES, ROLES, map_by_aliases
from etl.lake.schema import EVENT_COLUMNS

COLUMNS = ("uid", "ts", "event", "chat_id", "ua", "tariff")


def test_roles_are_those_of_the_columns_that_a_field_fills_and_the_user_agent() -> None:
    filled = {column.role for column in EVENT_COLUMNS if column.aliases or column.nested}
    assert set(ROLES) == filled | {"user_agent"}
    assert {c.name for c in EVENT_COLUMNS} - {
        c.name for c in EVENT_COLUMNS if c.role in filled
    } == {
        *("source", "stream", "properties"),
    }


def test_aliases_of_two_roles_share_no_name() -> None:
    names = [name for aliases in ALIASES.values() for name in aliases]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("role", sorted({"chat_id", "session_type", "tags", "browser", "url"}))
def test_nested_names_are_found_in_the_folder_of_properties(role: str) -> None:
    paths = map_by_aliases((*COLUMNS, "properties"), {}).paths
    assert paths[role][-len(NESTED_NAMES[role]) :] == tuple(
        ("properties", name) for name in NESTED_NAMES[role]
    )


def test_fields_that_fill_a_column_leave_the_properties_but_the_user_agent() -> None:
    assert set(map_by_aliases(COLUMNS, {}).spent) == {"uid", "ts", "event", "chat_id"}


def test_fields_that_fill_a_later_column_stay_in_the_properties_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(field_map, "ROLES", (*ROLES, "plan"))
    found = map_by_aliases(COLUMNS, {}, {**ALIASES, "plan": ("plan", "tariff")})
    assert found.paths["plan"] == (("tariff",),)
    assert "tariff" not in found.spent
