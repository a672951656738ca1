"""Snowplow events: enriched TSV without header, or rows of the warehouse table `atomic.events`.

Fields and their order are those of docs.snowplow.io, "Canonical event model" and "Enriched TSV
format"; the Analytics SDKs' JSON and the warehouse tables (CSV, JSON, Parquet) use the same names.
"""

import re
from dataclasses import replace

from etl.formats.field_map import Derived, FieldMap, Keys
from etl.formats.format import Format, Request
from etl.formats.trackers import in_utc
from etl.read.sample import Sample

# The order of the fields in a line of enriched TSV.
COLUMNS = tuple(
    """
    app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id
    name_tracker v_tracker v_collector v_etl user_id user_ipaddress user_fingerprint domain_userid
    domain_sessionidx network_userid geo_country geo_region geo_city geo_zipcode geo_latitude
    geo_longitude geo_region_name ip_isp ip_organization ip_domain ip_netspeed page_url page_title
    page_referrer page_urlscheme page_urlhost page_urlport page_urlpath page_urlquery
    page_urlfragment refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery
    refr_urlfragment refr_medium refr_source refr_term mkt_medium mkt_source mkt_term mkt_content
    mkt_campaign contexts se_category se_action se_label se_property se_value unstruct_event
    tr_orderid tr_affiliation tr_total tr_tax tr_shipping tr_city tr_state tr_country ti_orderid
    ti_sku ti_name ti_category ti_price ti_quantity pp_xoffset_min pp_xoffset_max pp_yoffset_min
    pp_yoffset_max useragent br_name br_family br_version br_type br_renderengine br_lang
    br_features_pdf br_features_flash br_features_java br_features_director br_features_quicktime
    br_features_realplayer br_features_windowsmedia br_features_gears br_features_silverlight
    br_cookies br_colordepth br_viewwidth br_viewheight os_name os_family os_manufacturer
    os_timezone dvce_type dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width
    doc_height tr_currency tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base
    base_currency geo_timezone mkt_clickid mkt_network etl_tags dvce_sent_tstamp
    refr_domain_userid refr_dvce_tstamp derived_contexts domain_sessionid derived_tstamp
    event_vendor event_name event_format event_version event_fingerprint true_tstamp
    """.split()  # noqa: SIM905
)
_EVENTS = frozenset(
    ["page_view", "page_ping", "struct", "unstruct", "transaction", "transaction_item"]
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")
_TELLING = frozenset(
    """
    collector_tstamp derived_tstamp dvce_created_tstamp dvce_sent_tstamp etl_tstamp domain_userid
    domain_sessionid domain_sessionidx network_userid event_fingerprint name_tracker v_tracker
    """.split()  # noqa: SIM905
)
# Mobile trackers name user and session in a context, and the screen in the event's own data. In
# tables each schema is a column: with its version behind, a list for contexts, text in CSV.
_CLIENT_SESSION = re.compile(
    r"contexts_com_snowplowanalytics_snowplow_client_session(_\d+)*", re.IGNORECASE
)
_SCREEN_VIEW = re.compile(
    r"unstruct_event_com_snowplowanalytics_(mobile|snowplow)_screen_view(_\d+)*", re.IGNORECASE
)


def recognises(sample: Sample, request: Request) -> bool:
    """Lines as the enrich step writes them, or events with four columns that only Snowplow has."""
    if request.map or sample.kind == "sqlite":
        return False
    # Tables that packages derive from them, such as sessions, hold no events.
    has_events = not {"event", "event_name"}.isdisjoint(sample.columns)
    is_table = has_events and len(_TELLING.intersection(sample.columns)) >= 4
    return is_table or _is_enriched(sample)


def refine(sample: Sample) -> Sample:
    """Enriched lines with their columns named; tables have names of their own."""
    if not _is_enriched(sample):
        return sample
    return replace(sample, columns=COLUMNS, delimiter="\t", quote="", has_header=False)


def _is_enriched(sample: Sample) -> bool:
    """Whether some line has all the fields, with the collector's time and a known event."""
    rows = (line.split("\t") for line in sample.head if sample.kind == "delimited")
    return any(
        len(row) == len(COLUMNS) and row[5] in _EVENTS and _TIME.fullmatch(row[3]) for row in rows
    )


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map. Structured events are named after their action, self-describing ones by name."""
    shared, mobile = _mobile(columns)
    return [
        FieldMap(
            paths={
                "event_id": (("event_id",),),
                "user_id": (("user_id",),),
                "anonymous_id": (("domain_userid",), ("network_userid",)),
                "time": _TIMES,
                "type": (("event",), ("event_name",)),
                "url": (("page_url",), ("page_urlpath",)),
                "page_host": (("page_urlhost",),),
                "referrer": (("page_referrer",),),
                "campaign": (("mkt_campaign",),),
                "user_agent": (("useragent",),),
                "device": (("dvce_type",),),
                "browser": (("br_family",), ("br_name",)),
                "os": (("os_family",), ("os_name",)),
                "tracker_session_id": (("domain_sessionid",),),
            },
            # Its times are in UTC and say no offset, wherever the source is.
            expressions={"type": _EVENT_NAME, **mobile, **in_utc(request.time_zone, *_TIMES)},
            shared=shared,
            properties=_PROPERTIES,
        )
    ]


_TIMES = (("derived_tstamp",), ("dvce_created_tstamp",), ("collector_tstamp",))
_EVENT_NAME = Derived(
    "case {0} when 'struct' then {1} when 'unstruct' then {2} end",
    (("event",), ("se_action",), ("event_name",)),
)
_MOBILE_IDS = (
    ("anonymous_id", "domain_userid", "userId", "user_id"),
    ("tracker_session_id", "domain_sessionid", "sessionId", "session_id"),
)
_SESSION_IN_CONTEXTS = """
    case when contains({0}, '/client_session/')
        then list_filter(
            json_extract(try_cast({0} as json), '$.data[*]'),
            lambda context: contains(context ->> '$.schema', '/client_session/')
        )[1] -> '$.data'
    end
"""
_SCREEN_IN_EVENT = "case {1} when 'screen_view' then try_cast({0} as json) -> '$.data.data' end"


def _mobile(columns: tuple[str, ...]) -> tuple[dict[str, Derived], dict[str, Derived]]:
    """What mobile trackers say elsewhere, and the columns that it fills; nothing where no column
    can hold it."""
    shared, expressions = {}, {}
    if sessions := _own_columns(columns, _CLIENT_SESSION):
        shared["client_session"] = _first_object(sessions)
    elif "contexts" in columns:
        shared["client_session"] = Derived(_SESSION_IN_CONTEXTS, (("contexts",),))
    if shared:
        for role, web, mobile, snake in _MOBILE_IDS:
            texts = f"client_session ->> '$.{mobile}', client_session ->> '$.{snake}'"
            expressions[role] = Derived(f"coalesce({{0}}, {texts})", ((web,),))
    if screens := _own_columns(columns, _SCREEN_VIEW):
        shared["screen"] = _first_object(screens)
    elif "unstruct_event" in columns:
        shared["screen"] = Derived(_SCREEN_IN_EVENT, (("unstruct_event",), ("event_name",)))
    if "screen" in shared:
        expressions["url"] = Derived("coalesce({0}, screen ->> '$.name')", (("page_url",),))
    return shared, expressions


def _own_columns(columns: tuple[str, ...], schema: re.Pattern[str]) -> tuple[Keys, ...]:
    """The columns of a schema that has its own, one for each of its versions."""
    return tuple((column,) for column in columns if schema.fullmatch(column))


def _first_object(places: tuple[Keys, ...]) -> Derived:
    """The object at the first place that has one, or the first of its list."""
    found = [
        f"case json_type(try_cast({{{n}}} as json)) "
        f"when 'ARRAY' then try_cast({{{n}}} as json) -> '$[0]' "
        f"when 'OBJECT' then try_cast({{{n}}} as json) end"
        for n in range(len(places))
    ]
    return Derived(f"coalesce({', '.join(found)})" if len(found) > 1 else found[0], places)


# What columns hold in full leaves; the JSON that a line holds as text can be asked as JSON.
_PROPERTIES = """
    json_merge_patch(
        record,
        json_object(
            'event_id', null, 'user_id', null, 'domain_userid', null, 'domain_sessionid', null,
            'derived_tstamp', null, 'page_referrer', null, 'mkt_campaign', null,
            'br_family', null, 'os_family', null,
            'contexts', {contexts}, 'unstruct_event', {unstruct_event},
            'derived_contexts', {derived_contexts}
        )
    )
""".format(
    **{
        name: f"coalesce(try_cast(record ->> '$.{name}' as json), record -> '$.{name}')"
        for name in ("contexts", "unstruct_event", "derived_contexts")
    }
)

FORMAT = Format(
    name="snowplow",
    sentence="Snowplow enriched events (TSV without header) or rows of atomic.events.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    refine=refine,
)
