"""What follows a load, told in the log and in its object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from etl.config.settings import Settings
from warehouse.after_load import after_load
from warehouse.cli.output import log

if TYPE_CHECKING:
    from warehouse.after_load import Followed
    from warehouse.alerts import Checked


def follow(settings: Settings) -> dict[str, Any]:
    """Does what follows a load, and tells it in the log; what of it the load's object holds.

    The exit code of the load stays: `dwell alert` is what ends with 1 when something fires.
    """
    followed = after_load(settings)
    if followed.exports:
        from warehouse.cli.export import tell

        for each in followed.exports:
            tell(each)
    if followed.alerts:
        _tell_alerts(followed.alerts)
    if followed.delivered:
        from warehouse.cli.deliver import tell_problems

        tell_problems(followed.delivered)
    for problem in followed.problems:
        log(problem, event="after_load_failed", level="error")
    return _as_plain(followed)


def _tell_alerts(checked: Checked) -> None:
    from warehouse.alerts import words

    for state in ("began", "ended"):
        for row in getattr(checked, state).iter_rows(named=True):
            over = "Over: " if state == "ended" else ""
            log(
                f"{over}{words.spoken(row)}",
                event="alert",
                level="warning" if state == "began" else "info",
                alert=row["alert"],
                state=state,
            )
    began = set(checked.began["alert"])
    if still := [
        words.named(row) for row in checked.on.iter_rows(named=True) if row["alert"] not in began
    ]:
        log(f"Still on: {', '.join(still)}", event="alert", level="warning", state="on")


def _as_plain(followed: Followed) -> dict[str, Any]:
    """Exports and alerts, where there are some."""
    from dataclasses import asdict

    told: dict[str, Any] = {}
    if followed.exports:
        told["exports"] = [asdict(each) for each in followed.exports]
    if followed.alerts:
        told["alerts"] = followed.alerts.on.to_dicts()
    return told
