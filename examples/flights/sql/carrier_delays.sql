-- How a carrier's flights out of New York have been doing, as known at each landing.
with minutes as (
  select
    carrier,
    landed_at,
    count(*) as flights,
    cast(sum(arr_delay) as bigint) as arrival_delay,
    cast(sum(dep_delay) as bigint) as departure_delay,
    count(*) filter (where arr_delay >= 15) as late_flights,
    count(*) filter (where dep_delay > 0 and arr_delay <= 0) as recovered_flights
  from {{ landed_flights }}
  group by carrier, landed_at
)
select
  carrier,
  landed_at,
  cast(sum(flights) over last_day as bigint) as flights_24h,
  cast(sum(arrival_delay) over last_day as double precision) / sum(flights) over last_day as mean_arrival_delay_24h,
  cast(sum(departure_delay) over last_day as double precision) / sum(flights) over last_day as mean_departure_delay_24h,
  cast(sum(late_flights) over last_day as double precision) / sum(flights) over last_day as late_share_24h,
  cast(sum(arrival_delay) over last_month as double precision) / sum(flights) over last_month as mean_arrival_delay_28d,
  cast(sum(late_flights) over last_month as double precision) / sum(flights) over last_month as late_share_28d,
  cast(sum(recovered_flights) over last_month as double precision) / sum(flights) over last_month as recovered_share_28d
from minutes
window
  last_day as (partition by carrier order by landed_at range between interval '1 day' preceding and current row),
  last_month as (partition by carrier order by landed_at range between interval '28 days' preceding and current row)
