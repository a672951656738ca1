"""Clients of a collector that is killed: they send at full speed, and know what was accepted."""

import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Protocol

_START = datetime(2026, 3, 10, tzinfo=UTC)
_TIMEOUT = 10.0
KEY = "soak-key"


class Line(Protocol):
    """A connection to a collector."""

    def send(self, events: Sequence[dict[str, Any]]) -> bool:
        """Whether the events were accepted; OSError or HTTPException when nobody knows."""

    def close(self) -> None:
        """Ends it."""


class SpoolLine:
    """To the process of tests/soak/spool_process.py."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), _TIMEOUT)
        self._answers = self._socket.makefile("rb")

    def send(self, events: Sequence[dict[str, Any]]) -> bool:
        """Whether the spool took them."""
        lines = [json.dumps(event) for event in events]
        self._socket.sendall("\n".join([str(len(lines)), *lines, ""]).encode())
        answer = self._answers.readline()
        if not answer.endswith(b"\n"):
            raise ConnectionResetError
        return answer == b"ok\n"

    def close(self) -> None:
        """Ends it."""
        self._answers.close()
        self._socket.close()

    @staticmethod
    def process(home: Path, port: int, age: float) -> "subprocess.Popen[bytes]":
        """The collector, started."""
        command = [sys.executable, "-m", "tests.soak.spool_process", str(home), str(port)]
        return subprocess.Popen([*command, "--age", str(age)])


class HttpLine:
    """To `dwell collect`, by the endpoint for many events of one session."""

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        self._http.connect()

    def send(self, events: Sequence[dict[str, Any]]) -> bool:
        """Whether it answered 2xx."""
        session = events[0]["session_id"]
        told = [
            {
                "event_id": event["event_id"],
                "type": event["event_type"],
                "time": event["event_time"],
                "user_id": event["user_id"],
                "page": event["url"],
                "data": event.get("properties", {}),
            }
            for event in events
        ]
        self._http.request(
            "POST",
            f"/api/v1/sessions/{session}/events",
            json.dumps({"events": told}),
            {"Content-Type": "application/json", "X-Write-Key": KEY},
        )
        answer = self._http.getresponse()
        text = answer.read()
        assert 200 <= answer.status < 300 or answer.status in (429, 503), (answer.status, text)
        return 200 <= answer.status < 300

    def close(self) -> None:
        """Ends it."""
        self._http.close()

    @staticmethod
    def process(home: Path, port: int, age: float) -> "subprocess.Popen[bytes]":
        """The collector, started."""
        config = home.parent / "collect.toml"
        if not config.exists():
            config.write_text(
                f'spool_age = "{round(age * 1000)} ms"\n[sources.web]\nwrite_key = "{KEY}"\n'
                "[collect]\nrate_limit = 1000000\nkey_rate_limit = 1000000\n"
            )
        where = ["--host", "127.0.0.1", "--port", str(port), "--home", str(home)]
        command = [str(Path(sys.executable).parent / "dwell"), "collect", *where]
        return subprocess.Popen([*command, "--config", str(config)], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)  # fmt: skip


Side = type[SpoolLine] | type[HttpLine]
LINES: dict[str, Side] = {"spool": SpoolLine, "http": HttpLine}


class Client(threading.Thread):
    """Sends until it is told to stop. Of a request without answer it does not know what became: it
    sends most of them again, as the tracker does, and gives up on the others.

    sent       ids of all events; `accepted`, of those that were acknowledged
    refused    requests that the collector answered with a no; `unanswered`: those without answer
    """

    def __init__(self, number: int, side: Side, port: int, pad: int) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self.number, self.side, self.port = number, side, port
        self.pad = "x" * pad
        self.chance = random.Random(number)
        self.over = threading.Event()
        self.sent = self.refused = self.unanswered = self.requests = 0
        self.accepted: set[str] = set()
        self.problem: BaseException | None = None

    def run(self) -> None:
        """Sends batch after batch, over as many connections as it takes."""
        batch: list[dict[str, Any]] = []
        while not self.over.is_set():
            try:
                line = self.side(self.port)
            except OSError:
                time.sleep(0.01)
                continue
            try:
                while not self.over.is_set():
                    batch = batch or self._batch()
                    self.requests += 1
                    if line.send(batch):
                        self.accepted.update(event["event_id"] for event in batch)
                        batch = []
                    else:
                        self.refused += 1
                        time.sleep(0.005)
            except (OSError, HTTPException):
                self.unanswered += 1
                if self.chance.random() < 0.3:
                    batch = []
            except AssertionError as error:
                self.problem = error
                return
            finally:
                with suppress(OSError):
                    line.close()

    def _batch(self) -> list[dict[str, Any]]:
        """The next 1 to 20 events, of one session."""
        first, self.sent = self.sent, self.sent + self.chance.randint(1, 20)
        return [
            {
                "event_id": f"c{self.number}-{number}",
                "event_type": "click",
                "event_time": (_START + timedelta(milliseconds=200 * number)).isoformat(),
                "user_id": f"u{self.number}",
                "session_id": f"s{self.number}-{first // 500}",
                "url": f"/{number % 7}",
                "properties": {"n": number, "pad": self.pad},
            }
            for number in range(first, self.sent)
        ]
