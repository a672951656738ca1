-- The brackets of periods, by their place; the first and last number are in them.
-- grain: one bracket
select
    unnest(range(len($bracket_lows::int[])))::bigint as period_number,
    unnest($bracket_lows::int[])::bigint as low,
    unnest($bracket_highs::int[])::bigint as high
