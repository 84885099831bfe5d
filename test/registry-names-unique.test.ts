import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import fc from 'fast-check';
import { assertEnumValueName, assertName } from 'graphql';
import { graphSchemas } from '../schema/entity-graph/graph-schemas.ts';
import { schema } from '../schema/schema.ts';
import type { Catalog, ResourceOf } from '../src/registry/catalog.ts';
import { entityTypeName, featureFieldName, keyFieldNames, viewFieldName } from '../src/registry/naming.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { deleteNamed, entity, mended, startNamingServer, trips, vector, view } from './servers/named-definitions.ts';

const words = ['driver', 'Driver', 'key', 'Key', 'neighbor', 'list', 'changed', 'embedding', 'a', 'b', 'B', '1', '2x'];
const wholes = ['nearest', 'score', 'query', 'job', 'resource', 'field_set', 'null', 'aB', 'a_b', 'driver', 'key'];

/** Names as teams write them, few enough to meet often, in snake case, camel case and between. */
const name = fc.oneof(
  fc.constantFrom(...wholes),
  fc
    .tuple(fc.constantFrom(...words.slice(0, 11)), fc.array(fc.constantFrom(...words), { maxLength: 2 }))
    .chain(([first, rest]) =>
      fc.constantFrom([first, ...rest].join('_'), first + rest.map((word) => word.replace(/^./, upper)).join('')),
    ),
);
/** A name for the graph, which may hold what a registered name may not. */
const graphName = fc.oneof({ weight: 4, arbitrary: name }, fc.constantFrom('a__b', 'Job', 'true'));
const given = fc.option(graphName, { nil: undefined, freq: 2 });
const variant = fc.constantFrom('v1', 'v2');

const entityShape = fc.record({
  name,
  variant,
  type: given,
  joinKeys: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
  fields: fc.array(graphName, { maxLength: 2 }),
});
const viewShape = fc.record({
  name,
  variant,
  of: fc.nat(),
  graphqlName: given,
  first: given,
  second: fc.option(fc.record({ name, isVector: fc.boolean() }), { nil: undefined }),
});
const identity = (one: { name: string; variant: string }) => `${one.name}@${one.variant}`;
const batch = fc.record({
  entities: fc.uniqueArray(entityShape, { minLength: 1, maxLength: 4, selector: identity }),
  views: fc.uniqueArray(viewShape, { maxLength: 5, selector: identity }),
});
type Batch = typeof batch extends fc.Arbitrary<infer B> ? B : never;

function upper(letter: string): string {
  return letter.toUpperCase();
}

/** The batch as definitions; its views speak of entities of their own or of an earlier batch. */
function definitionsOf({ entities, views }: Batch, earlier: Catalog): DefinitionInput[] {
  const known = [
    ...earlier
      .ofKind('ENTITY')
      .map(({ ref, definition }) => ({ ref, keys: definition.joinKeys.map((key) => key.name) })),
    ...entities.map((one) => ({ ref: identity(one), keys: one.joinKeys })),
  ];
  return [
    ...entities.map(({ name, variant, type, joinKeys, fields }) => {
      const [joinKey = ''] = joinKeys;
      const graphql = { type, keys: fields.map((field) => ({ joinKey, field })) };
      return entity(name, { variant, joinKeys: joinKeys.map((key) => ({ name: key, type: 'INT64' })), graphql });
    }),
    ...views.map(({ name, variant, of, graphqlName, first, second }) => {
      const { ref, keys } = known[of % known.length] ?? assert.fail();
      const joinKeys = keys.map((joinKey) => ({ joinKey, column: 'driver_id' }));
      const features = [{ ...trips, graphqlName: first }, ...(second ? [featureOf(second)] : [])];
      return view(name, ref, { variant, graphqlName, joinKeys, features });
    }),
  ];
}

function featureOf({ name, isVector }: { name: string; isVector: boolean }) {
  const { name: column, type } = isVector ? vector : trips;
  return { name, column, type, graphqlName: undefined };
}

/** Names in one place of the graph, each with what has it. */
class Place {
  readonly #holders = new Map<string, string>();

