"""`make soak-delivery`: kills processes that put and deliver; no message is lost, none gets a
second id, and no kill makes more than one repeat at a receiver.

A process puts one message after the other for a webhook, a Slack webhook, mail and a file, and
delivers; it is killed at random moments and started again, and puts again what it put last. The
receivers answer after a few milliseconds, and refuse now and then for a moment. They are real
servers, outside of what is killed, and note what they took.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from etl.config.settings import load_settings
from tests.warehouse.delivery.servers import Answer, Hooks, Mailbox, hooks, mailbox
from warehouse.delivery.message import Message
from warehouse.delivery.outbox import deliver, put, waiting

RECEIVERS = ("json", "slack", "mail", "file")
_ROOT = Path(__file__).parents[2]


def work(home: Path, first: int) -> None:
    """Puts and delivers until it is killed; tells the number of what is put once it is."""
    settings = load_settings(home)
    number = first
    while True:
        put(home, [(message(number), RECEIVERS)])
        print(number, flush=True)
        deliver(settings, 10, at_once=True)
        number += 1


def message(number: int) -> Message:
    """The message of a number: the same in each process."""
    return Message(f"soak-{number}", f"Number {number}", f"text {number}", {"number": number})


@dataclass
class Kills:
    """Where is killed, and what the receivers took."""

    home: Path
    hooks: Hooks
    mailbox: Mailbox
    chance: random.Random
    put: int = 0

    def prepare(self) -> None:
        """Writes dwell.toml, and makes the receivers slow and moody."""
        self.home.mkdir()
        (self.home / "dwell.toml").write_text(
            f"""
            [smtp]
            host = "127.0.0.1"
            port = {self.mailbox.port}
            security = "none"
            sender = "dwell@example.com"
            [receivers.json]
            webhook = "{self.hooks.address}/json"
            [receivers.slack]
            webhook = "{self.hooks.address}/slack"
            style = "slack"
            [receivers.mail]
            mail = "ann@example.com"
            [receivers.file]
            file = "messages.ndjson"
            """,
            encoding="utf-8",
        )
        moods = random.Random(5)

        def answer(_: object) -> Answer:
            is_well = moods.random() < 0.9
            return Answer(200 if is_well else 503, after=moods.random() * 0.02)

        self.hooks.answer = answer
        self.mailbox.after_data = lambda _: "250 OK" if moods.random() < 0.9 else "451 later"

    def kill_one(self, most_seconds: float) -> None:
        """Starts a process, and kills it at a moment after its first message is put."""
        # What was put last is put again, as whoever was killed does not know that it was.
        with self._process(max(0, self.put - 2)) as process:
            assert process.stdout
            told = process.stdout.readline()
            assert told, "the process ended by itself"
            rest: list[str] = []
            reader = threading.Thread(target=lambda: rest.extend(process.stdout or ()))
            reader.start()
            time.sleep(self.chance.random() * most_seconds)
            process.kill()
            reader.join()
        whole = [line for line in [told, *rest] if line.endswith("\n")]
        self.put = max(self.put, *(int(line) + 1 for line in whole))

    def _process(self, first: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-P", "-m", "tests.soak.delivery", "--work", str(self.home)]
        return subprocess.Popen(
            [*command, "--first", str(first)], stdout=subprocess.PIPE, text=True, cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
        )  # fmt: skip

    def finish(self) -> None:
        """Delivers what still waits."""
        deadline = time.monotonic() + 60
        settings = load_settings(self.home)
        while waiting(self.home):
            assert time.monotonic() < deadline, waiting(self.home)[:3]
            deliver(settings, 10, at_once=True)

    def taken(self) -> dict[str, list[tuple[str, int]]]:
        """By receiver the ids and the numbers of what it took, in its order."""
        posts = [
            (post.path, post.headers["idempotency-key"], post.body) for post in self.hooks.taken
        ]
        lines = (self.home / "messages.ndjson").read_text(encoding="utf-8").splitlines()
        return {
            "json": [(id, body["number"]) for path, id, body in posts if path == "/json"],
            "slack": [(id, _number(body["text"])) for path, id, body in posts if path == "/slack"],
            "mail": [
                (mail["Message-ID"].strip("<>").partition("@")[0], _number(mail["Subject"]))
                for mail in self.mailbox.mails
            ],
            "file": [(line["id"], line["number"]) for line in map(json.loads, lines)],
        }


def _number(text: str) -> int:
    found = re.search(r"Number (\d+)", text)
    assert found, text
    return int(found[1])


def kill(kills: Kills, count: int, most_seconds: float) -> str:
    """Kills so many processes; the figures. Fails where a message is lost, has two ids, or came
    twice more often than processes were killed.
    """
    started = time.monotonic()
    kills.prepare()
    for _ in range(count):
        kills.kill_one(most_seconds)
    kills.finish()
    told = check(kills, count)
    return f"{count} kills in {time.monotonic() - started:.0f} s, {told}"


def check(kills: Kills, count: int) -> str:
    """What each receiver took of what was put."""
    repeats = {}
    for receiver, taken in kills.taken().items():
        assert all(id == f"soak-{number}" for id, number in taken), receiver
        times = Counter(number for _, number in taken)
        lost = set(range(kills.put)) - times.keys()
        assert not lost, f"{receiver} lost {sorted(lost)[:5]}"
        # One more may have been put than was told.
        assert max(times) <= kills.put, f"{receiver} has {max(times)}, which nobody put"
        repeats[receiver] = sum(times.values()) - len(times)
        assert repeats[receiver] <= count, f"{repeats[receiver]} repeats at {receiver}"
        # Mail that is put off five times lets others go first.
        order = list(dict.fromkeys(number for _, number in taken))
        assert order == sorted(order) or receiver == "mail", f"{receiver} got them out of order"
    assert repeats["file"] == 0, f"{repeats['file']} lines stand twice in the file"
    told = ", ".join(f"{name} {number}" for name, number in repeats.items())
    return f"{kills.put} messages: each receiver has each; repeats with the same id: {told}"


def run(folder: Path, count: int, most_seconds: float, seed: int) -> str:
    """The figures of so many kills."""
    with hooks() as web, mailbox() as box:
        return kill(Kills(folder / "home", web, box, random.Random(seed)), count, most_seconds)


def main() -> None:
    """Prints the figures; fails at the first message that is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    if args.work:
        work(args.work, args.first)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(run(Path(folder), args.kills, 2.0, args.seed))


if __name__ == "__main__":
    main()
