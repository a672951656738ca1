"""Every kind of fault has a name."""

from pages.ui import fault_words
from warehouse.metrics import health


def test_every_kind_of_fault_has_a_name_and_no_other():
    assert tuple(fault_words.NAMES) == health.FAULTS
    assert fault_words.named("heartbeat_gaps") == "Missing heartbeats"
