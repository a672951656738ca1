"""Every kind of fault has a name."""

from pages.ui import fault_words
from warehouse.metrics import health


def test_every_kind_of_fault_has_a_name_of_its_own():
    names = [fault_words.named(kind) for kind in health.FAULTS]
    assert len({*names}) == len(names)
    assert fault_words.named("heartbeat_gaps") == "Missing heartbeats"
