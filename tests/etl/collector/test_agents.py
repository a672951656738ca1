"""What headers say of a browser."""

import pytest

from etl.collector import agents

CHROME = b'"Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"'
BRAVE = b'"Brave";v="131", "Chromium";v="131", "Not_A Brand";v="24"'


@pytest.mark.parametrize(
    ("headers", "hints"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({b"sec-ch-ua": CHROME}, {"browser": "Chrome"}, id="Chrome"),
        pytest.param({b"sec-ch-ua": BRAVE}, {"browser": "Brave"}, id="Brave"),
        pytest.param(
            {b"sec-ch-ua": b'"Chromium";v="130", "Not.A/Brand";v="8"'},
            {"browser": "Chromium"},
            id="Chromium alone",
        ),
        pytest.param({b"sec-ch-ua": b'"Not A;Brand";v="99"'}, {}, id="a made up brand alone"),
        pytest.param(
            {b"sec-ch-ua-platform": b'"macOS"', b"sec-ch-ua-mobile": b"?0"},
            {"os": "Mac OS X", "device_type": "desktop"},
            id="a desktop",
        ),
        pytest.param(
            {b"sec-ch-ua-platform": b'"Android"', b"sec-ch-ua-mobile": b"?1"},
            {"os": "Android", "device_type": "mobile"},
            id="a phone",
        ),
        pytest.param({b"sec-ch-ua": b"\xff\x00", b"sec-ch-ua-platform": b'""'}, {}, id="nonsense"),
    ],
)
def test_hints_are_told_as_the_etl_tells_user_agents(
    headers: dict[bytes, bytes], hints: dict[str, str]
) -> None:
    assert agents.hints(headers) == hints


@pytest.mark.parametrize(
    ("header", "agent"),
    [
        *[(b"Firefox", "Firefox"), (b"", None), (b" - ", None)],
        *[(b"\xff", "\ufffd"), (b"x" * 2000, "x" * 1000)],
    ],
)
def test_a_user_agent_is_cut_and_a_dash_is_none(header: bytes, agent: str | None) -> None:
    assert agents.user_agent({b"user-agent": header}) == agent
    assert agents.user_agent({}) is None


@pytest.mark.parametrize(
    ("headers", "asks"),
    [
        ({}, False), ({b"dnt": b"1"}, True), ({b"sec-gpc": b"1"}, True),
        ({b"dnt": b"0"}, False), ({b"dnt": b"unspecified"}, False),
    ],
)  # fmt: skip
def test_do_not_track_and_global_privacy_control_are_heard(
    headers: dict[bytes, bytes], asks: bool
) -> None:
    assert agents.asks_not_to_be_tracked(headers) == asks
