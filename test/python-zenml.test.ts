import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { startTestServer } from './servers/featuregraph.ts';
import { pythonEnvironment, runPython } from './servers/python.ts';

const client = new URL('../clients/python/', import.meta.url).pathname;
const requirements = await readFile(`${client}requirements-zenml.txt`, 'utf8');
const environment = await pythonEnvironment(requirements);

describe('the feature store of ZenML', { skip: environment.missing ?? false }, async () => {
  if (environment.missing !== undefined) return;
  const { python } = environment;
  const server = await startTestServer();
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-zenml-'));
  after(() => rm(home, { recursive: true, force: true }));
  after(() => server.stop());
  const variables = {
    FEATUREGRAPH_URL: server.url,
    FEATUREGRAPH_TEST_DATA_ROOT: server.dataRoot,
    PYTHONPATH: `${client}:${client}tests`,
    ZENML_CONFIG_PATH: join(home, 'config'),
    ZENML_ANALYTICS_OPT_IN: 'false',
    ZENML_LOGGING_VERBOSITY: 'WARN',
    HOME: home,
  };

  test('is what ZenML has its flavours be', async () => {
    const pyright = new URL('../node_modules/pyright/index.js', import.meta.url).pathname;
    const words = [pyright, '--pythonpath', python, '-p', 'tests/typing/zenml'];
    const { output, status } = await runPython(process.execPath, words, client);
    assert.equal(status, 0, output);
  });

  test('gives the steps of a pipeline history and the latest values, as its page says', async () => {
    const page = await readFile(new URL('../docs/zenml.md', import.meta.url), 'utf8');
    const [, commands = ''] = /```sh zenml\n([\s\S]*?)```/.exec(page) ?? [];
    assert.equal(commands.trim().split('\n').length, 3);
    const registering =
      'import pathlib, featuregraph, world; world.register(featuregraph.connect(), pathlib.Path.cwd())';
    const registered = await runPython(python, ['-c', registering], server.dataRoot, variables);
    assert.equal(registered.status, 0, registered.output);
    const words = ['-ec', commands.replace('http://127.0.0.1:4000', server.url)];
    const PATH = `${dirname(python)}:${process.env.PATH}`;
    const begun = await runPython('bash', words, home, { ...variables, PATH });
    assert.equal(begun.status, 0, begun.output);
    const { output, status } = await runPython(python, [`${client}tests/zenml_pipeline.py`], home, variables);
    assert.equal(status, 0, output);
    assert.match(output, /the pipeline has run/);
  });
});
