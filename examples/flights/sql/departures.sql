-- Every scheduled flight, at the moment for which its lateness is predicted: its scheduled departure.
-- A cancelled flight never arrives, and neither does a diverted one count: whether it was late stays null.
select
  row_number() over (order by time_hour, minute, carrier, flight, origin) as departure_id,
  carrier,
  flight as flight_number,
  tailnum,
  origin,
  dest,
  time_hour + minute * interval '1 minute' as scheduled_departure,
  cast(distance as double precision) as distance_miles,
  arr_delay >= 15 as late
from {{ flights }}
order by departure_id
