-- What the engine rejected of a delimited file, by its place in it, counted from the first row.
-- grain: one row per rejected row
with

places as (
    select
        line - $leading_blanks as place,
        min(
            case error_type::varchar
                when 'UNQUOTED VALUE' then $bad_quote
                else lower(replace(error_type::varchar, '_', ' '))
            end
        ) as reason,
        any_value(csv_line) as raw
    from reject_errors
    group by place
)

select
    *,
    row_number() over (order by place) as rank
from places
