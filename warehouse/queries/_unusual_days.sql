-- Days on which a count of a source is far from what its weekday has in the weeks before and after:
-- a count that falls below the lower, or rises over the higher of the two medians. Against both, so
-- that neither growth nor a lasting change is one. Unless $looks_ahead, days are judged by those
-- before them alone, as at their end.
-- grain: source x kind x local day
with

-- `hit_count` of `base_count`; what is no share has a base of 1.
counts as (
    select
        source,
        local_date,
        unnest([
            {
                'kind': 'outage', 'ordinal': 1, 'rises': false, 'is_share': false,
                'least_usual': 20, 'factor': 0.25, 'deviations': 1,
                'hit_count': session_count, 'base_count': 1
            },
            {
                'kind': 'missing_ends', 'ordinal': 2, 'rises': false, 'is_share': true,
                'least_usual': 10, 'factor': 0.5, 'deviations': 2,
                'hit_count': ended_count, 'base_count': closed_count
            },
            {
                'kind': 'heartbeat_gaps', 'ordinal': 3, 'rises': false, 'is_share': true,
                'least_usual': 10, 'factor': 0.5, 'deviations': 2,
                'hit_count': heartbeat_count, 'base_count': long_count
            },
            {
                'kind': 'duplicate_storm', 'ordinal': 4, 'rises': false, 'is_share': true,
                'least_usual': 10, 'factor': 0.5, 'deviations': 2,
                'hit_count': alone_count - repeated_count, 'base_count': alone_count
            },
            {
                'kind': 'bot_storm', 'ordinal': 5, 'rises': true, 'is_share': false,
                'least_usual': 20, 'factor': 4, 'deviations': 0,
                'hit_count': bot_count + hasty_count, 'base_count': 1
            },
            {
                'kind': 'bot_storm', 'ordinal': 6, 'rises': true, 'is_share': false,
                'least_usual': 250, 'factor': 4, 'deviations': 0,
                'hit_count': largest_count, 'base_count': 1
            },
            {
                'kind': 'outage', 'ordinal': 7, 'rises': false, 'is_share': false,
                'least_usual': 200, 'factor': 0.25, 'deviations': 1,
                'hit_count': event_count, 'base_count': 1
            }
        ], recursive := true)
    from judged_days
),

-- Each weekday of a source is there, so that rows are weeks.
counts_compared as (
    select
        *,
        count(hit_count / nullif(base_count, 0)) over weeks_before as before_count,
        median(hit_count / nullif(base_count, 0)) over weeks_before as before_median,
        median(hit_count / nullif(base_count, 0)) over month_before as month_median,
        count(hit_count / nullif(base_count, 0)) over weeks_after as after_count,
        median(hit_count / nullif(base_count, 0)) over weeks_after as after_median
    from counts
    window
        weeks_before as (
            partition by source, ordinal, isodow(local_date) order by local_date
            rows between 8 preceding and 1 preceding
        ),
        month_before as (
            partition by source, ordinal, isodow(local_date) order by local_date
            rows between 4 preceding and 1 preceding
        ),
        weeks_after as (
            partition by source, ordinal, isodow(local_date) order by local_date
            rows between 1 following and 8 following
        )
),

-- What changed for good differs from the weeks after too, or, while these are few, from the last
-- weeks before.
counts_expected as (
    select
        *,
        case
            when $looks_ahead and after_count >= 4 then after_median
            else month_median
        end as later_median,
        case
            when rises then greatest(before_median, later_median)
            else least(before_median, later_median)
        end as usual_rate,
        base_count * usual_rate as usual_count
    from counts_compared
    where before_count >= 4
),

-- Surely below its bound, by standard deviations of what chance does: a count n of a share p varies
-- by the root of n (1 - p). That one of all that are due is missing is no surprise either.
counts_judged as (
    select
        *,
        case
            when rises then hit_count > factor * greatest(usual_count, least_usual)
            else usual_count >= least_usual
                and hit_count < factor * usual_count - deviations * sqrt(
                    factor * usual_count
                    * case when is_share then greatest(1 - usual_rate, 0.1) else 1 end
                )
        end as is_unusual
    from counts_expected
),

-- What is quiet on the same date of two years. Of a few sessions half is missing by chance.
holidays as (
    select
        source,
        (local_date + to_years(years))::date as local_date
    from counts_judged
    cross join (select unnest(if($looks_ahead, [-1, 1], [1])) as years) as both_ways
    where kind = 'outage' and usual_count >= least_usual and hit_count < usual_count / 2
)

-- A day may be found by two counts of a kind.
select
    source,
    kind,
    ordinal,
    is_share,
    local_date,
    case kind when 'duplicate_storm' then base_count - hit_count else hit_count end as found_count,
    case kind when 'duplicate_storm' then base_count - usual_count else usual_count end
        as usual_count
from counts_judged
where
    is_unusual
    and not (kind = 'outage' and (source, local_date) in (from holidays))
qualify row_number() over (partition by source, kind, local_date order by ordinal) = 1
