-- How long responses are read, by how long they are; each bracket is twice as long as the last.
-- grain: one bracket of lengths
with

bracketed as (
    select
        read_seconds,
        case when response_length < 125 then 0 else floor(log2(response_length / 125)) + 1 end
            as bracket
    from filtered_turns
    where
        is_answered
        and not is_open
        and response_length is not null
)

select
    case when bracket = 0 then 0 else 125 * pow(2, bracket - 1) end::bigint as low_length,
    (125 * pow(2, bracket))::bigint as high_length,
    count(*) as response_count,
    count(read_seconds) as read_count,
    quantile_cont(read_seconds, 0.25) as p25_read_seconds,
    median(read_seconds) as median_read_seconds,
    quantile_cont(read_seconds, 0.75) as p75_read_seconds
from bracketed
group by bracket
order by bracket
