"""Batches note the days of rows that were there before."""

from etl.lake import Lake
from tests.make import load_files, write_ndjson


def rows(days, count=25):
    return [
        {
            **{"event_id": f"{day}-{n}", "user": "ann", "event": "click"},
            "time": f"2026-03-{day:02}T10:{n:02}:00Z",
        }
        for day in days
        for n in range(count)
    ]


def test_days_of_repeated_rows_are_told_of_the_file_that_brought_them_again(tmp_path):
    files = [
        write_ndjson(tmp_path / "copy.ndjson", rows([3, 4, 7])),
        write_ndjson(tmp_path / "few.ndjson", rows([8], 19)),
        write_ndjson(tmp_path / "whole.ndjson", rows(range(1, 10))),
        # Sent twice within one file.
        write_ndjson(tmp_path / "twice.ndjson", rows([20]) + rows([20])),
    ]
    loaded = load_files(tmp_path / "home", *files, source="web")
    assert [outcome.status for outcome in loaded] == ["loaded"] * 4
    told = {batch.file.rsplit("/", 1)[1]: batch.repeated for batch in batches(tmp_path / "home")}
    assert told == {
        "copy.ndjson": (),
        "few.ndjson": (),
        "whole.ndjson": ("2026-03-03/2026-03-04=50", "2026-03-07/2026-03-07=25"),
        "twice.ndjson": ("2026-03-20/2026-03-20=25",),
    }


def batches(home):
    return Lake(home).batches()
