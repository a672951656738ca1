"""What trackers call ids among the properties of an event: there they are pseudonyms as well."""

from collections.abc import Iterable

from etl.lake.schema import EVENT_COLUMNS

PSEUDONYM = "pseudonym"
# What other trackers and exports call them besides: PostHog, Mixpanel, GA4, Segment, Amplitude.
_MORE = {
    "user_id": ("distinct_id", "alias", "user_pseudo_id", "user_identifier", "identity"),
    "anonymous_id": ("anon_distinct_id", "domain_userid", "network_userid", "amplitude_id"),
}
# Words that name much else: they are no ids by their name alone.
_TOO_PLAIN = ("session", "uuid")


def names_of_ids(columns: Iterable[str]) -> dict[str, str]:
    """Name in lower case, of a property that holds an id of one of the columns → `pseudonym`."""
    names: dict[str, str] = {}
    for column in EVENT_COLUMNS:
        if column.name not in columns:
            continue
        for name in (column.name, *column.aliases, *_MORE.get(column.name, ())):
            if name in _TOO_PLAIN:
                continue
            for spelt in (name, name.replace("_", "")):
                names |= {spelt: PSEUDONYM, f"${spelt}": PSEUDONYM}
    return names
