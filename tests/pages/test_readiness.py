"""Whether a server says that it can answer, over HTTP, where its build is broken."""

from __future__ import annotations

import urllib.error
import urllib.request


def get(address):
    """Status and text of an answer."""
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_lives_before_it_is_ready(serve_home, broken_file):
    address = serve_home(broken_file)
    assert get(f"{address}/livez") == (200, "alive\n")
    status, text = get(f"{address}/readyz")
    assert (status, text) == (503, "not ready: the current build cannot be opened\n")
