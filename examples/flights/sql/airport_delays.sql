-- How an airport has been doing over the last three hours, day and week, as known at each landing.
select
  faa,
  landed_at,
  cast(sum(flights) over last_3h as bigint) as flights_3h,
  cast(sum(flights) over last_day as bigint) as flights_24h,
  cast(sum(departures) over last_day as bigint) as departures_24h,
  cast(sum(flights) over last_day - sum(departures) over last_day as bigint) as arrivals_24h,
  cast(sum(arrival_delay) over last_3h as double precision) / sum(flights) over last_3h as mean_arrival_delay_3h,
  cast(sum(arrival_delay) over last_day as double precision) / sum(flights) over last_day as mean_arrival_delay_24h,
  cast(sum(departure_delay) over last_day as double precision) / nullif(sum(departures) over last_day, 0)
    as mean_departure_delay_24h,
  cast(sum(arrival_delay) over last_week as double precision) / sum(flights) over last_week as mean_arrival_delay_7d,
  cast(sum(late_flights) over last_day as double precision) / sum(flights) over last_day as late_share_24h,
  cast(sum(late_flights) over last_week as double precision) / sum(flights) over last_week as late_share_7d,
  cast(max(worst_delay) over last_day as integer) as worst_delay_24h,
  sum(late_flights) over last_3h * 2 > sum(flights) over last_3h as mostly_late_now
from {{ airport_minutes }}
window
  last_3h as (partition by faa order by landed_at range between interval '3 hours' preceding and current row),
  last_day as (partition by faa order by landed_at range between interval '1 day' preceding and current row),
  last_week as (partition by faa order by landed_at range between interval '7 days' preceding and current row)
