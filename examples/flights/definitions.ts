import { readFileSync } from 'node:fs';
import {
  allOf,
  bool,
  by,
  computed,
  count,
  type DefinitionInput,
  date,
  definitions,
  entity,
  featureService,
  featureView,
  float64,
  int32,
  int64,
  label,
  list,
  max,
  mean,
  min,
  model,
  onDemandFeatureView,
  string,
  timestamp,
  trainingSet,
  transformation,
  vector,
} from '@featuregraph/client';
import type { FlightsStores } from './stores.ts';

/**
 * Will the flight be late? Everything that featuregraph needs to know to answer that: for a passenger who asks
 * before departure, from nothing but what is known by then. Read it from top to bottom; each part uses the ones
 * before it. The data is every flight that left New York in 2013.
 */

// 1. What features speak of, and how each is recognised.
const airport = entity('airport', { faa: string() }, { description: 'An airport, by its three letters.' });
const plane = entity('plane', { tailnum: string() }, { description: 'A plane, by the number on its tail.' });
const carrier = entity('carrier', { carrier: string() }, { description: 'An airline, by its two letters.' });
const route = entity(
  'route',
  { origin: string(), dest: string() },
  { description: 'A way from one airport to another: the two together are its key.' },
);

// 2. Rows: SQL over the raw ones, the same in every warehouse. {{ name }} stands for another source.
const derived = (name: string, description: string) =>
  transformation(name, readFileSync(new URL(`sql/${name}.sql`, import.meta.url), 'utf8'), { description });

const rows = {
  departures: derived('departures', 'The rows to predict: every scheduled flight, and whether it came in late.'),
  landed_flights: derived('landed_flights', 'Flights that landed, with the instant at which their delay became known.'),
  airport_minutes: derived('airport_minutes', 'Landed flights of each airport, summed by minute.'),
  airport_delays: derived('airport_delays', 'Trailing delays of each airport, as known at each landing.'),
  carrier_delays: derived('carrier_delays', 'Trailing delays of each carrier, as known at each landing.'),
  plane_history: derived('plane_history', 'What each plane has been through, as known at each of its landings.'),
  route_delays: derived('route_delays', 'Trailing delays and speeds of each route, as known at each landing.'),
  airport_profile: derived('airport_profile', 'The rhythm and the troubles of each airport, a vector a month.'),
  airport_facts: derived('airport_facts', 'What an airport is.'),
  plane_facts: derived('plane_facts', 'What a plane is.'),
  weather_hours: derived('weather_hours', 'The weather at New York by the hour.'),
};

// 3. Features: one view is one entity's features from one source, kept and served as one row. Where its name begins with
// its entity's, the graph says that once: airport { delays { … } }. Where they are served from is left out: there is one
// online store, and one for vectors.
const owner = 'punctuality@example.com';

const airportDelays = featureView('airport_delays', {
  description: 'How an airport has been doing, as known at each landing.',
  owner,
  tags: ['delays'],
  entity: airport,
  source: rows.airport_delays,
  eventTimestamp: 'landed_at',
  graphqlName: 'delays',
  features: {
    flights_3h: int64('Flights to or from here in the last three hours.'),
    flights_24h: int64('Flights to or from here in the last day.'),
    departures_24h: int64('Of these, departures.'),
    arrivals_24h: int64('Of these, arrivals.'),
    mean_arrival_delay_3h: float64('Mean arrival delay over three hours, in minutes; early is negative.'),
    mean_arrival_delay_24h: float64('Mean arrival delay over a day, in minutes.'),
    mean_departure_delay_24h: float64('Mean departure delay over a day, in minutes; null where nothing departs.'),
    mean_arrival_delay_7d: float64('Mean arrival delay over a week, in minutes.'),
    late_share_24h: float64('Share of flights 15 or more minutes late over a day.'),
    late_share_7d: float64('Share of flights 15 or more minutes late over a week.'),
    worst_delay_24h: int32('The worst arrival delay of the day, in minutes.'),
    mostly_late_now: bool('Whether most flights of the last three hours came in late.'),
  },
});

