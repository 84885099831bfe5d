import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildClientSchema, getIntrospectionQuery, isObjectType, parse } from 'graphql';
import { graphSchemas } from '../schema/entity-graph/graph-schemas.ts';
import { tracedSchema } from '../schema/entity-graph/traced-schema.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { startFederationWorld } from './servers/federation-world.ts';
import { askSubgraph, fetchSdl } from './servers/gateways.ts';

/*
 * What Apollo's suite for libraries of subgraphs asks of one, asked of ours; each case has the suite's name. Those that are
 * about what gateways do are in federation-compatibility-gateways.test.ts.
 */

let server: TestServer;
before(async () => {
  server = await startFederationWorld();
});
after(() => server.stop());

const ask = (query: string, variables: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  askSubgraph(`${server.url}/subgraph`, query, variables, headers);

async function entities(selection: string, representations: Record<string, unknown>[]): Promise<unknown> {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ${selection} } }`;
  const { data, errors } = await ask(query, { of: representations });
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data._entities;
}

const sdl = () => fetchSdl(`${server.url}/subgraph`);

describe('introspection', () => {
  test('gives an SDL that a library of subgraphs takes, without what federation adds by itself', async () => {
    const own = buildSubgraphSchema(parse(await sdl()));
    assert.ok(isObjectType(own.getType('AirportDelays')));
    assert.doesNotMatch(await sdl(), /\b_(?:entities|service|Any|Entity|Service)\b/);
  });

  test('tells what the specification of subgraphs asks for', async () => {
    const { data } = await ask(`{
      service: __type(name: "_Service") { kind fields { name type { kind ofType { name } } } }
      entity: __type(name: "_Entity") { kind possibleTypes { name } }
      any: __type(name: "_Any") { kind }
    }`);
    assert.deepEqual(data, {
      service: { kind: 'OBJECT', fields: [{ name: 'sdl', type: { kind: 'NON_NULL', ofType: { name: 'String' } } }] },
      entity: { kind: 'UNION', possibleTypes: ['Airport', 'Driver', 'Plane', 'Route'].map((name) => ({ name })) },
      any: { kind: 'SCALAR' },
    });
    const whole = await ask(getIntrospectionQuery());
    assert.ok(buildClientSchema(whole.data as never).getType('AirportDelays'));
  });
});

describe('_entities', () => {
  test('answers in the order asked, types mixed, one twice, and what is wrong in its own place', async () => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) {
      __typename ... on Airport { faa delays { flights } } ... on Route { times { minutes } }
    } }`;
    const airport = { __typename: 'Airport', faa: 'A0002' };
    const route = { __typename: 'Route', origin: 'A0000', dest: 'A0001' };
    const of = [airport, route, { __typename: 'Hotel', id: 1 }, { __typename: 'Airport' }, airport];
    const { data, errors = [] } = await ask(query, { of });
    const found = { ...airport, delays: { flights: 6 } };
    const times = { __typename: 'Route', times: { minutes: 55 } };
    assert.deepEqual(data._entities, [found, times, null, null, found]);
    assert.deepEqual(
      errors.map(({ path, extensions }) => [path?.join('.'), extensions.code]),
      [
        ['_entities.2', 'NOT_FOUND'],
        ['_entities.3', 'INVALID_INPUT'],
      ],
    );
  });
});

