"""Numbers as people read them, on the pages and on the command line alike."""


def duration(seconds: float) -> str:
    """A span in its two largest units: 0.4 s, 41 s, 7 m 12 s, 1 h 05 m, 2 d 03 h; below zero with
    a minus. What is more than nothing is never told as 0 s.
    """
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    if 0 < seconds < 9.95:
        return f"{sign}{max(seconds, 0.1):.1f} s".replace(".0 s", " s")
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{sign}{days} d {hours:02} h"
    if hours:
        return f"{sign}{hours} h {minutes:02} m"
    return f"{sign}{minutes} m {rest:02} s" if minutes else f"{sign}{rest} s"
