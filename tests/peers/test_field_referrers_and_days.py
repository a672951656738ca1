"""Referrers that are no address, hosts alone, and addresses with far days: as public reports have
them (../shared/data/field).
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import warehouse
from pages.ui.address import decode
from tests.make import build_home, load_files

PeerData = Callable[[str], Path]


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        (
            "28-referrer-direct",
            [(f"ref{n}", "direct", None) for n in range(4)],
        ),
        (
            "29-referrer-without-scheme",
            [
                ("ivy", "external", "www.google.com"),
                ("jan", "external", "bing.com/search?q=x"),
                ("kai", "internal", "/home"),
            ],
        ),
    ],
)
def test_referrers_of_public_reports(
    peer_data: PeerData, tmp_path: Path, case: str, wanted: list[tuple[str, str, str | None]]
) -> None:
    load_files(tmp_path / "home", peer_data(f"field/{case}") / "events.csv")
    build_home(tmp_path / "home")
    with warehouse.open(tmp_path / "home") as wh:
        query = "select user_id, entry_source, referrer from user_sessions order by user_id"
        assert wh.sql(query).fetchall() == wanted


def test_far_days_of_public_reports_are_told(peer_data: PeerData) -> None:
    file = peer_data("field/30-address-far-days") / "addresses.txt"
    addresses = file.read_text(encoding="utf-8").split()
    assert addresses
    for address in addresses:
        _, ignored = decode(parse_qs(urlsplit(address).query), {})
        assert "is no range of days" in ignored[0], address
