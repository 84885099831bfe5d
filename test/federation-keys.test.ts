import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, EntityInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { askSubgraph, type Gateway, gatewayKinds } from './servers/gateways.ts';
import { pathsOf, refusal } from './servers/refusal.ts';
import { type SubgraphServer, startSubgraph } from './servers/subgraph-server.ts';

/** Beyond what a double holds exactly. */
const large = '9007199254740993';

const entities = {
  driver: {
    name: 'driver',
    joinKeys: [{ name: 'driver_id', type: 'INT64' }],
    graphql: {
      keys: [
        { joinKey: 'driver_id', field: 'driverId' },
        { joinKey: 'driver_id', field: 'id', type: 'ID' },
      ],
    },
  },
  van: {
    name: 'van',
    joinKeys: [{ name: 'van_id', type: 'INT64' }],
    graphql: { keys: [{ joinKey: 'van_id', field: 'id', type: 'Int' }] },
  },
  truck: {
    name: 'truck',
    joinKeys: [{ name: 'truck_id', type: 'INT32' }],
    graphql: { keys: [{ joinKey: 'truck_id', field: 'id', type: 'ID' }] },
  },
  stop: {
    name: 'stop',
    joinKeys: [
      { name: 'day', type: 'DATE' },
      { name: 'code', type: 'STRING' },
    ],
    graphql: {
      keys: [
        { joinKey: 'day', field: 'on', type: 'String' },
        { joinKey: 'code', field: 'code', type: 'ID' },
      ],
    },
  },
} as const satisfies Record<string, EntityInput>;

const rows = {
  driver: ['driver_id,trips', '1,5', '2,7', `${large},9`],
  van: ['van_id,trips', '1,15', '-2147483648,17', '3000000000,19'],
  truck: ['truck_id,trips', '1,25', '-7,27'],
  stop: ['day,code,trips', '2024-02-29,A7,35', '2024-02-29,a7,37'],
};

function view(entity: string): DefinitionInput[] {
  const features = [{ name: 'trips', type: 'INT64' }];
  // Files have no integers of 32 bits.
  const sql = `select *${entity === 'truck' ? ' replace (cast(truck_id as integer) as truck_id)' : ''} from {{ ${entity}_file }}`;
  return [
    { source: { name: `${entity}_file`, files: { paths: [`${entity}.csv`] } } },
    { source: { name: entity, transformation: { sql, as: 'VIEW' } } },
    { featureView: { name: `${entity}_stats`, graphqlName: 'stats', entity, source: entity, features } },
  ];
}

const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { drivers: [Driver!]! vans: [Van!]! trucks: [Truck!]! stops: [Stop!]! }
  type Driver @key(fields: "id") { id: ID! name: String }
  type Van @key(fields: "id") { id: Int! name: String }
  type Truck @key(fields: "id") { id: ID! name: String }
  type Stop @key(fields: "on code") { on: String! code: ID! name: String }
