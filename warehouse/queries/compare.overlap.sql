-- Users with sessions in two experiments.
-- grain: a pair of experiments
with

users_in as (
    select distinct
        experiment_id,
        user_key
    from filtered_sessions
    where experiment_id is not null
),

counts as (
    select
        experiment_id,
        count(*) as user_count
    from users_in
    group by experiment_id
),

pairs as (
    select
        users_in.experiment_id,
        others.experiment_id as other_experiment_id,
        count(*) as user_count
    from users_in
    inner join users_in as others
        on others.user_key = users_in.user_key and others.experiment_id > users_in.experiment_id
    group by all
)

select
    pairs.*,
    pairs.user_count / least(counts.user_count, other_counts.user_count) as share
from pairs
inner join counts on counts.experiment_id = pairs.experiment_id
inner join counts as other_counts on other_counts.experiment_id = pairs.other_experiment_id
order by pairs.user_count desc, pairs.experiment_id, pairs.other_experiment_id
