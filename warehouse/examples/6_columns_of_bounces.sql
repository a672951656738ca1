-- Columns that speak of bounces
select table_name, column_name, comment
from duckdb_columns()
where comment ilike '%bounce%'
