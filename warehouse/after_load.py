"""What follows a load once the lock of the home is free: due exports, alerts, and one delivery.

It never fails a load: what does not work is told in sentences, and comes round with the next load.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from etl.config.alerts import PRESETS
from etl.config.settings import Settings
from etl.errors import DwellError, NoBuild
from warehouse.exports import run_due

if TYPE_CHECKING:
    from warehouse.alerts import Checked
    from warehouse.delivery.outbox import Delivered
    from warehouse.exports.run import Exported

# A slow receiver holds nobody for longer; what it does not have waits in the outbox.
_DELIVERY_SECONDS = 10.0


@dataclass(frozen=True)
class Followed:
    """What followed a load.

    exports    what came of those that were due
    alerts     what was judged; None where dwell.toml has no alerts, or before the first build
    delivered  what was sent; None where there is no receiver
    problems   why alerts or a delivery could not be, in sentences
    """

    exports: list["Exported"] = field(default_factory=list)
    alerts: "Checked | None" = None
    delivered: "Delivered | None" = None
    problems: list[str] = field(default_factory=list)


def after_load(settings: Settings) -> Followed:
    """Writes the exports that are due, judges the alerts of dwell.toml, and sends for at most 10 s.

    Hold no lock: other loads go on meanwhile.
    """
    exports = run_due(settings)
    problems: list[str] = []
    alerts = _alerts(settings, problems)
    return Followed(exports, alerts, _delivered(settings, problems), problems)


def _alerts(settings: Settings, problems: list[str]) -> "Checked | None":
    # Who asks for none waits for nothing: status and pages judge those that are there anyway.
    if settings.alerts == PRESETS:
        return None
    from warehouse.alerts import check

    try:
        return check(settings)
    except NoBuild:
        return None
    except DwellError as error:
        problems.append(f"Alerts could not be judged: {error}")
        return None


def _delivered(settings: Settings, problems: list[str]) -> "Delivered | None":
    if not settings.receivers:
        return None
    from warehouse.delivery.outbox import deliver

    try:
        return deliver(settings, _DELIVERY_SECONDS)
    except DwellError as error:
        problems.append(f"Nothing was delivered: {error}")
        return None
