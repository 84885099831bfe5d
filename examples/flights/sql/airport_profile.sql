-- The character of an airport, once a month, as a vector of 24 dimensions of length 1: in twelve two-hour blocks of
-- the day (UTC), which share of its traffic falls there, and how its mean delay there compares. Airports with
-- like rhythms and like troubles are near each other.
with months as (
  select distinct faa, date_trunc('month', landed_at) + interval 1 month as month_end from {{ airport_minutes }}
),
grid as (
  select faa, month_end, block from months cross join range(12) as blocks (block)
),
blocks as (
  select
    faa,
    date_trunc('month', landed_at) + interval 1 month as month_end,
    hour(landed_at) // 2 as block,
    sum(flights) as flights,
    sum(arrival_delay) as arrival_delay
  from {{ airport_minutes }}
  group by all
),
filled as (
  select
    grid.faa,
    grid.month_end,
    grid.block,
    coalesce(blocks.flights, 0) as flights,
    coalesce(blocks.arrival_delay, 0) as arrival_delay,
    sum(blocks.flights) over month as month_flights,
    sum(blocks.arrival_delay) over month as month_delay
  from grid
  left join blocks using (faa, month_end, block)
  window month as (partition by grid.faa, grid.month_end)
),
profiles as (
  select
    faa,
    month_end,
    any_value(month_flights) as flights,
    any_value(month_delay) / any_value(month_flights) as mean_arrival_delay,
    list(flights / month_flights order by block) as traffic,
    -- A mean delay of an hour or more weighs as much as all the traffic of a day in one block.
    list(greatest(-1, least(1, arrival_delay / nullif(flights, 0) / 60)) order by block) as delays
  from filled
  group by faa, month_end
),
vectors as (
  select *, list_concat(traffic, list_transform(delays, lambda delay: coalesce(delay, 0))) as profile from profiles
)
select
  faa,
  month_end,
  cast(flights as bigint) as flights_in_month,
  mean_arrival_delay,
  cast(list_transform(profile, lambda x: x / sqrt(list_sum(list_transform(profile, lambda y: y * y)))) as float[]) as profile
from vectors
