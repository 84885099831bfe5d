-- The weather at New York's airports by the hour, with what it means for flying.
select
  origin as faa,
  time_hour as observed_at,
  temp as temperature_f,
  dewp as dew_point_f,
  humid as humidity_percent,
  cast(wind_dir as integer) as wind_direction,
  wind_speed as wind_mph,
  wind_gust as gust_mph,
  precip as rain_inches,
  pressure as pressure_mb,
  visib as visibility_miles,
  visib < 3 as instrument_conditions,
  temp <= 32 and precip > 0 as freezing_rain_or_snow
from {{ weather }}
