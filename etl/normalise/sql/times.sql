-- Reads texts as times of one shape: see etl/config/time_shapes.py. All yield naive UTC, or null.
-- A time without offset is in the session's TimeZone, which the loader sets to the source's.
-- What a macro is given is worked out wherever it names it: in a list of one it has a name instead.

-- Minutes of a zone's short name: of those that mean one thing, and those of the source's own zone.
create or replace temp macro offset_of(zone) as getvariable('zone_offsets')[zone];

-- From the given second since 1970 to the year 9999: what lies beyond is no time that can be meant.
create or replace temp macro in_range(microseconds, first) as
    case
        when microseconds between first::bigint * 1000000 and 253402300799999999
            then make_timestamp(microseconds::bigint)
    end;

-- The number in a text, with a point, a comma or a power of ten.
create or replace temp macro exact_number(word) as
    coalesce(
        case
            when not regexp_matches(word, '[eE]')
                then try_cast(replace(word, ',', '.') as decimal(28, 6))
        end,
        try_cast(try_cast(word as double) as decimal(28, 6))
    );

-- Numbers that count µs or more, so many to a second; `zero` is the second that 0 stands for.
-- Nearly all are whole, and need no decimals.
create or replace temp macro counted_time(word, per_second, zero, first) as
    case
        when regexp_full_match(word, '-?\d{1,19}')
            then case
                when try_cast(word as bigint) between (first::bigint - zero) * per_second
                and (253402300800 - zero) * per_second - 1
                    then make_timestamp(
                        try_cast(word as bigint) * (1000000 // per_second) + zero::bigint * 1000000
                    )
            end
        when word is not null
            then in_range(
                exact_number(trim(word)) * (1000000 // per_second) + zero::bigint * 1000000, first
            )
    end;

-- The same for those that count less than µs, so many to one.
create or replace temp macro finely_counted_time(word, per_microsecond, zero, first) as
    case
        when regexp_full_match(word, '-?\d{1,19}')
            then in_range(
                case
                    -- As ids of all homes have it, to the nearest: a double has no more digits.
                    when per_microsecond = 1000 then (try_cast(word as bigint) / 1000)::bigint
                    else try_cast(word as bigint) // per_microsecond
                end + zero::bigint * 1000000,
                first
            )
        when word is not null
            then in_range(
                exact_number(trim(word)) // per_microsecond + zero::bigint * 1000000, first
            )
    end;

-- Days, of which a double holds some ms: what is written with fewer decimals is meant to the
-- second.
create or replace temp macro days_time(word, zero) as
    list_transform(
        [{
            'days': try_cast(replace(trim(word), ',', '.') as decimal(28, 15)),
            'places': len(split_part(replace(word, ',', '.'), '.', 2))
        }],
        lambda n: in_range(
            case
                when n.days not between -10000000 and 10000000 then null
                when n.places < 9
                    then (round(n.days * 86400)::bigint + zero)::hugeint * 1000000
                else (round(n.days * 86400000)::bigint + zero::hugeint * 1000) * 1000
            end,
            -62135596800
        )
    )[1];

-- Digits of a date, of a number that may have become 20260310.0 on its way.
create or replace temp macro digits_time(word, width, pattern) as
    list_transform(
        [regexp_replace(trim(word), '\.0*$', '')],
        lambda digits: case
            when len(digits) = width and regexp_full_match(digits, '\d+')
                then timezone('UTC', try_strptime(digits, pattern)::timestamptz)
        end
    )[1];

-- 10/03/2026 and 10.3.26, day first, to 2026-03-10. Years of two digits are those from 1970 on.
create or replace temp macro iso_date(year, month, day, rest) as
    case
        when len(year) = 2 and year >= '70' then '19'
        when len(year) = 2 then '20'
        else ''
    end || year || '-' || month || '-' || day || rest;

create or replace temp macro ordered_parts(word) as
    regexp_extract(
        trim(word), '^(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{4}|\d{1,2})(\D.*)?$',
        ['first', 'second', 'third', 'rest']
    );

create or replace temp macro day_first_as_iso(word) as
    list_transform(
        [ordered_parts(word)],
        lambda p: case
            when len(p.third) in (2, 4) and len(p.first) < 3
                then iso_date(p.third, p.second, p.first, p.rest)
            when len(p.first) = 4 then trim(word)
        end
    )[1];

create or replace temp macro month_first_as_iso(word) as
    list_transform(
        [ordered_parts(word)],
        lambda p: case
            when len(p.third) in (2, 4) and len(p.first) < 3
                then iso_date(p.third, p.first, p.second, p.rest)
            when len(p.first) = 4 then trim(word)
        end
    )[1];

create or replace temp macro year_first_as_iso(word) as
    list_transform(
        [ordered_parts(word)],
        lambda p: case
            when len(p.first) = 2 and len(p.third) < 3
                then iso_date(p.first, p.second, p.third, p.rest)
            when len(p.first) = 4 then trim(word)
        end
    )[1];

-- Times that are written out. Year first, or the month by its name: no other order is guessed.
-- The plain cast is quicker, and right where a Z says that it is UTC: it does not look at other
-- offsets. Words of zones are never left to the engine, which has its own mind about them; nor are
-- years of two digits.
create or replace temp macro written_time(word) as
    coalesce(
        case
            when word like '____-%Z' and word[-2] between '0' and '9'
                then try_cast(word as timestamp)
        end,
        case
            when (word like '____-%' or word like '____/%')
            and (right(word, 1) between '0' and '9' or ends_with(word, ' UTC'))
                then timezone('UTC', try_cast(word as timestamptz))
        end,
        case
            -- Of a server's log, which has many lines.
            when word like '__/___/____:__:__:__ _____'
                then timezone('UTC', try_strptime(word, '%d/%b/%Y:%H:%M:%S %z'))
            when word is not null then zoned_time(iso_order(tidy_time(word)))
        end
    );

-- One kind of blank; no weekday, no comma but a fraction's, which becomes a point; what says the
-- zone a second time goes: (CET), Go's +0100 CET, Java's +01:00[Europe/Berlin].
create or replace temp macro tidy_time(word) as
    list_transform(
        [trim(regexp_replace(regexp_replace(word, '\p{Z}+', ' ', 'g'), '(:\d\d),(\d)', '\1.\2'))],
        lambda text: regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            text,
            '([Zz]|[+-]\d\d:?\d\d)\[[^\]]*\]$', '\1'),
            ' ?\[([^\]]*)\]$', ' \1'),
            '( [+-]\d\d:?\d\d) [A-Za-z]+(?: m=.*)?$', '\1'),
            ' \(.*\)$', ''),
            '^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,? ', '')
    )[1];

