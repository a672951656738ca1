"""Bodies to fields: what of a value is kept."""

import json
from typing import Any

import pytest

from etl.collector.models import Event
from etl.collector.refusal import Refused
from etl.collector.taken import take

WHOLE_IDS = {"17.0": "17", "-3.0": "-3", "17": "17", '"17.0"': "17.0", '"017"': "017"}


@pytest.mark.parametrize("name", ["id", "user_id", "visitor_id", "chat_id", "experiment_id"])
@pytest.mark.parametrize(("sent", "told"), WHOLE_IDS.items(), ids=WHOLE_IDS)
def test_a_number_is_an_id_without_its_fraction_and_a_text_as_it_came(
    name: str, sent: str, told: str
) -> None:
    field = {"id": "event_id"}.get(name, name)
    raw = json.loads(f'{{"id": "e", "type": "x", "session_id": "s", "{name}": {sent}}}')
    fields, _ = take(Event, raw)
    assert str(fields[field]) == told


@pytest.mark.parametrize("sent", [17.5, 1e22, 2.0**53, True])
def test_a_number_that_is_not_exact_is_no_id(sent: Any) -> None:
    with pytest.raises(Refused, match="does not fit"):
        take(Event, {"type": "x", "user_id": sent})