describe('@key single', () => {
  test('is printed, and found', async () => {
    assert.match(await sdl(), /^type Airport @key\(fields: "faa"\) \{$/m);
    assert.deepEqual(
      await entities('... on Airport { faa delays { flights } }', [{ __typename: 'Airport', faa: 'A0001' }]),
      [{ faa: 'A0001', delays: { flights: 3 } }],
    );
  });
});

describe('@key multiple', () => {
  test('is printed, and found', async () => {
    assert.match(await sdl(), /^type Route @key\(fields: "origin dest"\) \{$/m);
    const representation = { __typename: 'Route', origin: 'A0001', dest: 'A0000' };
    assert.deepEqual(await entities('... on Route { origin dest times { minutes } }', [representation]), [
      { origin: 'A0001', dest: 'A0000', times: { minutes: 60 } },
    ]);
  });
});

describe('repeatable @key', () => {
  test('is printed, and found by any of them', async () => {
    assert.match(await sdl(), /^type Plane @key\(fields: "tailnum"\) @key\(fields: "registration"\) \{$/m);
    const one = { tailnum: 'N1', facts: { seats: 100 } };
    const representations = [{ tailnum: 'N1' }, { registration: 'N1' }].map((key) => ({ __typename: 'Plane', ...key }));
    assert.deepEqual(await entities('... on Plane { tailnum facts { seats } }', representations), [one, one]);
  });
});

describe('@link', () => {
  test('is of Federation 2, and imports what is used', async () => {
    const imports = /@link\(url: "https:\/\/specs\.apollo\.dev\/federation\/v2\.3", import: \[(.+?)\]\)/.exec(
      await sdl(),
    );
    const imported: string[] = imports?.[1]?.match(/@\w+/g) ?? [];
    for (const name of ['@key', '@shareable', '@tag']) assert.ok(imported.includes(name), name);
    const used = new Set((await sdl()).match(/@(?:key|shareable|tag|inaccessible|interfaceObject)\b/g));
    assert.deepEqual(imported.toSorted(), [...used].toSorted());
  });
});

describe('@shareable', () => {
  test('are the types that all deployments of ours have', async () => {
    assert.match(await sdl(), /^type FeatureViewMeta @shareable \{$/m);
    assert.match(await sdl(), /^type StoredFeature @shareable \{$/m);
    assert.doesNotMatch(await sdl(), /^type Airport(?:Delays)?\b.*@shareable/m);
  });
});

describe('ftv1', () => {
  const traced = { 'apollo-federation-include-trace': 'ftv1' };
  const document =
    '{ _entities(representations: [{ __typename: "Airport", faa: "A0001" }]) { ... on Airport { delays { flights } } } }';

  test('is answered to who asks for it, and to nobody else', async () => {
    const { data, extensions } = await ask('{ __typename }', {}, traced);
    assert.deepEqual(data, { __typename: 'Query' });
    assert.match(String(extensions?.ftv1), /^[A-Za-z\d+/]+=*$/);
    assert.equal((await ask('{ __typename }')).extensions, undefined);
    assert.equal(
      (await ask('{ __typename }', {}, { ...traced, 'apollo-federation-include-trace': 'no' })).extensions,
      undefined,
    );
  });

  test('has each field that was answered, with its type, and no message of ours', async () => {
    const { data, extensions } = await ask(document, {}, traced);
    assert.deepEqual(data, (await ask(document)).data);
    const trace = Buffer.from(String(extensions?.ftv1), 'base64').toString('latin1');
    for (const name of ['_entities', 'delays', 'AirportDelays', 'flights', 'BigInt'])
      assert.ok(trace.includes(name), name);
    const wrong = await ask(document.replace('delays', 'delays(variant: "v9")'), {}, traced);
    assert.match(wrong.errors?.[0]?.message ?? '', /v9/);
    assert.doesNotMatch(Buffer.from(String(wrong.extensions?.ftv1), 'base64').toString('latin1'), /v9/);
  });

  test('has no part in what others are served from', async () => {
    assert.equal(
      await sdl(),
      (await ask('{ _service { sdl } }', {}, traced).then(({ data }) => data._service as { sdl: string })).sdl,
    );
    const order = async (headers: Record<string, string>) => {
      const { data } = await ask('{ __type(name: "AirportDelays") { fields { name } } }', {}, headers);
      return (data.__type as { fields: { name: string }[] }).fields.map(({ name }) => name);
    };
    // The copy has its fields in alphabetical order, and is what answers nobody else.
    assert.deepEqual(await order(traced), (await order({})).toSorted());
    assert.equal((await order({}))[0], 'meanDelay');
    const full = await askSubgraph(`${server.url}/graphql`, '{ __typename }', {}, traced);
    assert.equal(full.extensions, undefined);
    const { subgraph } = graphSchemas(server.process.application.registry.catalog);
    const copy = tracedSchema(subgraph);
    assert.equal(tracedSchema(subgraph), copy);
    for (const type of Object.values(subgraph.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__')) continue;
      const other = copy.getType(type.name);
      assert.ok(isObjectType(other));
      const fields = other.getFields();
      for (const [name, field] of Object.entries(type.getFields()))
        assert.notEqual(fields[name], field, `${type.name}.${name}`);
    }
  });
});