const carrierDelays = featureView('carrier_delays', {
  description: 'How a carrier has been doing, as known at each landing.',
  owner,
  tags: ['delays'],
  entity: carrier,
  source: rows.carrier_delays,
  eventTimestamp: 'landed_at',
  schedule: '0 4 * * *',
  graphqlName: 'delays',
  features: {
    flights_24h: int64('Flights in the last day.'),
    mean_arrival_delay_24h: float64('Mean arrival delay over a day, in minutes.'),
    mean_departure_delay_24h: float64('Mean departure delay over a day, in minutes.'),
    late_share_24h: float64('Share of flights 15 or more minutes late over a day.'),
    mean_arrival_delay_28d: float64('Mean arrival delay over four weeks, in minutes.'),
    late_share_28d: float64('Share of flights 15 or more minutes late over four weeks.'),
    recovered_share_28d: float64('Share of flights that left late and still came in on time.'),
  },
});

const planeHistory = featureView('plane_history', {
  description: 'What a plane has been through. Delays travel with the plane.',
  owner,
  tags: ['delays'],
  entity: plane,
  source: rows.plane_history,
  eventTimestamp: 'landed_at',
  graphqlName: 'history',
  features: {
    last_landed_at: timestamp('When it last landed.'),
    last_landed_on: date('The day on which it last landed, UTC.'),
    last_airport: string('Where it last landed.'),
    last_arrival_delay: int32('How late its last flight was, in minutes.'),
    recent_arrival_delays: list(int32(), 'How late its last five flights were, the latest last.'),
    flights_24h: int64('Flights in the last day.'),
    flights_7d: int64('Flights in the last week.'),
    air_hours_7d: float64('Hours in the air in the last week.'),
    mean_arrival_delay_7d: float64('Mean arrival delay over a week, in minutes.'),
    late_share_7d: float64('Share of flights 15 or more minutes late over a week.'),
  },
});

const routeDelays = featureView('route_delays', {
  description: 'How a route has been doing.',
  owner,
  tags: ['delays'],
  entity: route,
  source: rows.route_delays,
  eventTimestamp: 'landed_at',
  graphqlName: 'delays',
  features: {
    flights_28d: int64('Flights in four weeks.'),
    mean_arrival_delay_7d: float64('Mean arrival delay over a week, in minutes.'),
    mean_arrival_delay_28d: float64('Mean arrival delay over four weeks, in minutes.'),
    late_share_28d: float64('Share of flights 15 or more minutes late over four weeks.'),
    mean_air_minutes_28d: float64('Mean time in the air, in minutes.'),
    fastest_air_minutes_28d: int32('The fastest flight, in minutes in the air.'),
    air_minutes_spread_28d: int32('How much longer the slowest flight was.'),
    mean_speed_mph_28d: float64('Mean speed over the ground, in miles an hour.'),
  },
});

const weather = featureView('weather', {
  description: 'The weather at New York. After three hours it says nothing any more: its TTL withholds it.',
  owner: 'weather@example.com',
  tags: ['weather'],
  entity: airport,
  source: rows.weather_hours,
  eventTimestamp: 'observed_at',
  ttl: '3h',
  features: {
    temperature_f: float64('Temperature, in degrees Fahrenheit.'),
    dew_point_f: float64('Dew point, in degrees Fahrenheit.'),
    humidity_percent: float64('Relative humidity.'),
    wind_direction: int32('Where the wind comes from, in degrees.'),
    wind_mph: float64('Wind speed, in miles an hour.'),
    gust_mph: float64('Speed of gusts, in miles an hour; null when there were none.'),
    rain_inches: float64('Rain or snow in the hour, in inches.'),
    pressure_mb: float64('Pressure at sea level, in millibars.'),
    visibility_miles: float64('How far one sees, in miles.'),
    instrument_conditions: bool('Whether pilots must fly by instruments (visibility under three miles).'),
    freezing_rain_or_snow: bool('Whether planes need de-icing.'),
  },
});

const planeFacts = featureView('plane_facts', {
  description: 'What a plane is; facts without a time, always visible.',
  owner: 'fleet@example.com',
  tags: ['facts'],
  entity: plane,
  source: rows.plane_facts,
  graphqlName: 'facts',
  features: {
    built_in: int32('The year in which it was built.'),
    manufacturer: string('Who built it.'),
    model: string('Its model.'),
    engines: int32('How many engines it has.'),
    seats: int32('How many seats it has.'),
    engine_type: string('What kind of engines.'),
    is_jet: bool('Whether it is a jet.'),
  },
});

