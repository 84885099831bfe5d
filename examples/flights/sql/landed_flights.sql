-- Flights that landed, with the instant at which they did: only from then on is their delay known.
-- The schedule gives the departure in UTC but the arrival as hours and minutes of the destination's clock (2400 is
-- midnight). So the arrival is the first such time of day, on that clock, after the departure.
with departed as (
  select
    flights.carrier,
    flights.tailnum,
    flights.origin,
    flights.dest,
    flights.dep_delay,
    flights.arr_delay,
    flights.air_time,
    flights.distance,
    time_hour + (minute + dep_delay) * interval '1 minute' as departed_at,
    cast(floor(arr_time / 100.0) as bigint) * interval '1 hour' + arr_time % 100 * interval '1 minute'
      as arrival_time_of_day,
    -- The airports that the airports file leaves out (BQN, PSE, SJU, STT) keep Puerto Rico's time.
    coalesce(airports.tzone, 'America/Puerto_Rico') as time_zone
  from {{ flights }} as flights
  left join {{ airports }} as airports on airports.faa = flights.dest
  where flights.arr_delay is not null
),
arrived as (
  select
    *,
    timezone(time_zone, departed_at) as local_departure,
    date_trunc('day', timezone(time_zone, departed_at)) + arrival_time_of_day as local_arrival
  from departed
)
select
  carrier,
  tailnum,
  origin,
  dest,
  dep_delay,
  arr_delay,
  air_time,
  distance,
  departed_at,
  timezone(
    time_zone,
    case when local_arrival < local_departure then local_arrival + interval '1 day' else local_arrival end
  ) as landed_at
from arrived
