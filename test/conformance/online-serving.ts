import assert from 'node:assert/strict';
import { after, afterEach, before, describe, mock, test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../providers/contract/failure.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import { formatValueType, type Scalar, type Value } from '../../providers/contract/value-type.ts';
import { readEntities, servedRow, servedValue } from '../../src/entity-graph/entity-rows.ts';
import { entityParts, entityType } from '../../src/entity-graph/entity-types.ts';
import { ViewWriter } from '../../src/materialization/view-writer.ts';
import type { Catalog } from '../../src/registry/catalog.ts';
import { requireSelection, storedFeatures } from '../../src/registry/selection.ts';
import { type ServedFeatures, serveFeatures } from '../../src/serving/online-serving.ts';
import { entityKey, viewAddress } from '../../src/serving/view-rows.ts';
import { OpenedStores } from '../servers/opened-stores.ts';
import { rowReader } from '../servers/row-reader.ts';
import type { OnlineStorePlace } from './online-store.ts';
import { propertyRuns } from './property-runs.ts';
import { rowTime, typedValue } from './value-arbitraries.ts';
import { catalogOfViews, type DescribedView, viewNamed } from './view-catalog.ts';

const ids = [{ name: 'id', type: 'INT64' }];
const text = [{ name: 'text', type: 'STRING' }];
const [now, second] = [1_700_000_000_000_000n, 1_000_000n];

/** A store under the name `latest`, and another one, `other`, beside it. */
type Served = { stores: OpenedStores; catalogOf(...views: DescribedView[]): Catalog; latest: OnlineStore };

/** What is served from an online store, in each of its statuses, is what was written to it. */
export function describeServing(name: string, openPlace: () => Promise<OnlineStorePlace>): void {
  describe(`serving from ${name}`, () => {
    let place: OnlineStorePlace;
    let cases = 0;
    before(async () => {
      place = await openPlace();
    });
    after(() => place.dispose());
    afterEach(() => mock.timers.reset());

    const testServing = (title: string, run: (served: Served) => Promise<void>) =>
      test(title, async () => {
        const [latest, other] = [await place.open(`case ${++cases}`), await place.open(`case ${cases}, other`)];
        const stores = new OpenedStores({ 'latest@v1': { online: latest }, 'other@v1': { online: other } });
        const catalogOf = (...views: DescribedView[]) => catalogOfViews(`case ${cases}`, ids, views);
        try {
          await run({ stores, catalogOf, latest });
        } finally {
          await Promise.all([latest.close(), other.close()]);
        }
      });

    describeStatuses(testServing);
    describeFailures(testServing);
    describeServedValues(testServing);
  });
}

type TestServing = (title: string, run: (served: Served) => Promise<void>) => void;

function describeStatuses(testServing: TestServing): void {
  testServing('tells a value from a null, and both from what was never written', async ({ stores, catalogOf }) => {
    const catalog = catalogOf({ name: 'stats', features: text }, { name: 'unwritten', features: text });
    await write(stores, catalog, 'stats', [1n, now, 'here'], [2n, now, null], [3n, null, 'timeless']);
    const served = await serve(stores, catalog, ['stats:text', 'unwritten:text'], [1n, 2n, 3n, 4n, null]);
    assert.deepEqual(cells(served, 0), [
      ['PRESENT', 'here', now],
      ['NULL_VALUE', null, now],
      ['PRESENT', 'timeless', null],
      ['NOT_FOUND', null, null],
      ['NOT_FOUND', null, null],
    ]);
    assert.deepEqual(new Set(served.columns[1]?.statuses), new Set(['NOT_FOUND']));
    assert.deepEqual(served.failed, []);
  });

  testServing('withholds a value past its TTL, to the microsecond', async ({ stores, catalogOf }) => {
    const catalog = catalogOf({ name: 'stats', features: text, eventTimestamp: 'at', ttl: '5s' });
    const oldest = now - 5n * second;
    await write(stores, catalog, 'stats', [1n, oldest, 'old'], [2n, oldest - 1n, 'older'], [3n, oldest - 1n, null]);
    mock.timers.enable({ apis: ['Date'], now: Number(now / 1_000n) });
    const served = await serve(stores, catalog, ['stats:text'], [1n, 2n, 3n]);
    assert.deepEqual(cells(served, 0), [
      ['PRESENT', 'old', oldest],
      ['OUTSIDE_TTL', null, oldest - 1n],
      ['OUTSIDE_TTL', null, oldest - 1n],
    ]);
  });

  testServing('finds nothing of a feature that a row was written without', async ({ stores, catalogOf }) => {
    const before = catalogOf({ name: 'stats', features: text });
    await write(stores, before, 'stats', [1n, now, 'here']);
    const grown = catalogOf({ name: 'stats', features: [...text, { name: 'added', type: 'INT64[]' }] });
    const served = await serve(stores, grown, ['stats:added', 'stats:text'], [1n]);
    assert.deepEqual(
      served.columns.map(({ statuses }) => statuses),
      [['NOT_FOUND'], ['PRESENT']],
    );
  });

  testServing('says one thing of a value, by itself and as the field of an entity', async ({ stores, catalogOf }) => {
    const view = { name: 'stats', eventTimestamp: 'at', ttl: '5s' };
    const before = catalogOf({ ...view, features: text });
    const old = now - 6n * second;
    await write(stores, before, 'stats', [1n, now, 'here'], [2n, now, null], [3n, old, 'old'], [4n, old, null]);
    const grown = catalogOf({ ...view, features: [...text, { name: 'added', type: 'INT64' }] });
    mock.timers.enable({ apis: ['Date'], now: Number(now / 1_000n) });
    const keys = [1n, 2n, 3n, 4n, 5n];
    const { columns } = await serve(stores, grown, ['stats:text', 'stats:added'], keys);
    const none = keys.map(() => 'NOT_FOUND');
    const ofText = ['PRESENT', 'NULL_VALUE', 'OUTSIDE_TTL', 'OUTSIDE_TTL', 'NOT_FOUND'];
    assert.deepEqual(
      columns.map(({ statuses }) => statuses),
      [ofText, none],
    );
    assert.deepEqual(await entityStatuses(stores, grown, keys), [ofText, none]);
  });
}

/** The statuses of both features of `stats`, as fields of entities. */
async function entityStatuses(stores: OpenedStores, catalog: Catalog, keys: bigint[]): Promise<string[][]> {
  const [parts] = entityParts(catalog);
  const type = parts && entityType(parts);
  const variant = type?.views[0]?.latest;
  assert.ok(type && variant);
  const read = rowReader(stores, catalog);
  const nodes = await readEntities(
    read,
    type,
    keys.map((key) => [key]),
    [variant],
  );
  const rows = nodes.map((node) => servedRow(variant, node.rows.get(variant.view.id), now));
  return [0, 1].map((position) => rows.map((row) => servedValue(row, position).status));
}

function describeFailures(testServing: TestServing): void {
  const views: DescribedView[] = [
    { name: 'stats', features: text },
    { name: 'elsewhere', features: text, onlineStore: 'other' },
  ];

  testServing('makes the cells of a store that fails errors, and leaves the others', async (served) => {
    const { stores, catalogOf, latest } = served;
    const catalog = catalogOf(...views);
    await write(stores, catalog, 'stats', [1n, now, 'there']);
    await write(stores, catalog, 'elsewhere', [1n, now, 'here']);
    for (const failure of [new Failure('UNAVAILABLE', 'It is down.'), new Error('a defect')]) {
      mock.method(latest, 'read', () => Promise.reject(failure), { times: 1 });
      const { columns, failed } = await serve(stores, catalog, ['stats:text', 'elsewhere:text'], [1n, null]);
      // A key that is null names no row, whatever becomes of the store.
      assert.deepEqual(columns[0]?.statuses, ['ERROR', 'NOT_FOUND']);
      assert.deepEqual(columns[1]?.values, ['here', null]);
      assert.deepEqual(
        failed.map(({ provider, failure: told }) => [provider, told.code]),
        [['latest@v1', failure instanceof Failure ? 'UNAVAILABLE' : 'INTERNAL']],
      );
      assert.ok(!failed.some(({ failure: told }) => told.message.includes('a defect')));
    }
    const again = await serve(stores, catalog, ['stats:text'], [1n]);
    assert.deepEqual(again.columns[0]?.values, ['there']);
  });

  testServing('makes the cells of a store that was closed errors', async ({ stores, catalogOf, latest }) => {
    const catalog = catalogOf(...views);
    await write(stores, catalog, 'elsewhere', [1n, now, 'here']);
    await latest.close();
    const served = await serve(stores, catalog, ['stats:text', 'elsewhere:text'], [1n]);
    assert.deepEqual(
      served.columns.map(({ statuses }) => statuses),
      [['ERROR'], ['PRESENT']],
    );
    assert.deepEqual(
      served.failed.map(({ failure }) => failure.code),
      ['UNAVAILABLE'],
    );
  });

  testServing('makes a row that can’t be read an error of its own cells', async ({ stores, catalogOf, latest }) => {
    const catalog = catalogOf(...views);
    await write(stores, catalog, 'stats', [1n, now, 'whole'], [2n, now, 'whole']);
    const entity = catalog.ofKind('ENTITY')[0];
    const key = entityKey(['INT64'], [2n]);
    assert.ok(entity && key);
    const damaged = new Uint8Array(30).fill(0xff);
    await latest.write(viewAddress(entity, viewNamed(catalog, 'stats')), [{ key, row: damaged }]);
    const { columns } = await serve(stores, catalog, ['stats:text'], [1n, 2n]);
    assert.deepEqual(columns[0]?.statuses, ['PRESENT', 'ERROR']);
  });
}

function describeServedValues(testServing: TestServing): void {
  testServing('serves random rows of every type as they were written', async ({ stores }) => {
    let round = 0;
    const drawn = fc.record({ cells: fc.array(typedValue, { minLength: 1, maxLength: 6 }), event: rowTime });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ cells: all, event }) => {
        const features = all.map(({ type }, at) => ({ name: `f${at}`, type: formatValueType(type) }));
        const catalog = catalogOfViews(`round ${++round}`, ids, [{ name: 'stats', features }]);
        const view = viewNamed(catalog, 'stats');
        const writer = await ViewWriter.open(stores, catalog, view);
        const values = all.map(({ value }) => value);
        await writer.write([{ key: [1n], eventTimestamp: event, createdTimestamp: null, values }]);
        const names = features.map(({ name }) => `stats:${name}`);
        const served = await serve(stores, catalog, names, [1n]);
        assert.deepEqual(
          served.columns.map((_, at) => cells(served, at)[0]),
          values.map((value) => [value === null ? 'NULL_VALUE' : 'PRESENT', value, event]),
        );
      }),
      propertyRuns(0.2),
    );
  });
}

