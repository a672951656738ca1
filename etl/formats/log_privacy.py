"""What must not stay of an access log, as SQL: the pseudonym, and what is left without it.

Both name `entry`, what a record says (log_entry.py), and `who`, which is made of it first.
"""

import json
from collections.abc import Sequence

from etl.duck import quoted
from etl.formats.log_fields import (
    PERSONAL_NAME,
    REMOVED_OF_REQUEST,
    REMOVED_OF_RESPONSE,
    SERVER_NAME,
    removed,
)
from etl.formats.log_lines import ADDRESS, GREPPED
from etl.lake.pseudonyms import VARIABLE

# Behind a proxy the first address that it forwards is the visitor's.
_VISITOR = "coalesce(nullif(trim(split_part(entry.forwarded, ',', 1)), 'unknown'), entry.address)"
_MAPPED = "^(?:::|(?:0{1,4}:){5})ffff:"


def _plain_address(text: str) -> str:
    """SQL of an address in the one way to write it: without port, IPv4 within IPv6 as IPv4.

    Some servers add the port, which changes all the time, and grep the name of the file.
    """
    own = rf"regexp_replace(ip, {quoted(GREPPED)}, '\1\2\3')"
    bare = rf"regexp_replace(regexp_replace({own}, '^\[([^\]]*)\](?::\d+)?$', '\1'), "
    bare += r"'^(\d+(?:\.\d+){3}):\d+$', '\1')"
    words = rf"string_split(regexp_replace(ip, '{_MAPPED}', ''), ':')"
    octets = ", '.', ".join(
        f"(('0x' || {words}[{half}])::int // {by}) % 256" for half in (1, 2) for by in (256, 1)
    )
    written = f"lower({bare})"
    # Nearly all have no colon: for these nothing is looked for.
    return rf"""list_transform(
        [{text}],
        lambda word: case
            when not contains(word, ':') then word
            else list_transform(
                [{written.replace("(ip,", "(word,")}],
                lambda ip: case
                    when not contains(ip, 'ffff:') then ip
                    when regexp_matches(ip, '{_MAPPED}\d+(?:\.\d+){{3}}$')
                        then regexp_replace(ip, '{_MAPPED}', '')
                    when regexp_matches(ip, '{_MAPPED}[0-9a-f]{{1,4}}:[0-9a-f]{{1,4}}$')
                        then concat({octets})
                    else ip
                end
            )[1]
        end
    )[1]"""


# Every address that a record was sent from or through, as it may stand in other fields: as written,
# in the plain way, and as URLs write it. Nearly all records have one, of IPv4.
_ADDRESSES = f"""case
    when entry.forwarded is null and not contains(entry.address, ':')
        then case when strlen(entry.address) > 6 then [entry.address] else [] end
    else list_reverse_sort(list_filter(
        flatten(list_transform(
            list_concat(
                regexp_extract_all(
                    concat_ws(' ', entry.forwarded, entry.address), {quoted(ADDRESS)}
                ),
                [entry.address]
            ),
            lambda one: [
                one, {_plain_address("one")},
                replace(one, ':', '%3A'), replace(one, ':', '%3a')
            ]
        )),
        lambda one: strlen(one) > 6
    ))
end"""
WHO = f"{{'visitor': {_plain_address(_VISITOR)}, 'addresses': {_ADDRESSES}}}"
# Without the key it is null, never a hash that anybody could work out.
PSEUDONYM = f"""left(sha256(
    getvariable({quoted(VARIABLE)}) || chr(31) || who.visitor
    || chr(31) || coalesce(entry.agent, '')
), 32)"""


def properties_of_lines(columns: Sequence[str]) -> str:
    """SQL of what lines say, which have these columns and no others."""
    gone = quoted(json.dumps(removed(columns, is_closed=True)))
    left = f"json_merge_patch(record, {gone})"
    if "more" not in columns:
        return without_address(left)
    # To look for a word costs less than to look into the record.
    return without_address(f"""case
        when contains(record, '"more":')
            then json_merge_patch(
                {left},
                json_object(
                    'more', regexp_replace(record ->> '$.more', {quoted(ADDRESS)}, '', 'g')
                )
            )
        else {left}
    end""")


def properties_of_json(columns: Sequence[str]) -> str:
    """SQL of what a record of any keys says."""
    gone = removed(columns, is_closed=False)
    nested = gone | {"request": REMOVED_OF_REQUEST, "resp_headers": REMOVED_OF_RESPONSE}
    left = f"""case
        when json_type(record, '$.request') = 'OBJECT'
            then json_merge_patch(record, {quoted(json.dumps(nested))})
        else json_merge_patch(record, {quoted(json.dumps(gone))})
    end"""
    return without_address(_without_personal(left))


def without_address(text: str) -> str:
    """SQL of the same text without the addresses it was sent from, whatever repeats them."""
    return f"""list_transform(
        [({text})::varchar],
        lambda said: case
            when len(who.addresses) = 0 then said
            when len(who.addresses) > 1
                then list_reduce(who.addresses, lambda rest, one: replace(rest, one, ''), said)
            when contains(said, who.addresses[1]) then replace(said, who.addresses[1], '')
            else said
        end
    )[1]"""


def _any_value(depth: int = 4) -> str:
    """A pattern of a value in JSON without blanks, no deeper than this."""
    text = r'"(?:[^"\\]|\\.)*"'
    value = rf'(?:{text}|[^\s",\[\]{{}}]+)'
    for _ in range(depth):
        items = rf"(?:{value}(?:,{value})*)?"
        pairs = rf"(?:{text}:{value}(?:,{text}:{value})*)?"
        value = rf'(?:{text}|[^\s",\[\]{{}}]+|\[{items}\]|\{{{pairs}\}})'
    return value


# A quote within a text has a backslash before it, so that only a name stands between `{"` or `,"`
# and `":`. What is left out takes one comma with it.
_FIELD = f'"{PERSONAL_NAME}":{_any_value()}'
_FIELDS = rf"(\{{){_FIELD}(?:,{_FIELD})*(?:,|(\}}))|,{_FIELD}"


def _without_personal(properties: str) -> str:
    """SQL of JSON without the fields that name a person, however deep they lie.

    Names of servers are set apart for as long by a character that JSON never holds as it is.
    """
    marked = rf"""regexp_replace(
        said, {quoted(rf'([{{,]")({SERVER_NAME}":)')}, '\1' || chr(1) || '\2', 'g'
    )"""
    without = rf"regexp_replace({marked}, {quoted(_FIELDS)}, '\1\2', 'g')"
    return f"""list_transform(
        [({properties})::varchar],
        lambda said: case
            when regexp_matches(said, {quoted(rf'[{{,]"{PERSONAL_NAME}":')})
                then replace({without}, chr(1), '')
            else said
        end
    )[1]"""
