"""SQL that turns rows of ready sessions into records, one per event. Never runs it.

Each record holds its `row`, whose `kind` is event, session, metrics or workflow, and a `mark`: what
the event is that was made of it (type, time, id, url). Of a row that is an event the mark is empty,
and what was nested in it, as JSON or as text, is its `own`.
"""

from etl.duck import json_path, quoted
from etl.formats.field_map import NESTED_FOLDER_ALIASES
from etl.formats.session_columns import (
    COMPLETED,
    DURATION,
    END,
    EVENT,
    LAST,
    MEASURED,
    NAME,
    QUERIES,
    QUERY_TYPE,
    QUERY_TYPES,
    RUN,
    SESSION,
    START,
    STEP,
    WORKFLOW,
)
from etl.lake.count_names import spellings

# A number beyond is no count of one row's queries.
_MOST_QUERIES = 10_000


def _text(*names: str) -> str:
    """SQL of the first text under these names of a row."""
    texts = (f"nullif(row ->> {json_path((name,))}, '')" for name in names)
    return f"coalesce({', '.join(texts)})"


def _count(text: str) -> str:
    """SQL of a count that a text tells; 0 where it tells none that can be meant."""
    return (
        f"case when try_cast({text} as double) between 0 and {_MOST_QUERIES} "
        f"then try_cast({text} as double)::int else 0 end"
    )


def _any(*names: str) -> str:
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
    "start_time": _text(*START),
    "end_time": f"coalesce({_text(*COMPLETED)}, {_text(*END)})",
    "last_time": _text(*LAST),
    "measured_time": _text(*MEASURED),
}

_TYPES = f"try_cast({_text(*QUERY_TYPES)} as json)"
# The types of a row's queries, each as often as it is told: from a list, {type: count}, or words.
_TYPE_LIST = f"""
    case
        when json_type({_TYPES}) = 'ARRAY' then json_extract_string({_TYPES}, '$[*]')
        when json_type({_TYPES}) = 'OBJECT'
            then flatten(list_transform(
                map_entries(try_cast({_TYPES} as map(varchar, varchar))),
                lambda entry: repeat([entry.key], {_count("entry.value")})
            ))
        when json_type({_TYPES}) is not null then []
        else coalesce(string_split_regex({_text(*QUERY_TYPES)}, '\\s*[,;|]\\s*'), [])
    end
"""
_IS_OPEN = f"""
    coalesce(lower({_text(*spellings("is_open", "is_active"))}) in ('true', '1', 't'), false)
    or coalesce(lower({_text("status")}) in ('active', 'open', 'running', 'in_progress'), false)
"""
_IS_DONE = f"""
    coalesce(
        regexp_matches(lower({_text("status")}), '^(complete|success|succeed|done|finish)'),
        {_text(*COMPLETED)} is not null
    )
"""
_REASON = _text(*spellings("exit_reason", "end_reason", "close_reason"))
_EXIT_REASON = f"""
    case
        when regexp_matches(lower({_REASON}), 'time.?out|inactiv|idle|expire') then 'timeout'
        when regexp_matches(lower({_REASON}), '(log|sign).?(out|off)') then 'logout'
        when regexp_matches(lower({_REASON}), 'error|crash|exception') then 'error'
        when regexp_matches(lower({_REASON}), 'navigat|clos|leave|left|unload') then 'navigation'
        else coalesce({_REASON}, 'timeout')
    end
"""