const airportFacts = featureView('airport_facts', {
  description: 'What an airport is.',
  owner: 'fleet@example.com',
  tags: ['facts'],
  entity: airport,
  source: rows.airport_facts,
  graphqlName: 'facts',
  features: {
    airport_name: string('Its name.'),
    latitude: float64('Degrees north.'),
    longitude: float64('Degrees east.'),
    altitude_feet: int32('Height above the sea, in feet.'),
    time_zone: string('Its time zone, by IANA name.'),
  },
});

const airportProfile = featureView('airport_profile', {
  description: 'The character of an airport as a vector: airports alike in rhythm and troubles are near.',
  owner,
  tags: ['embedding'],
  entity: airport,
  source: rows.airport_profile,
  eventTimestamp: 'month_end',
  graphqlName: 'profile',
  features: {
    profile: vector(24, 'COSINE', 'Traffic and delay by two-hour blocks of the day, of length 1.'),
    flights_in_month: int64('Flights to or from here in the month.'),
    mean_arrival_delay: float64('Mean arrival delay in the month, in minutes.'),
  },
});

// The same landings as windows over events: no SQL sums them, and each has a value at any instant. Of all landings so far it
// stays, and of a day it is 0 by now, for the last flight of the data landed long ago.
const landings = { owner, tags: ['delays'], source: rows.landed_flights, eventTimestamp: 'landed_at' };
const [late, minutes] = ['arr_delay >= 15', int64()];

const routeRecord = featureView('route_record', {
  ...landings,
  description: 'All that has landed on a route, at any instant.',
  entity: route,
  graphqlName: 'record',
  features: {
    flights: count().over('FOREVER', { description: 'Flights that landed.' }),
    late_flights: count().over('FOREVER', { filter: late, description: 'Of these, 15 or more minutes late.' }),
    mean_arrival_delay: mean('arr_delay', minutes).over('FOREVER', { description: 'Mean arrival delay, in minutes.' }),
    mean_air_minutes: mean('air_time', minutes).over('FOREVER', { description: 'Mean time in the air, in minutes.' }),
    fastest_air_minutes: min('air_time', minutes).over('FOREVER', {
      description: 'The fastest, in minutes in the air.',
    }),
  },
});

const carrierRecord = featureView('carrier_record', {
  ...landings,
  description: 'All that a carrier has landed, at any instant.',
  entity: carrier,
  graphqlName: 'record',
  eventColumns: { dep_delay: minutes },
  features: {
    flights: count().over('FOREVER', { description: 'Flights that landed.' }),
    landed_24h: count().over('24h', { hop: '1h', description: 'Of these, in the last day.' }),
    late_flights: count().over('FOREVER', { filter: late, description: 'Of these, 15 or more minutes late.' }),
    recovered_flights: count().over('FOREVER', {
      filter: 'dep_delay > 0 && arr_delay <= 0',
      description: 'Of these, left late and still came in on time.',
    }),
    mean_arrival_delay: mean('arr_delay', minutes).over('FOREVER', { description: 'Mean arrival delay, in minutes.' }),
  },
});

const airportArrivals = featureView('airport_arrivals', {
  ...landings,
  description: 'All that has landed at an airport, at any instant.',
  entity: airport,
  joinKeys: { faa: 'dest' },
  graphqlName: 'arrivals',
  features: {
    landed: count().over('FOREVER', { description: 'Flights that landed here.' }),
    landed_24h: count().over('24h', { hop: '1h', description: 'Of these, in the last day.' }),
    worst_arrival_delay_24h: max('arr_delay', minutes).over('24h', {
      hop: '1h',
      description: 'The worst arrival delay of the last day, in minutes.',
    }),
    mean_arrival_delay: mean('arr_delay', minutes).over('FOREVER', { description: 'Mean arrival delay, in minutes.' }),
  },
});

