"""SQL of what a row of ready sessions tells, by the columns that there are. Never runs it."""

from etl.duck import json_path, quoted
from etl.formats.session_columns import (
    COMPLETED,
    END,
    LAST,
    LOGIN,
    MEASURED,
    OPEN,
    QUERY_TYPES,
    READ,
    REASON,
    START,
    STATUS,
)

# A number beyond is no count of one row's queries.
_MOST_QUERIES = 10_000


# The texts of a row, in the order of READ. The row is read once for all of them: the engine keeps
# what each reading of some thousand rows took, and a hundred of them fill its memory.
TEXTS = f"json_extract_string(record, [{', '.join(json_path((name,)) for name in READ)}])"


def text_of(*names: str) -> str:
    """SQL of the first text under these names among the `texts` of a row."""
    texts = (f"nullif(texts[{READ.index(name) + 1}], '')" for name in names)
    return f"coalesce({', '.join(texts)})"


def _raw_text(*names: str) -> str:
    texts = (f"nullif(row ->> {json_path((name,))}, '')" for name in names)
    return f"coalesce({', '.join(texts)})"


def count_of(text: str) -> str:
    """SQL of a count that a text tells; 0 where it tells none that can be meant."""
    return (
        f"case when try_cast({text} as double) between 0 and {_MOST_QUERIES} "
        f"then try_cast({text} as double)::int else 0 end"
    )


def has_any(*names: str) -> str:
    """SQL of whether the file or table has a column of these names."""
    return f"list_has_any(names, [{', '.join(map(quoted, names))}])"


def words(place: str) -> str:
    """SQL of a JSON list of words: from JSON, JSON as text, {word: count} or a, b and c."""
    value = f"coalesce(try_cast(record ->> {place} as json), record -> {place})"
    return f"""
        case json_type({value})
            when 'ARRAY' then {value}
            when 'OBJECT' then to_json(json_keys({value}))
            when 'NULL' then null
            else to_json(list_filter(
                list_transform(
                    string_split_regex(trim(record ->> {place}, '[]{{}}() '), '\\s*[,;|]\\s*'),
                    lambda word: trim(word, ' ''"')
                ),
                lambda word: word <> ''
            ))
        end
    """


# Texts of a row that are times: name → SQL. The macro of the name, of table and text, reads each.
TIMES = {
    "start_time": _raw_text(*START),
    "login_time": _raw_text(*LOGIN),
    "end_time": f"coalesce({_raw_text(*COMPLETED)}, {_raw_text(*END)})",
    "last_time": _raw_text(*LAST),
    "measured_time": _raw_text(*MEASURED),
}

_TYPES = f"try_cast({text_of(*QUERY_TYPES)} as json)"
# The types of a row's queries, each as often as it is told: from a list, {type: count}, or words.
TYPE_LIST = f"""
    case
        when json_type({_TYPES}) = 'ARRAY' then json_extract_string({_TYPES}, '$[*]')
        when json_type({_TYPES}) = 'OBJECT'
            then flatten(list_transform(
                map_entries(try_cast({_TYPES} as map(varchar, varchar))),
                lambda entry: repeat([entry.key], {count_of("entry.value")})
            ))
        when json_type({_TYPES}) is not null then []
        else coalesce(string_split_regex({text_of(*QUERY_TYPES)}, '\\s*[,;|]\\s*'), [])
    end
"""
IS_OPEN = f"""
    coalesce(lower({text_of(*OPEN)}) in ('true', '1', 't'), false)
    or coalesce(lower({text_of(*STATUS)}) in ('active', 'open', 'running', 'in_progress'), false)
"""
IS_DONE = f"""
    coalesce(
        regexp_matches(lower({text_of(*STATUS)}), '^(complete|success|succeed|done|finish)'),
        {text_of(*COMPLETED)} is not null
    )
"""
_REASON = text_of(*REASON)
EXIT_REASON = f"""
    case
        when regexp_matches(lower({_REASON}), 'time.?out|inactiv|idle|expire') then 'timeout'
        when regexp_matches(lower({_REASON}), '(log|sign).?(out|off)') then 'logout'
        when regexp_matches(lower({_REASON}), 'error|crash|exception') then 'error'
        when regexp_matches(lower({_REASON}), 'navigat|clos|leave|left|unload') then 'navigation'
        else coalesce({_REASON}, 'timeout')
    end
"""
