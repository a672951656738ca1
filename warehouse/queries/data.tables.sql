-- The tables and views of the build with their columns, and what they mean.
-- grain: one column
select
    columns.table_name,
    coalesce(tables.comment, views.comment) as table_comment,
    columns.column_name,
    columns.data_type,
    columns.comment
from duckdb_columns() as columns
left join duckdb_tables() as tables
    on tables.table_oid = columns.table_oid and tables.database_oid = columns.database_oid
left join duckdb_views() as views
    on views.view_oid = columns.table_oid and views.database_oid = columns.database_oid
where columns.database_name = current_database() and columns.schema_name = 'main'
order by columns.table_name, columns.column_index
