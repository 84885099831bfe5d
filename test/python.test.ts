import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { startTestServer } from './servers/featuregraph.ts';
import { adminKey, guarded } from './servers/guarded.ts';
import { packedEnvironment, pythonEnvironment, runPython } from './servers/python.ts';

const client = new URL('../clients/python/', import.meta.url).pathname;
const requirements = await readFile(`${client}requirements-test.txt`, 'utf8');
const environment = await pythonEnvironment(requirements);

describe('the Python client', { skip: environment.missing ?? false }, async () => {
  if (environment.missing !== undefined) return;
  const { python } = environment;
  const server = await startTestServer();
  after(() => server.stop());
  const keyed = await startTestServer({ variables: guarded });
  after(() => keyed.stop());
  const variables = {
    FEATUREGRAPH_URL: server.url,
    FEATUREGRAPH_TEST_DATA_ROOT: server.dataRoot,
    FEATUREGRAPH_GUARDED_URL: keyed.url,
    FEATUREGRAPH_GUARDED_KEY: adminKey,
    FEATUREGRAPH_GUARDED_DATA_ROOT: keyed.dataRoot,
    PYTHONPATH: client,
  };

  const { output } = await runPython(python, ['-m', 'pytest', '-v', '--tb=short', '--color=no'], client, variables);
  const results = [...output.matchAll(/^(tests\/\S+::.+?) (PASSED|FAILED|ERROR|SKIPPED)/gm)];
  for (const [, name = '', outcome] of results)
    test(name.replace('tests/', ''), () => assert.equal(outcome, 'PASSED', output));

  test('is tested', () => assert.ok(results.length > 20, output));

  test('is generated from the schema', async () => {
    const { output, status } = await runPython(python, ['tests/generated_drift.py'], client, variables);
    assert.equal(status, 0, output);
  });

  test('holds to its types, and so do those who use it', async () => {
    const pyright = new URL('../node_modules/pyright/index.js', import.meta.url).pathname;
    const given = ['--pythonpath', python];
    const { output, status } = await runPython(process.execPath, [pyright, ...given], client);
    assert.equal(status, 0, output);
    const probes = await runPython(process.execPath, [pyright, ...given, '-p', 'tests/typing'], client);
    const expected = [...(await readFile(`${client}tests/typing/probes.py`, 'utf8')).split('\n').entries()];
    const wrong = expected.flatMap(([at, line]) => (line.endsWith('# wrong') ? [at + 1] : []));
    const found = [...probes.output.matchAll(/probes\.py:(\d+):\d+ - error/g)].map(([, line]) => Number(line));
    assert.deepEqual([...new Set(found)], wrong, probes.output);
  });

  test('does what its documentation says where it is installed from its wheel', async () => {
    const home = await mkdtemp(join(tmpdir(), 'featuregraph-wheel-'));
    const empty = await startTestServer();
    try {
      const packed = await packedEnvironment(
        client,
        'polars',
        requirements.match(/^(pytest|pandas|pyarrow)=.*$/gm) ?? [],
        home,
      );
      const others = { FEATUREGRAPH_URL: empty.url, FEATUREGRAPH_TEST_DATA_ROOT: empty.dataRoot };
      const documented = ['-m', 'pytest', '-p', 'no:cacheprovider', `${client}tests/test_documented.py`];
      const { output, status } = await runPython(packed, documented, home, others);
      assert.equal(status, 0, output);
      assert.match(output, /[1-9]\d* passed/);
    } finally {
      await empty.stop();
      await rm(home, { recursive: true, force: true });
    }
  });

  test('is as ruff wants it', async () => {
    const { output, status } = await runPython(python, ['-m', 'ruff', 'check', '.'], client);
    assert.equal(status, 0, output);
    // Programs whose lines are compared have the lines that ruff gives to any.
    for (const words of [['.'], ['--isolated', '../../bench/feast-quickstart']]) {
      const format = await runPython(python, ['-m', 'ruff', 'format', '--check', ...words], client);
      assert.equal(format.status, 0, format.output);
    }
  });
});
