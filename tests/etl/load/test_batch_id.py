"""Names of batches: the same for the same bytes read the same way, in every version of Dwell."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from etl.config.sources import TableEvent
from etl.formats.format import Request
from etl.formats.read_plan import ReadPlan
from etl.formats.registry import BY_NAME
from etl.load.batch_id import batch_id, batch_ids, fingerprint
from etl.read.sample import Sample


def plan_of(file: str, request: Request, format_name: str = "events") -> ReadPlan:
    """How a file is read that was not looked at."""
    known = BY_NAME[format_name]
    source, stream = request.source or known.name, request.sessions or known.sessions
    path, sample = Path(file), Sample(Path(file), "delimited")
    return ReadPlan(path, sample, known, request, source, stream, 0, 0, (path, 0))


# What the first version of Dwell has made of these: homes are full of it.
NAMED = {
    "nothing asked": (
        plan_of("events-2026-11-20.csv.gz", Request()),
        "156a28048893c5aa594d1e6c3a30d9612a509e07634e43d73ca02082c0517013",
    ),
    "columns named": (
        plan_of(
            "visits.csv",
            Request(
                source="shop",
                map={"user": "uid", "time": "ts", "type": "'visit'"},
                sessions="tracker",
                time_zone="Europe/Berlin",
                exclude_users=("-1", "ü"),
            ),
        ),
        "4eb957e94fbc090b16152043e246d4697fb5491435eef5992f79d22fd63bab15",
    ),
    "tables": (
        plan_of(
            "app.db",
            Request(
                source="app",
                format="tables",
                tables=(
                    TableEvent("posts", "author", "created", "post"),
                    TableEvent("posts", "author", "edited", "edit", id="id", when="edited"),
                ),
            ),
            "tables",
        ),
        "5ef6d088bc51697b26abfba81d06431b0142305e4fbe22904c5209d77e7521fd",
    ),
}


@pytest.mark.parametrize(("plan", "expected"), NAMED.values(), ids=NAMED)
def test_ways_of_reading_have_the_names_they_always_had(plan: ReadPlan, expected: str) -> None:
    assert fingerprint(plan) == expected


@dataclass(frozen=True)
class LaterRequest(Request):
    """A request of a later version, with options that this one does not know."""

    redact: tuple[str, ...] = ()
    encoding: str = "utf-8"


@dataclass(frozen=True)
class LaterTableEvent(TableEvent):
    """A table of a later version."""

    page: str | None = None


@pytest.mark.parametrize(("plan", "expected"), NAMED.values(), ids=NAMED)
def test_a_new_option_left_alone_changes_no_name(plan: ReadPlan, expected: str) -> None:
    later = LaterRequest(**vars(plan.request))
    later = replace(later, tables=tuple(LaterTableEvent(**vars(t)) for t in later.tables))
    assert fingerprint(replace(plan, request=later)) == expected


def test_a_new_option_that_is_set_names_another_batch() -> None:
    plan = plan_of("visits.csv", Request())
    other = replace(plan, request=LaterRequest(redact=("email",)))
    assert batch_id(plan, "content") != batch_id(other, "content")


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "shop"},
        {"map": {"user": "uid"}},
        {"sessions": "tracker"},
        {"time_zone": "Europe/Berlin"},
        {"exclude_users": ("-1",)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_option_is_part_of_the_name(changed: dict[str, object]) -> None:
    plan = plan_of("visits.csv", Request())
    other = plan_of("visits.csv", replace(plan.request, **changed))  # type: ignore[arg-type]
    assert fingerprint(plan) != fingerprint(other)


def test_the_dates_of_a_file_are_no_part_of_the_name() -> None:
    first, second = (
        plan_of(f"events-{day}.csv", Request()) for day in ("2026-11-20", "2026-11-21")
    )
    assert fingerprint(first) == fingerprint(second)
    assert batch_id(first, "content") != batch_id(first, "other content")


def test_a_file_that_was_named_with_its_date_in_front_is_known_by_that_name() -> None:
    plan = plan_of("2026-11-20-orders.csv", Request())
    assert fingerprint(plan) == fingerprint(plan_of("orders.csv", Request()))
    assert batch_ids(plan, "content") == (batch_id(plan, "content"), "f762f88885b82cca4f325cb9")


@pytest.mark.parametrize(("name", "is_told"), [("slack", True), ("events", False)])
def test_the_folder_is_part_of_the_name_where_it_means_something(name: str, is_told: bool) -> None:
    one, other = (plan_of(f"{folder}/2026-11-20.json", Request(), name) for folder in "ab")
    assert (fingerprint(one) != fingerprint(other)) is is_told


def test_naming_the_format_that_is_told_anyway_changes_no_name() -> None:
    told, named = (plan_of("visits.csv", Request(format=given)) for given in (None, "events"))
    assert fingerprint(told) == fingerprint(named)
    assert fingerprint(told) != fingerprint(plan_of("visits.csv", Request(), "tables"))
