import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const page = await readFile(new URL('../docs/sources.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```graphql\n([\s\S]+?)```/g)].map(([, example = '']) => example);
const [planning = '', registration = '', ...others] = examples;
const text = 'zip;amount;paid_on;note\n01234;12,50;03.04.2024;n/a\n98765;0,49;25.07.2024;Zürich\n';

describe('docs/sources.md', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await mkdir(join(server.dataRoot, 'payments'));
    await writeFile(join(server.dataRoot, 'payments', '2024.csv'), Buffer.from(text, 'latin1'));
  });
  after(() => server.stop());

  test('has no example that is not run here', () => assert.deepEqual(others, []));

  test('shows the columns that were read, or what is in the way', async () => {
    const refused = await server.graphql(planning);
    const { issues } = refused.data.plan as { issues: { path: string; message: string; fix: string }[] };
    assert.equal(issues[0]?.path, 'definitions[1].files.paths');
    assert.match(issues[0]?.message ?? '', /payments\/2024\.csv, line 3: bytes that are no text in utf-8/);
    assert.match(issues[0]?.fix ?? '', /files\.csv\.encoding/);
  });

  test('declares what must not be told from the data', async () => {
    const { data, errors } = await server.graphql(registration);
    assert.equal(errors, undefined, JSON.stringify(errors));
    const { steps } = data.apply as { steps: { ref: string; columns: { name: string; type: string }[] }[] };
    const columns = steps.find(({ ref }) => ref === 'payments@v1')?.columns.map(({ name, type }) => `${name} ${type}`);
    assert.deepEqual(columns, ['zip STRING', 'amount FLOAT64', 'paid_on DATE', 'note STRING']);
    const { data: shown } = await server.graphql(
      `{ source(ref: "payments") { preview { rows } files { columns { name type format } csv { delimiter quote encoding nulls } } } }`,
    );
    assert.deepEqual(shown.source, {
      preview: {
        rows: [
          ['01234', 12.5, '2024-04-03', null],
          ['98765', 0.49, '2024-07-25', 'Zürich'],
        ],
      },
      files: {
        columns: [
          { name: 'zip', type: 'STRING', format: null },
          { name: 'amount', type: 'FLOAT64', format: null },
          { name: 'paid_on', type: 'DATE', format: '%d.%m.%Y' },
          { name: 'note', type: 'STRING', format: null },
        ],
        csv: { delimiter: ';', quote: '"', encoding: 'windows-1252', nulls: ['', 'n/a'] },
      },
    });
  });
});
