import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Catalog } from '../src/registry/catalog.ts';
import { draughtPlan } from '../src/registry/planning.ts';
import { registered } from '../src/registry/registered.ts';
import { definedRelation, relationOf } from '../src/registry/relations.ts';

/** Each is computed from the two before it: the number of relations in one grows as Fibonacci's does. */
const { after: catalog } = draughtPlan(
  new Catalog([], []),
  [
    { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
    { kind: 'SOURCE', name: 'link_0', files: { paths: ['rows.csv'] } },
    { kind: 'SOURCE', name: 'link_1', files: { paths: ['rows.csv'] } },
    ...Array.from({ length: 60 }, (_, at) => {
      const sql = `select * from {{ link_${at} }} union all select * from {{ link_${at + 1} }}`;
      return { kind: 'SOURCE', name: `link_${at + 2}`, transformation: { sql, as: at % 2 === 0 ? 'VIEW' : 'TABLE' } };
    }),
  ],
  [],
);

describe('a source that is computed from sources', () => {
  test('is read as one relation', () => {
    const relation = relationOf(catalog, registered(catalog, 'SOURCE', 'link_10'));
    assert.equal(relation.kind, 'QUERY');
  });

  test('is refused where that would hold too many, before they are made', () => {
    const last = registered(catalog, 'SOURCE', 'link_61');
    for (const read of [relationOf, definedRelation])
      assert.throws(() => read(catalog, last), { code: 'LIMIT_EXCEEDED', message: /1,000 transformations/ });
  });
});
