import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FeaturegraphError } from '@featuregraph/client';
import {
  driver,
  driversWorld,
  providers,
  settleJobs,
  statsSource,
  statsView,
  writeDriversFiles,
} from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

describe('registering through the graph', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
  });
  after(() => server.stop());

  async function failure(work: Promise<unknown>): Promise<FeaturegraphError> {
    try {
      await work;
    } catch (error) {
      assert.ok(error instanceof FeaturegraphError, String(error));
      return error;
    }
    throw new assert.AssertionError({ message: 'it should have failed' });
  }

  test('reports everything that is wrong at once, with paths and fixes, and registers nothing', async () => {
    const error = await failure(
      server.client.apply([
        ...providers,
        driver,
        statsSource,
        { entity: { name: 'driver', joinKeys: [{ name: 'id', type: 'FLOAT64' }] } },
        {
          entity: {
            name: 'Query',
            joinKeys: [
              { name: 'conv_rate', type: 'INT64' },
              { name: 'convRate', type: 'INT64' },
            ],
          },
        },
        { source: { name: 'a', transformation: { sql: 'select 1 as x from {{ b }}' } } },
        { source: { name: 'b', transformation: { sql: 'select 1 as x from {{ a }}' } } },
        { source: { name: 'gone', files: { paths: ['nowhere.csv'] } } },
        { source: { name: 'wrong', transformation: { sql: 'select nothing from {{ stats }}' } } },
        { source: { name: 'escaping', transformation: { sql: "select * from read_csv('/etc/passwd')" } } },
        {
          featureView: {
            name: 'broken',
            entity: 'drivr',
            source: 'stats',
            eventTimestamp: 'city',
            ttl: 'a while',
            features: [{ name: 'trips', type: 'INT64' }],
          },
        },
        {
          featureView: {
            name: 'mistyped',
            entity: 'driver',
            source: 'stats',
            eventTimestamp: 'city',
            schedule: 'now and then',
            features: [
              { name: 'trips', type: 'INT32' },
              { name: 'ratng', type: 'FLOAT64' },
              { name: 'trips', type: 'INT64' },
            ],
          },
        },
        { model: { name: 'idle' } },
        { source: { name: '1st', files: { paths: ['stats.csv'] } } },
      ]),
    );
    assert.equal(error.code, 'INVALID_INPUT');
    const said = error.issues.map((issue) => `${issue.path} ${issue.message}`).join('\n');
    for (const expected of [
      /definitions\[5\]\.joinKeys\[0\]\.type .*cannot be a join key/,
      /definitions\[6\]\.graphql\.type .*the type "Query", which the graph itself already has/,
      /definitions\[6\]\.joinKeys\[1\].*"convRate"/,
      /definitions\[7\] .*built on each other: a → b → a/,
      /definitions\[9\]\.files\.paths/,
      /definitions\[10\]\.transformation\.sql .*nothing/,
      /definitions\[11\]\.transformation\.sql/,
      /definitions\[12\]\.ttl .*no duration/,
      /definitions\[13\]\.eventTimestamp .*neither a timestamp nor a date/,
      /definitions\[13\]\.schedule .*no cron/,
      /definitions\[13\]\.features\[0\] .*INT64, not INT32/,
      /definitions\[13\]\.features\[1\] .*no column "ratng"/,
      /definitions\[13\]\.features\[2\]\.name .*already has a feature "trips"/,
      /definitions\[14\]\.trainingSets/,
      /definitions\[15\]\.name/,
    ]) {
      assert.match(said, expected);
    }
    assert.match(error.issues.find((issue) => /ratng/.test(issue.message))?.fix ?? '', /Did you mean "rating"/);
    assert.equal((await server.client.operations.Resources({})).resources.totalCount, 0);
  });

  test('refuses text that can not be kept, wherever it stands', async () => {
    const joinKeys = [{ name: 'id', type: 'INT64', description: 'half \ud83d' }];
    const properties = [
      { key: 'note', value: 'a\0b' },
      { key: 'b\0c', value: '' },
    ];
    const entity = { name: 'thing', owner: '\0', tags: ['fine', '\udc00'], deprecated: '\0', joinKeys, properties };
    const error = await failure(server.client.apply([{ entity }]));
    assert.equal(error.code, 'INVALID_INPUT');
    assert.deepEqual(
      error.issues.map((issue) => issue.path),
      ['deprecated', 'joinKeys[0].description', 'owner', 'tags[1]', 'properties.note', 'properties'].map(
        (path) => `definitions[0].${path}`,
      ),
    );
  });

  test('plans exactly what it then does, whatever the order of the definitions', async () => {
    const plan = await server.client.plan(driversWorld);
    assert.deepEqual(plan.issues, []);
    assert.ok(plan.steps.every((step) => step.action === 'CREATE'));
    const applied = await server.client.apply(driversWorld);
    assert.deepEqual(
      applied.steps.map((step) => step.ref),
      plan.steps.map((step) => step.ref),
    );
    assert.deepEqual(applied.jobs.map((job) => job.ref).toSorted(), plan.jobs.map((job) => job.ref).toSorted());
    assert.deepEqual(await settleJobs(server), []);
  });

  test('changes nothing when registered again, even with a newer variant of what it names', async () => {
    await server.client.apply([{ source: { name: 'stats', variant: 'v2', files: { paths: ['stats.csv'] } } }]);
    const again = await server.client.apply(driversWorld);
    assert.deepEqual([...new Set(again.steps.map((step) => step.action))], ['UNCHANGED']);
    assert.deepEqual(again.jobs, []);
  });

  test('refuses to change a variant, field by field, and says how else', async () => {
    const changed = structuredClone(statsView);
    if (changed.featureView)
      changed.featureView = {
        ...changed.featureView,
        ttl: '2h',
        features: [{ name: 'trips', type: 'INT64', column: 'driver_id' }],
      };
    const error = await failure(server.client.apply([changed]));
    assert.equal(error.code, 'RESOURCE_CHANGED');
    assert.deepEqual(error.issues.map((issue) => issue.path).toSorted(), [
      'definitions[0].features[city]',
      'definitions[0].features[rating]',
      'definitions[0].features[trips].column',
      'definitions[0].ttl',
    ]);
    const { steps } = await server.client.plan([changed]);
    assert.equal(steps[0]?.action, 'CONFLICT');
  });

  test('changes descriptions, owners, tags and schedules in place', async () => {
    const { updateResource } = await server.client.operations.UpdateResource({
      kind: 'FEATURE_VIEW',
      ref: 'driver_stats',
      patch: { owner: 'new@example.com', tags: ['fleet', 'daily'], schedule: '0 4 * * *' },
    });
    assert.equal(updateResource.owner, 'new@example.com');
    await server.client.operations.UpdateResource({
      kind: 'FEATURE',
      ref: 'driver_stats:rating',
      patch: { description: 'Stars.' },
    });
    const { resource } = await server.client.operations.Resource({ kind: 'FEATURE', ref: 'driver_stats:rating' });
    assert.equal(resource?.description, 'Stars.');
    const misplaced = await failure(
      server.client.operations.UpdateResource({ kind: 'ENTITY', ref: 'driver', patch: { schedule: '0 4 * * *' } }),
    );
    assert.equal(misplaced.code, 'INVALID_INPUT');
  });

  test('registers noun by noun', async () => {
    const { data, errors } = await server.graphql(`mutation {
      registerEntity(definition: { name: "rider", joinKeys: [{ name: "rider_id", type: "STRING" }] }) { ref graphqlType joinKeys { name type graphqlField } }
      registerSource(definition: { name: "riders", files: { paths: ["requests.csv"] } }) { ref sourceKind columns { name type } provider { ref } }
      registerProvider(definition: { name: "other", config: { duckdb: { threads: 1 } } }) { ref roles health { healthy } }
      registerLabel(definition: { name: "kept", source: "requests", value: { column: "accepted", type: "BOOL" }, entities: [{ entity: "driver" }] }) { ref roles { role joinKeys { column } } }
      registerFeatureView(definition: { name: "again", entity: "driver", source: "stats", features: [{ name: "trips", type: "INT64" }] }) { ref features { ref type } }
      registerTrainingSet(definition: { name: "kept", label: "kept", features: [{ feature: "again:trips" }] }) { ref label { ref } features { name role lag } }
      registerFeatureService(definition: { name: "kept", features: [{ feature: "again:trips" }] }) { ref features { name } }
      registerModel(definition: { name: "kept", trainingSets: ["kept"] }) { ref trainingSets { ref } }
    }`);
    assert.equal(errors, undefined);
    assert.deepEqual((data.registerEntity as { graphqlType: string }).graphqlType, 'Rider');
    assert.deepEqual((data.registerFeatureView as { features: unknown }).features, [
      { ref: 'again@v1:trips', type: 'INT64' },
    ]);
    await settleJobs(server);
  });

  test('deletes nothing that is used, names the users, and takes a view with its features', async () => {
    const used = await failure(
      server.client.operations.DeleteResource({ kind: 'FEATURE_VIEW', ref: 'driver_stats@v1' }),
    );
    assert.equal(used.code, 'IN_USE');
    assert.match(used.message, /training set acceptance@v1/);
    const gone = await server.client.operations.DeleteResource({ kind: 'MODEL', ref: 'kept' });
    assert.deepEqual(gone.deleteResource, ['kept@v1']);
    for (const kind of ['TRAINING_SET', 'FEATURE_SERVICE'] as const)
      await server.client.operations.DeleteResource({ kind, ref: 'kept' });
    const view = await server.client.operations.DeleteResource({ kind: 'FEATURE_VIEW', ref: 'again' });
    assert.deepEqual(view.deleteResource, ['again@v1:trips', 'again@v1']);
    assert.equal(
      (await failure(server.client.operations.DeleteResource({ kind: 'MODEL', ref: 'kept' }))).code,
      'NOT_FOUND',
    );
    assert.equal(
      (await failure(server.client.operations.DeleteResource({ kind: 'FEATURE', ref: 'driver_stats:trips' }))).code,
      'INVALID_INPUT',
    );
  });

  test('tells lineage up and down, what would break, and the columns that a feature comes from', async () => {
    const { data } = await server.graphql(`{
      model(ref: "dispatch") { upstream(depth: 99) { ref } near: upstream { ref } }
      source(ref: "stats@v1") { breaks { ref } lineage(direction: DOWNSTREAM, depth: 1) { nodes { ref } edges { from { ref } to { ref } } } inputs { ref } }
      feature(ref: "driver_profile:doubled") { origins { source { ref } column } view { entity { featureViews { ref } } } }
    }`);
    const refs = (value: unknown) => (value as { ref: string }[]).map((one) => one.ref);
    const model = data.model as { upstream: unknown; near: unknown };
    assert.deepEqual(refs(model.near).toSorted(), ['acceptance@v1', 'acceptance@v1']);
    for (const ref of ['stats@v1', 'driver@v1', 'driver_stats@v1:trips', 'warehouse@v1'])
      assert.ok(refs(model.upstream).includes(ref), ref);
    const source = data.source as { breaks: unknown; lineage: { nodes: unknown; edges: unknown[] } };
    assert.ok(refs(source.breaks).includes('dispatch@v1'));
    assert.deepEqual(refs(source.lineage.nodes).toSorted(), [
      'driver_now@v1',
      'driver_stats@v1',
      'profiles@v1',
      'stats@v1',
    ]);
    assert.deepEqual((data.feature as { origins: unknown }).origins, [
      { source: { ref: 'stats@v1' }, column: 'trips' },
    ]);
  });

  test('finds what is meant, through spelling errors and filters, page by page', async () => {
    const find = async (args: string) => {
      const { data, errors } = await server.graphql(
        `{ resources(${args}) { totalCount edges { node { ref } } pageInfo { hasNextPage endCursor } } }`,
      );
      assert.equal(errors, undefined, JSON.stringify(errors));
      return data.resources as {
        totalCount: number;
        edges: { node: { ref: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
    };
    assert.equal(
      (await find('search: "drver_stats", filter: { kinds: [FEATURE_VIEW] }')).edges[0]?.node.ref,
      'driver_stats@v1',
    );
    assert.deepEqual(
      (await find('filter: { tags: ["daily"] }')).edges.map(({ node }) => node.ref),
      ['driver_stats@v1'],
    );
    assert.deepEqual(
      (await find('filter: { owner: "new@example.com", statuses: [READY] }')).edges.map(({ node }) => node.ref),
      ['driver_stats@v1'],
    );
    assert.equal((await find('search: "zzzzzz"')).totalCount, 0);
    const first = await find('first: 3');
    assert.equal(first.edges.length, 3);
    const second = await find(`first: 3, after: "${first.pageInfo.endCursor}"`);
    assert.equal(new Set([...first.edges, ...second.edges].map(({ node }) => node.ref)).size, 6);
    const { errors } = await server.graphql('{ resources(first: 100000) { totalCount } }');
    assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT');
  });

  test('looks nodes up by their ids, and every noun by its reference', async () => {
    const nouns = [
      'provider',
      'entity',
      'source',
      'featureView',
      'feature',
      'label',
      'trainingSet',
      'featureService',
      'model',
    ];
    const names = [
      'warehouse',
      'driver',
      'stats',
      'driver_stats',
      'driver_stats:trips',
      'accepted',
      'acceptance',
      'acceptance',
      'dispatch',
    ];
    const { data, errors } =
      await server.graphql(`{ ${nouns.map((noun, at) => `${noun}(ref: "${names[at]}") { id ref }`).join(' ')}
      ${['providers', 'entities', 'sources', 'featureViews', 'features', 'labels', 'trainingSets', 'featureServices', 'models'].map((many) => `${many}(first: 1) { totalCount edges { node { ref } } }`).join(' ')}
      missing: model(ref: "nobody") { id } resource(kind: MODEL, ref: "dispatch") { __typename } }`);
    assert.equal(errors, undefined);
    const ids = nouns.map((noun) => (data[noun] as { id: string }).id);
    const looked = await server.graphql(
      'query($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id __typename } node(id: $id) { ... on Model { ref } } }',
      { ids, id: ids.at(-1) },
    );
    assert.deepEqual(
      (looked.data.nodes as { id: string }[]).map((node) => node.id),
      ids,
    );
    assert.deepEqual(looked.data.node, { ref: 'dispatch@v1' });
    assert.equal(data.missing, null);
    assert.deepEqual(data.resource, { __typename: 'Model' });
  });

  test('ends consistent when two register the same at once', async () => {
    const entity = (name: string) => ({ entity: { name, joinKeys: [{ name: 'id', type: 'INT64' }] } });
    const both = await Promise.all([
      server.client.apply([entity('twin'), entity('left')]),
      server.client.apply([entity('twin'), entity('right')]),
    ]);
    const actions = both.flatMap(({ steps }) =>
      steps.filter((step) => step.ref === 'twin@v1').map((step) => step.action),
    );
    assert.deepEqual(actions.toSorted(), ['CREATE', 'UNCHANGED']);
  });

  test('gives requests that can not run a code of the list', async () => {
    const codeOf = async (query: string) => (await server.graphql(query)).errors?.[0]?.extensions.code;
    assert.equal(await codeOf('{ nonsense'), 'GRAPHQL_PARSE_FAILED');
    assert.equal(await codeOf('{ nonsense }'), 'GRAPHQL_VALIDATION_FAILED');
    assert.equal(
      (await server.graphql('query($d: [DefinitionInput!]!) { plan(definitions: $d) { steps { ref } } }', { d: [{}] }))
        .errors?.[0]?.extensions.code,
      'BAD_USER_INPUT',
    );
  });
});