create or replace temp macro month_number(name) as
    lpad(list_position(
        ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
        lower(name)
    )::varchar, 2, '0');

-- Any order that leaves no doubt as 2026-03-10 10:00:00 and what follows.
create or replace temp macro iso_order(word) as
    list_transform([word], lambda text: case
        when regexp_matches(text, '^\d{8}[Tt ]\d')
            then regexp_replace(
                text,
                '^(\d{4})(\d\d)(\d\d)[Tt ](\d\d):?(\d\d)(?::?(\d\d(?:\.\d+)?))?',
                '\1-\2-\3 \4:\5:0\6'
            )
        when regexp_matches(text, '^\d{4}[-/.]')
            then regexp_replace(
                text, '^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[Tt]|,? ?)', '\1-\2-\3 '
            )
        when regexp_matches(text, '^\d')
            then list_transform(
                [regexp_extract(
                    text,
                    '^(\d{1,2})[ /-]([A-Za-z]{3})[a-z]*\.?,?[ /-](\d{4})'
                    || '(?:$|[:,]? ?(?:at )?(.*)$)',
                    ['day', 'month', 'year', 'rest']
                )],
                lambda p: p.year || '-' || month_number(p.month) || '-' || p.day || ' ' || p.rest
            )[1]
        -- Mar 10, 2026, 10:00 AM; and Mar 10 10:00:00 UTC 2026.
        when regexp_matches(text, '^[A-Za-z]')
            then list_transform(
                [regexp_extract(
                    regexp_replace(
                        text,
                        '^([A-Za-z]+\.? \d{1,2}) ([\d:.]+) ?([A-Za-z]+|[+-]\d{4})? (\d{4})$',
                        '\1 \4 \2 \3'
                    ),
                    '^([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})(?:$|,? (?:at )?(.*)$)',
                    ['month', 'day', 'year', 'rest']
                )],
                lambda p: p.year || '-' || month_number(p.month) || '-' || p.day || ' ' || p.rest
            )[1]
    end)[1];

