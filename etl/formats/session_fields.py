"""SQL of what a row of ready sessions tells, by the columns that there are. Never runs it."""

from etl.duck import json_path, quoted
from etl.formats.session_columns import (
    COMPLETED,
    END,
    LAST,
    LOGIN,
    MEASURED,
    QUERY_TYPES,
    START,
)
from etl.lake.count_names import spellings

# A number beyond is no count of one row's queries.
_MOST_QUERIES = 10_000


def text_of(*names: str) -> str:
    """SQL of the first text under these names of a row."""
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
    "start_time": text_of(*START),
    "login_time": text_of(*LOGIN),
    "end_time": f"coalesce({text_of(*COMPLETED)}, {text_of(*END)})",
    "last_time": text_of(*LAST),
    "measured_time": text_of(*MEASURED),
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
    coalesce(lower({text_of(*spellings("is_open", "is_active"))}) in ('true', '1', 't'), false)
    or coalesce(lower({text_of("status")}) in ('active', 'open', 'running', 'in_progress'), false)
"""
IS_DONE = f"""
    coalesce(
        regexp_matches(lower({text_of("status")}), '^(complete|success|succeed|done|finish)'),
        {text_of(*COMPLETED)} is not null
    )
"""
_REASON = text_of(*spellings("exit_reason", "end_reason", "close_reason"))
EXIT_REASON = f"""
    case
        when regexp_matches(lower({_REASON}), 'time.?out|inactiv|idle|expire') then 'timeout'
        when regexp_matches(lower({_REASON}), '(log|sign).?(out|off)') then 'logout'
        when regexp_matches(lower({_REASON}), 'error|crash|exception') then 'error'
        when regexp_matches(lower({_REASON}), 'navigat|clos|leave|left|unload') then 'navigation'
        else coalesce({_REASON}, 'timeout')
    end
"""
