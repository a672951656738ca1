"""Real access logs: ten thousand lines of a blog, and a day of a space centre's server."""

import gzip
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import warehouse
from tests.make import build_home, load_files

pytestmark = pytest.mark.peer_data
PeerData = Callable[[str], Path]
KINDS = "select event_type, count(*) from session_events group by event_type"
# What splitting at quotes tells of a line, without the product's pattern.
BRACKETED = re.compile(r"\[(.*?)\]")


def test_a_blogs_log_has_the_visitors_and_visits_that_counting_by_hand_finds(
    peer_data: PeerData, tmp_path: Path
) -> None:
    file = peer_data("real-apache-access-log") / "apache_logs.gz"
    (outcome,) = load_files(tmp_path / "home", file)
    counts = outcome.rows_read, outcome.rows_loaded, outcome.rows_duplicate, outcome.rows_rejected
    # One line breaks off within its user agent.
    assert (outcome.format, counts) == ("access_log", (10_000, 9_999, 0, 1))
    times = defaultdict(list)
    for text in gzip.decompress(file.read_bytes()).decode().splitlines():
        parts = text.split('"')
        if len(parts) == 7:
            time = datetime.strptime(BRACKETED.findall(parts[0])[0], "%d/%b/%Y:%H:%M:%S %z")
            times[text.split()[0], parts[5]].append(time)
    gaps = [
        later - earlier
        for visits in times.values()
        for earlier, later in zip(sorted(visits), sorted(visits)[1:], strict=False)
    ]
    build_home(tmp_path / "home")
    with warehouse.open(tmp_path / "home") as wh:
        found = wh.sql("select count(*), count(distinct user_id) from user_sessions").fetchall()
        kinds = dict(
            wh.sql("select event_type, count(*) from session_events group by 1").fetchall()
        )
    assert found == [(len(times) + sum(gap > timedelta(minutes=30) for gap in gaps), len(times))]
    assert kinds == {
        "asset_request": 5635, "page_view": 3905, "redirect": 162, "error": 154, "download": 106,
        "background_request": 35, "form_submit": 2,
    }  # fmt: skip


def test_a_log_that_became_columns_loads_with_a_map(peer_data: PeerData, tmp_path: Path) -> None:
    file = peer_data("real-nasa-http-1995-07-01") / "nasa_19950701.tsv.gz"
    mapping = {"user": "host", "time": "time", "page": "url", "type": "'page_view'"}
    (outcome,) = load_files(tmp_path / "home", file, map=mapping)
    counts = outcome.rows_read, outcome.rows_loaded, outcome.rows_duplicate, outcome.rows_rejected
    assert (outcome.format, counts) == ("events", (9_999, 9_999, 0, 0))
