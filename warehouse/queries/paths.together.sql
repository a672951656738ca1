-- Pages, or event types, that the same sessions or users have: how many do, and how many would if
-- neither knew of the other. Looked at are the $top that most sessions have; sessions and users
-- without any page, or event type, are not counted.
-- grain: one pair
with

named_features as materialized (
    select
        node as feature,
        row_number() over (order by count(*) desc, node asc) - 1 as place
    from (
        select
            path,
            unnest(path) as node,
            generate_subscripts(path, 1) as node_number
        from session_paths
    )
    -- Where a node stands for the first time: quicker than to make lists of different ones.
    where list_position(path, node) = node_number
    group by node
    qualify place < $top
),

-- Which of them a session has, as bits: few units are then left to compare.
bits_of_sessions as (
    select
        session_paths.user_key,
        coalesce(
            list_aggregate(
                list_transform(
                    session_paths.path,
                    lambda node: 1::bigint << (list_position(features.names, node) - 1)
                ),
                'bit_or'
            ),
            0
        ) as bits
    from session_paths
    cross join (select list(feature order by place) as names from named_features) as features
),

bits_counted as materialized (
    select
        bits,
        count(*) as unit_count
    from (
        select bits
        from bits_of_sessions
        where $by = 'session'
        union all
        select bit_or(bits) as bits
        from bits_of_sessions
        where $by = 'user'
        group by user_key
    )
    group by bits
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