  take(name: string, holder: string): void {
    assertName(name);
    assert.ok(!name.includes('__'), name);
    assert.equal(this.#holders.get(name) ?? holder, holder, `both are "${name}"`);
    this.#holders.set(name, holder);
  }
}

/** That what is registered has valid names of its own, whichever variants decide what entities are called. */
function assertUnique(catalog: Catalog, choose: number): void {
  const types = new Place();
  const [query, subscription] = [new Place(), new Place()];
  for (const type of [...Object.keys(schema.getTypeMap()), 'FieldSet'].filter((one) => !one.startsWith('__')))
    types.take(type, 'the graph');
  for (const field of Object.keys(schema.getQueryType()?.getFields() ?? {})) query.take(field, 'the graph');
  for (const field of Object.keys(schema.getSubscriptionType()?.getFields() ?? {}))
    subscription.take(field, 'the graph');
  const groups = Map.groupBy(catalog.ofKind('ENTITY'), (one) => one.name);
  for (const [entityName, variants] of groups) {
    const deciding = variants[choose % variants.length]?.definition ?? assert.fail();
    const type = entityTypeName(deciding);
    const one = type.replace(/^./, (letter) => letter.toLowerCase());
    for (const suffix of ['', 'Key', 'Neighbor']) types.take(type + suffix, `${entityName} ${suffix}`);
    for (const suffix of ['', 'List']) query.take(one + suffix, `${entityName} ${suffix}`);
    subscription.take(`${one}Changed`, entityName);
    assert.notEqual(one, 'score');
    const fields = new Place();
    for (const [at, key] of deciding.joinKeys.entries())
      for (const [nth, field] of keyFieldNames(deciding, key.name).entries()) fields.take(field, `key ${at} ${nth}`);
    const refs = variants.map(({ ref }) => ref);
    const views = catalog.ofKind('FEATURE_VIEW').filter((view) => refs.includes(view.definition.entity));
    for (const [viewName, own] of Map.groupBy(views, (view) => view.name)) {
      takeView(own, type, fields, types, `${entityName} ${viewName}`);
    }
  }
}

function takeView(variants: ResourceOf<'FEATURE_VIEW'>[], type: string, fields: Place, types: Place, holder: string) {
  const isVector = (feature: { type: string }) => feature.type.startsWith('VECTOR');
  const embeds = variants.some(({ definition }) => definition.features.some(isVector));
  for (const { definition } of variants) {
    const field = viewFieldName(definition);
    fields.take(field, `view ${holder}`);
    types.take(type + field.replace(/^./, upper), `view ${holder}`);
    if (definition.features.some(isVector))
      types.take(`${type}${field.replace(/^./, upper)}Embedding`, `enum ${holder}`);
    const own = new Place();
    if (embeds) own.take('nearest', 'search');
    for (const feature of definition.features) {
      own.take(featureFieldName(feature), feature.name);
      if (isVector(feature)) assertEnumValueName(featureFieldName(feature));
    }
  }
}

describe('names in the graph', () => {
  let server: TestServer;

  before(async () => {
    server = await startNamingServer();
  });
  after(() => server.stop());

  /** Registers a batch with every name changed that an issue asks for; answers with how often it was refused. */
  async function applyMended(definitions: DefinitionInput[]): Promise<number> {
    for (let refusals = 0; ; refusals++) {
      const { issues } = await server.client.plan(definitions);
      if (issues.length === 0) {
        await server.client.apply(definitions);
        return refusals;
      }
      assert.ok(refusals < 6, `it is still refused: ${JSON.stringify({ definitions, issues })}`);
      for (const { path, message, fix } of issues) {
        const [, at, inside = ''] = /^definitions\[(\d+)\]\.(.*)$/.exec(path) ?? assert.fail(path);
        const definition = definitions[Number(at)] ?? assert.fail();
        assert.ok(fix, message);
        if (/another name for the embedding/.test(fix)) definitions = definitions.filter((one) => one !== definition);
        else definitions = definitions.with(Number(at), mended(definition, inside, fix));
        if (issues.length > 1) continue;
        const { issues: left } = await server.client.plan(definitions);
        assert.deepEqual(
          left.filter((issue) => issue.path === path),
          [],
          `"${fix}" does not help: ${message}`,
        );
      }
    }
  }

  test('are valid and their own in whatever is accepted, and those suggested are accepted', async () => {
    const { registry } = server.process.application;
    const outcomes = { refused: 0, accepted: 0 };
    await fc.assert(
      fc.asyncProperty(batch, batch, fc.nat(), async (one, other, choose) => {
        try {
          for (const each of [one, other]) {
            const there = registry.catalog.resources.map(({ kind, ref }) => `${kind} ${ref}`);
            const entities = each.entities.filter((entity) => !there.includes(`ENTITY ${identity(entity)}`));
            const views = each.views.filter((view) => !there.includes(`FEATURE_VIEW ${identity(view)}`));
            const refusals = await applyMended(definitionsOf({ entities, views }, registry.catalog));
            outcomes[refusals > 0 ? 'refused' : 'accepted']++;
            assertUnique(registry.catalog, choose);
            // Fails where types or their fields are not valid together.
            graphSchemas(registry.catalog);
          }
        } finally {
          await deleteNamed(server);
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(outcomes.refused > 10 && outcomes.accepted > 10, JSON.stringify(outcomes));
  });
});
