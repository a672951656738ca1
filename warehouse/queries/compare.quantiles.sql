-- Quantiles of what is measured in each cell: sessions, or turns of their chats.
-- grain: one cell
select
    cell_number
    -- Of each measure a list: $quantiles
from $compared
group by cell_number
