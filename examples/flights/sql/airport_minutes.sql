-- The landed flights of each airport, coming or going, summed by the minute of landing: one row per airport and
-- minute, so that a window over it counts each flight once.
with movements as (
  select origin as faa, landed_at, true as departing, dep_delay, arr_delay from {{ landed_flights }}
  union all
  select dest as faa, landed_at, false as departing, dep_delay, arr_delay from {{ landed_flights }}
)
select
  faa,
  landed_at,
  count(*) as flights,
  count(*) filter (where departing) as departures,
  cast(sum(dep_delay) filter (where departing) as bigint) as departure_delay,
  cast(sum(arr_delay) as bigint) as arrival_delay,
  count(*) filter (where arr_delay >= 15) as late_flights,
  max(arr_delay) as worst_delay
from movements
group by faa, landed_at