RESHAPE = f"""
    with

    tables_read as (
        select part, list(distinct name) as names
        from (select part, unnest(json_keys(record)) as name from records)
        group by part
    ),

    kinds_read as (
        select
            part,
            case
                when {_any(*EVENT)} then 'event'
                when {_any(*WORKFLOW)} and {_any(*START, *COMPLETED)} then 'workflow'
                when {_any(*START)} then 'session'
                when {_any("type", "action")} then 'event'
                else 'metrics'
            end as kind,
            kind = 'metrics' or {_any(*QUERY_TYPES, *QUERY_TYPE)} as has_queries,
            list_filter(
                [{", ".join(map(quoted, NESTED_FOLDER_ALIASES))}],
                lambda folder: kind = 'event' and list_contains(names, folder)
            )[1] as folder
        from tables_read
    ),

    -- Events of the same file hold the queries themselves.
    rows_read as (
        select
            records.line,
            records.part,
            records.record as row,
            kinds_read.kind,
            kinds_read.folder,
            kinds_read.has_queries
            and not (select bool_or(kind = 'event') from kinds_read) as has_queries,
            {_text(*SESSION)} as given_session,
            {_text(*START)} as start_text
        from records
        inner join kinds_read on kinds_read.part = records.part
    ),

    ends_read as (
        select
            * exclude (given_session),
            told_number(told(one_spelling(trimmed(coalesce(
                given_session, case when kind = 'session' then {_text("id", "_id")} end
            ))))) as session,
            case
                when kind = 'workflow' then coalesce({_text(*COMPLETED)}, {_text(*END)})
                when kind = 'session'
                    then coalesce(
                        {_text(*END)},
                        epoch_us(start_time(part, start_text) + to_microseconds(case
                            when try_cast({_text(*DURATION)} as double) between 0 and 1000000000
                                then (try_cast({_text(*DURATION)} as double) * 1000000)::bigint
                        end))::varchar,
                        {_text(*LAST)}
                    )
            end as end_text
        from rows_read
    ),

    -- What is no time is told as it came.
    times_read as (
        select
            *,
            start_time(part, start_text) as started_at,
            case
                when kind = 'workflow' or {_text(*END)} is not null
                    then end_time(part, end_text)
                when end_text = {_text(*LAST)} then last_time(part, end_text)
                else make_timestamp(try_cast(end_text as bigint))
            end as ended_at,
            coalesce(started_at::varchar || 'Z', start_text) as told_start,
            coalesce(ended_at::varchar || 'Z', end_text) as told_end,
            coalesce(
                measured_time(part, {_text(*MEASURED)})::varchar || 'Z', {_text(*MEASURED)}
            ) as told_measured
        from ends_read
    ),

    -- What is over when it begins is its start alone.
    marks_made as (
        select
            *,
            coalesce(ended_at > started_at, false) as has_end,
            case kind
                when 'session'
                    then [
                        json_object(
                            'type', 'session_start', 'time', told_start, 'id', session || ':start',
                            'url', {_text(*spellings("entry_page", "entry_url", "landing_page"))}
                        ),
                        case
                            when {_text(*END, *DURATION)} is null or {_IS_OPEN}
                                then json_object(
                                    'type', 'activity', 'time', told_end,
                                    'id', session || ':activity:' || end_text
                                )
                            else json_object(
                                'type', 'session_end', 'time', told_end,
                                'id', session || ':end:' || end_text,
                                'url', {_text(*spellings("exit_page", "exit_url"))},
                                'exit_reason', {_EXIT_REASON}
                            )
                        end
                    ]
                when 'workflow'
                    then [
                        json_object(
                            'type', 'workflow_start', 'time', told_start,
                            'id', 'workflow:' || {_text(*RUN)} || ':start',
                            'workflow_id', {_text(*RUN)}, 'name', {_text(*NAME)},
                            'step', case when not has_end then {_text(*STEP)} end
                        ),
                        json_object(
                            'type', case
                                when {_IS_DONE} then 'workflow_complete' else 'workflow_step'
                            end,
                            'id', 'workflow:' || {_text(*RUN)} || ':end:' || end_text,
                            'time', told_end, 'workflow_id', {_text(*RUN)},
                            'name', {_text(*NAME)}, 'step', {_text(*STEP)}
                        )
                    ]
                when 'metrics'
                    then [json_object('type', 'system', 'time', told_measured)]
                else [json_object('type', null)]
            end as marks,
            case when has_queries and kind in ('session', 'metrics') then {_TYPE_LIST} end as types
        from times_read
    ),

    queries_added as (
        select
            * exclude (marks),
            list_concat(
                case when has_end or len(marks) = 1 then marks else marks[:1] end,
                list_transform(
                    list_resize(
                        types,
                        greatest(
                            len(types),
                            {_count(_text(*QUERIES))},
                            ({_text(*QUERY_TYPE)} is not null)::int
                        ),
                        {_text(*QUERY_TYPE)}
                    ),
                    lambda query_type: json_object(
                        'type', 'query', 'query_type', query_type,
                        'time', coalesce(told_start, told_measured)
                    )
                )
            ) as marks
        from marks_made
    )

    select
        line,
        part,
        json_object(
            'kind', kind, 'session', session,
            'row', case
                when folder is null then row else json_merge_patch(row, json_object(folder, null))
            end,
            'own', coalesce(try_cast(row ->> ('$.' || folder) as json), row -> ('$.' || folder)),
            'mark', unnest(marks), 'is_first', generate_subscripts(marks, 1) = 1
        ) as record
    from queries_added
"""  # noqa: S608
