import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { schema } from '../schema/schema.ts';
import type { TestServer } from './servers/featuregraph.ts';
import {
  deleteNamed,
  entity,
  keyed,
  mended,
  startNamingServer,
  trips,
  typed,
  vector,
  view,
} from './servers/named-definitions.ts';
import { refusal } from './servers/refusal.ts';

/** What is registered first, what then can't be, and in whose words, at which path of the last definition. */
const meetings: {
  what: string;
  registered?: DefinitionInput[];
  refused: DefinitionInput[];
  path: string;
  message: RegExp;
}[] = [
  {
    what: 'two entities',
    registered: [entity('big_city')],
    refused: [entity('bigCity')],
    path: 'graphql.type',
    message: /^Entity bigCity@v1 would be the type "BigCity", which entity big_city@v1 already is\.$/,
  },
  {
    what: 'types that differ in their first letter, in their root fields',
    registered: [entity('driver')],
    refused: [entity('other', typed('driver'))],
    path: 'graphql.type',
    message: /^Entity other@v1 would be the root field "driver", which entity driver@v1 already is\.$/,
  },
  {
    what: 'an entity and a view',
    registered: [entity('driver'), view('stats', 'driver')],
    refused: [entity('driver_stats')],
    path: 'graphql.type',
    message:
      /^Entity driver_stats@v1 .* type "DriverStats", which feature view stats@v1 of entity driver@v1 already is\.$/,
  },
  {
    what: 'a view and an entity of the same batch',
    refused: [entity('driver'), entity('driver_stats'), view('stats', 'driver')],
    path: 'graphqlName',
    message:
      /^Feature view stats@v1 of entity driver@v1 .* type "DriverStats", which entity driver_stats@v1 already is\.$/,
  },
  {
    what: 'views of different entities',
    registered: [entity('a'), entity('a_b'), view('b_c', 'a')],
    refused: [view('c', 'a_b')],
    path: 'graphqlName',
    message:
      /^Feature view c@v1 of entity a_b@v1 .* type "ABC", which feature view b_c@v1 of entity a@v1 already is\.$/,
  },
  {
    what: 'a view and the key input',
    registered: [entity('driver')],
    refused: [view('key', 'driver')],
    path: 'graphqlName',
    message: /type "DriverKey", which the key input of entity driver@v1 already is\.$/,
  },
  {
    what: 'a view and the neighbor',
    registered: [entity('driver')],
    refused: [view('neighbor', 'driver')],
    path: 'graphqlName',
    message: /type "DriverNeighbor", which the neighbor of entity driver@v1 already is\.$/,
  },
  {
    what: 'the key input of an entity and another entity',
    registered: [entity('driver_key')],
    refused: [entity('driver')],
    path: 'graphql.type',
    message: /^The key input of entity driver@v1 .* type "DriverKey", which entity driver_key@v1 already is\.$/,
  },
  {
    what: "a view and the enum of another one's embeddings",
    registered: [entity('driver'), view('stats', 'driver', { features: [vector] })],
    refused: [view('stats_embedding', 'driver')],
    path: 'graphqlName',
    message:
      /"DriverStatsEmbedding", which the enum of embeddings of feature view stats@v1 of entity driver@v1 already is/,
  },
  {
    what: 'the list of an entity and another entity',
    registered: [entity('driver')],
    refused: [entity('driver_list')],
    path: 'graphql.type',
    message: /root field "driverList", which the list of entity driver@v1 already is\.$/,
  },
  {
    what: 'views of one entity',
    registered: [entity('driver'), view('trip_stats', 'driver')],
    refused: [view('tripStats', 'driver')],
    path: 'graphqlName',
    message:
      /^Feature view tripStats@v1 .* field "tripStats" of driver, which feature view trip_stats@v1 already is\.$/,
  },
  {
    what: 'views of different variants of one entity',
    registered: [entity('driver'), entity('driver', { variant: 'v2' }), view('trip_stats', 'driver@v1')],
    refused: [view('other', 'driver@v2', { graphqlName: 'tripStats' })],
    path: 'graphqlName',
    message:
      /^Feature view other@v1 would be the field "tripStats" of driver, which feature view trip_stats@v1 already is/,
  },
  {
    what: 'a view and a key field',
    registered: [entity('driver', keyed('id', 'code'))],
    refused: [view('code', 'driver')],
    path: 'graphqlName',
    message:
      /^Feature view code@v1 .* field "code" of driver, which join key driver_id of entity driver@v1 already is\.$/,
  },
  {
    what: "a later variant's key field and a view",
    registered: [entity('driver'), view('stats', 'driver')],
    refused: [entity('driver', { variant: 'v2', joinKeys: [{ name: 'stats', type: 'INT64' }] })],
    path: 'joinKeys[0]',
    message:
      /^Join key stats of entity driver@v2 .* field "stats" of driver, which feature view stats@v1 already is\.$/,
  },
  {
    what: "a later variant's type, by its views,",
    registered: [entity('driver'), view('stats', 'driver'), entity('rider_stats')],
    refused: [entity('driver', { variant: 'v2', ...typed('Rider') })],
    path: 'graphql.type',
    message:
      /^Feature view stats@v1 of entity driver@v2 .* type "RiderStats", which entity rider_stats@v1 already is\.$/,
  },
  {
    what: 'an entity and the type that another has by an older variant',
    registered: [entity('driver'), entity('driver', { variant: 'v2', ...typed('Pilot') })],
    refused: [entity('other', typed('Driver'))],
    path: 'graphql.type',
    message: /which entity driver@v1 already is\.$/,
  },
  {
    what: 'key fields of one entity',
    refused: [entity('driver', keyed('id', 'id'))],
    path: 'graphql.keys[1].field',
    message:
      /^Join key driver_id of entity driver@v1 .* field "id" of driver, which join key driver_id of entity driver@v1 already is\.$/,
  },
  {
    what: 'features of one view',
    registered: [entity('driver')],
    refused: [
      view('stats', 'driver', {
        features: [
          { ...trips, name: 'tri_ps', column: 'trips' },
          { ...trips, graphqlName: 'triPs' },
        ],
      }),
    ],
    path: 'features[1]',
    message:
      /^Feature "trips" of feature view stats@v1 would be the field "triPs", which feature "tri_ps" already is\.$/,
  },
  {
    what: 'a feature and the search of its view',
    registered: [entity('driver')],
    refused: [view('stats', 'driver', { features: [{ ...trips, graphqlName: 'nearest' }, vector] })],
    path: 'features[0]',
    message: /field "nearest", which the search by the embedding of stats@v1 already is\.$/,
  },
  {
    what: 'a feature and the search of an older variant of its view',
    registered: [entity('driver'), view('stats', 'driver', { features: [vector] })],
    refused: [view('stats', 'driver', { variant: 'v2', features: [{ ...trips, graphqlName: 'nearest' }] })],
    path: 'features[0]',
    message: /field "nearest", which the search by the embedding of stats@v1 already is\.$/,
  },
  ...['Query', 'FieldSet', 'Float', 'Job', 'OnlineFeatures'].map((type) => ({
    what: `an entity's type and the graph's own ${type}`,
    refused: [entity('taken', typed(type))],
    path: 'graphql.type',
    message: new RegExp(`^Entity taken@v1 would be the type "${type}", which the graph itself already has\\.$`),
  })),
  ...['resource', 'nearest', 'job_updates', 'nodes'].map((name) => ({
    what: `an entity and the graph's own root field for ${name}`,
    refused: [entity(name)],
    path: 'graphql.type',
    message: /^Entity \w+@v1 would be the (type|root field) ".+", which the graph itself already has\.$/,
  })),
  {
    what: 'an entity and the score of a neighbor',
    refused: [entity('score')],
    path: 'graphql.type',
    message: /field "score" of a neighbor of score, which the score of a neighbor already is\.$/,
  },
];

