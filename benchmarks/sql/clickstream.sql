-- The events of one day of a made-up product, of sessions that begin on it or the evening before.
-- All chance is the hash of what it decides about, so that each day can be made on its own.
-- grain: one row per event_id
with

-- Few people come often. A place among them is taken by one person after the other.
sessions_drawn as (
    select
        day,
        seed,
        floor($places / 5000 * (pow(5001, chance(seed, 1)) - 1))::bigint + 1 as place,
        -- More of them about noon than at night.
        0.5 + 0.5 * pow(2 * chance(seed, 2) - 1, 3) as part_of_day,
        least(200, greatest(1, round(exp(1.37 + 1.1 * normal(seed, 3)))))::bigint as event_count
    from (
        select
            day,
            hash(hash(day, number)) as seed
        from
            unnest([$day::bigint - 1, $day::bigint]) as days (day),
            range($sessions) as numbers (number)
    )
),

-- Only sessions of the evening can go on after midnight: the rest of yesterday's need no look.
sessions_placed as (
    select
        seed,
        part_of_day,
        event_count,
        hash(hash(place, (day + hash(place) % 500) // (30 + hash(place, 1) % 500))) as person,
        $first_day + to_days(day::integer)
        + to_microseconds((part_of_day * 86400000000)::bigint) as start_time
    from sessions_drawn
    where day = $day or part_of_day > 0.75
),

-- Some events share their time. A gap of exactly 30 minutes is as long as one inside gets.
gaps_drawn as (
    select
        *,
        hash(hash(seed, number)) as event_seed,
        case
            when number = 0 or chance(event_seed, 1) < 0.03 then 0
            else least(1800000000, (exp(3.0 + 1.3 * normal(event_seed, 2)) * 1000000)::bigint)
        end as gap_us
    from sessions_placed, lateral (select unnest(range(event_count)) as number)
),

times_set as (
    select
        *,
        start_time + to_microseconds(
            sum(gap_us) over (
                partition by seed order by number rows unbounded preceding
            )::bigint
        ) as event_time
    from gaps_drawn
),

types_drawn as (
    select
        *,
        seed % 5 = 0 as has_chat,
        case
            when number = 0 and seed % 11 = 0 then 'session_start'
            when number = 0 then 'page_view'
            when number = event_count - 1 and seed % 12 = 0 then 'logout'
            when number = event_count - 1 and seed % 12 = 1 then 'session_end'
            when event_seed % 500 = 0 then 'logout'
            when event_seed % 90 = 0 then 'error'
            when has_chat and event_seed % 3 = 0 then 'prompt'
            when has_chat and event_seed % 3 = 1 then 'model_response'
            else [
                'page_view', 'page_view', 'page_view', 'page_view', 'page_view', 'click', 'click',
                'click', 'click', 'scroll', 'scroll', 'heartbeat', 'search', 'download', 'share'
            ][1 + (event_seed // 7 % 15)::bigint]
        end as event_type
    from times_set
    where event_time >= $first_day + to_days($day) and event_time < $first_day + to_days($day + 1)
),

final as (
    select
        lower(format('{:016x}{:016x}', event_seed, hash(event_seed, seed))) as event_id,
        'u-' || person % 1000000000 as user_id,
        event_time,
        event_type,
        case
            when event_type in ('page_view', 'click', 'scroll') or event_seed % 7 = 0
                then '/section-' || event_seed % 40
                    || '/item-' || floor(900 * pow(chance(event_seed, 5), 2))::bigint
        end as page,
        case when page is not null then 'product.example' end as page_host,
        case
            when number = 0 and seed % 3 = 0
                then [
                    'https://www.google.com/', 'https://news.ycombinator.com/item',
                    'https://t.co/a1b2c3'
                ][1 + (seed // 3 % 3)::bigint]
            when page is not null and event_seed % 4 = 0
                then 'https://product.example/section-' || event_seed // 4 % 40
        end as referrer,
        case when number = 0 and seed % 7 = 0 then 'campaign-' || seed // 7 % 30 end as campaign,
        case
            when person % 2000 = 0 then 'bot'
            when person % 19 > 0
                -- One session in eight is had on another device than the person's own.
                then ['desktop', 'desktop', 'mobile', 'tablet'][
                    1 + ((person // 2000 + (seed % 8 = 0)::bigint) % 4)::bigint
                ]
        end as device_type,
        case
            when person % 23 > 0
                then ['Chrome', 'Chrome', 'Firefox', 'Safari', 'Edge'][
                    1 + (person // 3 % 5)::bigint
                ]
        end as browser,
        ['Windows', 'macOS', 'iOS', 'Android', 'Linux'][1 + (person // 5 % 5)::bigint] as os,
        case
            when has_chat then 'chat-' || seed % 100000000 || '-' || number // 10
        end as chat_id,
        case when person % 17 > 0 then ['a', 'b'][1 + (person // 7 % 2)::bigint] end as model_group,
        '{"x":' || event_seed % 1280
        || ',"y":' || event_seed // 1280 % 900
        || ',"plan":"' || ['free', 'pro', 'team'][1 + (person // 11 % 3)::bigint]
        || '","latency_ms":' || event_seed // 90 % 4000
        || case
            when event_type in ('prompt', 'search')
                then ',"text":"where is item ' || event_seed // 11 % 900 || '"'
            else ''
        end || '}' as properties
    from types_drawn
)

select * from final
