"""The outbox's law, whatever is put and whenever it is delivered: each receiver has, in the order
in which they were put, the messages that were put for it; none twice, and none that was not.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from etl.config.settings import load_settings
from warehouse.delivery.message import Message
from warehouse.delivery.outbox import deliver, put, waiting

NAMES = ("a", "b", "c")


class Outbox(RuleBasedStateMachine):
    """Files are the receivers; one whose place is a folder takes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.home = Path(self.folder.name)
        (self.home / "dwell.toml").write_text(
            "\n".join(f'[receivers.{name}]\nfile = "{name}/log"' for name in NAMES)
        )
        self.settings = load_settings(self.home, self.home / "dwell.toml")
        self.put: dict[str, list[str]] = {name: [] for name in NAMES}
        self.arrived: dict[str, int] = dict.fromkeys(NAMES, 0)
        self.broken: set[str] = set()

    @rule(puts=st.lists(st.tuples(st.integers(0, 9), st.sets(st.sampled_from(NAMES))), max_size=4))
    def puts(self, puts: list[tuple[int, set[str]]]) -> None:
        new = 0
        for number, names in puts:
            for name in names:
                if f"m-{number}" not in self.put[name]:
                    self.put[name].append(f"m-{number}")
                    new += 1
        given = [(Message(f"m-{number}", "b", "c"), sorted(names)) for number, names in puts]
        assert put(self.home, given) == new

    @rule(broken=st.sets(st.sampled_from(NAMES)))
    def delivers(self, broken: set[str]) -> None:
        for name in NAMES:
            (self.home / name).mkdir(exist_ok=True)
            (self.home / name).chmod(0o755)
        self.broken = broken
        moved = []
        for name in broken:
            (self.home / name).rename(self.home / f"{name}.away")
            (self.home / name).write_text("no folder")
            moved.append(name)
        came = deliver(self.settings, at_once=True)
        for name in moved:
            (self.home / name).unlink()
            (self.home / f"{name}.away").rename(self.home / name)
        for name in NAMES:
            left = len(self.put[name]) - self.arrived[name]
            if name in broken:
                assert (name in came.problems) == bool(left)
                continue
            assert came.sent.get(name, 0) == left
            self.arrived[name] = len(self.put[name])

    @invariant()
    def each_has_what_was_put(self) -> None:
        left = {name: [] for name in NAMES}
        for each in waiting(self.home):
            left[each.receiver].append(each.id)
        for name in NAMES:
            log = self.home / name / "log"
            has = (
                [json.loads(line)["id"] for line in log.read_text().splitlines()]
                if (log.exists())
                else []
            )
            assert has == self.put[name][: self.arrived[name]]
            assert left[name] == self.put[name][self.arrived[name] :]

    def teardown(self) -> None:
        self.folder.cleanup()


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=12, stateful_step_count=10)
