-- What a plane is. The register says nothing about when it learned so: these facts have no time.
select
  tailnum,
  cast(year as integer) as built_in,
  manufacturer,
  model,
  cast(engines as integer) as engines,
  cast(seats as integer) as seats,
  engine as engine_type,
  engine in ('Turbo-fan', 'Turbo-jet') as is_jet
from {{ planes }}