/** Writes rows of an id, an event time and a text. */
async function write(
  stores: OpenedStores,
  catalog: Catalog,
  view: string,
  ...rows: [bigint, bigint | null, string | null][]
): Promise<void> {
  const writer = await ViewWriter.open(stores, catalog, viewNamed(catalog, view));
  await writer.write(
    rows.map(([id, eventTimestamp, value]) => ({ key: [id], eventTimestamp, createdTimestamp: null, values: [value] })),
  );
}

async function serve(
  stores: OpenedStores,
  catalog: Catalog,
  features: string[],
  keys: (Scalar | null)[],
): Promise<ServedFeatures> {
  const selected = features.map((feature) => ({ feature, alias: feature.replace(':', '_') }));
  const request = {
    features: storedFeatures(requireSelection(catalog, selected)),
    keys: new Map([['thing', keys.map((key) => [key])]]),
    size: keys.length,
  };
  return serveFeatures(rowReader(stores, catalog), request);
}

/** Status, value and event time of each row of one column. */
function cells({ columns }: ServedFeatures, at: number): [string, Value, bigint | null][] {
  const { statuses = [], values = [], eventTimestamps = [] } = columns[at] ?? {};
  return statuses.map((status, row) => [status, values[row] ?? null, eventTimestamps[row] ?? null]);
}
