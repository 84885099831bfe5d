import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Catalog } from '../src/registry/catalog.ts';
import { draughtPlan } from '../src/registry/planning.ts';
import { registered } from '../src/registry/registered.ts';
import { definedRelation, relationOf, SourceRelations } from '../src/registry/source-relations.ts';

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

/** Sources each of which is computed from the one before it; the first is `link_0`. */
function chain(length: number, sql: string): Catalog {
  return draughtPlan(
    new Catalog([], []),
    [
      { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
      { kind: 'SOURCE', name: 'link_0', files: { paths: ['rows.csv'] } },
      ...Array.from({ length: length - 1 }, (_, at) => {
        const transformation = { sql: sql.replace('below', `link_${at}`), as: 'VIEW' };
        return { kind: 'SOURCE', name: `link_${at + 1}`, transformation };
      }),
    ],
    [],
  ).after;
}

describe('a source that is computed from sources', () => {
  test('is read as one relation', () => {
    const relation = relationOf(catalog, registered(catalog, 'SOURCE', 'link_10'));
    assert.equal(relation.kind, 'QUERY');
  });

  test('is refused where that would hold too many, before they are made', () => {
    const last = registered(catalog, 'SOURCE', 'link_61');
    for (const read of [relationOf, definedRelation])
      assert.throws(() => read(catalog, last), { code: 'LIMIT_EXCEEDED', message: /1,000 relations/ });
  });

  test('is refused where too many lie below one another, from wherever that is seen', () => {
    const deep = chain(20_000, 'select * from {{ below }}');
    const relations = new SourceRelations(deep);
    const link = (at: number) => relations.of(registered(deep, 'SOURCE', `link_${at}`));
    for (const at of [19_999, 101, 102, 300])
      assert.throws(() => link(at), { code: 'LIMIT_EXCEEDED', message: /100 transformations/ });
    assert.equal(link(100).kind, 'QUERY');
  });

  test('is refused where its SQL is too long together', () => {
    const long = chain(20, `select * from {{ below }} -- ${'x'.repeat(199_000)}`);
    assert.equal(relationOf(long, registered(long, 'SOURCE', 'link_9')).kind, 'QUERY');
    assert.throws(() => relationOf(long, registered(long, 'SOURCE', 'link_19')), {
      code: 'LIMIT_EXCEEDED',
      message: /2,000,000 characters/,
    });
  });
});
