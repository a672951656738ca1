"""How many requests a sender may make, and which addresses are one sender."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.collector import limits
from etl.collector.limits import BURST, Limit, network_of
from etl.config.hosts import is_loopback


def test_a_burst_passes_and_then_so_many_a_second() -> None:
    limit = Limit(10)
    passed = sum(not limit.wait("a", 0.0) for _ in range(50))
    assert passed == 10 * BURST
    wait = limit.wait("a", 0.0)
    assert wait == pytest.approx(0.1)
    assert limit.wait("b", 0.0) == 0
    assert limit.wait("a", wait) == 0
    assert limit.wait("a", wait) > 0


def test_less_than_one_a_second_is_let_in_one_by_one() -> None:
    limit = Limit(0.1)
    assert limit.wait("a", 0.0) == 0
    assert limit.wait("a", 5.0) > 0
    assert limit.wait("a", 10.0) == 0


def test_no_limit_holds_nobody_up_and_remembers_nobody() -> None:
    limit = Limit(0)
    assert not any(limit.wait("a", 0.0) for _ in range(1000))
    assert limit._used == {}


@given(st.lists(st.floats(0, 0.5), max_size=200))
def test_no_more_pass_than_the_rate_and_one_burst(pauses: list[float]) -> None:
    limit, now, passed = Limit(5), 0.0, 0
    for pause in pauses:
        now += pause
        passed += not limit.wait("a", now)
    assert passed <= 5 * (now + BURST) + 1


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_KNOWN", 100)
    limit = Limit(1)
    for number in range(1000):
        limit.wait(number, number / 1000)
        assert len(limit._used) <= 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:0db8:0000:0000"),
        ("2001:db8:0:0:ffff::2", "2001:0db8:0000:0000"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80:0000:0000:0000"),
        ("no:address", "no:address"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_sender(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "is_it"),
    [
        *[("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("::ffff:127.0.0.1", True)],
        *[("192.0.2.7", False), ("::2", False), ("", False), ("testclient", False)],
        *[("localhost", True), ("::1%lo", True), ("127.evil.example", False)],
        *[("::ffff:192.0.2.7", False), ("10.127.0.1", False)],
    ],
)
def test_loopback_is_this_machine(address: str, is_it: bool) -> None:
    assert is_loopback(address) == is_it
