-- The flights example's training set, written by hand from the words of its definitions: what each scheduled flight
-- could know at its scheduled departure. The tables are the sources of the example.
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
