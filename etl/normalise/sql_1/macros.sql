-- As of rules 1 (etl/lake/rules.py): what is mended elsewhere stays here as it was.
-- The text of a JSON value: of a string without its quotes, of anything else as it is written.
create or replace temp macro unquoted(value) as
    case
        when not starts_with(value::varchar, '"') then value::varchar
        when not contains(value::varchar, '\')
            then substr(value::varchar, 2, length(value::varchar) - 2)
        else json_extract_string(value, '$')
    end;

-- The text without blanks around it; null when nothing is left. Few texts have any blank, and to
-- look for one costs less than to cut.
create or replace temp macro filled(word) as
    case when contains(word, ' ') then nullif(trim(word), '') else nullif(word, '') end;

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

-- PageView, "Page view", $page-view → page_view
create or replace temp macro snake_case(word) as
    lower(trim(
        regexp_replace(
            regexp_replace(word, '([\p{Ll}\d])(\p{Lu})', '\1_\2', 'g'),
            '[^\p{L}\p{N}]+', '_', 'g'
        ),
        '_'
    ));

-- An event type's name in Dwell's words.
create or replace temp macro name_or_alias(name) as coalesce(alias_of(name), name);
create or replace temp macro type_name(word) as name_or_alias(nullif(snake_case(word), ''));

-- Host and path of a URL; of other text the path is the text, without query string and fragment.
create or replace temp macro url_parts(url) as
    case
        when contains(url, '://')
            then regexp_extract(
                url, '^(?:[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*))?([^?#]*)', ['host', 'path']
            )
        else { 'host': '', 'path': split_part(split_part(url, '?', 1), '#', 1) }
    end;

create or replace temp macro host_in(parts) as nullif(lower(parts.host), '');

create or replace temp macro path_in(parts) as
    coalesce(nullif(parts.path, ''), case when parts.host <> '' then '/' end);

-- A badly encoded word is better than none.
create or replace temp macro decoded(word) as coalesce(try(url_decode(word)), word);

-- The campaign's name in a URL's query string, or in its fragment where some sites write it. Click
-- ids such as gclid name no campaign.
create or replace temp macro campaign_of(url) as
    case
        when contains(url, '_campaign=')
            then nullif(trim(decoded(replace(
                regexp_extract(url, '[?&#](?:utm|mtm|pk)_campaign=([^&#]*)', 1), '+', ' '
            ))), '')
    end;

create or replace temp macro device_class(word) as
    case
        when word is null then null
        when regexp_matches(lower(word), 'bot|crawl|spider') then 'bot'
        when regexp_matches(lower(word), 'tablet|ipad') then 'tablet'
        when regexp_matches(lower(word), 'mobile|phone|iphone|android|ios|smart') then 'mobile'
        when regexp_matches(lower(word), 'desktop|web|pc|mac|windows|linux|laptop|computer')
            then 'desktop'
        else 'other'
    end;

-- A JSON list of words, or one word, as a list; null when there is none.
create or replace temp macro word_list(value) as
    case
        when value is null then null
        when json_type(value) = 'ARRAY'
            then nullif(list_sort(list_distinct(list_transform(
                json_extract(value, '$[*]'),
                lambda item: coalesce(
                    json_extract_string(item, '$.symbol'),
                    json_extract_string(item, '$.name'),
                    json_extract_string(item, '$')
                )
            ))), [])
        else [json_extract_string(value, '$')]
    end;

-- One object with the keys of both, which have none in common. What is no object is kept as
-- `data`.
create or replace temp macro json_concat(first, second) as
    case
        when second is null or second::varchar in ('{}', 'null') then first
        when left(ltrim(second::varchar), 1) <> '{'
            then json_merge_patch(first, json_object('data', second))
        when first is null or first::varchar = '{}' then second
        else (
            left(rtrim(first::varchar), -1) || ',' || substr(ltrim(second::varchar), 2)
        )::json
    end;

-- The same where they may have some in common: the first object is then kept whole under
-- `record`, so that nothing of the input is lost.
-- What a macro is given is worked out wherever it names it: in a list of one it has a name instead.
create or replace temp macro json_joined(first, second) as
    list_transform(
        [{ 'first': first::json, 'second': second::json }],
        lambda two: case
            when
                json_type(two.first) = 'OBJECT'
                and json_type(two.second) = 'OBJECT'
                and list_has_any(json_keys(two.first), json_keys(two.second))
                then json_merge_patch(two.second, json_object('record', two.first))
            else json_concat(two.first, two.second)
        end
    )[1];
