"""One delivery: what is due goes out, to all receivers at once, one after the other to each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import sleep, time

from etl.config.receivers import Receiver
from etl.config.settings import Settings
from etl.errors import DeliveryError, DwellError, did_you_mean
from warehouse.delivery.back_off import is_due
from warehouse.delivery.cut_off import Clock
from warehouse.delivery.sending import send
from warehouse.delivery.store import Due, Store, opened

# Of the time that is left, what an attempt may take: to note how it went takes some as well.
_SHARE = 0.9


@dataclass(frozen=True)
class Delivered:
    """What a delivery came to.

    sent      messages that went out, by receiver
    problems  by receiver why something did not, without secrets
    waiting   messages that still wait, counted once for each of their receivers
    is_busy   another process was delivering, or held the outbox: nothing was done here
    """

    sent: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    waiting: int = 0
    is_busy: bool = False


class Round:
    """A delivery that goes on in threads which hold up nobody, not even the end of the process.

    at_once  receivers that are being spared after a failure are tried as well
    """

    def __init__(self, settings: Settings, seconds: float, *, at_once: bool) -> None:
        self._settings = settings
        self._at_once = at_once
        self._seconds = seconds
        self._clock = Clock(seconds)
        self._guard = Lock()
        self._sent: dict[str, int] = {}
        self._problems: dict[str, list[str]] = {}
        self._waiting = 0
        self._being_served: set[str] = set()
        self._is_begun = False
        self._failure: Exception | None = None

    def run(self) -> None:
        """Delivers, until all is done or each receiver has had its time."""
        try:
            with opened(self._settings.home) as outbox:
                due = self._due(outbox) if outbox else []
            self._is_begun = True
            threads = [Thread(target=self._serve, args=(each,), daemon=True) for each in due]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except Exception as error:
            self._failure = error

    def outcome(self) -> Delivered:
        """What it came to so far. DwellError where the outbox could not be read."""
        if self._failure:
            raise self._failure
        with self._guard:
            late = [f"no answer within {self._seconds:.0f} s"]
            met = dict.fromkeys(sorted(self._being_served), late) | self._problems
            # Several messages mostly fail for one reason.
            problems = {name: "; ".join(dict.fromkeys(told)) for name, told in met.items()}
            return Delivered(dict(self._sent), problems, self._waiting, not self._is_begun)

    def _due(self, outbox: Store) -> list[Receiver]:
        """The receivers that are tried now."""
        for name, count in outbox.tidy().items():
            self._tell(name, f"{count} given up after 30 days")
        known = {receiver.name: receiver for receiver in self._settings.receivers}
        due = []
        for name, (count, next_attempt) in outbox.receivers().items():
            self._waiting += count
            if name not in known:
                near = did_you_mean(name, known) if known else ""
                told = f"dwell.toml has no [receivers.{name}]. {near}".rstrip()
                outbox.nobody(name, told)
                self._tell(name, told)
            elif self._at_once or is_due(next_attempt, time()):
                due.append(known[name])
        return due

    def _serve(self, receiver: Receiver) -> None:
        """Sends what waits for one receiver, in its order, until one fails or time is short."""
        slowest = 0.0
        with self._guard:
            self._being_served.add(receiver.name)
        try:
            with opened(self._settings.home) as outbox:
                # One that is cut off would have to be sent again, and may have arrived.
                while outbox and self._clock.left() > 2 * slowest:
                    due = outbox.next_for(receiver.name)
                    if due is None:
                        return
                    began = self._clock.left()
                    pause = self._attempt(outbox, receiver, due)
                    slowest = max(slowest, began - self._clock.left())
                    if pause >= self._clock.left():
                        return
                    sleep(pause)
        except Exception as error:
            known = isinstance(error, DwellError)
            self._tell(receiver.name, str(error) if known else type(error).__name__)
        finally:
            with self._guard:
                self._being_served.discard(receiver.name)

    def _attempt(self, outbox: Store, receiver: Receiver, due: Due) -> float:
        """After how many seconds the receiver may be tried again; 0 when it has the message."""
        outbox.begin(receiver.name, due.id)
        seconds = self._clock.left() * _SHARE
        try:
            if due.message is None:
                msg = f"{due.id} cannot be read: its content in the outbox is damaged."
                raise DeliveryError(msg, "message")
            send(self._settings, receiver, due.message, seconds, is_repeat=due.attempts > 0)
        except Exception as error:
            # What others say of it may hold a secret.
            known = f"{due.id} was not sent ({type(error).__name__})."
            failure = error if isinstance(error, DeliveryError) else DeliveryError(known, "unknown")
            pause = outbox.failed(receiver.name, due.id, failure)
            self._tell(receiver.name, str(failure), waiting=-(failure.at_fault == "message"))
            return pause
        outbox.sent(receiver.name, due.id)
        with self._guard:
            self._sent[receiver.name] = self._sent.get(receiver.name, 0) + 1
            self._waiting -= 1
        return 0.0

    def _tell(self, name: str, problem: str, waiting: int = 0) -> None:
        with self._guard:
            self._problems.setdefault(name, []).append(problem.rstrip("."))
            self._waiting += waiting
