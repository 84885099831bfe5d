import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { madeSource, warehouses } from './servers/warehouses.ts';

const postgres = await postgresForTests();

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

const source = (name: string, sql: string, as: 'TABLE' | 'VIEW' = 'VIEW'): DefinitionInput => ({
  source: { name, transformation: { sql, as } },
});

for (const warehouse of warehouses(postgres)) {
  describe(`the SQL of a transformation: ${warehouse.name}`, { skip: warehouse.skip }, () => {
    let server: TestServer;

    before(async () => {
      server = await startTestServer({ variables: warehouse.variables });
      await server.client.apply([
        warehouse.provider,
        { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
        madeSource('first', ['driver_id bigint', 'value bigint'], ['1, 2']),
        madeSource('second', ['driver_id bigint', 'other bigint'], ['1, 3']),
      ]);
    });
    after(() => server.stop());

    const preview = async (ref: string) => {
      const query = 'query ($ref: String!) { source(ref: $ref) { sql preview { columns { name } rows } } }';
      const { data, errors } = await server.graphql(query, { ref });
      assert.equal(errors, undefined, JSON.stringify(errors));
      return data.source as { sql: string; preview: { columns: { name: string }[]; rows: unknown[][] } };
    };

    test('refers to sources in its code alone', async () => {
      const sql =
        "select '{{ second }} {{ nowhere }}' as said, value -- {{ second }}\nfrom {{ first }} /* {{ nowhere }} */";
      for (const as of ['VIEW', 'TABLE'] as const) {
        const name = `quoted_${as.toLowerCase()}`;
        await server.client.apply([source(name, sql, as)]);
        assert.deepEqual(await settleJobs(server), []);
        const read = await preview(name);
        assert.equal(read.sql, sql.replace('{{ first }}', '{{ first@v1 }}'));
        assert.deepEqual(read.preview.rows, [['{{ second }} {{ nowhere }}', 2]]);
        const { nodes } = await server.client.lineage('SOURCE', name, { direction: 'UPSTREAM', depth: 1 });
        const refs = nodes.filter(({ kind }) => kind === 'SOURCE').map(({ ref }) => ref);
        assert.deepEqual(refs.toSorted(), ['first@v1', `${name}@v1`]);
      }
      const { steps } = await server.client.apply([source('quoted_view', sql)]);
      assert.deepEqual(
        steps.map(({ action }) => action),
        ['UNCHANGED'],
      );
    });

    test('may end in a semicolon and a comment', async () => {
      for (const [at, end] of ['; -- done', ';;', ' /* done */ ;', ' -- done'].entries()) {
        const name = `ended_${at}`;
        await server.client.apply([source(name, `select value from {{ first }} as f${end}`, 'TABLE')]);
        assert.deepEqual(await settleJobs(server), []);
        assert.deepEqual((await preview(name)).preview.rows, [[2]]);
      }
      const { issues } = await server.client.plan([source('two', 'select 1 as a; -- one\nselect 2 as a')]);
      assert.match(issues[0]?.message ?? '', /exactly one SELECT/);
    });

    test('names its columns apart, or its engine does', async () => {
      const both = 'select * from {{ first }} as f join {{ second }} as s on f.driver_id = s.driver_id';
      for (const as of ['VIEW', 'TABLE'] as const) {
        const { issues } = await server.client.plan([source('joined', both, as)]);
        if (issues.length > 0) {
          assert.deepEqual(
            issues.map(({ path }) => path),
            ['definitions[0].transformation.sql'],
          );
          assert.match(issues[0]?.message ?? '', /two columns "driver_id"/);
          continue;
        }
        const name = `joined_${as.toLowerCase()}`;
        await server.client.apply([source(name, both, as)]);
        assert.deepEqual(await settleJobs(server), []);
        const columns = (await preview(name)).preview.columns.map((column) => column.name);
        assert.equal(new Set(columns).size, 4);
        const view = { name, entity: 'driver', source: name, features: [{ name: 'other', type: 'INT64' }] };
        await server.client.apply([{ featureView: view }]);
      }
    });
  });
}
