-- The character of an airport, once a month, as a vector of 24 dimensions of length 1: in twelve two-hour blocks of
-- the day (UTC), which share of its traffic falls there, and how its mean delay there compares. Airports with
-- like rhythms and like troubles are near each other.
with blocks as (
  select
    faa,
    date_trunc('month', landed_at) + interval '1 month' as month_end,
    cast(floor(extract(hour from landed_at) / 2) as integer) as block,
    sum(flights) as flights,
    sum(arrival_delay) as arrival_delay
  from {{ airport_minutes }}
  group by 1, 2, 3
),
months as (
  select
    faa,
    month_end,
    cast(sum(flights) as bigint) as flights,
    cast(sum(arrival_delay) as double precision) / sum(flights) as mean_arrival_delay
  from blocks
  group by faa, month_end
),
parts as (
  select
    months.faa,
    months.month_end,
    places.place,
    -- A mean delay of an hour or more weighs as much as all the traffic of a day in one block; so does having no flights.
    case
      when places.place < 12 then coalesce(cast(blocks.flights as double precision), 0) / months.flights
      when blocks.flights is null then 1
      else greatest(-1, least(1, cast(blocks.arrival_delay as double precision) / blocks.flights / 60))
    end as part
  from months
  cross join generate_series(0, 23) as places (place)
  left join blocks
    on blocks.faa = months.faa and blocks.month_end = months.month_end and blocks.block = places.place % 12
),
-- Sums of floats depend on their order.
lengths as (
  select faa, month_end, sqrt(sum(part * part order by place)) as length from parts group by faa, month_end
)
select
  months.faa,
  months.month_end,
  months.flights as flights_in_month,
  months.mean_arrival_delay,
  cast(array_agg(parts.part / lengths.length order by parts.place) as real[]) as profile
from months
join parts on parts.faa = months.faa and parts.month_end = months.month_end
join lengths on lengths.faa = months.faa and lengths.month_end = months.month_end
group by months.faa, months.month_end, months.flights, months.mean_arrival_delay