describe('names that would meet in the graph', () => {
  let server: TestServer;

  before(async () => {
    server = await startNamingServer();
  });
  after(() => server.stop());
  afterEach(() => deleteNamed(server));

  for (const { what, registered = [], refused, path, message } of meetings) {
    test(`${what} are refused, and the suggested name is free`, async () => {
      if (registered.length > 0) await server.client.apply(registered);
      const last = refused.at(-1) ?? assert.fail();
      const { code, issues } = await refusal(server.client.apply(refused));
      assert.equal(code, 'INVALID_INPUT');
      assert.deepEqual(
        issues.map((issue) => issue.path),
        [`definitions[${refused.length - 1}].${path}`],
      );
      assert.match(issues[0]?.message ?? '', message);
      const { steps } = await server.client.apply(refused.with(-1, mended(last, path, issues[0]?.fix ?? '')));
      assert.ok(steps.every(({ action }) => action === 'CREATE'));
    });
  }

  test('leave variants of one resource alone', async () => {
    const nearby = { features: [trips, vector] };
    await server.client.apply([entity('driver'), view('stats', 'driver'), view('near', 'driver', nearby)]);
    const { steps } = await server.client.apply([
      entity('driver', { variant: 'v2' }),
      entity('driver', { variant: 'v3', ...typed('Pilot') }),
      entity('driver', { variant: 'v4', ...typed('PilotKey') }),
      view('stats', 'driver@v2', { variant: 'v2' }),
      view('stats', 'driver@v3', { variant: 'v3', graphqlName: 'numbers' }),
      view('near', 'driver@v1', { variant: 'v2', ...nearby }),
    ]);
    assert.ok(steps.every(({ action }) => action === 'CREATE'));
  });

  test('of an embedding and an older feature ask for another view', async () => {
    await server.client.apply([
      entity('driver'),
      view('stats', 'driver', { features: [{ ...trips, graphqlName: 'nearest' }] }),
    ]);
    const later = view('stats', 'driver', { variant: 'v2', features: [trips, vector] });
    const { issues } = await refusal(server.client.apply([later]));
    assert.equal(issues.length, 1);
    assert.equal(issues[0]?.path, 'definitions[0].features[1]');
    assert.match(
      issues[0]?.message ?? '',
      /embedding of feature view stats@v2 .* feature stats@v1:trips already is\.$/,
    );
    assert.match(issues[0]?.fix ?? '', /a view of another name/);
  });
});

