"""What follows a load once the lock of the home is free: alerts, one delivery, and due exports.

It never fails a load: what does not work is told in sentences, and comes round with the next load.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from etl.config.alerts import PRESETS
from etl.config.settings import Settings
from etl.duck import was_stopped
from etl.errors import DwellError, NoBuild, in_brief
from warehouse.exports import run_due

if TYPE_CHECKING:
    from warehouse.alerts import Checked
    from warehouse.delivery.outbox import Delivered
    from warehouse.exports.run import Exported

# A slow receiver holds nobody for longer; what it does not have waits in the outbox.
_DELIVERY_SECONDS = 10.0

Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Followed:
    """What followed a load.

    exports    what came of those that were due
    alerts     what was judged; None where dwell.toml has no alerts, or before the first build
    delivered  what was sent; None where there is no receiver
    problems   why alerts, a delivery or exports could not be, in sentences
    """

    exports: list["Exported"] = field(default_factory=list)
    alerts: "Checked | None" = None
    delivered: "Delivered | None" = None
    problems: list[str] = field(default_factory=list)


def after_load(settings: Settings) -> Followed:
    """Judges the alerts of dwell.toml, sends for at most 10 s, and writes the exports that are due.

    Hold no lock: other loads go on meanwhile. KeyboardInterrupt alone is raised.
    """
    problems: list[str] = []

    def done(part: Callable[[Settings], Outcome], otherwise: Outcome, told: str) -> Outcome:
        try:
            return part(settings)
        except Exception as error:
            if was_stopped(error):
                raise KeyboardInterrupt from error
            known = isinstance(error, DwellError)
            why = str(error) if known else f"{type(error).__name__}: {in_brief(error)}."
            problems.append(f"{told}: {why}")
            return otherwise

    alerts = done(_alerts, None, "Alerts could not be judged")
    # Exports may take long: nobody hears of an alarm later for them.
    delivered = done(_delivered, None, "Nothing was delivered")
    exports: list[Exported] = done(run_due, [], "No export was written")
    return Followed(exports, alerts, delivered, problems)


def _alerts(settings: Settings) -> "Checked | None":
    # Who asks for none waits for nothing: status and pages judge those that are there anyway.
    if settings.alerts == PRESETS:
        return None
    from warehouse.alerts import check

    try:
        return check(settings)
    except NoBuild:
        return None


def _delivered(settings: Settings) -> "Delivered | None":
    if not settings.receivers:
        return None
    from warehouse.delivery.outbox import deliver

    return deliver(settings, _DELIVERY_SECONDS)
