"""SQL that turns rows of ready sessions into records, one per event. Never runs it.

Each record holds its `row`, whose `kind` is event, session, metrics or workflow, and a `mark`: what
the event is that was made of it (type, time, id, url). Of a row that is an event the mark is empty,
and what was nested in it, as JSON or as text, is its `own`.
"""

from etl.duck import quoted
from etl.formats.field_map import NESTED_FOLDER_ALIASES
from etl.formats.session_columns import (
    COMPLETED,
    DURATION,
    END,
    ENTRY,
    EVENT,
    EXIT,
    LAST,
    LOGIN,
    MEASURED,
    NAME,
    PERSON,
    QUERIES,
    QUERY_TYPE,
    QUERY_TYPES,
    RUN,
    SEEN,
    SESSION,
    START,
    STEP,
    USER,
    WORKFLOW,
)
from etl.formats.session_fields import (
    EXIT_REASON,
    IS_DONE,
    IS_OPEN,
    TEXTS,
    TYPE_LIST,
    count_of,
    has_any,
    text_of,
)
from etl.lake.count_names import spellings

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
                when {has_any(*EVENT)} then 'event'
                when {has_any(*WORKFLOW)} and {has_any(*START, *COMPLETED)} then 'workflow'
                when {has_any(*START)} then 'session'
                when {has_any(*LOGIN)} and {has_any(*SEEN)} and not {has_any(*SESSION)}
                    then 'person'
                when {has_any("type", "action")} then 'event'
                else 'metrics'
            end as kind,
            kind = 'metrics' or {has_any(*QUERY_TYPES, *QUERY_TYPE)} as has_queries,
            list_filter(
                [{", ".join(map(quoted, NESTED_FOLDER_ALIASES))}],
                lambda folder: kind = 'event' and list_contains(names, folder)
            )[1] as folder
        from tables_read
    ),

    texts_read as (
        select
            *,
            {TEXTS} as texts
        from records
    ),

    -- Events of the same file hold the queries themselves.
    rows_read as (
        select
            texts_read.line,
            texts_read.part,
            texts_read.record as row,
            texts_read.texts,
            kinds_read.kind,
            kinds_read.folder,
            kinds_read.has_queries
            and not (select bool_or(kind = 'event') from kinds_read) as has_queries,
            {text_of(*SESSION)} as given_session,
            case when kinds_read.kind = 'person' then {text_of(*LOGIN)} else {text_of(*START)} end
                as start_text,
            {text_of(*spellings(*USER), *PERSON)} as person
        from texts_read
        inner join kinds_read on kinds_read.part = texts_read.part
    ),

    -- What is read of a text is a column of its own before anything else is: the engine would work
    -- it out, and plan it, wherever its name stands.
    ids_trimmed as (
        select
            * exclude (given_session),
            trimmed(case kind
                when 'session' then coalesce(given_session, {text_of(*PERSON)})
                when 'person' then person
                else given_session
            end) as id_text
        from rows_read
    ),

    ids_spelt as (
        select * replace (one_spelling(id_text) as id_text) from ids_trimmed
    ),

    ids_told as (
        select * replace (told(id_text) as id_text) from ids_spelt
    ),

    starts_read as (
        select
            * exclude (id_text),
            told_number(id_text) as session_id,
            case when kind = 'person'
                then login_time(part, start_text) else start_time(part, start_text)
            end as started_at,
            case
                when try_cast({text_of(*DURATION)} as double) between 0 and 1000000000
                    then (try_cast({text_of(*DURATION)} as double) * 1000000)::bigint
            end as duration_us
        from ids_told
    ),

    ends_read as (
        select
            * exclude (session_id),
            -- Each login of a person is a session, in whatever dump it is told.
            case when kind = 'person'
                then 'person:' || session_id || ':' || epoch_us(started_at) else session_id
            end as session,
            case
                when kind = 'person' then {text_of(*SEEN)}
                when kind = 'workflow' then coalesce({text_of(*COMPLETED)}, {text_of(*END)})
                when kind = 'session'
                    then coalesce(
                        {text_of(*END)},
                        epoch_us(started_at + to_microseconds(duration_us))::varchar,
                        {text_of(*LAST)}
                    )
            end as end_text,
            measured_time(part, {text_of(*MEASURED)}) as measured_at
        from starts_read
    ),

    times_read as (
        select
            *,
            case
                when kind = 'person' then last_time(part, end_text)
                when kind = 'workflow' or {text_of(*END)} is not null
                    then end_time(part, end_text)
                when end_text = {text_of(*LAST)} then last_time(part, end_text)
                else make_timestamp(try_cast(end_text as bigint))
            end as ended_at
        from ends_read
    ),

    -- What is no time is told as it came.
    times_told as (
        select
            *,
            coalesce(ended_at > started_at, false) as has_end,
            coalesce(started_at::varchar || 'Z', start_text) as told_start,
            coalesce(ended_at::varchar || 'Z', end_text) as told_end,
            coalesce(measured_at::varchar || 'Z', {text_of(*MEASURED)}) as told_measured
        from times_read
    ),

    -- What is over when it begins is its start alone.
    marks_made as (
        select
            *,
            case kind
                when 'session'
                    then [
                        json_object(
                            'type', 'session_start', 'time', told_start, 'id', session || ':start',
                            'url', {text_of(*ENTRY)}
                        ),
                        case
                            when {text_of(*END, *DURATION)} is null or {IS_OPEN}
                                then json_object(
                                    'type', 'activity', 'time', told_end,
                                    'id', session || ':activity:' || end_text
                                )
                            else json_object(
                                'type', 'session_end', 'time', told_end,
                                'id', session || ':end:' || end_text,
                                'url', {text_of(*EXIT)},
                                'exit_reason', {EXIT_REASON}
                            )
                        end
                    ]
                when 'person'
                    then [
                        json_object(
                            'type', 'session_start', 'time', told_start, 'id', session || ':start'
                        ),
                        json_object(
                            'type', 'activity', 'time', told_end,
                            'id', session || ':activity:' || epoch_us(ended_at)
                        )
                    ]
                when 'workflow'
                    then [
                        json_object(
                            'type', 'workflow_start', 'time', told_start,
                            'id', 'workflow:' || {text_of(*RUN)} || ':start',
                            'workflow_id', {text_of(*RUN)}, 'name', {text_of(*NAME)},
                            'step', case when not has_end then {text_of(*STEP)} end
                        ),
                        json_object(
                            'type', case
                                when {IS_DONE} then 'workflow_complete' else 'workflow_step'
                            end,
                            'id', 'workflow:' || {text_of(*RUN)} || ':end:' || end_text,
                            'time', told_end, 'workflow_id', {text_of(*RUN)},
                            'name', {text_of(*NAME)}, 'step', {text_of(*STEP)}
                        )
                    ]
                when 'metrics'
                    then [json_object('type', 'system', 'time', told_measured)]
                else [json_object('type', null)]
            end as marks,
            case when has_queries and kind in ('session', 'metrics') then {TYPE_LIST} end as types
        from times_told
    ),

    -- Who never logged in had no session.
    queries_added as (
        select
            * exclude (marks),
            list_concat(
                case
                    when kind = 'person' and start_text is null then []
                    when has_end or len(marks) = 1 then marks
                    else marks[:1]
                end,
                list_transform(
                    list_resize(
                        types,
                        greatest(
                            len(types),
                            {count_of(text_of(*QUERIES))},
                            ({text_of(*QUERY_TYPE)} is not null)::int
                        ),
                        {text_of(*QUERY_TYPE)}
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
            'kind', kind, 'session', session, 'person', case when kind = 'person' then person end,
            'row', case
                when folder is null then row else json_merge_patch(row, json_object(folder, null))
            end,
            'own', coalesce(try_cast(row ->> ('$.' || folder) as json), row -> ('$.' || folder)),
            'mark', unnest(marks), 'is_first', generate_subscripts(marks, 1) = 1
        ) as record
    from queries_added
"""  # noqa: S608
