import pytest

from etl.config.sizes import parse_size


@pytest.mark.parametrize(
    ("written", "size", "text"),
    [
        ("2 GB", 2_000_000_000, "2 GB"),
        ("1.5gb", 1_500_000_000, "1.5 GB"),
        ("500 MB", 500_000_000, "500 MB"),
        (64_000_000, 64_000_000, "64 MB"),
        ("100000000 b", 100_000_000, "100 MB"),
        ("1 TB", 10**12, "1 TB"),
    ],
)
def test_a_size_is_read_and_told(written, size, text):
    assert parse_size(written) == size
    assert str(parse_size(written)) == text


@pytest.mark.parametrize("written", ["", "2 GiB", "many", "-1 GB", "49 MB", "101 TB", True, None])
def test_what_is_no_size_is_refused(written):
    with pytest.raises((ValueError, KeyError)):
        parse_size(written)
