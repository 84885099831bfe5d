import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';

const main = resolve('bin/featuregraph.js');
const pages = (await Array.fromAsync(glob('docs/how-to/*.md'))).sort();

/** Each document of a page is asked in its turn, and answered as the block after it says. */
describe('docs/how-to', () => {
  let server: TestServer;
  before(async () => {
    server = await startDriversServer();
  });
  after(() => server?.stop());

  const answers = async (document: string, answer?: Block) => {
    assert.equal(answer?.language, 'json', document);
    const { data, errors } = await server.graphql(document);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data, JSON.parse(answer?.text ?? ''), document);
    assert.deepEqual(await settleJobs(server), []);
  };
  const prints = async (commands: string, home: string) => {
    for (const step of commands.split(/^\$ featuregraph /m).slice(1)) {
      const [command = '', ...shown] = step.split('\n');
      const printed = await run(home, command.split(' '));
      assert.equal(withoutTimes(printed), withoutTimes(shown.join('\n')), command);
    }
  };
  const run = (home: string, words: readonly string[]) =>
    new Promise<string>((done) => {
      const env = { ...process.env, NO_COLOR: '1', FEATUREGRAPH_URL: server.url };
      execFile(process.execPath, [main, ...words], { cwd: home, env }, (_error, stdout, stderr) =>
        done(stdout + stderr),
      );
    });

  for (const page of pages) {
    test(`${page} shows what is answered`, async () => {
      const home = await mkdtemp(join(tmpdir(), 'featuregraph-how-to-'));
      const blocks = blocksOf(await readFile(page, 'utf8'));
      for (const [at, { language, file, text }] of blocks.entries()) {
        if (file !== undefined) await writeFile(join(home, file), text);
        else if (language === 'graphql') await answers(text, blocks[at + 1]);
        else if (language === 'console') await prints(text, home);
        // What needs servers of a user's own, and what a question before it is answered.
        else assert.ok(language === 'sh' || blocks[at - 1]?.language === 'graphql', `${page}: ${text}`);
      }
      await rm(home, { recursive: true, force: true });
    });
  }

  test('is linked from its first page, whose links lead somewhere', async () => {
    const text = await readFile('docs/how-to/README.md', 'utf8');
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link.split('#'));
    for (const page of pages)
      if (!page.endsWith('README.md'))
        assert.ok(
          links.some(([file]) => page.endsWith(file ?? '')),
          page,
        );
    for (const [file = '', heading] of links) {
      const target = await readFile(join(dirname('docs/how-to/README.md'), file), 'utf8');
      const slugs = [...target.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => slugOf(title));
      assert.ok(heading === undefined || slugs.includes(heading), `${file}#${heading}`);
    }
  });
});

type Block = { language: string; file: string | undefined; text: string };

/** Each block of a page; one that says a name beside its language is the file of that name. */
function blocksOf(page: string): Block[] {
  return [...page.matchAll(/```(\w+)(?: (\S+))?\n([\s\S]*?)```/g)].map(([, language = '', file, text = '']) => ({
    language,
    file,
    text,
  }));
}

/** How long something took differs each time. */
function withoutTimes(text: string): string {
  return text.replaceAll(/\b\d+ ms\b/g, '… ms');
}

/** As GitHub names headings. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}