// What is known only when somebody asks: the scheduled time, held against what the route really takes. It is computed then,
// and stored nowhere.
const schedule = onDemandFeatureView('schedule', {
  description: 'How the scheduled time of a flight compares with what its route has been taking.',
  owner,
  tags: ['delays'],
  inputs: [routeRecord.mean_air_minutes, routeRecord.fastest_air_minutes],
  request: { scheduled_minutes: int32('From gate to gate, in minutes.') },
  features: {
    slack_minutes: computed(
      float64(),
      'double(request.scheduled_minutes) - mean_air_minutes',
      'Minutes that the schedule has beyond the mean time in the air.',
    ),
    slack_share: computed(
      float64(),
      '(double(request.scheduled_minutes) - mean_air_minutes) / double(request.scheduled_minutes)',
      'The same as a share of the scheduled time.',
    ),
    is_tight: computed(
      bool(),
      'request.scheduled_minutes < fastest_air_minutes + 30',
      'Whether even the fastest would be late.',
    ),
  },
});

// 4. What to predict, and which entities a row speaks of. An airport takes part twice, so each part has a name.
const arrivedLate = label('arrived_late', {
  description: 'Whether the flight arrived 15 or more minutes late; null when it never arrived where it should.',
  owner,
  source: rows.departures,
  value: { late: bool() },
  timestamp: 'scheduled_departure',
  entities: { origin: by(airport, { faa: 'origin' }), dest: by(airport, { faa: 'dest' }), plane, carrier, route },
});

// 5. What the model reads: the same features to learn from, as they were known at each departure, and to serve.
const features = [
  ...allOf(airportDelays, { role: 'origin', prefix: 'origin' }),
  ...allOf(airportDelays, { role: 'dest', prefix: 'dest' }),
  ...allOf(carrierDelays, { prefix: 'carrier_delays' }),
  ...allOf(planeHistory, { prefix: 'plane_history' }),
  ...allOf(routeDelays, { prefix: 'route_delays' }),
  ...allOf(weather, { role: 'origin', prefix: 'origin' }),
  ...allOf(planeFacts, { prefix: 'plane_facts' }),
  ...allOf(airportFacts, { role: 'origin', prefix: 'origin' }),
  ...allOf(airportFacts, { role: 'dest', prefix: 'dest' }),
  ...allOf(routeRecord, { prefix: 'route_record' }),
  ...allOf(carrierRecord, { prefix: 'carrier_record' }),
  ...allOf(airportArrivals, { role: 'dest', prefix: 'dest' }),
];

const flightLateness = trainingSet('flight_lateness', {
  description: 'Every flight of the year with what was known of it at its scheduled departure.',
  owner,
  label: arrivedLate,
  features: [
    ...features,
    // How the carrier was doing the day before, at the same hour: with today's value, the trend.
    carrierDelays.mean_arrival_delay_24h.as('carrier_delay_the_day_before').lagged('24h'),
  ],
});

/** Its row is `RowOf<typeof latenessFeatures>`, and who it is for `KeysOf<typeof latenessFeatures>`. */
export const latenessFeatures = featureService('flight_lateness', features, {
  description: 'What the model reads when a passenger asks.',
  owner,
});

const scheduleCheck = featureService(
  'schedule_check',
  [schedule.slack_minutes, schedule.slack_share, schedule.is_tight, routeRecord.mean_air_minutes],
  { description: 'Whether a schedule leaves enough time, asked while it is being made.', owner },
);

const lateness = model('lateness', {
  description: 'Predicts whether a flight will be 15 or more minutes late.',
  owner,
  trainingSets: [flightLateness],
  featureServices: [latenessFeatures],
});

// 6. Where things are kept: in stores that need no server, or in a team's own databases (`stores.ts`). The raw rows are
// as they are.
export function flightsDefinitions({ warehouse, latest, neighbours, rows: raw }: FlightsStores): DefinitionInput[] {
  return definitions(
    ...[warehouse, latest, neighbours],
    ...[airport, plane, carrier, route],
    raw('flights', 'One row a flight that left New York in 2013: US Bureau of Transportation Statistics.'),
    raw('weather', 'One row an hour and New York airport: ASOS.'),
    raw('planes', 'One row a registered plane: FAA. Not every plane that flies is in it.'),
    raw('airports', 'One row an airport. Four destinations are missing.'),
    raw('airlines', 'One row a carrier, with its name.'),
    ...Object.values(rows),
    ...[airportDelays, carrierDelays, planeHistory, routeDelays, weather, planeFacts, airportFacts, airportProfile],
    ...[routeRecord, carrierRecord, airportArrivals],
    schedule,
    ...[arrivedLate, flightLateness, latenessFeatures, scheduleCheck, lateness],
  );
}
