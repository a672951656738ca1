-- What rules 1 (etl/lake/rules.py) had of their own, as it was: nothing is mended here.

-- Words that trackers write where they mean nothing; of a text that is filled.
create or replace temp macro meaningful(word) as
    case
        when strlen(word) not between 3 and 9 then word
        when lower(word) in ('null', 'none', 'nan', 'undefined') then null
        else word
    end;

-- Microseconds from a number that counts seconds, ms, µs or ns: its size tells which.
create or replace temp macro epoch_microseconds(number) as
    case
        when number between -99999999999 and 99999999999 then (number * 1000000)::bigint
        when number between -99999999999999 and 99999999999999 then (number * 1000)::bigint
        when number between -99999999999999999 and 99999999999999999 then number::bigint
        else try_cast(number / 1000 as bigint)
    end;

-- Years 1 to 9999; anything beyond is no time that an export can mean.
create or replace temp macro microseconds_to_time(microseconds) as
    case
        when microseconds between -62135596800000000 and 253402300799999999
            then make_timestamp(microseconds)
    end;

-- UTC time from text. A time without offset is in the session's TimeZone, which the loader
-- sets to that of the source. The plain cast is quicker, and right where a Z says that it is UTC:
-- it does not look at other offsets.
-- Day and month in doubt (03/04/2026) is not guessed.
create or replace temp macro readable_time(word) as
    coalesce(
        case when ends_with(word, 'Z') then try_cast(word as timestamp) end,
        timezone('UTC', try_cast(word as timestamptz)),
        case when word is not null then time_in_words(trim(word)) end,
        -- A leap second is the first one of the next minute, as clocks of computers count it.
        case
            when contains(word, ':59:60')
                then timezone(
                    'UTC', try_cast(replace(word, ':59:60', ':59:59') as timestamptz)
                ) + interval 1 second
        end
    );

create or replace temp macro time_in_words(word) as
    case
        -- Of a server's log, which has many lines.
        when word like '__/___/____:__:__:__ _____'
            then timezone('UTC', try_strptime(word, '%d/%b/%Y:%H:%M:%S %z'))
        when contains(word, '.') and try_cast(word as decimal(28, 6)) is not null
            then microseconds_to_time(
                epoch_microseconds(try_cast(word as decimal(28, 6)))
            )
        when try_cast(word as bigint) between 19000101 and 20991231
            then timezone('UTC', try_strptime(word, '%Y%m%d')::timestamptz)
        when try_cast(word as bigint) is not null
            then microseconds_to_time(epoch_microseconds(try_cast(word as bigint)))
        when regexp_full_match(word, '-?\d+(\.\d+)?[eE]\+?\d{1,2}')
            then microseconds_to_time(
                epoch_microseconds(try_cast(try_cast(word as double) as decimal(28, 6)))
            )
        else coalesce(
            timezone('UTC', try_cast(upper(word) as timestamptz)),
            timezone('UTC', try_strptime(
                regexp_replace(word, ' (?:GMT|UTC|UT)$', ' +0000'), [
                    '%d/%b/%Y:%H:%M:%S %z', '%a, %d %b %Y %H:%M:%S %z', '%d %b %Y %H:%M:%S %z'
                ]
            )),
            -- What JavaScript makes of a date.
            timezone('UTC', try_strptime(
                regexp_replace(word, ' \(.*\)$', ''), '%a %b %d %Y %H:%M:%S GMT%z'
            )),
            try_strptime(word, '%Y%m%dT%H%M%SZ'),
            timezone('UTC', try_strptime(word, [
                '%Y/%m/%d %H:%M:%S', '%Y/%m/%d %H:%M', '%d %b %Y %H:%M:%S',
                '%b %d, %Y %H:%M:%S', '%b %d, %Y %I:%M:%S %p', '%a, %d %b %Y %H:%M:%S'
            ])::timestamptz)
        )
    end;
