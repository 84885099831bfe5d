import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { schema } from '../schema/schema.ts';
import { documentIdOf } from '../src/documents/document.ts';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';

const nouns = {
  provider: ['providers', 'warehouse'],
  entity: ['entities', 'driver'],
  source: ['sources', 'stats'],
  featureView: ['featureViews', 'driver_stats'],
  onDemandFeatureView: ['onDemandFeatureViews', 'quote'],
  feature: ['features', 'driver_stats:rating'],
  label: ['labels', 'accepted'],
  trainingSet: ['trainingSets', 'acceptance'],
  featureService: ['featureServices', 'acceptance'],
  model: ['models', 'dispatch'],
} as const;

const quote = {
  name: 'quote',
  inputs: [{ feature: 'driver_stats:trips' }],
  request: [{ name: 'amount', type: 'FLOAT64' }],
  features: [{ name: 'ratio', expression: 'request.amount / double(trips)' }],
};

/** Everything that can be selected of a type without an argument, that many levels deep. */
function everything(type: GraphQLOutputType, depth: number): string {
  const named: GraphQLNamedType = getNamedType(type);
  if (!isObjectType(named) && !isInterfaceType(named)) return '';
  const fields = Object.values(named.getFields()).filter(
    (field) => !field.args.some(isRequiredArgument) && (depth > 1 || isLeafType(getNamedType(field.type))),
  );
  const written = fields.map((field) => `${field.name} ${everything(field.type, depth - 1)}`);
  return `{ __typename ${written.join(' ')} }`;
}

function fieldOf(root: 'Query' | 'Mutation', name: string): GraphQLOutputType {
  const field = (root === 'Query' ? schema.getQueryType() : schema.getMutationType())?.getFields()[name];
  assert.ok(field !== undefined, name);
  return field.type;
}

/** Requests that are refused, by the code. What fails in a resolver is asked for by fields that can fail there. */
const refused: Record<string, string[]> = {
  INVALID_INPUT: [
    'query { node(id: "x") { id } }',
    'query { nodes(ids: ["x"]) { id } }',
    'query { jobs(after: "x") { edges { cursor } } }',
    'query { jobs(last: 1) { edges { cursor } } }',
    'query { resources(after: "x") { edges { cursor } } }',
    ...Object.values(nouns).map(([many]) => `query { ${many}(first: -1) { totalCount } }`),
    'query { documents(first: -1) { totalCount } }',
    'query { audit(last: 1) { edges { cursor } } }',
    'mutation { publishDocuments(documents: [{ id: "x", text: "{ gone }" }]) { published { id } } }',
    'query { onlineFeatures(select: { features: [] }, keys: []) { size } }',
    'query { nearest(feature: "x", to: { vector: [1] }) { score } }',
    'mutation { apply(definitions: [{ model: { name: "idle" } }]) { steps { ref } } }',
    'mutation { updateResource(kind: MODEL, ref: "dispatch", patch: { schedule: "0 * * * *" }) { ref } }',
    'mutation { pushFeatures(view: "driver_stats", rows: [{}]) { written } }',
    'mutation { retrieveHistoricalFeatures(select: { features: [] }, spine: { source: { source: "x", entities: [] } }) { id } }',
    'mutation { registerProvider(definition: { name: "2", config: { lmdb: {} } }) { ref } }',
    'mutation { testProvider(definition: { name: "2", config: { lmdb: {} } }) { healthy } }',
    'mutation { registerEntity(definition: { name: "x", joinKeys: [] }) { ref } }',
    'mutation { registerSource(definition: { name: "x" }) { ref } }',
    'mutation { registerFeatureView(definition: { name: "x", entity: "driver", source: "stats", features: [] }) { ref } }',
    'mutation { registerOnDemandFeatureView(definition: { name: "x", inputs: [], features: [] }) { ref } }',
    'query { previewOnDemandFeatures(definition: { name: "x", inputs: [], features: [] }, rows: []) { columns { name } } }',
    'mutation { registerLabel(definition: { name: "x", source: "gone", value: { column: "a", type: "BOOL" }, entities: [] }) { ref } }',
    'mutation { registerTrainingSet(definition: { name: "x", label: "gone", features: [] }) { ref } }',
    'mutation { registerFeatureService(definition: { name: "x", features: [] }) { ref } }',
    'mutation { registerModel(definition: { name: "x" }) { ref } }',
    '{ apiKeys(first: -1) { totalCount } }',
    '{ grants(first: -1) { totalCount } }',
    'mutation { createApiKey(name: "") { secret } }',
    'mutation { grantRole(to: { apiKey: "nobody" }, role: VIEWER) { id } }',
  ],
  UNSUPPORTED: ['mutation { transform(source: "stats") { id } }'],
  NOT_FOUND: [
    'mutation { unpublishDocuments(ids: ["x"]) }',
    'mutation { deleteResource(kind: MODEL, ref: "nobody") }',
    'mutation { materialize(views: ["nobody"]) { id } }',
    'mutation { buildTrainingSet(ref: "nobody") { id } }',
    'mutation { transform(source: "nobody") { id } }',
    'mutation { cancelJob(id: "nobody") { id } }',
    'mutation { retryJob(id: "nobody") { id } }',
    'mutation { rotateApiKey(id: "nobody") { secret } }',
    'mutation { revokeApiKey(id: "nobody") { id } }',
    'mutation { revokeRole(id: "nobody") { id } }',
  ],
  GRAPHQL_VALIDATION_FAILED: [
    ...Object.keys(nouns).map((one) => `query { ${one} { ref } }`),
    'query { resource(kind: NOTHING, ref: "x") { ref } }',
    'query { job { id } }',
    'query { viewer }',
    'mutation { resealSecrets { nothing } }',
    'query { plan(definitions: [{}]) { steps { ref } } }',
  ],
};

