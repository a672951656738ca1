-- What each group is estimated from at the end of each day, all sessions from the first day on: the
-- units (n), the sums over them (x, y), and how far they are from their ratio (s). A unit that is
-- there again changes its squares by what it adds to them.
-- grain: one local date x group that has a session by then
with

unit_days as (
    select
        $unit as unit,
        cell_number,
        start_date,
        coalesce($over, 0)::double as x,
        coalesce($under, 0)::double as y
    from $compared
    group by unit, cell_number, start_date
),

unit_days_counted as (
    select
        cell_number,
        start_date,
        x,
        -- Each unit is one of them, from its first day on.
        case when $is_of_units then (row_number() over so_far = 1)::int::double else y end as y,
        sum(x) over so_far as whole_x,
        case when $is_of_units then 1 else sum(y) over so_far end as whole_y
    from unit_days
    window so_far as (partition by unit, cell_number order by start_date)
),

days_changed as (
    select
        cell_number,
        start_date,
        count(*) filter (
            (x <> 0 or y <> 0) and whole_x - x = 0 and whole_y - y = 0
        ) as n,
        sum(x) as x,
        sum(y) as y,
        sum(whole_x ** 2 - (whole_x - x) ** 2) as xx,
        sum(whole_x * whole_y - (whole_x - x) * (whole_y - y)) as xy,
        sum(whole_y ** 2 - (whole_y - y) ** 2) as yy
    from unit_days_counted
    group by cell_number, start_date
),

days_listed as (
    select
        days.start_date,
        cells.cell_number
    from (select distinct start_date from days_changed) as days
    cross join (select distinct cell_number from days_changed) as cells
),

days_summed as (
    select
        start_date,
        cell_number,
        sum(n) over so_far as n,
        sum(x) over so_far as x,
        sum(y) over so_far as y,
        sum(xx) over so_far as xx,
        sum(xy) over so_far as xy,
        sum(yy) over so_far as yy
    from days_listed
    left join days_changed using (start_date, cell_number)
    window so_far as (partition by cell_number order by start_date)
)

select
    start_date,
    cell_number,
    n::bigint as n,
    x,
    y,
    xx = x and yy = y and xy = x as are_shares,
    -- What is left of so much is rounding, where all are alike.
    case when distance > 1e-12 * xx then distance else 0 end as s
from (
    select
        *,
        coalesce(x / nullif(y, 0), 0) as ratio,
        xx - 2 * ratio * xy + ratio ** 2 * yy as distance
    from days_summed
    where n is not null
)
order by start_date, cell_number
