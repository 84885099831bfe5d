import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DefinitionInput, FeaturegraphError } from '@featuregraph/client';
import fc from 'fast-check';
import { definitionSchema } from '../src/registry/definitions/definition.ts';
import { writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

/** A small world whose names begin alike, so that each run has one of its own. */
function world(p: string): DefinitionInput[] {
  const features = [
    { name: 'trips', type: 'INT64' },
    { name: 'rating', type: 'FLOAT64', description: 'Stars.' },
  ];
  const view = { entity: `${p}driver`, eventTimestamp: 'happened_at', features };
  return [
    { entity: { name: `${p}driver`, joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    { source: { name: `${p}stats`, files: { paths: ['stats.csv'] } } },
    { source: { name: `${p}stats`, variant: 'v2', files: { paths: ['stats.csv'] } } },
    { source: { name: `${p}requests`, files: { paths: ['requests.csv'] } } },
    { source: { name: `${p}clean`, transformation: { sql: `select * from {{ ${p}stats }}` } } },
    { source: { name: `${p}cleaner`, transformation: { sql: `select * from {{ ${p}clean }}`, as: 'VIEW' } } },
    { featureView: { name: `${p}raw`, source: `${p}stats`, ...view } },
    { featureView: { name: `${p}clean`, source: `${p}cleaner`, ttl: '1d', ...view } },
    { featureView: { name: `${p}clean`, variant: 'v2', source: `${p}cleaner`, ttl: '2d', ...view } },
    {
      label: {
        name: `${p}accepted`,
        source: `${p}requests`,
        timestamp: 'requested_at',
        value: { column: 'accepted', type: 'BOOL' },
        entities: [{ entity: `${p}driver` }],
      },
    },
    {
      trainingSet: {
        name: `${p}set`,
        label: `${p}accepted`,
        features: [{ feature: `${p}raw:trips` }, { feature: `${p}clean:rating` }],
      },
    },
    { featureService: { name: `${p}service`, features: [{ feature: `${p}clean:trips` }] } },
    { model: { name: `${p}model`, trainingSets: [`${p}set`], featureServices: [`${p}service`] } },
  ];
}

/** Ways in which a definition is written otherwise the next time. */
const changes = {
  KEPT: (definition: DefinitionInput) => definition,
  DESCRIBED: (definition: DefinitionInput) => changed(definition, () => ({ description: 'Otherwise.', tags: ['new'] })),
  ALTERED: (definition: DefinitionInput) =>
    changed(definition, (body) => ({
      ...('ttl' in body && { ttl: '7d' }),
      ...('transformation' in body && { transformation: { sql: 'select 1 as one' } }),
      ...('joinKeys' in body && { joinKeys: [{ name: 'driver_id', type: 'INT32' }] }),
    })),
  BROKEN: (definition: DefinitionInput) =>
    changed(definition, (body) => ({
      ...('features' in body && { features: [{ name: 'gone', type: 'INT64', feature: 'gone:gone' }] }),
      ...('files' in body && { files: { paths: ['gone.csv'] } }),
      ...('model' in body && { trainingSets: [] }),
    })),
};

function changed(definition: DefinitionInput, change: (body: object) => object): DefinitionInput {
  const [[noun, body] = ['', {}]] = Object.entries(definition);
  const { name: _, ...more } = change(body as object) as { name?: string };
  const merged = { ...(body as object), ...more };
  if (noun !== 'featureView' && 'features' in merged && Array.isArray(merged.features))
    merged.features = merged.features.map(({ name: _name, type: _type, ...one }) => one);
  else if ('features' in merged && Array.isArray(merged.features))
    merged.features = merged.features.map(({ feature: _feature, ...one }) => one);
  return { [noun]: merged } as unknown as DefinitionInput;
}

/** For each definition of the world whether a batch has it, how it is changed, and where it stands. */
const batch = fc.array(
  fc.record({
    taken: fc.boolean(),
    change: fc.constantFrom<(keyof typeof changes)[]>('KEPT', 'KEPT', 'KEPT', 'KEPT', 'DESCRIBED', 'ALTERED', 'BROKEN'),
    place: fc.nat(1_000),
  }),
  { minLength: 13, maxLength: 13 },
);

describe('plans', () => {
  let server: TestServer;

  /** Without a worker: jobs wait, and nothing but the batches changes what is registered. */
  before(async () => {
    server = await startTestServer({ worker: false });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'latest', config: { lmdb: {} } } },
    ]);
  });
  after(() => server.stop());

  const registered = (): string[] => {
    const { catalog } = server.process.application.registry;
    return catalog.resources.map(({ kind, ref, definition }) => `${kind} ${ref} ${JSON.stringify(definition)}`);
  };

  test('say exactly what is then done, and what is refused', async () => {
    let run = 0;
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 2, maxLength: 3 }), fc.boolean(), async (batches, all) => {
        const definitions = world(`run${run++}_`);
        if (all) await server.client.apply(definitions);
        for (const choices of batches) {
          const chosen = choices
            .map((choice, at) => ({ ...choice, definition: definitions[at] ?? assert.fail() }))
            .filter(({ taken }) => taken)
            .toSorted((one, other) => one.place - other.place)
            .map(({ change, definition }) => changes[change](definition));
          const outcome = await holds(chosen);
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      }),
      { numRuns: 25 },
    );
    for (const outcome of ['APPLIED', 'INVALID_INPUT', 'RESOURCE_CHANGED'])
      assert.ok((outcomes.get(outcome) ?? 0) > 0, `no batch was ${outcome}`);
  });

  /** Plans and applies a batch, and holds the one against the other. */
  async function holds(definitions: DefinitionInput[]): Promise<string> {
    const before = registered();
    const plan = await server.client.plan(definitions);
    assert.deepEqual(registered(), before);
    const conflicts = plan.steps.filter(({ action }) => action === 'CONFLICT');
    for (const { index } of conflicts)
      assert.ok(plan.issues.some(({ path }) => path.startsWith(`definitions[${index}].`)));
    if (plan.issues.length > 0) {
      const refusal = await server.client.apply(definitions).catch((error: unknown) => error);
      assert.ok(refusal instanceof FeaturegraphError, 'it was applied in spite of its issues');
      const isConflict = ({ message }: { message: string }) => message.includes(' is registered with ');
      assert.equal(refusal.code, plan.issues.every(isConflict) ? 'RESOURCE_CHANGED' : 'INVALID_INPUT');
      const told = (some: readonly { path: string; message: string }[]) =>
        some.map(({ path, message }) => `${path} ${message}`).slice(0, 100);
      assert.deepEqual(told(refusal.issues), told(plan.issues));
      assert.deepEqual(registered(), before);
      return refusal.code;
    }
    const applied = await server.client.apply(definitions);
    assert.deepEqual(applied.steps, plan.steps);
    const named = (jobs: { kind: string; ref?: string | null }[]) => jobs.map(({ kind, ref }) => `${kind} ${ref}`);
    assert.deepEqual(named(applied.jobs).toSorted(), named(plan.jobs).toSorted());
    const again = await server.client.apply(definitions);
    assert.ok(again.steps.every(({ action }) => action === 'UNCHANGED'));
    assert.deepEqual(again.jobs, []);
    return 'APPLIED';
  }

  test('come to the same in whatever order the definitions are given', async () => {
    const definitions = world('order_');
    const said = async (some: DefinitionInput[]) => {
      const { steps, issues, jobs } = await server.client.plan(some);
      assert.deepEqual(issues, []);
      return [steps.map(({ ref, action }) => `${action} ${ref}`).toSorted(), jobs.map(({ ref }) => ref).toSorted()];
    };
    const expected = await said(definitions);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(definitions, { minLength: definitions.length }), async (shuffled) => {
        assert.deepEqual(await said(shuffled), expected);
      }),
      { numRuns: 15 },
    );
  });

  test('have each step after those that it builds on', async () => {
    const { steps } = await server.client.plan(world('steps_').toReversed());
    const place = (ref: string) => steps.findIndex((step) => step.ref === ref);
    assert.ok(place('steps_stats@v1') < place('steps_clean@v1'));
    assert.ok(place('steps_set@v1') < place('steps_model@v1'));
    assert.equal(steps.length, 13);
  });

  test('take a transformation that says TABLE for one that says nothing, and refuse another form', async () => {
    const sql = 'select * from {{ form_stats }}';
    const formed = (name: string, as?: 'TABLE' | 'VIEW'): DefinitionInput => ({
      source: { name, transformation: { sql, ...(as && { as }) } },
    });
    await server.client.apply([
      { source: { name: 'form_stats', files: { paths: ['stats.csv'] } } },
      formed('form_none'),
      formed('form_table', 'TABLE'),
      formed('form_view', 'VIEW'),
    ]);
    const { registry } = server.process.application;
    const kept = (name: string) => JSON.stringify(registry.get('SOURCE', name).definition.transformation);
    const before = JSON.stringify({ sql: 'select * from {{ form_stats@v1 }}' });
    assert.equal(kept('form_none'), before);
    assert.equal(kept('form_table'), before);
    assert.equal(kept('form_view'), before.replace('}"', '}","as":"VIEW"'));

    const same = [formed('form_none', 'TABLE'), formed('form_table'), formed('form_view', 'VIEW')];
    const again = await server.client.apply(same);
    assert.deepEqual(
      again.steps.map(({ action, changes }) => [action, changes]),
      same.map(() => ['UNCHANGED', []]),
    );

    for (const other of [formed('form_none', 'VIEW'), formed('form_table', 'VIEW'), formed('form_view')]) {
      const error = await refusal(server.client.apply([other]));
      assert.equal(error.code, 'RESOURCE_CHANGED');
      assert.deepEqual(pathsOf(error), ['definitions[0].transformation.as']);
      const [is, asked] = other.source?.name === 'form_view' ? ['VIEW', 'TABLE'] : ['TABLE', 'VIEW'];
      assert.match(error.issues[0]?.message ?? '', new RegExp(`registered with "${is}", not "${asked}"`));
    }
  });

  test('read a definition of before there were forms as it was written', () => {
    const written = {
      kind: 'SOURCE',
      name: 'old',
      provider: 'warehouse@v1',
      transformation: { sql: 'select 1 as one' },
    };
    const read = definitionSchema.parse(written);
    assert.ok(read.kind === 'SOURCE');
    assert.deepEqual(read.transformation, written.transformation);
    const table = definitionSchema.parse({ ...written, transformation: { ...written.transformation, as: 'TABLE' } });
    assert.equal(JSON.stringify(table), JSON.stringify(read));
    assert.deepEqual(table, read);
  });
});
