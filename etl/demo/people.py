"""Who comes: their ids, devices, model group, and how often they return.

Draws people only. Never knows what they do on a visit.
"""

from dataclasses import dataclass
from enum import Enum
from math import exp, log
from random import Random

from etl.demo.calendar import DAY, HOUR, Calendar

EXPERIMENT = "answers-2026-q4"
MODEL_GROUPS = ("aurora", "baseline")


class Kind(Enum):
    """What brings a person here."""

    PASSER = "passer"
    MEMBER = "member"
    POWER = "power"


@dataclass(frozen=True, slots=True)
class Device:
    """One browser on one device."""

    type: str
    user_agent: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Person:
    """One visitor; `known_from` is when the account begins (None: there is none)."""

    kind: Kind
    anonymous_id: str
    user_id: str | None
    known_from: int | None
    signs_up: bool
    devices: tuple[Device, ...]
    language: str
    model_group: str
    pace: float
    has_local_clock: bool

    def device(self, rng: Random) -> Device:
        """The device of this visit, mostly the usual one."""
        if len(self.devices) == 1 or rng.random() < 0.75:
            return self.devices[0]
        return self.devices[1]


_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)"
_PHONE = "Mozilla/5.0 (Linux; Android 10; K)"

DESKTOPS = (
    Device("desktop", f"{_WINDOWS} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", 1920, 1080),
    Device("desktop", f"{_WINDOWS} {_WEBKIT} Chrome/141.0.0.0 Safari/537.36", 1536, 864),
    Device("desktop", f"{_MAC} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", 1440, 900),
    Device("desktop", f"{_MAC} {_SAFARI} Version/18.6 Safari/605.1.15", 1512, 982),
    Device(
        "desktop",
        f"{_WINDOWS} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        1920,
        1080,
    ),
    Device(
        "desktop",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
        1680,
        1050,
    ),
    Device(
        "desktop",
        "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
        1920,
        1200,
    ),
)
DESKTOP_WEIGHTS = (30, 10, 18, 14, 14, 8, 6)
PHONES = (
    Device("mobile", f"{_IPHONE} {_SAFARI} Version/18.6 Mobile/15E148 Safari/604.1", 393, 852),
    Device(
        "mobile",
        f"{_IPHONE} {_SAFARI} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
        390,
        844,
    ),
    Device("mobile", f"{_PHONE} {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36", 412, 915),
    Device(
        "mobile",
        "Mozilla/5.0 (Linux; Android 15; SM-S931B) "
        f"{_WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        360,
        780,
    ),
)
PHONE_WEIGHTS = (44, 8, 38, 10)
TABLETS = (
    Device(
        "tablet",
        "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) "
        f"{_SAFARI} Version/18.6 Mobile/15E148 Safari/604.1",
        820,
        1180,
    ),
    Device(
        "tablet",
        f"Mozilla/5.0 (Linux; Android 15; SM-X710) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36",
        800,
        1280,
    ),
)
CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)",
)
LANGUAGES = ("en-GB", "en-US", "de-DE", "fr-FR", "nl-NL", "es-ES", "pl-PL")
LANGUAGE_WEIGHTS = (26, 34, 14, 9, 7, 6, 4)


class Crowd:
    """Draws people one after another, each with an id of their own."""

    def __init__(self, rng: Random, calendar: Calendar) -> None:
        self._rng = rng
        self._calendar = calendar
        self._accounts = 0
        self._groups: dict[Kind, list[str]] = {kind: [] for kind in Kind}

    def anonymous_id(self) -> str:
        """A fresh id of an unknown browser."""
        return f"anon-{self._rng.getrandbits(48):012x}"

    def person(self, kind: Kind) -> Person:
        """A new person of this kind."""
        rng = self._rng
        user_id, known_from, signs_up = None, None, False
        if kind is not Kind.PASSER:
            # A stride that shares no factor with 100,000 scatters the numbers and never
            # repeats one.
            self._accounts += 1
            user_id = f"u-{self._accounts * 7919 % 100_000:05d}"
            known_from = self._calendar.start
            signs_up = kind is Kind.MEMBER and rng.random() < 0.55
            if signs_up:
                known_from = self._calendar.draw(rng, known_from, self._calendar.until - DAY)
        return Person(
            kind=kind,
            anonymous_id=self.anonymous_id(),
            user_id=user_id,
            known_from=known_from,
            signs_up=signs_up,
            devices=self._devices(kind),
            language=rng.choices(LANGUAGES, LANGUAGE_WEIGHTS)[0],
            model_group=self._group(kind),
            pace=rng.lognormvariate(0.22, 0.3),
            has_local_clock=rng.random() < 0.08,
        )

    def visit_starts(self, person: Person, last: int, most: int) -> list[int]:
        """When a person comes, oldest first: about `most` times, never after `last`."""
        rng, calendar = self._rng, self._calendar
        if person.known_from is None:
            first = calendar.draw(rng, calendar.start, last)
            # Half of those who return do so within days.
            returns = 0 if rng.random() < 0.76 else 1 + int(rng.expovariate(0.9))
            spread = (first + int(rng.expovariate(1 / (6 * DAY))) for _ in range(returns))
            return sorted([first, *(at for at in spread if at <= last)])
        return self._account_starts(person, person.known_from, last, most)

    def _account_starts(self, person: Person, known_from: int, last: int, most: int) -> list[int]:
        rng, calendar = self._rng, self._calendar
        stays = person.kind is Kind.POWER or rng.random() < 0.45
        gone = last if stays else known_from + int(rng.expovariate(1 / (32 * DAY)))
        gone = min(gone, last)
        rate = exp(rng.gauss(log(0.11), 1.0))
        if person.kind is Kind.POWER:
            rate = rng.uniform(0.3, 0.6)
        count = min(int(rate * (gone - known_from) / DAY + rng.random()), most)
        starts = []
        for _ in range(count):
            # The first days are the busiest: that is what a retention curve shows.
            is_early = person.signs_up and rng.random() < 0.35
            end = known_from + int(rng.expovariate(1 / (9 * DAY))) if is_early else gone
            starts.append(calendar.draw(rng, known_from, min(end, gone)))
        if person.signs_up:
            starts.append(known_from)
            if rng.random() < 0.4:
                before = known_from - int(rng.expovariate(1 / (4 * DAY))) - HOUR
                starts.append(max(before, calendar.start))
        return sorted(at for at in starts if at <= last)

    def _group(self, kind: Kind) -> str:
        # Drawn in pairs, as experiments with few users do: a group of many members and a
        # group of many passers-by could not be compared.
        if not self._groups[kind]:
            self._groups[kind] = self._rng.sample(MODEL_GROUPS, k=2)
        return self._groups[kind].pop()

    def _devices(self, kind: Kind) -> tuple[Device, ...]:
        rng = self._rng
        phone_share = 0.47 if kind is Kind.PASSER else 0.2
        chance = rng.random()
        if chance < phone_share:
            return (rng.choices(PHONES, PHONE_WEIGHTS)[0],)
        if chance < phone_share + 0.05:
            return (rng.choice(TABLETS),)
        desktop = rng.choices(DESKTOPS, DESKTOP_WEIGHTS)[0]
        if kind is Kind.PASSER or rng.random() < 0.7:
            return (desktop,)
        return (desktop, rng.choices(PHONES, PHONE_WEIGHTS)[0])
