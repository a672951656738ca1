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

-- Whether a record may hold a text with blanks other than the plain one around it: these are beyond
-- ASCII, or escaped in JSON.
create or replace temp macro has_odd_signs(record) as
    strlen(record::varchar) <> length(record::varchar) or contains(record::varchar, '\');

-- The text without tabs, line ends, no-break and zero width blanks around it either.
create or replace temp macro trimmed(word) as
    nullif(regexp_replace(
        word, '^[\pZ\p{Cc}\p{Cf}]+|[\pZ\p{Cc}\p{Cf}]+$', '', 'g'
    ), '');

-- A trimmed text, unless it is one of the words by which programs say that they know nothing
-- (etl/config/empty_words.py), or an id of zeros: phones that refuse to be tracked have it.
create or replace temp macro told(word) as
    case
        when is_empty_word(word) then null
        when
            (starts_with(word, '0000') or starts_with(word, '{0000'))
            and strlen(word) in (32, 36, 38)
            and translate(word, '{0-}', '') = ''
            then null
        else word
    end;

-- The same of a text that is not trimmed yet, and is worked out. What a macro is given is planned
-- wherever it names it, here once: a longer plan takes seconds of a file of one row.
create or replace temp macro told_trimmed(word) as
    list_transform([trimmed(word)], lambda text: told(text))[1];

-- An id of a user or a visitor that is told: many zeros stand for none, one may be the first.
create or replace temp macro told_user(word) as
    case when regexp_full_match(word, '0{8,32}') then null else word end;

-- An id of an event, a session or a chat that is told: 0 is one that was never set.
create or replace temp macro told_number(word) as
    case when regexp_full_match(word, '0{1,32}|0\.00?') then null else word end;

-- An id in its one spelling: what an ObjectId, an object with an id or a GUID in braces holds.
create or replace temp macro one_spelling(word) as
    case
        when regexp_full_match(word, '\{[0-9A-Fa-f-]{36}\}') then substr(word, 2, 36)
        when starts_with(word, '{') and try(json_type(word)) = 'OBJECT'
            then id_in_object(word::json)
        when starts_with(word, 'ObjectId(')
            then coalesce(
                nullif(regexp_extract(word, '^ObjectId\(["'']?([0-9A-Fa-f]{24})["'']?\)$', 1), ''),
                word
            )
        else word
    end;

create or replace temp macro id_in_object(value) as
    list_filter(
        list_transform(
            [
                '$."$oid"', '$.id', '$._id', '$.id."$oid"', '$._id."$oid"', '$.user_id', '$.userId',
                '$.uid', '$.uuid', '$.key'
            ],
            lambda path: json_extract_string(value, path)
        ),
        lambda found: found <> '' and not starts_with(found, '{')
    )[1];

-- A whole number without the fraction of zeros that a column of them gets where one is missing.
-- Which columns hold whole numbers alone is told in `whole_ids`.
create or replace temp macro whole(word, role) as
    case
        when list_contains(getvariable('whole_ids'), role)
            then regexp_replace(word, '^([+-]?\d+)\.0+$', '\1')
        else word
    end;

-- The record with ids that are long numbers as texts: to work on it as JSON would cost them digits.
create or replace temp macro with_exact_ids(record) as
    case
        when regexp_matches(
            record::varchar, '(?:[iI][dD]|[uU]ser|[vV]isitor)"\s*:\s*-?\d+\.\d{5}'
        )
            then regexp_replace(
                record::varchar,
                '((?:[iI][dD]|[uU]ser|[vV]isitor)"\s*:\s*)(-?\d+\.\d{5,})', '\1"\2"', 'g'
            )::json
        else record
    end;

-- A number with all the digits that stand in its record: the engine keeps some 17 of them.
create or replace temp macro with_all_digits(word, record, pattern) as
    case
        when
            contains(word, '.')
            and regexp_full_match(word, '-?\d+\.\d+(?:[eE][+-]?\d+)?')
            then coalesce(
                list_filter(
                    regexp_extract_all(record, pattern, 1),
                    lambda found: try_cast(found as double) = try_cast(word as double)
                )[1],
                word
            )
        else word
    end;

-- Microseconds from a number that counts seconds, ms, µs or ns: its size tells which. For parts of
-- ids alone: what a column of times counts is told from all of it (time_decision.py).
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
-- To make a pattern of Unicode's classes ready takes milliseconds, wherever it is named: in a list
-- of one it is named once.
create or replace temp macro type_name(word) as
    case
        when not is_empty_word(trim(word))
            then list_transform(
                [snake_case(type_word(word))],
                lambda name: case when name <> '' then name_or_alias(name) end
            )[1]
    end;

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
        when word is null or is_empty_word(word) then null
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

-- JSON without the blanks around it: a line of a file still has its line break.
create or replace temp macro json_text(value) as
    trim(value::varchar, ' ' || chr(9) || chr(10) || chr(13));

-- One object with the keys of both, which have none in common. What is no object is kept as
-- `data`. Joined as texts: to write an object anew would drop its nulls and spell its numbers
-- otherwise. Around and within these texts are the blanks that were sent, line ends too.
create or replace temp macro json_concat(first, second) as
    case
        when second is null or json_text(second) in ('{}', 'null') then first
        when left(json_text(second), 1) <> '{'
            then json_merge_patch(first, json_object('data', second))
        when first is null or regexp_full_match(json_text(first), '\{\s*\}') then second
        when regexp_full_match(json_text(second), '\{\s*\}') then first
        else (left(json_text(first), -1) || ',' || substr(json_text(second), 2))::json
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
