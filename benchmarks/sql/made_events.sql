-- Made-up events as a tracker exports them. Users are heavy-tailed, properties nested two deep.
-- Chance is the hash of an event's number, so that any part of them can be made on its own.
-- grain: one row per event_id
select
    md5(i::varchar) as event_id,
    'u-' || {first_user} + floor(pow(hash(i) % 1000000 / 1000000.0, 3) * {users})::bigint
        as user_id,
    strftime(
        timestamp '{start}' + to_microseconds((hash(i, 1) % {span_us})::bigint),
        '%Y-%m-%dT%H:%M:%S.%gZ'
    ) as timestamp,
    ['page_view', 'click', 'scroll', 'search', 'prompt'][(1 + hash(i, 2) % 5)::int] as event,
    'https://product.example/section-' || hash(i, 3) % 40 || '/item-' || hash(i, 4) % 900 as url,
    {{
        'plan': ['free', 'pro', 'team'][(1 + hash(i, 5) % 3)::int],
        'position': {{ 'x': hash(i, 6) % 1280, 'y': hash(i, 7) % 900 }},
        'label': md5((i * 7)::varchar),
        'title': 'Item ' || hash(i, 4) % 900 || ' of section ' || hash(i, 3) % 40,
        'experiment': 'checkout-2026',
        'latency_ms': hash(i, 8) % 4000
    }} as properties
from range({first}, {first} + {count}) as numbers (i)
