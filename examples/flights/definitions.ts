import { readFileSync } from 'node:fs';
import type { DefinitionInput, FeatureInput, SelectedFeatureInput } from '@featuregraph/client';
import type { FlightsStores } from './stores.ts';

/**
 * Will the flight be late? Everything that featuregraph needs to know to answer that: for a passenger who asks
 * before departure, from nothing but what is known by then. Read it from top to bottom; each part uses the ones
 * before it. The data is every flight that left New York in 2013.
 */

// 1. Where things are kept: in stores that need no server, or in a team's own databases (`stores.ts`).
const providers = ({ warehouse, latest, neighbours }: FlightsStores): DefinitionInput[] => [
  { provider: { name: 'warehouse', description: 'Holds the data and transforms it.', config: warehouse } },
  { provider: { name: 'latest', description: 'Serves the latest values.', config: latest } },
  { provider: { name: 'neighbours', description: 'Finds similar airports.', config: neighbours } },
];

// 2. What features speak of, and how each is recognised.
const entities: DefinitionInput[] = [
  {
    entity: {
      name: 'airport',
      description: 'An airport, by its three letters.',
      joinKeys: [{ name: 'faa', type: 'STRING' }],
    },
  },
  {
    entity: {
      name: 'plane',
      description: 'A plane, by the number on its tail.',
      joinKeys: [{ name: 'tailnum', type: 'STRING' }],
    },
  },
  {
    entity: {
      name: 'carrier',
      description: 'An airline, by its two letters.',
      joinKeys: [{ name: 'carrier', type: 'STRING' }],
    },
  },
  {
    entity: {
      name: 'route',
      description: 'A way from one airport to another: the two together are its key.',
      joinKeys: [
        { name: 'origin', type: 'STRING' },
        { name: 'dest', type: 'STRING' },
      ],
    },
  },
];

// 3. Rows: as they are, and SQL over them, the same in every warehouse. {{ name }} stands for another source.
const raw = (name: string, description: string, { rows }: FlightsStores): DefinitionInput => ({
  source: { name, description, tags: ['raw'], ...rows(name) },
});

const transformation = (name: string, description: string): DefinitionInput => ({
  source: {
    name,
    description,
    transformation: { sql: readFileSync(new URL(`sql/${name}.sql`, import.meta.url), 'utf8') },
  },
});

const sources = (stores: FlightsStores): DefinitionInput[] => [
  raw('flights', 'One row a flight that left New York in 2013: US Bureau of Transportation Statistics.', stores),
  raw('weather', 'One row an hour and New York airport: ASOS.', stores),
  raw('planes', 'One row a registered plane: FAA. Not every plane that flies is in it.', stores),
  raw('airports', 'One row an airport. Four destinations are missing.', stores),
  raw('airlines', 'One row a carrier, with its name.', stores),
  transformation('departures', 'The rows to predict: every scheduled flight, and whether it came in late.'),
  transformation('landed_flights', 'Flights that landed, with the instant at which their delay became known.'),
  transformation('airport_minutes', 'Landed flights of each airport, summed by minute.'),
  transformation('airport_delays', 'Trailing delays of each airport, as known at each landing.'),
  transformation('carrier_delays', 'Trailing delays of each carrier, as known at each landing.'),
  transformation('plane_history', 'What each plane has been through, as known at each of its landings.'),
  transformation('route_delays', 'Trailing delays and speeds of each route, as known at each landing.'),
  transformation('airport_profile', 'The rhythm and the troubles of each airport, a vector a month.'),
  transformation('airport_facts', 'What an airport is.'),
  transformation('plane_facts', 'What a plane is.'),
  transformation('weather_hours', 'The weather at New York by the hour.'),
];

// 4. Features: one view is one entity's features from one source, kept and served as one row. Where its name begins with
// its entity's, the graph says that once: airport { delays { … } }.
const feature = (name: string, type: string, description: string): FeatureInput => ({
  name,
  type,
  description,
});

