-- Sessions of a piece whose rows were read as they lie in its days' files, of which that does not
-- tell all: those of one user that a midnight parts, and those whose events of one time lie by
-- their ids where their types may say otherwise.
-- grain: one or more rows per session_id
with

before_midnight as (
    select int_session_totals.*
    from int_session_totals
    cross join stg_settings
    where end_time + stg_settings.timeout >= date_trunc('day', end_time) + interval 1 day
),

after_midnight as (
    select int_session_totals.*
    from int_session_totals
    cross join stg_settings
    where start_time - stg_settings.timeout <= date_trunc('day', start_time)
),

parted as (
    select
        before_midnight.session_id as session_id,
        after_midnight.session_id as next_session_id
    from before_midnight
    inner join after_midnight
        on
            after_midnight.user_id = before_midnight.user_id
            and after_midnight.start_time > before_midnight.end_time
    cross join stg_settings
    where after_midnight.start_time - before_midnight.end_time <= stg_settings.timeout
)

select session_id
from parted
union all
select next_session_id
from parted
union all
select session_id
from int_session_totals
where is_order_doubtful
