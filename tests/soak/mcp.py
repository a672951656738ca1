"""`make soak-mcp`: a thousand calls to one server, with builds published meanwhile.

The server may end with no more files open than it had, and with hardly more memory.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.warehouse.mcp.serving import (
    calling,
    http_server,
    make_home,
    memory,
    open_files,
    publish_again,
)

# The engine and the allocator keep what they took; a leak grows with every call.
MOST_MORE_MEMORY = 80_000_000
_WARM = 40


def calls() -> list[tuple[str, dict[str, Any]]]:
    """A call of each kind, refused ones too. SQL, which has processes of its own, is the last."""
    return [
        ("get_session", {"session_id": "none"}),
        ("query_metric", {"metric": "none"}),
        ("query_metric", {"metric": "session_count", "filter": "none"}),
        ("get_session", {"session_id": "none", "build": 1}),
        ("list_metrics", {}),
        ("describe_tables", {"table": "users"}),
        ("query_metric", {"metric": "bounce_rate", "by": "device_type"}),
        ("get-session-analytics", {}),
        ("get_user_timeline", {"user_id": "ann"}),
        ("run_sql", {"sql": "select count(*) from user_sessions"}),
    ]


def call_often(home: Path, most: int, builds: int, turns: list[int]) -> dict[str, int]:
    """Makes so many calls, of which `turns` says how often each kind is made in a round.

    Publishes so many builds meanwhile. What the server had open and held when it was warm, and at
    the end: files, files_at_end, memory, memory_at_end. Fails when a call is not answered.
    """
    kinds = [each for each, times in zip(calls(), turns, strict=True) for _ in range(times)]
    with http_server(home) as (process, address), calling(address) as caller:
        for number in range(_WARM):
            tool, arguments = kinds[number % len(kinds)]
            caller.ask(tool, **arguments)
        files, held = open_files(process.pid), memory(process.pid)
        published = 1
        for number in range(most):
            if builds and number % (most // builds) == 0:
                published = publish_again(home)
            tool, arguments = kinds[number % len(kinds)]
            answer = caller.ask(tool, **arguments).structured_content
            if answer is not None and answer["build"] not in (1, published):
                msg = f"call {number} was answered by build {answer['build']}"
                raise AssertionError(msg)
        return {
            "files": files,
            "files_at_end": open_files(process.pid),
            "memory": held,
            "memory_at_end": memory(process.pid),
        }


def main() -> None:
    """Prints the figures; fails at a leak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", nargs="?", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dwell-soak-mcp-") as name:
        started = time.monotonic()
        figures = call_often(make_home(Path(name)), args.calls, args.calls // 50, [2] * 9 + [1])
    seconds = time.monotonic() - started
    print(f"{args.calls:,} calls, {args.calls // 50} builds, {seconds:.0f} s: {figures}")
    assert figures["files_at_end"] <= figures["files"] + 3
    assert figures["memory_at_end"] <= figures["memory"] + MOST_MORE_MEMORY


if __name__ == "__main__":
    main()