const airportDelays = [
  feature('flights_3h', 'INT64', 'Flights to or from here in the last three hours.'),
  feature('flights_24h', 'INT64', 'Flights to or from here in the last day.'),
  feature('departures_24h', 'INT64', 'Of these, departures.'),
  feature('arrivals_24h', 'INT64', 'Of these, arrivals.'),
  feature('mean_arrival_delay_3h', 'FLOAT64', 'Mean arrival delay over three hours, in minutes; early is negative.'),
  feature('mean_arrival_delay_24h', 'FLOAT64', 'Mean arrival delay over a day, in minutes.'),
  feature(
    'mean_departure_delay_24h',
    'FLOAT64',
    'Mean departure delay over a day, in minutes; null where nothing departs.',
  ),
  feature('mean_arrival_delay_7d', 'FLOAT64', 'Mean arrival delay over a week, in minutes.'),
  feature('late_share_24h', 'FLOAT64', 'Share of flights 15 or more minutes late over a day.'),
  feature('late_share_7d', 'FLOAT64', 'Share of flights 15 or more minutes late over a week.'),
  feature('worst_delay_24h', 'INT32', 'The worst arrival delay of the day, in minutes.'),
  feature('mostly_late_now', 'BOOL', 'Whether most flights of the last three hours came in late.'),
];

const carrierDelays = [
  feature('flights_24h', 'INT64', 'Flights in the last day.'),
  feature('mean_arrival_delay_24h', 'FLOAT64', 'Mean arrival delay over a day, in minutes.'),
  feature('mean_departure_delay_24h', 'FLOAT64', 'Mean departure delay over a day, in minutes.'),
  feature('late_share_24h', 'FLOAT64', 'Share of flights 15 or more minutes late over a day.'),
  feature('mean_arrival_delay_28d', 'FLOAT64', 'Mean arrival delay over four weeks, in minutes.'),
  feature('late_share_28d', 'FLOAT64', 'Share of flights 15 or more minutes late over four weeks.'),
  feature('recovered_share_28d', 'FLOAT64', 'Share of flights that left late and still came in on time.'),
];

const planeHistory = [
  feature('last_landed_at', 'TIMESTAMP', 'When it last landed.'),
  feature('last_landed_on', 'DATE', 'The day on which it last landed, UTC.'),
  feature('last_airport', 'STRING', 'Where it last landed.'),
  feature('last_arrival_delay', 'INT32', 'How late its last flight was, in minutes.'),
  feature('recent_arrival_delays', 'INT32[]', 'How late its last five flights were, the latest last.'),
  feature('flights_24h', 'INT64', 'Flights in the last day.'),
  feature('flights_7d', 'INT64', 'Flights in the last week.'),
  feature('air_hours_7d', 'FLOAT64', 'Hours in the air in the last week.'),
  feature('mean_arrival_delay_7d', 'FLOAT64', 'Mean arrival delay over a week, in minutes.'),
  feature('late_share_7d', 'FLOAT64', 'Share of flights 15 or more minutes late over a week.'),
];

const routeDelays = [
  feature('flights_28d', 'INT64', 'Flights in four weeks.'),
  feature('mean_arrival_delay_7d', 'FLOAT64', 'Mean arrival delay over a week, in minutes.'),
  feature('mean_arrival_delay_28d', 'FLOAT64', 'Mean arrival delay over four weeks, in minutes.'),
  feature('late_share_28d', 'FLOAT64', 'Share of flights 15 or more minutes late over four weeks.'),
  feature('mean_air_minutes_28d', 'FLOAT64', 'Mean time in the air, in minutes.'),
  feature('fastest_air_minutes_28d', 'INT32', 'The fastest flight, in minutes in the air.'),
  feature('air_minutes_spread_28d', 'INT32', 'How much longer the slowest flight was.'),
  feature('mean_speed_mph_28d', 'FLOAT64', 'Mean speed over the ground, in miles an hour.'),
];

