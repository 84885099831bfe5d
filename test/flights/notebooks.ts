import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startServerProcess } from '../../examples/flights/server-process.ts';
import { packedEnvironment, runPython } from '../servers/python.ts';

const client = fileURLToPath(new URL('../../clients/python/', import.meta.url));
const notebooks = fileURLToPath(new URL('../../examples/flights/notebooks/', import.meta.url));

const notebook = z.object({
  cells: z.array(
    z.object({
      cell_type: z.string(),
      outputs: z
        .array(
          z.object({
            text: z.string().or(z.array(z.string())).optional(),
            data: z.record(z.string(), z.unknown()).optional(),
          }),
        )
        .default([]),
    }),
  ),
});

/** The notebooks of the flights on what the demo has left in `home`, by the Python client as it is installed. */
export function describeNotebooks(home: string, missing: string | undefined): void {
  describe('the notebooks', { skip: missing ?? false }, () => tests(home));
}

function tests(home: string): void {
  let work: string;
  let python: string;
  let server: { url: string; stop(): Promise<void> };

  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'featuregraph-notebooks-'));
    const requirements = (await readFile(`${notebooks}requirements.txt`, 'utf8')).trim().split('\n');
    python = await packedEnvironment(client, 'polars', requirements, work);
    server = await startServerProcess(home);
  });
  after(async () => {
    await server?.stop();
    await rm(work, { recursive: true, force: true });
  });

  /** What the cells of a notebook say, and how many pictures they show. */
  async function executed(name: string): Promise<{ said: string; pictures: number }> {
    const file = join(work, name);
    const variables = { FEATUREGRAPH_URL: server.url, MPLCONFIGDIR: work, IPYTHONDIR: work };
    const words = [join(work, 'python/bin/jupyter-execute'), `--output=${file}`, `${notebooks}${name}`];
    const { status, output } = await runPython(python, words, work, variables);
    assert.equal(status, 0, output);
    return shown(await readFile(file, 'utf8'));
  }

  test('show what a naive join claims, what it is, and what is known at each moment', async () => {
    const { said, pictures } = await executed('lateness.ipynb');
    const [, claimed, is, honest] = /it claims (0\.\d+), and is (0\.\d+); as of each moment: (0\.\d+)/.exec(said) ?? [];
    assert.ok(Number(claimed) > Number(honest) + 0.05 && Number(honest) > Number(is) + 0.05, said);
    assert.match(said, /late with a chance of \d+%/);
    assert.equal(pictures, 2);
  });

  test('recommend places by embeddings that they push', async () => {
    const { said, pictures } = await executed('destinations.ipynb');
    const [, nearest] = /nearest: (\d+)% of/.exec(said) ?? [];
    const [, popular] = /most popular: (\d+)% of/.exec(said) ?? [];
    assert.ok(Number(nearest) > 2 * Number(popular), said);
    assert.match(said, /^LAX 0\.9/m);
    assert.equal(pictures, 1);
  });

  test('are kept with what they say and show', async () => {
    for (const name of ['lateness.ipynb', 'destinations.ipynb']) {
      const { said, pictures } = shown(await readFile(`${notebooks}${name}`, 'utf8'));
      assert.ok(said.length > 100 && pictures > 0, name);
    }
  });
}

function shown(text: string): { said: string; pictures: number } {
  const outputs = notebook.parse(JSON.parse(text)).cells.flatMap((cell) => cell.outputs);
  const said = outputs.flatMap((output) => output.text ?? []).join('');
  const isPicture = ({ data = {} }: (typeof outputs)[number]) => 'image/png' in data || 'image/svg+xml' in data;
  return { said, pictures: outputs.filter(isPicture).length };
}
