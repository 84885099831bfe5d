import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type DefinitionInput } from '@featuregraph/client';
import { isRequiredArgument } from 'graphql';
import { createClient } from 'graphql-ws';
import { schema } from '../schema/schema.ts';
import { fieldRules } from '../src/access/field-rules.ts';
import { actionsOf, type Role, roles } from '../src/access/role.ts';
import { driversWorld, settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { adminKey, ask, guarded } from './servers/guarded.ts';
import { everything, roots } from './servers/schema-documents.ts';

/** Of a team whose values are sensitive. */
const secret: DefinitionInput[] = [
  {
    featureView: {
      name: 'driver_secret',
      tags: ['pii'],
      entity: 'driver',
      source: 'stats',
      eventTimestamp: 'happened_at',
      features: [{ name: 'home', column: 'city', type: 'STRING' }],
    },
  },
  { featureService: { name: 'secret_service', features: [{ feature: 'driver_secret:home' }] } },
  {
    trainingSet: {
      name: 'secret_set',
      label: 'accepted',
      features: [{ feature: 'driver_stats:trips' }, { feature: 'driver_secret:home', alias: 'place' }],
    },
  },
];

type Granted = { role: Role; on?: Record<string, string>; sensitive?: boolean };

describe('who may do what', () => {
  let server: TestServer;
  const keys = new Map<string, string>();
  const keyOf = (name: string) => keys.get(name) ?? assert.fail(name);

  async function made(name: string, ...granted: Granted[]): Promise<void> {
    const create = `mutation ($name: String!, $roles: [AccessRoleInput!]) {
      createApiKey(name: $name, roles: $roles) { secret } }`;
    const { data, errors } = await ask(server, adminKey, create, { name, roles: granted });
    assert.equal(errors, undefined);
    keys.set(name, (data.createApiKey as { secret: string }).secret);
  }

  const asked = (key: string, query: string, variables: Record<string, unknown> = {}) =>
    ask(server, keyOf(key), query, variables);

  async function answered(key: string, query: string, variables: Record<string, unknown> = {}) {
    const { data, errors } = await asked(key, query, variables);
    assert.equal(errors, undefined, `${query} ${JSON.stringify(errors)}`);
    return data;
  }

  /** The code of what is wrong, and what it says. */
  async function refused(key: string, query: string, variables: Record<string, unknown> = {}) {
    const [error] = (await asked(key, query, variables)).errors ?? [];
    return [error?.extensions.code, error?.message, error?.extensions.issues];
  }

  async function settled(): Promise<void> {
    const client = connect({ url: server.url, apiKey: adminKey });
    assert.deepEqual(await settleJobs({ client }), []);
    await client.close();
  }

  before(async () => {
    server = await startTestServer({
      variables: { ...guarded, FEATUREGRAPH_SENSITIVE_TAGS: 'pii, secret', FEATUREGRAPH_FEDERATION: '2.12' },
    });
    await writeDriversFiles(server.dataRoot);
    const apply = 'mutation ($definitions: [DefinitionInput!]!) { apply(definitions: $definitions) { jobs { id } } }';
    const applied = await ask(server, adminKey, apply, { definitions: [...driversWorld, ...secret] });
    assert.equal(applied.errors, undefined, JSON.stringify(applied.errors));
    for (const role of roles) await made(role, { role });
    await made('nothing');
    await made('acceptance', { role: 'MODEL', on: { kind: 'FEATURE_SERVICE', ref: 'acceptance' } });
    await made('secret-model', { role: 'MODEL', on: { ref: 'secret_service' }, sensitive: true });
    await made('fleet', { role: 'VIEWER', on: { owner: 'fleet@example.com' } });
    await made('now', { role: 'EDITOR', on: { ref: 'driver_now*' } }, { role: 'READER', on: { ref: 'stats' } });
    await made('sensitive-reader', { role: 'READER', sensitive: true });
    await settled();
  });
  after(() => server?.stop());

  test('has a rule for each root field, which each role meets', async () => {
    assert.ok(roots.length > 50);
    for (const role of roles) {
      for (const { operation, name, document } of roots) {
        const rule = fieldRules[name] ?? assert.fail(`${name} has no rule`);
        const isAllowed = rule === 'ANYBODY' || rule.some((action) => actionsOf[role].has(action));
        if (operation === 'subscription') continue;
        const [code] = await refused(role, document);
        assert.equal(code === 'FORBIDDEN', !isAllowed, `${role} ${name}: ${code} for ${document}`);
        assert.ok(!String(code).startsWith('GRAPHQL'), `${document}: ${code}`);
        assert.notEqual(code, 'INTERNAL', document);
      }
    }
  });

  test('refuses who has no role everything but to know himself', async () => {
    for (const { operation, name, document } of roots) {
      if (operation === 'subscription' || name === 'Query.viewer') continue;
      assert.equal((await refused('nothing', document))[0], 'FORBIDDEN', document);
    }
  });

  test('refuses alike what is there and what is not', async () => {
    const pairs: [key: string, query: string, there: string, gone: string][] = [
      ['VIEWER', 'mutation { materialize(views: ["@"]) { id } }', 'driver_stats', 'nobody'],
      ['VIEWER', 'mutation { deleteResource(kind: MODEL, ref: "@") }', 'dispatch', 'nobody'],
      ['VIEWER', 'mutation { pushFeatures(view: "@", rows: []) { written } }', 'driver_stats', 'nobody'],
      ['MODEL', '{ source(ref: "@") { ref } }', 'stats', 'nobody'],
      ['fleet', '{ source(ref: "@") { ref } }', 'stats', 'stxts'],
      ['fleet', '{ resource(kind: MODEL, ref: "@") { ref } }', 'dispatch', 'dispxtch'],
      ['now', 'mutation { materialize(views: ["@"]) { id } }', 'driver_stats', 'driver_stxts'],
      ['now', 'mutation { deleteResource(kind: MODEL, ref: "@") }', 'dispatch', 'dispxtch'],
      ['now', 'mutation { pushFeatures(view: "@", rows: []) { written } }', 'driver_stats', 'driver_stxts'],
      [
        'acceptance',
        '{ onlineFeatures(select: { service: "@" }, keys: []) { size } }',
        'secret_service',
        'secrxt_service',
      ],
      [
        'acceptance',
        '{ onlineFeatures(select: { features: [{ feature: "@" }] }, keys: []) { size } }',
        'driver_secret:home',
        'driver_secrxt:home',
      ],
      [
        'acceptance',
        '{ nearest(feature: "@", to: { vector: [1, 1] }) { score } }',
        'driver_profile:profile',
        'driver_prxfile:profile',
      ],
      [
        'now',
        'mutation { registerFeatureService(definition: { name: "driver_now_x", features: [{ feature: "@" }] }) { ref } }',
        'driver_stats:trips',
        'driver_stxts:trips',
      ],
    ];
    for (const [key, query, there, gone] of pairs) {
      const answer = async (ref: string) => {
        const { data, errors } = await asked(key, query.replace('@', ref));
        return JSON.stringify([data, errors]).replaceAll(ref.replace(/:.*/, ''), '@');
      };
      assert.equal(await answer(there), await answer(gone), `${key}: ${query}`);
    }
  });

  test('shows in lists, search, edges and ids only what may be seen, by whatever way', async () => {
    const shown = new Set(['driver_stats', 'trips', 'rating', 'city']);
    const resources = await answered('fleet', '{ resources(first: 100) { totalCount edges { node { name } } } }');
    const { edges } = resources.resources as { edges: { node: { name: string } }[] };
    assert.deepEqual(new Set(edges.map(({ node }) => node.name)), shown);
    const search = await answered('fleet', '{ resources(search: "driver", first: 100) { edges { node { name } } } }');
    const found = (search.resources as { edges: { node: { name: string } }[] }).edges.map(({ node }) => node.name);
    assert.ok(found.every((name) => shown.has(name)));
    const hidden = [
      'driver_now',
      'driver_profile',
      'driver_secret',
      'dispatch',
      'acceptance',
      'accepted',
      'requests',
      'warehouse',
      'secret_',
    ];
    for (const { operation, name } of roots) {
      const field = schema.getQueryType()?.getFields()[name.split('.')[1] ?? ''];
      if (operation !== 'query' || field === undefined || field.args.some(isRequiredArgument)) continue;
      const { data } = await asked('fleet', `{ ${field.name} ${everything(field.type, 4)} }`);
      const text = JSON.stringify(data);
      assert.deepEqual(
        hidden.filter((one) => text.includes(one)),
        [],
        name,
      );
    }
    for (const ref of ['SOURCE stats', 'MODEL dispatch']) {
      const [kind = '', own = ''] = ref.split(' ');
      const type = kind === 'SOURCE' ? 'Source' : 'Model';
      const id = Buffer.from(`${type}:${own}@v1`).toString('base64url');
      assert.deepEqual(await answered('fleet', '{ node(id: "@") { id } }'.replace('@', id)), { node: null });
    }
  });

  test('reads values apart from metadata, at each field that gives some', async () => {
    const rows = '{ trainingSet(ref: "acceptance") { rows { totalCount } } }';
    const download = '{ trainingSet(ref: "acceptance") { download } }';
    const preview = '{ source(ref: "requests") { preview { rows } } }';
    const health = '{ provider(ref: "warehouse") { health { healthy } } }';
    const table: [query: string, allowed: Role[]][] = [
      [rows, ['READER', 'EDITOR', 'ADMIN']],
      [download, ['READER', 'EDITOR', 'ADMIN']],
      [preview, ['READER', 'EDITOR', 'ADMIN']],
      [health, ['EDITOR', 'OPERATOR', 'ADMIN']],
    ];
    for (const [query, allowed] of table) {
      for (const role of roles.filter((one) => one !== 'MODEL')) {
        const [code] = await refused(role, query);
        assert.equal(code, allowed.includes(role) ? undefined : 'FORBIDDEN', `${role}: ${query}`);
      }
    }
    const { data } = await asked('READER', download);
    const path = (data.trainingSet as { download: string }).download;
    const statusOf = async (key: string) =>
      (await fetch(server.url + path, { headers: { authorization: `Bearer ${keyOf(key)}` } })).status;
    assert.deepEqual([await statusOf('READER'), await statusOf('VIEWER'), await statusOf('fleet')], [200, 403, 403]);
  });

  test('serves a model the features of its services and nothing else, at every surface', async () => {
    const online =
      'query ($s: FeatureSelector!) { onlineFeatures(select: $s, keys: [{ joinKey: "driver_id", values: [1] }]) { columns { name values } } }';
    const served = await answered('acceptance', online, { s: { service: 'acceptance' } });
    const { columns } = served.onlineFeatures as { columns: { name: string; values: unknown[] }[] };
    assert.deepEqual(columns[0], { name: 'trips', values: [7] });
    assert.equal(
      (await refused('acceptance', online, { s: { features: [{ feature: 'driver_stats:city' }] } }))[0],
      'INVALID_INPUT',
    );
    const graph =
      '{ driver(driverId: 1) { driverId driverStats { trips city _features { name } } driverSecret { home } driverProfile { doubled } } }';
    const { data, errors } = await asked('acceptance', graph);
    assert.deepEqual(data.driver, {
      driverId: 1,
      driverStats: { trips: 7, city: null, _features: [{ name: 'trips' }, { name: 'rating' }] },
      driverSecret: null,
      driverProfile: null,
    });
    assert.deepEqual(errors?.map(({ path, extensions }) => [path?.join('.'), extensions.code]).toSorted(), [
      ['driver.driverProfile', 'FORBIDDEN'],
      ['driver.driverSecret', 'FORBIDDEN'],
      ['driver.driverStats.city', 'FORBIDDEN'],
    ]);
    const entities =
      '{ _entities(representations: [{ __typename: "Driver", driverId: 1 }]) { ... on Driver { driverStats { trips } driverSecret { home } } } }';
    const part = await ask(server, keyOf('acceptance'), entities, {}, { path: '/subgraph' });
    assert.deepEqual(part.data._entities, [{ driverStats: { trips: 7 }, driverSecret: null }]);
    assert.equal(part.errors?.[0]?.extensions.code, 'FORBIDDEN');
    const meta = await asked('acceptance', '{ driver(driverId: 1) { driverStats { _meta { ref } } } }');
    assert.equal(meta.errors?.[0]?.extensions.code, 'FORBIDDEN');
  });

  test('keeps sensitive values for who has a grant for such: masked on pages, refused elsewhere', async () => {
    const online =
      '{ onlineFeatures(select: { service: "secret_service" }, keys: [{ joinKey: "driver_id", values: [1] }]) { columns { values } } }';
    assert.deepEqual(await answered('secret-model', online), { onlineFeatures: { columns: [{ values: ['Rome'] }] } });
    for (const key of ['MODEL', 'EDITOR', 'ADMIN']) assert.equal((await refused(key, online))[0], 'FORBIDDEN', key);
    const rows = '{ trainingSet(ref: "secret_set") { rows(first: 3) { columns { name masked } edges { node } } } }';
    const lastCells = async (key: string) => {
      const { trainingSet } = await answered(key, rows);
      const page = (trainingSet as { rows: { columns: { masked: boolean }[]; edges: { node: unknown[] }[] } }).rows;
      return [page.columns.at(-1)?.masked, page.edges.map(({ node }) => node.at(-1)), page.edges[1]?.node.at(-2)];
    };
    assert.deepEqual(await lastCells('READER'), [true, [null, null, null], 5]);
    assert.deepEqual(await lastCells('sensitive-reader'), [false, [null, 'Rome', 'Rome'], 5]);
    const { data } = await asked('READER', '{ trainingSet(ref: "secret_set") { download } }');
    const path = (data.trainingSet as { download: string }).download;
    const statusOf = async (key: string) =>
      (await fetch(server.url + path, { headers: { authorization: `Bearer ${keyOf(key)}` } })).status;
    assert.deepEqual([await statusOf('READER'), await statusOf('sensitive-reader')], [403, 200]);
    const preview = '{ source(ref: "stats") { preview(limit: 1) { columns { name masked } rows } } }';
    const shown = async (key: string) => {
      const { source } = await answered(key, preview);
      const { columns, rows: cells } = (
        source as { preview: { columns: { name: string; masked: boolean }[]; rows: unknown[][] } }
      ).preview;
      return [columns.filter(({ masked }) => masked).map(({ name }) => name), cells[0]?.at(-1)];
    };
    assert.deepEqual(await shown('READER'), [['city'], null]);
    assert.deepEqual(await shown('sensitive-reader'), [[], 'Rome']);
    const retrieve = `mutation { retrieveHistoricalFeatures(select: { features: [{ feature: "driver_secret:home" }] },
      spine: { source: { source: "requests", timestamp: "requested_at", entities: [{ entity: "driver" }] } }) { id } }`;
    assert.equal((await refused('READER', retrieve))[0], 'FORBIDDEN');
    assert.equal((await refused('sensitive-reader', retrieve))[0], undefined);
    const untag = 'mutation { updateResource(kind: FEATURE_VIEW, ref: "driver_secret", patch: { tags: [] }) { ref } }';
    assert.equal((await refused('EDITOR', untag))[0], 'FORBIDDEN');
  });

  test('tells composers of sensitive values, in the version that the server is configured with', async () => {
    const { _service } = await answered('MODEL', '{ _service { sdl } }');
    const { sdl } = _service as { sdl: string };
    assert.match(sdl, /federation\/v2\.12"/);
    assert.match(sdl, /home: String @authenticated @requiresScopes\(scopes: \[\["featuregraph:sensitive:pii"\]\]\)/);
  });

  test('lets an editor register what he may, built on what he may read', async () => {
    const register = 'mutation ($d: FeatureViewInput!) { registerFeatureView(definition: $d) { ref } }';
    const view = (name: string, source: string) => ({
      d: {
        name,
        entity: 'driver',
        source,
        eventTimestamp: 'happened_at',
        features: [{ name: 'trips', type: 'INT64' }],
      },
    });
    await made(
      'builder',
      { role: 'EDITOR', on: { ref: 'own_*' } },
      { role: 'VIEWER' },
      { role: 'READER', on: { ref: 'stats' } },
    );
    assert.deepEqual(await answered('builder', register, view('own_view', 'stats')), {
      registerFeatureView: { ref: 'own_view@v1' },
    });
    assert.equal((await refused('builder', register, view('other_view', 'stats')))[0], 'FORBIDDEN');
    assert.equal((await refused('builder', register, view('own_other', 'requests')))[0], 'FORBIDDEN');
    assert.equal(
      (await refused('builder', 'mutation { deleteResource(kind: FEATURE_VIEW, ref: "driver_stats") }'))[0],
      'FORBIDDEN',
    );
    assert.deepEqual(await answered('builder', 'mutation { deleteResource(kind: FEATURE_VIEW, ref: "own_view") }'), {
      deleteResource: ['own_view@v1:trips', 'own_view@v1'],
    });
  });

  test("shows jobs of what may be seen, and one's own", async () => {
    const query = '{ jobs(first: 100) { edges { node { id ref } } } }';
    const refsOf = async (key: string) => {
      const { jobs } = await answered(key, query);
      return (jobs as { edges: { node: { id: string; ref: string } }[] }).edges.map(({ node }) => node);
    };
    assert.deepEqual(new Set((await refsOf('fleet')).map(({ ref }) => ref)), new Set(['driver_stats@v1']));
    const all = await refsOf('VIEWER');
    const other = all.find(({ ref }) => ref === 'driver_now@v1');
    assert.deepEqual(await answered('fleet', 'query ($id: ID!) { job(id: $id) { ref } }', { id: other?.id }), {
      job: null,
    });
    const cancel = 'mutation ($id: ID!) { cancelJob(id: $id) { ref } }';
    assert.equal((await refused('OPERATOR', cancel, { id: other?.id }))[0], 'CONFLICT');
    assert.equal((await refused('READER', cancel, { id: other?.id }))[0], 'FORBIDDEN');
  });

  test('follows grants as they are given and taken back', async () => {
    await made('changing');
    const query = '{ source(ref: "stats") { ref } }';
    assert.equal((await refused('changing', query))[0], 'FORBIDDEN');
    const grant = 'mutation { grantRole(to: { apiKey: "changing" }, role: VIEWER, on: { kind: SOURCE }) { id } }';
    const { data } = await ask(server, adminKey, grant);
    assert.deepEqual(await answered('changing', query), { source: { ref: 'stats@v1' } });
    const { id } = data.grantRole as { id: string };
    await ask(server, adminKey, 'mutation ($id: ID!) { revokeRole(id: $id) { id } }', { id });
    assert.equal((await refused('changing', query))[0], 'FORBIDDEN');
  });

  /** What is told of a subscription by WebSocket, at last: the code that it is refused with, or that it has told of something. */
  async function watched(key: string, query: string): Promise<unknown> {
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${keyOf(key)}` },
    });
    try {
      for await (const { errors } of client.iterate({ query })) return errors?.[0]?.extensions?.code ?? 'TOLD';
      return 'ENDED';
    } catch (thrown) {
      return Array.isArray(thrown) ? thrown[0].extensions.code : String(thrown);
    } finally {
      await client.dispose();
    }
  }

  test('holds for what is watched, too, as each role', async () => {
    const subscriptions = roots.filter(({ operation }) => operation === 'subscription');
    const met = [...roles, 'nothing'].flatMap((key) =>
      subscriptions.map(({ name, document }) => {
        const rule = fieldRules[name] ?? assert.fail(name);
        const isAllowed =
          key !== 'nothing' && rule !== 'ANYBODY' && rule.some((one) => actionsOf[key as Role].has(one));
        return { what: `${key} ${name}`, expected: isAllowed ? 'TOLD' : 'FORBIDDEN', answer: watched(key, document) };
      }),
    );
    let isOver = false;
    const answers = Promise.all(met.map(({ answer }) => answer)).finally(() => {
      isOver = true;
    });
    // Something is told to whoever watches by then: the last to begin is told by a later round.
    for (let round = 0; !isOver; round++) {
      const patch = { description: `changed ${round}` };
      const change = `mutation ($patch: ResourcePatch!) { updateResource(kind: MODEL, ref: "dispatch", patch: $patch) { id }
        materialize(views: ["driver_stats"]) { id } }`;
      assert.equal((await ask(server, adminKey, change, { patch })).errors, undefined);
      await Promise.race([answers, settled()]);
    }
    assert.deepEqual(
      (await answers).map((answer, at) => `${met[at]?.what} ${answer}`),
      met.map(({ what, expected }) => `${what} ${expected}`),
    );
  });
});
