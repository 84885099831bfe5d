import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ColumnOrigins } from '../src/lineage/column-origins.ts';
import { Catalog } from '../src/registry/catalog.ts';
import { draughtPlan } from '../src/registry/planning.ts';
import { registered } from '../src/registry/registered.ts';

const links = 40;
/** Each column of a link is made of both of the link before: there are 2^40 ways to the first. */
const { after: catalog } = draughtPlan(
  new Catalog([], []),
  [
    { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
    { kind: 'SOURCE', name: 'link_0', files: { paths: ['rows.csv'] } },
    ...Array.from({ length: links }, (_, at) => {
      const sql = `select a + b as a, a - b as b from {{ link_${at} }}`;
      return { kind: 'SOURCE', name: `link_${at + 1}`, transformation: { sql } };
    }),
  ],
  [],
);

describe('the origins of columns', () => {
  test('are followed once, however many ways lead to them, and asked for once a source', async () => {
    let asked = 0;
    const columnOrigins = async ({ inputs }: { inputs?: object } = {}) => {
      asked++;
      const [input = ''] = Object.keys(inputs ?? {});
      const both = ['a', 'b'].map((column) => ({ input, column }));
      return new Map([
        ['a', both],
        ['b', both],
      ]);
    };
    const origins = new ColumnOrigins(catalog, { offline: async () => ({ columnOrigins }) as never });
    const last = registered(catalog, 'SOURCE', `link_${links}`);
    const found = await Promise.all(['a', 'b'].map((column) => origins.of(last, column)));
    for (const one of found)
      assert.deepEqual(
        one?.map(({ source, column }) => [source.ref, column]),
        [
          ['link_0@v1', 'a'],
          ['link_0@v1', 'b'],
        ],
      );
    assert.equal(asked, links);
  });
});