const weatherHours = [
  feature('temperature_f', 'FLOAT64', 'Temperature, in degrees Fahrenheit.'),
  feature('dew_point_f', 'FLOAT64', 'Dew point, in degrees Fahrenheit.'),
  feature('humidity_percent', 'FLOAT64', 'Relative humidity.'),
  feature('wind_direction', 'INT32', 'Where the wind comes from, in degrees.'),
  feature('wind_mph', 'FLOAT64', 'Wind speed, in miles an hour.'),
  feature('gust_mph', 'FLOAT64', 'Speed of gusts, in miles an hour; null when there were none.'),
  feature('rain_inches', 'FLOAT64', 'Rain or snow in the hour, in inches.'),
  feature('pressure_mb', 'FLOAT64', 'Pressure at sea level, in millibars.'),
  feature('visibility_miles', 'FLOAT64', 'How far one sees, in miles.'),
  feature('instrument_conditions', 'BOOL', 'Whether pilots must fly by instruments (visibility under three miles).'),
  feature('freezing_rain_or_snow', 'BOOL', 'Whether planes need de-icing.'),
];

const planeFacts = [
  feature('built_in', 'INT32', 'The year in which it was built.'),
  feature('manufacturer', 'STRING', 'Who built it.'),
  feature('model', 'STRING', 'Its model.'),
  feature('engines', 'INT32', 'How many engines it has.'),
  feature('seats', 'INT32', 'How many seats it has.'),
  feature('engine_type', 'STRING', 'What kind of engines.'),
  feature('is_jet', 'BOOL', 'Whether it is a jet.'),
];

const airportFacts = [
  feature('airport_name', 'STRING', 'Its name.'),
  feature('latitude', 'FLOAT64', 'Degrees north.'),
  feature('longitude', 'FLOAT64', 'Degrees east.'),
  feature('altitude_feet', 'INT32', 'Height above the sea, in feet.'),
  feature('time_zone', 'STRING', 'Its time zone, by IANA name.'),
];

const airportProfile = [
  feature('profile', 'VECTOR(24, COSINE)', 'Traffic and delay by two-hour blocks of the day, of length 1.'),
  feature('flights_in_month', 'INT64', 'Flights to or from here in the month.'),
  feature('mean_arrival_delay', 'FLOAT64', 'Mean arrival delay in the month, in minutes.'),
];

const owner = 'punctuality@example.com';

const featureViews: DefinitionInput[] = [
  {
    featureView: {
      name: 'airport_delays',
      graphqlName: 'delays',
      description: 'How an airport has been doing, as known at each landing.',
      owner,
      tags: ['delays'],
      entity: 'airport',
      source: 'airport_delays',
      onlineStore: 'latest',
      eventTimestamp: 'landed_at',
      features: airportDelays,
    },
  },
  {
    featureView: {
      name: 'carrier_delays',
      graphqlName: 'delays',
      description: 'How a carrier has been doing, as known at each landing.',
      owner,
      tags: ['delays'],
      entity: 'carrier',
      source: 'carrier_delays',
      onlineStore: 'latest',
      eventTimestamp: 'landed_at',
      schedule: '0 4 * * *',
      features: carrierDelays,
    },
  },
  {
    featureView: {
      name: 'plane_history',
      graphqlName: 'history',
      description: 'What a plane has been through. Delays travel with the plane.',
      owner,
      tags: ['delays'],
      entity: 'plane',
      source: 'plane_history',
      onlineStore: 'latest',
      eventTimestamp: 'landed_at',
      features: planeHistory,
    },
  },
  {
    featureView: {
      name: 'route_delays',
      graphqlName: 'delays',
      description: 'How a route has been doing.',
      owner,
      tags: ['delays'],
      entity: 'route',
      source: 'route_delays',
      onlineStore: 'latest',
      eventTimestamp: 'landed_at',
      features: routeDelays,
    },
  },
  {
    featureView: {
      name: 'weather',
      description: 'The weather at New York. After three hours it says nothing any more: its TTL withholds it.',
      owner: 'weather@example.com',
      tags: ['weather'],
      entity: 'airport',
      source: 'weather_hours',
      onlineStore: 'latest',
      eventTimestamp: 'observed_at',
      ttl: '3h',
      features: weatherHours,
    },
  },
  {
    featureView: {
      name: 'plane_facts',
      graphqlName: 'facts',
      description: 'What a plane is; facts without a time, always visible.',
      owner: 'fleet@example.com',
      tags: ['facts'],
      entity: 'plane',
      source: 'plane_facts',
      onlineStore: 'latest',
      features: planeFacts,
    },
  },
  {
    featureView: {
      name: 'airport_facts',
      graphqlName: 'facts',
      description: 'What an airport is.',
      owner: 'fleet@example.com',
      tags: ['facts'],
      entity: 'airport',
      source: 'airport_facts',
      onlineStore: 'latest',
      features: airportFacts,
    },
  },
  {
    featureView: {
      name: 'airport_profile',
      graphqlName: 'profile',
      description: 'The character of an airport as a vector: airports alike in rhythm and troubles are near.',
      owner,
      tags: ['embedding'],
      entity: 'airport',
      source: 'airport_profile',
      onlineStore: 'latest',
      vectorStore: 'neighbours',
      eventTimestamp: 'month_end',
      features: airportProfile,
    },
  },
];

