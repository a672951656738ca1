-- Of each file with rejected rows, how many for which reason; but those that rows were left out for
-- on purpose.
-- grain: one row per file
with

reasons as (
    select
        line >> 40 as place,
        reason,
        count(*) as row_count,
        min(line & ((1::bigint << 40) - 1)) as first_line
    from rejected_rows
    group by place, reason
),

final as (
    select
        place,
        string_agg(
            row_count || ' × ' || reason || ' (line ' || first_line || ')', ', '
            order by row_count desc, reason
        ) as said
    from reasons
    group by place
    having
        bool_and(
            reason not in (
                'user left out by exclude_users', 'before the pruned horizon', 'forgotten'
            )
        )
)

select * from final
