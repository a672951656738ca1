-- The columns of one table of the build, with what they mean.
-- grain: one column
select
    column_name,
    comment
from duckdb_columns()
where
    table_name = $table_name
    and database_name = current_database()
    and schema_name = 'main'
order by column_index
