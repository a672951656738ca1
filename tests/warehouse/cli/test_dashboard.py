"""dwell dashboard refuses what it should not serve. What it serves: tests/pages."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "dwell.example.com"])
@pytest.mark.parametrize("option", ["--host", "--address"])
def test_nobody_else_is_served_without_a_login(dwell, option, host):
    result = dwell("dashboard", option, host, "--port", "8599")
    assert result.code == 2
    assert f"so that {host} would show it to everybody" in result.err
    assert "--insecure" in result.err


def test_an_address_of_another_machine_is_refused(dwell):
    result = dwell("dashboard", "--host", "192.0.2.1", "--port", "8599", "--insecure")
    assert result.code == 2
    assert "Port 8599 of 192.0.2.1 cannot be had" in result.err


def test_where_a_proxy_says_who_it_is_others_are_served(dwell):
    Path("dwell.toml").write_text(
        '[serve]\nuser_header = "X-User"\nproxies = ["192.0.2.7"]\n', "utf-8"
    )
    # An address of documents is nobody's: what is met is that it cannot be bound.
    result = dwell("dashboard", "--host", "192.0.2.1", "--port", "8599")
    assert "Port 8599 of 192.0.2.1 cannot be had" in result.err
