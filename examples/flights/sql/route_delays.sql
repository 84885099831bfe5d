-- How a route, from one airport to another, has been doing over the last week and four weeks.
with minutes as (
  select
    origin,
    dest,
    landed_at,
    count(*) as flights,
    cast(sum(arr_delay) as bigint) as arrival_delay,
    cast(sum(air_time) as bigint) as air_time,
    min(air_time) as fastest,
    max(air_time) as slowest,
    count(*) filter (where arr_delay >= 15) as late_flights,
    max(distance) as distance
  from {{ landed_flights }}
  group by origin, dest, landed_at
)
select
  origin,
  dest,
  landed_at,
  cast(sum(flights) over last_month as bigint) as flights_28d,
  cast(sum(arrival_delay) over last_week as double precision) / sum(flights) over last_week as mean_arrival_delay_7d,
  cast(sum(arrival_delay) over last_month as double precision) / sum(flights) over last_month as mean_arrival_delay_28d,
  cast(sum(late_flights) over last_month as double precision) / sum(flights) over last_month as late_share_28d,
  cast(sum(air_time) over last_month as double precision) / sum(flights) over last_month as mean_air_minutes_28d,
  cast(min(fastest) over last_month as integer) as fastest_air_minutes_28d,
  cast(max(slowest) over last_month - min(fastest) over last_month as integer) as air_minutes_spread_28d,
  60 * max(distance) over last_month / (cast(sum(air_time) over last_month as double precision) / sum(flights) over last_month)
    as mean_speed_mph_28d
from minutes
window
  last_week as (partition by origin, dest order by landed_at range between interval '7 days' preceding and current row),
  last_month as (partition by origin, dest order by landed_at range between interval '28 days' preceding and current row)
