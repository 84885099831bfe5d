-- What a plane has been through, as known at each of its landings. Delays travel with the plane: a late arrival
-- is often the next flight's late departure.
with ranked as (
  select
    *,
    row_number() over (partition by tailnum, landed_at order by departed_at desc, origin, dest) as place
  from {{ landed_flights }}
  where tailnum is not null
),
landings as (
  -- A plane lands once a minute at most; a handful of records say otherwise, and only the later departure stays.
  select tailnum, landed_at, dest, arr_delay, air_time from ranked where place = 1
)
select
  tailnum,
  landed_at,
  landed_at as last_landed_at,
  cast(landed_at as date) as last_landed_on,
  dest as last_airport,
  cast(arr_delay as integer) as last_arrival_delay,
  cast(array_agg(arr_delay) over last_five as integer[]) as recent_arrival_delays,
  count(*) over last_day as flights_24h,
  count(*) over last_week as flights_7d,
  cast(sum(air_time) over last_week as double precision) / 60 as air_hours_7d,
  cast(sum(arr_delay) over last_week as double precision) / count(*) over last_week as mean_arrival_delay_7d,
  cast(count(*) filter (where arr_delay >= 15) over last_week as double precision) / count(*) over last_week
    as late_share_7d
from landings
window
  last_five as (partition by tailnum order by landed_at rows between 4 preceding and current row),
  last_day as (partition by tailnum order by landed_at range between interval '1 day' preceding and current row),
  last_week as (partition by tailnum order by landed_at range between interval '7 days' preceding and current row)
