-- Pages, or event types, that the same sessions or users have: how many do, and how many would if
-- neither knew of the other. Looked at are the $top that most sessions have; sessions and users
-- without any page, or event type, are not counted.
-- grain: one pair
with

-- Sessions with one path are looked at once; of a user, each of the paths.
units as (
    select
        path,
        session_count,
        case when $by = 'user' then user_key else row_number() over () end as unit
    from (
        select
            path,
            case when $by = 'user' then user_key end as user_key,
            count(*) as session_count
        from session_paths
        group by all
    )
),

unit_features as (
    select
        unit,
        session_count,
        unnest(list_distinct(path)) as feature
    from units
),

named_features as (
    select
        feature,
        row_number() over (order by sum(session_count) desc, feature asc) - 1 as place
    from unit_features
    group by feature
    qualify place < $top
),

-- Which of the features a unit has, as bits: few units are then left to compare.
bits_of_units as (
    select
        unit,
        bit_or(1::bigint << named_features.place) as bits,
        if($by = 'user', 1, any_value(session_count)) as unit_count
    from unit_features
    left join named_features on named_features.feature = unit_features.feature
    group by unit
),

bits_counted as (
    select
        coalesce(bits, 0) as bits,
        sum(unit_count) as unit_count
    from bits_of_units
    group by all
),

features_counted as (
    select
        named_features.feature,
        named_features.place,
        sum(bits_counted.unit_count) as feature_count
    from bits_counted
    inner join named_features on (bits_counted.bits >> named_features.place) & 1 = 1
    group by all
),

pairs_counted as (
    select
        one.feature,
        other.feature as other_feature,
        sum(bits_counted.unit_count) as together_count,
        any_value(one.feature_count) as feature_count,
        any_value(other.feature_count) as other_count,
        any_value(everyone.unit_count) as unit_count
    from features_counted as one
    inner join features_counted as other on one.place < other.place
    cross join (select sum(unit_count) as unit_count from bits_counted) as everyone
    inner join bits_counted
        on
            (bits_counted.bits >> one.place) & 1 = 1
            and (bits_counted.bits >> other.place) & 1 = 1
    group by all
)

select
    feature,
    other_feature,
    together_count::bigint as together_count,
    feature_count::bigint as feature_count,
    other_count::bigint as other_count,
    unit_count::bigint as unit_count,
    feature_count::double * other_count / unit_count as expected_count,
    together_count / unit_count as support,
    together_count::double * unit_count / (feature_count::double * other_count) as lift
from pairs_counted
where together_count >= $minimum
order by lift desc, together_count desc, feature, other_feature
