-- The settings that this build was made with.
-- grain: one row per name
with

final as (
    select
        name, -- Name in dwell.toml.
        value, -- Value of this build.
        default_value, -- Value when nothing is said.
        help -- What it decides.
    from setting_values
)

select * from final
