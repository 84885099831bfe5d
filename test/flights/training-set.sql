-- The flights example's training set, written by hand from the words of its definitions: what each scheduled flight
-- could know at its scheduled departure. The tables are the sources of the example. Windows hold what landed before the
-- departure: what had landed by the last landing before it, and of a day without what had before the day began. Over all
-- that came before, DuckDB counts what a `case` tells in a twentieth of the time that a filter takes.
with
route_record as (
  select distinct
    origin,
    dest,
    landed_at,
    count(*) over past as flights,
    count(case when arr_delay >= 15 then 1 end) over past as late_flights,
    cast(sum(arr_delay) over past as double) / count(*) over past as mean_arrival_delay,
    cast(sum(air_time) over past as double) / count(air_time) over past as mean_air_minutes,
    min(air_time) over past as fastest_air_minutes
  from landed_flights
  window past as (partition by origin, dest order by landed_at range unbounded preceding)
),
carrier_record as (
  select distinct
    carrier,
    landed_at,
    count(*) over past as flights,
    count(case when arr_delay >= 15 then 1 end) over past as late_flights,
    count(case when dep_delay > 0 and arr_delay <= 0 then 1 end) over past as recovered_flights,
    cast(sum(arr_delay) over past as double) / count(*) over past as mean_arrival_delay
  from landed_flights
  window past as (partition by carrier order by landed_at range unbounded preceding)
),
arrivals as (
  select distinct
    dest,
    landed_at,
    count(*) over past as landed,
    cast(sum(arr_delay) over past as double) / count(*) over past as mean_arrival_delay
  from landed_flights
  window past as (partition by dest order by landed_at range unbounded preceding)
),
-- A flight's window begins on the day before it at the earliest: joined by the days too, pairs are few.
landed_by_day as (
  select dest, landed_at, arr_delay, unnest([cast(landed_at as date), cast(landed_at as date) + 1]) as seen_on
  from landed_flights
),
worst_of_day as (
  select day.departure_id, max(landed.arr_delay) as worst
  from departures as day
  join landed_by_day as landed
    on landed.dest = day.dest
    and landed.seen_on = cast(day.scheduled_departure as date)
    and landed.landed_at < day.scheduled_departure
    and landed.landed_at >= date_trunc('hour', day.scheduled_departure - interval 24 hours)
  group by day.departure_id
)
select
  flight.departure_id,
  flight.origin,
  flight.dest,
  flight.tailnum,
  flight.carrier,
  flight.scheduled_departure,
  flight.late as arrived_late,
  origin_delays.* exclude (faa, landed_at),
  dest_delays.* exclude (faa, landed_at),
  carrier.* exclude (carrier, landed_at),
  history.* exclude (tailnum, landed_at),
  route.* exclude (origin, dest, landed_at),
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.temperature_f end as w1,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.dew_point_f end as w2,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.humidity_percent end as w3,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.wind_direction end as w4,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.wind_mph end as w5,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.gust_mph end as w6,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.rain_inches end as w7,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.pressure_mb end as w8,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.visibility_miles end as w9,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.instrument_conditions end as w10,
  case when weather.observed_at >= flight.scheduled_departure - interval 3 hours then weather.freezing_rain_or_snow end as w11,
  plane.* exclude (tailnum),
  origin_facts.* exclude (faa),
  dest_facts.* exclude (faa),
  coalesce(route_record.flights, 0),
  coalesce(route_record.late_flights, 0),
  route_record.mean_arrival_delay,
  route_record.mean_air_minutes,
  route_record.fastest_air_minutes,
  coalesce(carrier_record.flights, 0),
  coalesce(carrier_record.flights, 0) - coalesce(carrier_before.flights, 0),
  coalesce(carrier_record.late_flights, 0),
  coalesce(carrier_record.recovered_flights, 0),
  carrier_record.mean_arrival_delay,
  coalesce(arrivals.landed, 0),
  coalesce(arrivals.landed, 0) - coalesce(arrivals_before.landed, 0),
  worst_of_day.worst,
  arrivals.mean_arrival_delay,
  day_before.mean_arrival_delay_24h as carrier_delay_the_day_before
from departures as flight
asof left join airport_delays as origin_delays
  on origin_delays.faa = flight.origin and origin_delays.landed_at <= flight.scheduled_departure
asof left join airport_delays as dest_delays
  on dest_delays.faa = flight.dest and dest_delays.landed_at <= flight.scheduled_departure
asof left join carrier_delays as carrier
  on carrier.carrier = flight.carrier and carrier.landed_at <= flight.scheduled_departure
asof left join plane_history as history
  on history.tailnum = flight.tailnum and history.landed_at <= flight.scheduled_departure
asof left join route_delays as route
  on route.origin = flight.origin and route.dest = flight.dest and route.landed_at <= flight.scheduled_departure
asof left join weather_hours as weather
  on weather.faa = flight.origin and weather.observed_at <= flight.scheduled_departure
left join plane_facts as plane on plane.tailnum = flight.tailnum
left join airport_facts as origin_facts on origin_facts.faa = flight.origin
left join airport_facts as dest_facts on dest_facts.faa = flight.dest
asof left join carrier_delays as day_before
  on day_before.carrier = flight.carrier and day_before.landed_at <= flight.scheduled_departure - interval 24 hours
asof left join route_record
  on route_record.origin = flight.origin and route_record.dest = flight.dest
  and route_record.landed_at < flight.scheduled_departure
asof left join carrier_record
  on carrier_record.carrier = flight.carrier and carrier_record.landed_at < flight.scheduled_departure
asof left join carrier_record as carrier_before
  on carrier_before.carrier = flight.carrier
  and carrier_before.landed_at < date_trunc('hour', flight.scheduled_departure - interval 24 hours)
asof left join arrivals on arrivals.dest = flight.dest and arrivals.landed_at < flight.scheduled_departure
asof left join arrivals as arrivals_before
  on arrivals_before.dest = flight.dest
  and arrivals_before.landed_at < date_trunc('hour', flight.scheduled_departure - interval 24 hours)
left join worst_of_day on worst_of_day.departure_id = flight.departure_id