describe('every field of the root types', () => {
  let server: TestServer;

  before(async () => {
    server = await startDriversServer();
    await server.client.apply([{ onDemandFeatureView: quote }]);
  });
  after(() => server.stop());

  async function answer(query: string, variables: Record<string, unknown> = {}) {
    const { data, errors } = await server.graphql(query, variables);
    assert.equal(errors, undefined, `${query}\n${JSON.stringify(errors)}`);
    return data;
  }

  for (const [one, [many, ref]] of Object.entries(nouns)) {
    test(`${one} and ${many} answer with all that the schema promises`, async () => {
      const data = await answer(`query ($ref: String!) { ${one}(ref: $ref) ${everything(fieldOf('Query', one), 3)} }`, {
        ref,
      });
      const { id, kind } = data[one] as { id: string; kind: string };
      const page = await answer(
        `query { ${many}(first: 1, search: "${ref.split(':').at(-1)}") ${everything(fieldOf('Query', many), 3)} }`,
      );
      assert.equal((page[many] as { edges: unknown[] }).edges.length, 1);
      const same = await answer(
        `query ($id: ID!, $ref: String!, $kind: ResourceKind!) { node(id: $id) { id } nodes(ids: [$id, $id]) { id }
          resource(kind: $kind, ref: $ref) { id } resources(filter: { kinds: [$kind] }) { totalCount } }`,
        { id, ref, kind },
      );
      assert.deepEqual(same, { ...same, node: { id }, nodes: [{ id }, { id }], resource: { id } });
    });
  }

  test('jobs, serving and search answer with all that the schema promises', async () => {
    const { jobs } = await answer(`query { jobs(first: 2) ${everything(fieldOf('Query', 'jobs'), 4)} }`);
    const [edge] = (jobs as { edges: { node: { id: string } }[] }).edges;
    await answer(`query ($id: ID!) { job(id: $id) ${everything(fieldOf('Query', 'job'), 3)} node(id: $id) { id } }`, {
      id: edge?.node.id,
    });
    await answer(`query { onlineFeatures(select: { service: "acceptance" }, keys: [{ joinKey: "driver_id", values: [1] }])
      ${everything(fieldOf('Query', 'onlineFeatures'), 3)} }`);
    await answer(`query { nearest(feature: "driver_profile:profile", to: { vector: [1, 1] })
      { score keys { joinKey value } features(select: { service: "acceptance" }) { name value status eventTimestamp feature { ref } } } }`);
    const definition = { entity: { name: 'rider', joinKeys: [{ name: 'rider_id', type: 'STRING' }] } };
    await answer(
      `query ($d: [DefinitionInput!]!) { plan(definitions: $d) ${everything(fieldOf('Query', 'plan'), 3)} }`,
      {
        d: [definition],
      },
    );
  });

  test('mutations answer with all that the schema promises', async () => {
    const written = (name: string, call: string, depth = 2) =>
      answer(`mutation { ${name}(${call}) ${everything(fieldOf('Mutation', name), depth)} }`);
    await written(
      'apply',
      'definitions: [{ entity: { name: "rider", joinKeys: [{ name: "rider_id", type: "STRING" }] } }]',
      3,
    );
    const tried = await server.graphql(
      'mutation { testProvider(definition: { name: "tried", config: { lmdb: {} } }) { healthy message milliseconds } }',
    );
    assert.equal((tried.data.testProvider as { healthy: boolean }).healthy, true);
    const common = 'description: "d", owner: "o", tags: ["t"], properties: [{ key: "k", value: "v" }], deprecated: "r"';
    await written(
      'registerProvider',
      `definition: { name: "other", ${common}, config: { duckdb: { threads: 1, memoryLimitMb: 256 } } }`,
    );
    await written(
      'registerEntity',
      `definition: { name: "trip", ${common}, joinKeys: [{ name: "trip_id", type: "INT64", description: "d" }], graphql: { type: "Trip", keys: [{ joinKey: "trip_id", field: "tripId" }] } }`,
    );
    await written(
      'registerSource',
      `definition: { name: "more", ${common}, provider: "warehouse", files: { format: CSV, paths: ["requests.csv"] } }`,
    );
    await written(
      'registerFeatureView',
      `definition: { name: "more", ${common}, entity: "driver", source: "stats", eventTimestamp: "happened_at", createdTimestamp: "recorded_at", ttl: "1d", onlineStore: "latest", schedule: "0 4 * * *", joinKeys: [{ joinKey: "driver_id", column: "driver_id" }], features: [{ name: "t", column: "trips", type: "INT64", ${common}, graphqlName: "tripCount" }] }`,
    );
    const onDemand = `definition: { name: "other_quote", ${common}, inputs: [{ feature: "driver_stats:trips" }], request: [{ name: "amount", type: "FLOAT64", description: "d", optional: true }], features: [{ name: "ratio", ${common}, expression: "request.amount / double(trips)" }] }`;
    await written('registerOnDemandFeatureView', onDemand);
    await answer(
      `{ previewOnDemandFeatures(${onDemand}, rows: [{ trips: 1 }]) ${everything(fieldOf('Query', 'previewOnDemandFeatures'), 2)}
        onDemandFeatureView(ref: "quote") { preview(rows: [{ trips: 1, request: { amount: 2 } }]) { columns { values } } } }`,
    );
    await written(
      'registerLabel',
      `definition: { name: "more", ${common}, source: "more", timestamp: "requested_at", value: { column: "accepted", type: "BOOL" }, entities: [{ entity: "driver", role: "who" }] }`,
    );
    await written(
      'registerTrainingSet',
      `definition: { name: "more", ${common}, label: "more", knownAsOf: true, features: [{ feature: "more:t", role: "who", alias: "x", lag: "1h" }] }`,
    );
    await written(
      'registerFeatureService',
      `definition: { name: "more", ${common}, features: [{ feature: "more:t" }] }`,
    );
    await written(
      'registerModel',
      `definition: { name: "more", ${common}, trainingSets: ["more"], featureServices: ["more"] }`,
    );
    assert.deepEqual(await settleJobs(server), []);
    await written(
      'updateResource',
      'kind: MODEL, ref: "more", patch: { description: null, owner: "p", tags: [], properties: [], deprecated: null }',
    );
    await answer('mutation { deleteResource(kind: MODEL, ref: "more") }');
    await written('materialize', 'views: ["more"], from: "2024-01-01T00:00:00Z", to: "2024-01-02T00:00:00Z"', 3);
    await written('transform', 'source: "profiles", refresh: ALL', 3);
    await written('buildTrainingSet', 'ref: "more", refresh: NONE', 3);
    await written(
      'pushFeatures',
      'view: "driver_now", rows: [{ driver_id: 7, happened_at: "2024-01-01T00:00:00Z", city: "Rome" }]',
    );
    await written(
      'retrieveHistoricalFeatures',
      'select: { service: "acceptance" }, spine: { source: { source: "requests", timestamp: "requested_at", entities: [{ entity: "driver" }] } }',
      3,
    );
    assert.deepEqual(await settleJobs(server), []);
  });

  test('documents are published, listed and withdrawn', async () => {
    const text = 'query Named { __typename }';
    const id = documentIdOf(text);
    await answer(
      `mutation ($documents: [DocumentInput!]!) { publishDocuments(documents: $documents) ${everything(fieldOf('Mutation', 'publishDocuments'), 3)} }`,
      { documents: [{ id, text }] },
    );
    await answer(`query { audit ${everything(fieldOf('Query', 'audit'), 4)} }`);
    await answer(`query { documents ${everything(fieldOf('Query', 'documents'), 4)} }`);
    await answer('mutation { resealSecrets { resealed unopened } }');
    await answer('mutation ($id: String!) { unpublishDocuments(ids: [$id]) }', { id });
  });

  test('keys and roles are made, shown and taken back', async () => {
    const viewer = await answer(`{ viewer ${everything(fieldOf('Query', 'viewer'), 3)} }`);
    assert.equal((viewer.viewer as { kind: string }).kind, 'OPEN');
    const written = async (mutation: string, args: string) => {
      const selection = everything(fieldOf('Mutation', mutation), 3);
      return (await answer(`mutation { ${mutation}(${args}) ${selection} }`))[mutation] as { id: string };
    };
    const key = 'name: "k", roles: [{ role: MODEL, on: { kind: MODEL, tag: "t", owner: "o", ref: "r" } }]';
    const { apiKey } = (await written('createApiKey', key)) as unknown as { apiKey: { id: string } };
    await written('rotateApiKey', `id: "${apiKey.id}"`);
    const { id } = await written('grantRole', 'to: { user: "u" }, role: EDITOR, on: { tag: "t" }, sensitive: true');
    for (const list of ['apiKeys', 'grants']) {
      const page = await answer(`{ ${list}(first: 2) ${everything(fieldOf('Query', list), 4)} }`);
      assert.ok((page[list] as { totalCount: number }).totalCount > 0);
    }
    await written('revokeRole', `id: "${id}"`);
    await written('revokeApiKey', `id: "${apiKey.id}"`);
  });

  test('jobs are cancelled and run again', async () => {
    // It runs for minutes unless it is stopped.
    const sql = 'select sum(hash(a.range * b.range)) as total from range(10000000) as a, range(10000000) as b';
    await server.client.apply([{ source: { name: 'endless', provider: 'warehouse', transformation: { sql } } }]);
    const { jobs } = await server.client.operations.Jobs({ filter: { states: ['PENDING', 'RUNNING'] } });
    const id = jobs.edges[0]?.node.id;
    const cancel = async () => {
      const { cancelJob } = await answer('mutation ($id: ID!) { cancelJob(id: $id) { id state reason } }', { id });
      assert.deepEqual(cancelJob, { id, state: 'CANCELLED', reason: 'cancelled by anonymous' });
    };
    await cancel();
    const { retryJob } = await answer('mutation ($id: ID!) { retryJob(id: $id) { id state reason } }', { id });
    assert.deepEqual(retryJob, { id, state: 'PENDING', reason: null });
    await cancel();
  });

  test('jobs that succeeded are neither', async () => {
    const { jobs } = await server.client.operations.Jobs({ filter: { states: ['SUCCEEDED'] }, first: 1 });
    const id = jobs.edges[0]?.node.id;
    const cancelled = await server.graphql('mutation ($id: ID!) { cancelJob(id: $id) { state } }', { id });
    assert.equal(cancelled.errors?.[0]?.extensions.code, 'CONFLICT');
    const again = await server.graphql('mutation ($id: ID!) { retryJob(id: $id) { state } }', { id });
    assert.equal(again.errors?.[0]?.extensions.code, 'CONFLICT');
  });

  test('subscriptions answer by graphql-ws', async () => {
    const { jobs } = await server.client.operations.Jobs({ first: 1 });
    const id = jobs.edges[0]?.node.id;
    const updates = server.subscribe(
      'subscription ($id: ID!) { jobUpdates(filter: { ids: [$id] }) { id state log { line } resource { ref } } }',
      { id },
    );
    const first = (await updates.next()).value?.data.jobUpdates as { id: string } | undefined;
    assert.equal(first?.id, id);
    await updates.return();

    const changes = server.subscribe(
      'subscription { resourceChanges(filter: { kinds: [MODEL] }) { action kind ref resource { ref } } }',
    );
    const next = changes.next();
    let reached = false;
    next.then(() => {
      reached = true;
    });
    for (let at = 0; !reached && at < 100; at++) {
      const owner = `owner ${at}`;
      await server.client.operations.UpdateResource({ kind: 'MODEL', ref: 'dispatch', patch: { owner } });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual((await next).value?.data.resourceChanges, {
      action: 'UPDATED',
      kind: 'MODEL',
      ref: 'dispatch@v1',
      resource: { ref: 'dispatch@v1' },
    });
    await changes.return();
    for (const query of [
      'subscription { jobUpdates(filter: { resource: "x" }) { id } }',
      'subscription { resourceChanges(filter: { kinds: [NOTHING] }) { ref } }',
    ]) {
      const { value } = await server.subscribe(query).next();
      assert.match(value?.errors?.[0]?.extensions.code ?? '', /^(NOT_FOUND|GRAPHQL_VALIDATION_FAILED)$/, query);
    }
  });

  for (const [code, queries] of Object.entries(refused)) {
    test(`are refused with ${code}`, async () => {
      for (const query of queries) {
        const { errors } = await server.graphql(query);
        assert.equal(errors?.[0]?.extensions.code, code, `${query}\n${JSON.stringify(errors)}`);
      }
    });
  }

  test('have all been answered, and refused', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const all = roots.flatMap((type) => Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`));
    assert.ok(all.length > 40);
    assert.deepEqual(
      all.filter((field) => !server.exercised.answered.has(field)),
      [],
    );
    assert.deepEqual(
      all.filter((field) => !server.exercised.refused.has(field)),
      [],
    );
  });
});
