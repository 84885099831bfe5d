import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';

const main = resolve('bin/featuregraph.js');

describe('starting', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-starting-'));
    await writeFile(join(home, 'file'), '');
  });
  after(() => rm(home, { recursive: true, force: true }));

  /** Ends by itself, with a sentence and no stack. */
  const refusal = (variables: Record<string, string>, ...words: string[]) =>
    new Promise<string>((done, fail) => {
      const environment = { FEATUREGRAPH_PORT: '0', FEATUREGRAPH_LOG_LEVEL: 'error', ...variables };
      const env = { ...process.env, FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state'), ...environment };
      execFile(process.execPath, [main, ...words], { cwd: home, env, timeout: 300_000 }, (error, stdout, stderr) => {
        if (error?.code !== 1 || stdout !== '' || stderr.trimEnd().includes('\n'))
          fail(new Error(`${error} ${stdout} ${stderr}`));
        else done(stderr.trimEnd());
      });
    });

  const wrong: [string, Record<string, string>, RegExp][] = [
    [
      'a misspelt variable',
      { FEATUREGRAPH_PROT: '1' },
      /FEATUREGRAPH_PROT is no variable: did you mean FEATUREGRAPH_PORT\?$/,
    ],
    ['an empty host', { FEATUREGRAPH_HOST: '' }, /FEATUREGRAPH_HOST must not be empty\.$/],
    [
      'a word that is none of those there are',
      { FEATUREGRAPH_AUTHENTICATION: 'off' },
      /FEATUREGRAPH_AUTHENTICATION must be one of required, none\.$/,
    ],
    ['a number that is too small', { FEATUREGRAPH_AUDIT_DAYS: '0' }, /FEATUREGRAPH_AUDIT_DAYS must be at least 1\.$/],
    ['an empty port', { FEATUREGRAPH_PORT: '' }, /FEATUREGRAPH_PORT must be a whole number, or be left out\.$/],
    [
      'no data root',
      { FEATUREGRAPH_DATA_ROOTS: '' },
      /FEATUREGRAPH_DATA_ROOTS must name a directory, or be left out\.$/,
    ],
    [
      'a data root that is not there',
      { FEATUREGRAPH_DATA_ROOTS: '/nowhere' },
      /names \/nowhere, which is not there: make it/,
    ],
    [
      'secrets that are not there',
      { FEATUREGRAPH_SECRETS_DIRECTORY: '/nowhere' },
      /names \/nowhere, which is not there: make it/,
    ],
    [
      'a data directory that is a file',
      { FEATUREGRAPH_DATA_DIRECTORY: 'file' },
      /file is no directory: FEATUREGRAPH_DATA_DIRECTORY/,
    ],
    [
      'an address of another machine',
      { FEATUREGRAPH_HOST: '192.0.2.1' },
      /192\.0\.2\.1 is no address of this machine: set FEATUREGRAPH_HOST/,
    ],
  ];
  for (const [what, variables, words] of wrong)
    test(`refuses ${what} in a sentence`, async () => assert.match(await refusal(variables, 'dev'), words));

  test('refuses a port in use, and a worker that has a registry of its own', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    try {
      await once(taken, 'listening');
      const port = String((taken.address() as AddressInfo).port);
      const inUse = new RegExp(`^Port ${port} of 127.0.0.1 is in use: `);
      assert.match(await refusal({ FEATUREGRAPH_PORT: port }, 'dev'), inUse);
    } finally {
      taken.close();
    }
    assert.match(
      await refusal({ DATABASE_URL_OF_NOBODY: '' }, 'start', '--worker-only'),
      /set DATABASE_URL to its Postgres\.$/,
    );
  });
});
