"""What must not stay of an access log, as SQL: the pseudonym, and what is left without it.

Both name `entry`, what a record says (log_entry.py), and `who`, which is made of it first.
"""

import json
from collections.abc import Sequence

from etl.duck import quoted
from etl.formats.log_fields import REMOVED_OF_REQUEST, REMOVED_OF_RESPONSE, removed
from etl.formats.log_lines import ADDRESS
from etl.lake.pseudonyms import VARIABLE

# Behind a proxy the first address that it forwards is the visitor's.
_VISITOR = "coalesce(nullif(trim(split_part(entry.forwarded, ',', 1)), 'unknown'), entry.address)"
_MAPPED = "^(?:::|(?:0{1,4}:){5})ffff:"


def _plain_address(text: str) -> str:
    """SQL of an address in the one way to write it: without port, IPv4 within IPv6 as IPv4.

    Some servers add the port, which changes all the time.
    """
    bare = r"regexp_replace(regexp_replace(ip, '^\[([^\]]*)\](?::\d+)?$', '\1'), "
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


VISITOR = f"{{'visitor': {_plain_address(_VISITOR)}}}"
# With the address as it may stand in other fields.
WHO = f"{{'visitor': {_plain_address(_VISITOR)}, 'address': {_plain_address('entry.address')}}}"
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
        return _without_address(left)
    # To look for a word costs less than to look into the record.
    return f"""case
        when contains(record, '"more":')
            then json_merge_patch(
                {left},
                json_object(
                    'more', regexp_replace(record ->> '$.more', {quoted(ADDRESS)}, '', 'g')
                )
            )
        else {left}
    end"""


def properties_of_json(columns: Sequence[str]) -> str:
    """SQL of what a record of any keys says."""
    gone = removed(columns, is_closed=False)
    nested = gone | {"request": REMOVED_OF_REQUEST, "resp_headers": REMOVED_OF_RESPONSE}
    return _without_address(f"""case
        when json_type(record, '$.request') = 'OBJECT'
            then json_merge_patch(record, {quoted(json.dumps(nested))})
        else json_merge_patch(record, {quoted(json.dumps(gone))})
    end""")


def _without_address(properties: str) -> str:
    """SQL of the same without the visitor's address, whatever field repeats it."""
    return f"""list_transform(
        [({properties})::varchar],
        lambda said: case
            when strlen(who.address) > 6 and contains(said, who.address)
                then replace(said, who.address, '')
            else said
        end
    )[1]"""
