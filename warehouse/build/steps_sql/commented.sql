-- What has a comment in the database in use, as the statement that gives one names it.
-- grain: one row per place
select 'table ' || table_name as place
from duckdb_tables()
where comment is not null and database_name = current_database()
union all
select 'view ' || view_name
from duckdb_views()
where comment is not null and database_name = current_database()
union all
select 'column ' || table_name || '.' || column_name
from duckdb_columns()
where comment is not null and database_name = current_database()
