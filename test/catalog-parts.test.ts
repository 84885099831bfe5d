import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Catalog } from '../src/registry/catalog.ts';
import { draughtPlan } from '../src/registry/planning.ts';

const features = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `f${at}`, type: 'FLOAT64' }));

const { after: whole } = draughtPlan(
  new Catalog([], []),
  [
    { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
    { kind: 'PROVIDER', name: 'latest', config: { lmdb: {} } },
    { kind: 'SOURCE', name: 'rows', transformation: { sql: 'select 1' } },
    { kind: 'ENTITY', name: 'driver', joinKeys: [{ name: 'id', type: 'INT64' }] },
    ...['a', 'b', 'c'].map((name) => {
      return { kind: 'FEATURE_VIEW', name, entity: 'driver', source: 'rows', features: features(4) };
    }),
    { kind: 'FEATURE_SERVICE', name: 'eta', features: [{ feature: 'a:f0' }, { feature: 'c:f3' }] },
  ],
  [],
);

describe('a part of a catalog', () => {
  test('has what was chosen in its order, what may be found by name, and the edges between', () => {
    fc.assert(
      fc.property(fc.subarray(whole.resources.map(({ id }) => id)), (chosen) => {
        const ids = new Set(chosen.toReversed());
        const part = whole.part(ids);
        assert.deepEqual(
          part.resources,
          whole.resources.filter(({ id }) => ids.has(id)),
        );
        const among = (edges: Catalog['edges']) => edges.map(({ from, to }) => `${from} ${to}`).toSorted();
        assert.deepEqual(among(part.edges), among(whole.edges.filter(({ from, to }) => ids.has(from) && ids.has(to))));
        for (const { id, kind, ref } of whole.resources) {
          assert.equal(part.find(kind, ref)?.id, ids.has(id) ? id : undefined);
          if (!ids.has(id)) continue;
          assert.deepEqual(
            part.upstream(id),
            whole.upstream(id).filter((one) => ids.has(one.id)),
          );
          assert.deepEqual(
            new Set(part.downstream(id)),
            new Set(whole.downstream(id).filter((one) => ids.has(one.id))),
          );
        }
      }),
    );
  });
});
