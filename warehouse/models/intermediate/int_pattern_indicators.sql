-- The indicators of each behaviour pattern, each with its digit in the indicator_set of a
-- session (int_sessions). Of patterns with equal scores the lowest tie_rank wins.
-- grain: one row per pattern and indicator
select
    pattern,
    tie_rank,
    digit,
    indicator
from (
    values
        ('confused', 1, 1, '3 or more errors'),
        ('confused', 1, 2, 'a page seen 3 or more times'),
        ('confused', 1, 4, '3 clicks within 1 s and 30 px'),
        ('confused', 1, 8, 'ended on an error'),
        ('confused', 1, 16, 'query repeated within 20 s'),
        ('power_user', 2, 32, '30 minutes or longer'),
        ('power_user', 2, 64, '50 or more actions'),
        ('power_user', 2, 128, '3 or more event types'),
        ('power_user', 2, 256, 'no errors'),
        ('task_focused', 3, 512, 'a completed workflow or 2 or more queries'),
        ('task_focused', 3, 1024, '3 or fewer distinct pages'),
        ('task_focused', 3, 256, 'no errors'),
        ('task_focused', 3, 2048, '5 or more actions'),
        ('explorer', 4, 4096, '8 or more distinct pages'),
        ('explorer', 4, 8192, '70 % or more of page views are distinct pages'),
        ('explorer', 4, 16384, 'no completed workflow')
) as given (pattern, tie_rank, digit, indicator)