`;

const named = <K extends object>(key: K) => ({ ...key, name: `Called ${Object.values(key).join('/')}` });
const __resolveReference = ({ __typename: _, ...key }: { __typename: string }) => named(key);

let server: TestServer;
let team: SubgraphServer;

before(async () => {
  server = await startTestServer();
  for (const [name, lines] of Object.entries(rows))
    await writeFile(join(server.dataRoot, `${name}.csv`), `${lines.join('\n')}\n`);
  await server.client.apply([
    { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
    { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
    ...Object.values(entities).map((entity): DefinitionInput => ({ entity })),
    ...Object.keys(entities).flatMap(view),
  ]);
  assert.deepEqual(await settleJobs(server), []);
  team = await startSubgraph('product', sdl, {
    Query: {
      drivers: () => ['1', '2', large].map((id) => named({ id })),
      vans: () => [1, -2147483648].map((id) => named({ id })),
      trucks: () => ['1', '-7', '007'].map((id) => named({ id })),
      stops: () => ['A7', 'a7', 'A8'].map((code) => named({ on: '2024-02-29', code })),
    },
    Driver: { __resolveReference },
    Van: { __resolveReference },
    Truck: { __resolveReference },
    Stop: { __resolveReference },
  });
});
after(async () => {
  await team.stop();
  await server.stop();
});

for (const kind of gatewayKinds) {
  describe(`behind ${kind.name}'s gateway, keys of other types`, () => {
    let gateway: Gateway;
    before(async () => {
      gateway = await kind.start([{ name: 'features', url: `${server.url}/graphql` }, team]);
    });
    after(() => gateway.stop());

    test('join a type that is keyed by an ID, whose digits stay exact', async () => {
      const { data, errors } = await gateway.query('{ drivers { id name stats { trips } } }');
      assert.equal(errors, undefined);
      assert.deepEqual(data.drivers, [
        { id: '1', name: 'Called 1', stats: { trips: 5 } },
        { id: '2', name: 'Called 2', stats: { trips: 7 } },
        { id: large, name: `Called ${large}`, stats: { trips: 9 } },
      ]);
    });

    test('join a type that is keyed by an Int', async () => {
      const { data, errors } = await gateway.query('{ vans { id name stats { trips } } }');
      assert.equal(errors, undefined);
      assert.deepEqual(data.vans, [
        { id: 1, name: 'Called 1', stats: { trips: 15 } },
        { id: -2147483648, name: 'Called -2147483648', stats: { trips: 17 } },
      ]);
    });

    test('that are parts of a composite key', async () => {
      const { data, errors } = await gateway.query('{ stops { name stats { trips } } }');
      assert.equal(errors, undefined);
      assert.deepEqual(data.stops, [
        { name: 'Called 2024-02-29/A7', stats: { trips: 35 } },
        { name: 'Called 2024-02-29/a7', stats: { trips: 37 } },
        { name: 'Called 2024-02-29/A8', stats: { trips: null } },
      ]);
    });

    test('are refused one by one, where no key of ours is written so', async () => {
      const { data, errors = [] } = await gateway.query('{ trucks { name stats { trips } } }');
      assert.deepEqual(data.trucks, [
        { name: 'Called 1', stats: { trips: 25 } },
        { name: 'Called -7', stats: { trips: 27 } },
        { name: 'Called 007', stats: null },
      ]);
      assert.deepEqual(
        errors.map(({ extensions }) => extensions.code),
        ['INVALID_INPUT'],
      );
    });

    test('lead from ours to theirs, while arguments keep the type of the join key', async () => {
      const { data, errors } = await gateway.query(
        `query ($driver: BigInt!, $van: BigInt!, $truck: Int!, $day: Date!) {
          driver(driverId: $driver) { driverId id name stats { trips } }
          van(id: $van) { id name }
          truckList(keys: [{ id: $truck }]) { id name }
          stop(on: $day, code: "a7") { on code name }
        }`,
        { driver: large, van: 1, truck: -7, day: '2024-02-29' },
      );
      assert.equal(errors, undefined);
      assert.deepEqual(data, {
        driver: { driverId: large, id: large, name: `Called ${large}`, stats: { trips: 9 } },
        van: { id: 1, name: 'Called 1' },
        truckList: [{ id: '-7', name: 'Called -7' }],
        stop: { on: '2024-02-29', code: 'a7', name: 'Called 2024-02-29/a7' },
      });
    });
  });
}

test('an Int that is too small for its key is refused, and the features of that key are not', async () => {
  const { data, errors = [] } = await server.graphql(
    '{ small: van(id: 3000000000) { id } large: van(id: 3000000000) { stats { trips } } }',
  );
  assert.deepEqual(data, { small: null, large: { stats: { trips: 19 } } });
  assert.deepEqual(
    errors.map(({ extensions }) => extensions.code),
    ['UNSUPPORTED'],
  );
});

test('a gateway may know one entity by any of its keys', async () => {
  const { data } = await askSubgraph(
    `${server.url}/subgraph`,
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Driver { driverId id stats { trips } } } }',
    { of: [{ id: '2' }, { driverId: 2 }, { id: 2 }].map((key) => ({ __typename: 'Driver', ...key })) },
  );
  const second = { driverId: 2, id: '2', stats: { trips: 7 } };
  assert.deepEqual(data._entities, [second, second, second]);
});

describe('the type of a key', () => {
  const stated = (
    { name }: EntityInput,
    joinKey: string,
    type: 'ID' | 'String' | 'Int',
    of: string,
  ): DefinitionInput => ({
    entity: { name, joinKeys: [{ name: joinKey, type: of }], graphql: { keys: [{ joinKey, field: 'id', type }] } },
  });

  test('is an Int of whole numbers only', async () => {
    const wrong = await refusal(
      server.client.apply([stated({ name: 'depot', joinKeys: [] }, 'code', 'Int', 'STRING')]),
    );
    assert.equal(wrong.code, 'INVALID_INPUT');
    assert.deepEqual(pathsOf(wrong), ['definitions[0].graphql.keys[0].type']);
    assert.match(wrong.issues[0]?.fix ?? '', /ID or String/);
  });

  test('never changes under a variant', async () => {
    const changed = await refusal(server.client.apply([stated(entities.truck, 'truck_id', 'Int', 'INT32')]));
    assert.equal(changed.code, 'RESOURCE_CHANGED');
    assert.deepEqual(pathsOf(changed), ['definitions[0].graphql.keys']);
  });
});