// 5. What to predict, and which entities a row speaks of. An airport takes part twice, so each part has a name.
const label: DefinitionInput = {
  label: {
    name: 'arrived_late',
    description: 'Whether the flight arrived 15 or more minutes late; null when it never arrived where it should.',
    owner,
    source: 'departures',
    value: { column: 'late', type: 'BOOL' },
    timestamp: 'scheduled_departure',
    entities: [
      { entity: 'airport', role: 'origin', joinKeys: [{ joinKey: 'faa', column: 'origin' }] },
      { entity: 'airport', role: 'dest', joinKeys: [{ joinKey: 'faa', column: 'dest' }] },
      { entity: 'plane' },
      { entity: 'carrier' },
      { entity: 'route' },
    ],
  },
};

// 6. What the model reads: the same features to learn from, as they were known at each departure, and to serve.
const all = (view: string, features: FeatureInput[], role?: string): SelectedFeatureInput[] =>
  features.map(({ name }) => ({
    feature: `${view}:${name}`,
    role: role ?? null,
    alias: `${role ?? view}_${name}`,
  }));

const features: SelectedFeatureInput[] = [
  ...all('airport_delays', airportDelays, 'origin'),
  ...all('airport_delays', airportDelays, 'dest'),
  ...all('carrier_delays', carrierDelays),
  ...all('plane_history', planeHistory),
  ...all('route_delays', routeDelays),
  ...all('weather', weatherHours, 'origin'),
  ...all('plane_facts', planeFacts),
  ...all('airport_facts', airportFacts, 'origin'),
  ...all('airport_facts', airportFacts, 'dest'),
];

const consumers: DefinitionInput[] = [
  {
    trainingSet: {
      name: 'flight_lateness',
      description: 'Every flight of the year with what was known of it at its scheduled departure.',
      owner,
      label: 'arrived_late',
      features: [
        ...features.map((one) => ({ ...one })),
        // How the carrier was doing the day before, at the same hour: with today's value, the trend.
        {
          feature: 'carrier_delays:mean_arrival_delay_24h',
          alias: 'carrier_delay_the_day_before',
          lag: '24h',
        },
      ],
    },
  },
  {
    featureService: {
      name: 'flight_lateness',
      description: 'What the model reads when a passenger asks.',
      owner,
      features,
    },
  },
  {
    model: {
      name: 'lateness',
      description: 'Predicts whether a flight will be 15 or more minutes late.',
      owner,
      trainingSets: ['flight_lateness'],
      featureServices: ['flight_lateness'],
    },
  },
];

export function flightsDefinitions(stores: FlightsStores): DefinitionInput[] {
  return [...providers(stores), ...entities, ...sources(stores), ...featureViews, label, ...consumers];
}