-- Of 2026-03-10 10:00:00.5 PM -0800 and the like: date, clock, half of the day, zone.
create or replace temp macro zoned_time(word) as
    list_transform(
        [regexp_extract(
            word,
            '^(\d{4}-\d{1,2}-\d{1,2})'
            || '(?: (?:(\d{1,2}:\d{2}(?::\d{1,3}(?:\.\d+)?)?)(?: ?([AaPp])\.?[Mm]\.?)?)? ?'
            || '(?:(?:GMT|UTC|UT)?([+-]\d{1,2})(?::?(\d\d))?|([A-Za-z]+/[A-Za-z0-9_/+-]+)'
            || '|([A-Za-z]{1,5}))?)?$',
            ['day', 'clock', 'half', 'hours', 'minutes', 'place', 'zone']
        )],
        lambda p: case
            when p.day = '' then null
            when p.clock = '' and p.hours || p.place || p.zone <> '' and p.zone <> 'Z' then null
            when p.place <> ''
                then timezone(
                    'UTC', try_cast(p.day || ' ' || p.clock || ' ' || p.place as timestamptz)
                )
            when p.zone <> '' and offset_of(upper(p.zone)) is null then null
            else list_transform(
                [try_cast(trim(
                    p.day || ' ' || case
                        when p.clock like '%:__:0__%' then replace(p.clock, ':0', ':')
                        when p.clock like '%:59:60%' then replace(p.clock, ':59:60', ':59:59')
                        else p.clock
                    end
                ) as timestamp)
                + to_hours(case
                    when p.half in ('P', 'p') and split_part(p.clock, ':', 1)::int < 12 then 12
                    when p.half in ('A', 'a') and split_part(p.clock, ':', 1)::int = 12 then -12
                    else 0
                end)
                -- A leap second is the first one of the next minute: clocks of computers count so.
                + to_seconds(case when p.clock like '%:59:60%' then 1 else 0 end)],
                lambda naive: case
                    when p.hours <> ''
                        then naive - to_minutes(
                            p.hours::int * 60
                            + case when p.hours[1] = '-' then -1 else 1 end
                            * coalesce(nullif(p.minutes, '')::int, 0)
                        )
                    when p.zone <> '' then naive - to_minutes(offset_of(upper(p.zone)))
                    else timezone('UTC', naive::timestamptz)
                end
            )[1]
        end
    )[1];

-- A time of day to be read behind a date: 10:00, 9:05 PM, 1000, 100000.
create or replace temp macro clock_text(word) as
    case
        when regexp_full_match(trim(word), '\d{4}|\d{6}')
            then regexp_replace(trim(word), '^(\d\d)(\d\d)(\d\d)?$', '\1:\2:0\3')
        else trim(word)
    end;

-- The day of a time, as the source's clocks showed it, with a time of day.
create or replace temp macro joined_time(day, clock) as
    written_time(timezone('UTC', day)::date::varchar || ' ' || clock_text(clock));
