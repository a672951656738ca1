-- The functions whose answer depends on what they are given alone: neither on a clock or a dice,
-- nor on files, settings, or who asks.
-- grain: one row per name
select distinct lower(function_name) as name
from duckdb_functions()
where
    function_type in ('scalar', 'aggregate', 'macro')
    and coalesce(stability, 'CONSISTENT') = 'CONSISTENT'
    -- A macro is what its text says.
    and not coalesce(regexp_matches(macro_definition, '(?i)select|current|setting|sleep'), false)
    and not regexp_matches(
        lower(function_name),
        '^(pg_|has_|__|current_|txid|get|approx_|reservoir_)'
        || '|^(session_)?user$|^(version|col_description|age)$'
    )
