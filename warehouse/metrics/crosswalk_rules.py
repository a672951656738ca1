"""What other tools take for a session, as their documents or their code say. Never reads data.

Only facts of theirs stand here, each with where it is from; what Dwell makes of them is in
crosswalk.py and in the queries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

STAYS = "Stays in the session"


@dataclass(frozen=True)
class PeerRule:
    """How a tool tells sessions apart.

    cuts              what begins a session, by the names of the query _peer_pieces.sql
    begins            the same in words
    at_timeout        what a gap of exactly 30:00 does, and how that is known
    lasts, bounces    what it takes for a session's duration, and for a bounce
    sources           document or file that says so
    lacking           what it asks for that events do not tell; empty when nothing
    takes_bots        known bots count, since to leave them out is a setting
    needs_action      passive events (a ping, a scroll) keep a session alive and begin none
    ends_with_action  they do not make it longer either
    added_seconds     what is added to the duration of a session of several events
    """

    name: str
    label: str
    cuts: tuple[str, ...]
    begins: str
    at_timeout: str
    lasts: str
    bounces: str
    sources: tuple[str, ...]
    lacking: str = ""
    takes_bots: bool = False
    needs_action: bool = False
    ends_with_action: bool = False
    added_seconds: int = 0


_FIRST_TO_LAST = "First to last event"
_PEERS = (
    PeerRule(
        "ga4",
        "Google Analytics 4",
        cuts=("timeout",),
        begins="30 min without an event. Neither midnight nor a campaign begins one.",
        at_timeout=f"{STAYS} (taken as ours: not documented)",
        lasts=f"{_FIRST_TO_LAST} (average session duration; engagement time is another metric)",
        bounces="Not engaged: 10 s at most, and fewer than two page views",
        sources=(
            "Google Analytics Help 9191807, About Analytics sessions",
            "Google Analytics Help 12798876, Session",
            "Google Analytics Help 12195621, Engagement rate and bounce rate",
        ),
        lacking="Key events: Dwell knows none, so a short visit with one counts as a bounce.",
    ),
    PeerRule(
        "universal_analytics",
        "Universal Analytics",
        cuts=("timeout", "midnight", "source"),
        begins=(
            "More than 30 min without a hit, local midnight, or another campaign or referring site "
            "than the last one; a direct hit begins none."
        ),
        at_timeout=f"{STAYS} (\u201cmore than 30 minutes have elapsed\u201d)",
        lasts=_FIRST_TO_LAST,
        bounces="One interaction, of whatever kind",
        sources=(
            "Google Analytics Help 2731565, How a web session is defined in Universal Analytics",
            "Google Analytics Help 2795830, Referral exclusions",
            "Google Analytics blog, August 2011, quoted by Search Engine Land (update to sessions)",
        ),
        lacking=(
            "Terms and click ids of campaigns: a campaign is its name. A second arrival from one "
            "site is not told from the first. The last source is kept for ever, not six months."
        ),
        takes_bots=True,
    ),
    PeerRule(
        "plausible",
        "Plausible",
        cuts=("timeout",),
        begins=(
            "More than 30 min without an event. Passive events (engagement) begin none. The "
            "salt changes daily, but the session before is found by the last one too."
        ),
        at_timeout=(
            f"{STAYS} by its rule (30 whole minutes at most); its cache forgets a session after "
            "30 min, checked every 10 s, so within seconds of it chance decides"
        ),
        lasts="First to last event that is not passive",
        bounces="One event, page view or custom, and no other",
        sources=(
            "plausible/analytics, lib/plausible/session/cache_store.ex",
            "plausible/analytics, lib/plausible/session/salts.ex",
            "plausible/analytics, lib/plausible/application.ex",
        ),
        lacking="Custom events that are marked as not interactive: all actions are interactive.",
        needs_action=True,
        ends_with_action=True,
    ),
    PeerRule(
        "matomo",
        "Matomo",
        cuts=("timeout_reached", "midnight", "campaign"),
        begins=(
            "30 min or more without a request, local midnight, or a campaign that is not the "
            "visit's own. A referring site begins none (the default), nor do pings."
        ),
        at_timeout="Begins a new session (last action > now - 1800 s stays)",
        lasts=f"{_FIRST_TO_LAST}, and 1 s; 0 s with one request alone",
        bounces="One page view, and no other interaction",
        sources=(
            "matomo-org/matomo, plugins/CoreHome/Tracker/VisitRequestProcessor.php",
            "matomo-org/matomo, plugins/Referrers/Columns/Campaign.php and Base.php",
            "matomo-org/matomo, plugins/Heartbeat/Tracker/PingRequestProcessor.php",
            "matomo-org/matomo, plugins/CoreHome/Columns/VisitTotalTime.php",
            "matomo-org/matomo, config/global.ini.php",
        ),
        lacking=(
            "Keywords of campaigns: a campaign is its name. Fingerprints: a visitor is the user. "
            "The cut after 10,000 actions is left out."
        ),
        needs_action=True,
        added_seconds=1,
    ),
    PeerRule(
        "posthog",
        "PostHog",
        cuts=("timeout", "day_long"),
        begins="More than 30 min without an event, or more than 24 h since the session began.",
        at_timeout=f"{STAYS} (a difference > 30 min is idle too long)",
        lasts=_FIRST_TO_LAST,
        bounces="One page view, nothing clicked, less than 10 s; of sessions that saw a page",
        sources=(
            "PostHog/posthog-js, packages/browser/src/sessionid.ts",
            "PostHog/posthog, posthog/hogql/database/schema/sessions_v3.py",
        ),
        lacking="Autocaptured clicks: any action beside the page view stands for them.",
    ),
    PeerRule(
        "snowplow",
        "Snowplow",
        cuts=("timeout",),
        begins=(
            "30 min without an event: the session cookie of its tracker runs out. Ids that "
            "another tracker gave are not looked at."
        ),
        at_timeout=f"{STAYS} (taken as ours: it is the browser that lets the cookie go)",
        lasts=_FIRST_TO_LAST,
        bounces="Not engaged: fewer than two page views, and fewer than 20 s of page pings",
        sources=(
            "Snowplow documentation, Cookies and local storage for the web trackers",
            "snowplow/dbt-snowplow-web, macros/engaged_session.sql",
            "snowplow/dbt-snowplow-web, models/page_views/scratch/snowplow_web_pv_engaged_time.sql",
        ),
        lacking=(
            "Page pings every 10 s: heartbeats stand for them, three for 20 s. Sources without "
            "heartbeats, or with rarer ones, have more bounces. The cut after 3 days is left out."
        ),
    ),
    PeerRule(
        "mixpanel",
        "Mixpanel",
        cuts=("timeout", "midnight"),
        begins="30 min without an event, or midnight of the project's time zone.",
        at_timeout=f"{STAYS} (taken as ours: not documented)",
        lasts=_FIRST_TO_LAST,
        bounces="Not defined",
        sources=(
            "Mixpanel Docs, Sessions",
            "Mixpanel Help 115004695223, Sessions (midnight, 24 h at most)",
        ),
        lacking="Events hidden from sessions in a project's settings: all are taken.",
    ),
)
PEERS: Mapping[str, PeerRule] = MappingProxyType({rule.name: rule for rule in _PEERS})
DWELL = "dwell"
LABELS: Mapping[str, str] = MappingProxyType(
    {DWELL: "Dwell", **{name: rule.label for name, rule in PEERS.items()}}
)

# The steps from our sessions to a peer's, in their order, and what each does. Those whose rule a
# peer does not have are left out.
STEPS: Mapping[str, str] = MappingProxyType(
    {
        DWELL: "Sessions as this build has them.",
        "bots": "Bots count, or not, as the tool has it.",
        "one_line": (
            "All events of a user are one line: streams and the ids of a tracker fall away, and "
            "hits of bots are visitors of their own."
        ),
        "sign_outs": "Signing out ends no session, and nothing but an event begins one.",
        "timeout": "The tool's 30 min instead of the build's timeout, and what it does at 30:00.",
        "midnight": "Local midnight begins a session.",
        "campaign": "Another campaign or source begins one.",
        "day_long": "So does the first event of more than 24 h.",
        "engagement": "Passive events begin none, and by themselves are none.",
    }
)
