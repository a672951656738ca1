-- What each metric counts, under the settings of this build.
-- grain: one metric
select *
from metrics
