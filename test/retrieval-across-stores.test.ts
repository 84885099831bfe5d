import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { PointInTimePlan } from '../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../providers/contract/relation.ts';
import { openDuckdbOfflineStore } from '../providers/duckdb/duckdb-offline-store.ts';
import { openPostgresOfflineStore } from '../providers/postgres/postgres-offline-store.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { definitionSchema } from '../src/registry/definitions/definition.ts';
import { retrieveRun } from '../src/retrieval/retrieve-run.ts';
import { context } from './conformance/offline-rows.ts';
import { asStored, worldsOf } from './conformance/offline-worlds.ts';
import { propertyRuns } from './conformance/property-runs.ts';
import { pointInTimeOracle } from './oracle/point-in-time.ts';
import { OpenedStores } from './servers/opened-stores.ts';
import { postgresForTests } from './servers/postgres.ts';

const server = await postgresForTests();
const skip = 'skip' in server ? server.skip : false;
const url = 'url' in server ? server.url : '';

const providers = ['first', 'second', 'embedded'].map((name, sequence): ResourceOf<'PROVIDER'> => {
  const definition = definitionSchema.parse({ kind: 'PROVIDER', name, config: { duckdb: {} } });
  if (definition.kind !== 'PROVIDER') throw new TypeError('a provider was defined');
  const times = { createdAt: new Date(0), updatedAt: new Date(0), sequence };
  const described = { description: '', owner: null, tags: [], properties: {}, statusMessage: null };
  return {
    ...described,
    ...times,
    id: name,
    kind: 'PROVIDER',
    name,
    variant: 'v1',
    ref: `${name}@v1`,
    definition,
    status: 'READY',
  };
});

describe('a random world that lives in several offline stores', { skip }, () => {
  let directory: string;
  let opened: Record<string, OfflineStore>;
  let stores: OpenedStores;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    const embedded = { database: ':memory:', dataRoots: [], runsDirectory: directory, threads: 2 };
    opened = {
      'first@v1': await openPostgresOfflineStore({ url, schema: 'first' }),
      'second@v1': await openPostgresOfflineStore({ url, schema: 'second' }),
      'embedded@v1': await openDuckdbOfflineStore(embedded),
    };
    stores = new OpenedStores(Object.fromEntries(Object.entries(opened).map(([ref, offline]) => [ref, { offline }])));
  });
  after(async () => {
    await Promise.all(Object.values(opened).map((store) => store.close()));
    await rm(directory, { recursive: true });
    if ('stop' in server) await server.stop();
  });

  /** Stores each relation of a plan where it is drawn to live, and joins them. */
  async function answers(plan: PointInTimePlan, drawn: readonly number[], among: readonly number[]) {
    const homes = new Map<Relation, ResourceOf<'PROVIDER'>>();
    const moved = new Map<Relation, Relation>();
    for (const relation of new Set([plan.spine.relation, ...plan.joins.map((join) => join.relation)])) {
      const provider = providers[among[(drawn[homes.size] ?? 0) % among.length] ?? 0];
      const store = opened[provider?.ref ?? ''];
      if (provider === undefined || store === undefined) throw new RangeError('there is no such store');
      const id = `relation ${homes.size}`;
      await store.transform(id, relation, context());
      const stored: Relation = { kind: 'TRANSFORMED', id };
      homes.set(stored, provider);
      moved.set(relation, stored);
    }
    const replaced = <T extends { relation: Relation }>(part: T): T => ({
      ...part,
      relation: moved.get(part.relation) ?? part.relation,
    });
    const placed = { ...plan, spine: replaced(plan.spine), joins: plan.joins.map(replaced) };
    const { summary, keeper } = await retrieveRun(
      stores,
      { plan: placed, homes, windows: new Map() },
      'run',
      context(),
    );
    const table = await opened[keeper.ref]?.readRun('run', 0, summary.rows + 1);
    return { rows: table?.rows, keeper: keeper.ref, spine: [...homes.values()][0]?.ref };
  }

  const worlds = worldsOf({ spine: [0, 12], view: [0, 20], joins: 3 }, { nulInText: false });
  const places = fc.array(fc.nat(5), { minLength: 4, maxLength: 4 });

  test('is joined as the oracle joins it', async () => {
    const property = fc.asyncProperty(worlds, places, async (plan, drawn) => {
      assert.deepEqual((await answers(asStored(plan), drawn, [0, 1, 2])).rows, pointInTimeOracle(plan));
    });
    await fc.assert(property, propertyRuns(0.2));
  });

  test('is joined by the store of its spine when none is embedded', async () => {
    const property = fc.asyncProperty(worlds, places, async (plan, drawn) => {
      const { rows, keeper, spine } = await answers(asStored(plan), drawn, [0, 1]);
      assert.deepEqual(rows, pointInTimeOracle(plan));
      assert.equal(keeper, spine);
    });
    await fc.assert(property, propertyRuns(0.1));
  });
});
