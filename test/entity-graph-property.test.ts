import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FeaturegraphError } from '@featuregraph/client';
import fc from 'fast-check';
import { GraphQLSchema, parse, validateSchema } from 'graphql';
import { graphSchemas } from '../schema/entity-graph/graph-schemas.ts';
import { propertyRuns } from './conformance/property-runs.ts';
import { entitiesQuestion, type Question, rootQuestion } from './entity-graph/questions.ts';
import { definitions, distinctKeys, foundations, pushedRows } from './entity-graph/registered.ts';
import { type DrawnEntity, registries } from './entity-graph/registries.ts';
import { assertWordsTold } from './entity-graph/told-words.ts';
import { eventually } from './servers/eventually.ts';
import { type Answer, startTestServer, type TestServer } from './servers/featuregraph.ts';
import { fetchSdl, gatewayKinds, serviceDefinition } from './servers/gateways.ts';

/** A supergraph has to have something to ask for. */
const others = { name: 'others', url: 'http://others', typeDefs: parse('type Query { others: Int }') };

describe('any registry that is accepted', () => {
  let server: TestServer;

  before(async () => {
    // Each question asks all there is at once, under a name of its own.
    const variables = { FEATUREGRAPH_LIMIT_ALIASES: '10000', FEATUREGRAPH_LIMIT_ROOT_FIELDS: '10000' };
    server = await startTestServer({ worker: false, variables });
    await server.client.apply(foundations);
  });
  after(() => server.stop());

  async function ask(
    path: string,
    { document: query, variables }: Pick<Question, 'document' | 'variables'>,
  ): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query, variables });
    const answer = await fetch(server.url + path, { method: 'POST', headers, body });
    return (await answer.json()) as Answer;
  }

  async function answers(path: string, question: Question): Promise<void> {
    await eventually(async () => {
      const { errors } = await ask(path, question);
      assert.notEqual(errors?.[0]?.extensions.code, 'GRAPHQL_VALIDATION_FAILED', JSON.stringify(errors?.[0]));
    });
    const { data, errors } = await ask(path, question);
    assert.deepEqual(data, question.expected);
    const refused = (errors ?? []).map(({ path, extensions }) => `${path?.at(-1)} ${extensions.code}`);
    assert.deepEqual(new Set(refused), new Set(question.refused.map((alias) => `${alias} UNSUPPORTED`)));
  }

  /** Whether it was accepted; what is refused has its reasons. */
  async function register(entities: readonly DrawnEntity[]): Promise<boolean> {
    try {
      await server.client.apply(definitions(entities));
      return true;
    } catch (error) {
      assert.ok(error instanceof FeaturegraphError && error.code === 'INVALID_INPUT', String(error));
      assert.ok(error.issues.length > 0);
      return false;
    }
  }

  async function forget(): Promise<void> {
    const { registry } = server.process.application;
    for (const kind of ['FEATURE_VIEW', 'ENTITY'] as const)
      for (const { ref } of registry.catalog.ofKind(kind)) await registry.delete(kind, ref);
    const question = { document: '{ __type(name: "_Entity") { name } }', variables: {} };
    await eventually(async () => assert.deepEqual((await ask('/subgraph', question)).data, { __type: null }));
  }

  async function serves(entities: readonly DrawnEntity[]): Promise<void> {
    const { catalog } = server.process.application.registry;
    const { full, subgraph } = graphSchemas(catalog);
    for (const schema of [full, subgraph])
      assert.deepEqual(validateSchema(new GraphQLSchema({ ...schema.toConfig(), assumeValid: false })), []);
    const rows = pushedRows(entities);
    for (const [view, own] of rows)
      if (own.length > 0) await server.client.operations.PushFeatures({ view, rows: own });
    const asked = entities.map(({ name, variants }) => {
      return { name, keys: distinctKeys(variants.at(-1)?.joinKeys ?? []) };
    });
    await answers('/graphql', rootQuestion(catalog, asked, rows));
    await answers('/subgraph', entitiesQuestion(catalog, asked, rows));
    const own = { name: 'features', url: `${server.url}/subgraph` };
    for (const { name, compose } of gatewayKinds) {
      const composed = compose([await serviceDefinition(own), others]);
      assert.ok('supergraph' in composed, `${name}'s composer: ${JSON.stringify(composed)}`);
    }
    assertWordsTold(catalog, await fetchSdl(own.url));
  }

  test('is a valid, composable graph in which each feature can be queried, and gives its stored value', async () => {
    const { numRuns, seed } = propertyRuns(0.06);
    let accepted = 0;
    const property = fc.asyncProperty(registries, async (entities) => {
      try {
        if (!(await register(entities))) return;
        accepted++;
        await serves(entities);
      } finally {
        await forget();
      }
    });
    await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }) });
    assert.ok(accepted >= numRuns / 3, `${accepted} of ${numRuns} were accepted`);
  });
});
