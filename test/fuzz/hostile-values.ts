import type { Random } from './random.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64url');

/** Names of the drivers' world, by which a request gets further than its first check. */
const names = [
  ...[
    'stats',
    'requests',
    'profiles',
    'driver',
    'driver_stats',
    'driver_now',
    'driver_profile',
    'accepted',
    'acceptance',
  ],
  ...['dispatch', 'warehouse', 'latest', 'neighbours', 'stats@v1', 'driver_stats@v1', 'driver_stats:trips'],
  ...[
    'driver_profile:profile',
    'driver_now@v1:city',
    'doubled',
    'trips',
    'rating',
    'city',
    'driver_id',
    'happened_at',
    'v1',
  ],
];

const texts = [
  ...['', ' ', '\0', 'a\0b', '\ud800', '\udfff', '__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN'],
  ...[
    "'; drop table resource; --",
    '{{ stats }}',
    'select 1',
    '../../etc/passwd',
    '%00',
    '\\',
    '"',
    "'",
    '\u202e',
    '😀',
  ],
  ...[
    'INT64',
    'VECTOR(2, L2)',
    'STRING[]',
    'FLOAT64',
    '* * * * *',
    '6h',
    '-1d',
    '1e999',
    'é'.repeat(300),
    'x'.repeat(5_000),
  ],
  ...[
    'a@b:c',
    '@',
    ':',
    'a:',
    '@v1',
    'a b',
    '1a',
    'env',
    'FEATUREGRAPH_SECRET_X',
    'file:///etc/passwd',
    'http://127.0.0.1:1/',
  ],
];

const ids = [
  ...[
    'Source:stats@v1',
    'Job:x',
    'Job:00000000-0000-4000-8000-000000000000',
    'Driver:1',
    ':',
    'Feature:driver_stats@v1:trips',
  ].map(encoded),
  ...['', 'x', '\0', '00000000-0000-4000-8000-000000000000', 'ÿþ', encoded('TrainingRun:\0'), encoded('__proto__:a')],
];

const numbers = [
  0, 1, -1, 2, 10, 100, 1_000, 1_001, 10_001, 2_147_483_647, -2_147_483_648, 2_147_483_648, 1.5, -0, 1e308,
];

const instants = [
  '2024-01-01T00:00:00Z',
  '2024-01-01',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999Z',
  '+275760-09-13T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '2024-02-30T00:00:00Z',
  '2024-01-01T24:00:00Z',
  '1',
];

/** A text, a name, or something that a text may be taken for. */
export function hostileText(random: Random): string {
  return random.chance(0.6) ? random.pick(names) : random.pick(texts);
}

/** JSON of any form, not too large. */
export function hostileJson(random: Random, depth = 0): unknown {
  const choice = random.below(depth > 3 ? 5 : 8);
  if (choice === 0) return null;
  if (choice === 1) return random.chance(0.5);
  if (choice === 2) return random.pick(numbers);
  if (choice <= 4) return hostileText(random);
  const items = Array.from({ length: random.below(4) }, () => hostileJson(random, depth + 1));
  if (choice === 5) return items;
  return Object.fromEntries(items.map((item) => [hostileText(random), item]));
}

/** A value of a scalar, or one that only looks like it. */
export function hostileScalar(random: Random, name: string): unknown {
  if (random.chance(0.05)) return hostileJson(random);
  if (name === 'Int') return random.pick(numbers);
  if (name === 'Float') return random.pick([...numbers, 0.1, 1e-320]);
  if (name === 'Boolean') return random.chance(0.5);
  if (name === 'ID') return random.pick(ids);
  if (name === 'BigInt')
    return random.pick([...numbers.slice(0, 6), '9223372036854775807', '9223372036854775808', '-1', '1e3']);
  if (name === 'DateTime' || name === 'Date') return random.pick(instants);
  if (name === 'Bytes') return random.pick(['AAAA', '', '=', 'x', '\0']);
  if (name === 'KeyValues' || name === 'RowValues')
    return Array.from({ length: random.below(4) }, () => hostileJson(random, 2));
  if (name === '_Any') return representation(random);
  if (name === 'JSONObject') return Object.fromEntries([[random.pick(names), hostileJson(random)]]);
  return name === 'String' ? hostileText(random) : hostileJson(random);
}

function representation(random: Random): object {
  const typename = random.pick(['Driver', 'Source', '', '__proto__', 'Query', '\0']);
  const field = random.pick(['driverId', 'driver_id', 'constructor', '__proto__', '\0']);
  return JSON.parse(
    JSON.stringify({ __typename: typename, x: hostileJson(random) }).replace('"x"', JSON.stringify(field)),
  );
}