describe('names that the graph can not have', () => {
  let server: TestServer;

  before(async () => {
    server = await startNamingServer();
  });
  after(() => server.stop());
  afterEach(() => deleteNamed(server));

  test('for two underscores in a row are refused, with the one that it can', async () => {
    const features = [{ ...trips, graphqlName: 'many__trips' }];
    const definitions = [
      entity('driver', { graphql: { type: 'My__Driver', keys: [{ joinKey: 'driver_id', field: 'i__d' }] } }),
      view('stats', 'driver', { graphqlName: 'the__stats', features }),
    ];
    const { issues } = await server.client.plan(definitions);
    assert.deepEqual(
      issues.map(({ path, fix }) => [path, /"(\w+)"(?!,)/.exec(fix ?? '')?.[1]]),
      [
        ['definitions[0].graphql.type', 'My_Driver'],
        ['definitions[0].graphql.keys[0].field', 'i_d'],
        ['definitions[1].graphqlName', 'the_stats'],
        ['definitions[1].features[0]', 'many_trips'],
      ],
    );
  });

  test('for a first letter that is none are refused', async () => {
    const keys = [{ joinKey: 'driver_id', field: '_id' }];
    const features = [{ ...trips, graphqlName: '__typename' }];
    const { issues } = await server.client.plan([
      entity('driver', { graphql: { type: '_Entity', keys } }),
      entity('rider'),
      view('stats', 'rider', { graphqlName: '_stats', features }),
    ]);
    assert.deepEqual(issues.map(({ path }) => path).toSorted(), [
      'definitions[0].graphql.keys[0].field',
      'definitions[0].graphql.type',
      'definitions[2].features[0].graphqlName',
      'definitions[2].graphqlName',
    ]);
  });

  test('as a value of an enum are refused for an embedding, and taken for another feature', async () => {
    const named = (graphqlName: string) => view('stats', 'driver', { features: [trips, { ...vector, graphqlName }] });
    await server.client.apply([entity('driver')]);
    for (const name of ['true', 'false', 'null']) {
      const { issues } = await refusal(server.client.apply([named(name)]));
      assert.deepEqual(
        issues.map(({ path, fix }) => ({ path, fix })),
        [{ path: 'definitions[0].features[1]', fix: `Give it a graphqlName, such as "${name}Feature".` }],
      );
    }
    const free = view('stats', 'driver', { features: [{ ...trips, graphqlName: 'null' }, vector] });
    assert.deepEqual((await server.client.plan([free])).issues, []);
  });

  test('of each root field that the graph has for itself are refused, with one that is free', async () => {
    const fields = [schema.getQueryType(), schema.getSubscriptionType()].flatMap((root) =>
      Object.keys(root?.getFields() ?? {}).filter((name) => !name.startsWith('_')),
    );
    for (const known of ['audit', 'documents', 'viewer', 'grants', 'jobs', 'jobUpdates'])
      assert.ok(fields.includes(known), known);
    const called = fields.map((name, at) => entity(`thing_${at}`, typed(name)));
    const { issues } = await server.client.plan(called);
    for (const [at, name] of fields.entries()) {
      const issue = issues.find(({ path }) => path.startsWith(`definitions[${at}].`)) ?? assert.fail(name);
      assert.ok(issue.message.includes(`would be the root field "${name}"`), `${name}: ${issue.message}`);
      called[at] = mended(called[at] ?? assert.fail(name), issue.path, issue.fix ?? '');
    }
    assert.deepEqual((await server.client.plan(called)).issues, []);
  });
});
