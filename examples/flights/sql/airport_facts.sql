-- What an airport is; it has not moved.
select faa, name as airport_name, lat as latitude, lon as longitude, cast(alt as integer) as altitude_feet, tzone as time_zone
from {{ airports }}
