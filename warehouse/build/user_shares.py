"""Divides events by whose they are, into sets that no session leaves. Opens no file.

Chunks of days have seams, which sessions go over; shares of users have none. But every share reads
all files: so what fits in memory is divided like this, and more than that by days.
"""

# Fewer events are made sessions of sooner than a second worker is ready.
SHARE_EVENTS = 100_000


def shares_of_users(events: str, event_count: int, most: int) -> list[str]:
    """The events, given as a select of so many, in shares: a select each, at least one.

    There are as many as the events are worth, and no more than `most`.
    """
    count = max(min(event_count // SHARE_EVENTS, most), 1)
    if count == 1:
        return [events]
    # A tracker's session is one whoever its events name.
    return [
        f"""
        from ({events})
        where hash(
            case when stream = 'tracker' then coalesce(tracker_session_id, user_id) else user_id end
        ) % {count} = {number}
        """
        for number in range(count)
    ]
