import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { DefinitionInput } from '@featuregraph/client';
import { proposedDefinitions } from '../server/cli/proposed-definitions.ts';
import { writeDefinitions } from '../server/cli/written-definitions.ts';

const int64 = (name: string) => ({ name, type: { kind: 'SCALAR' as const, name: 'INT64' as const } });

describe('the definitions that featuregraph init writes', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-init-names-'));
    await symlink(resolve('node_modules'), join(home, 'node_modules'));
  });
  after(() => rm(home, { recursive: true, force: true }));

  const init = (...words: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
      execFile(
        process.execPath,
        [resolve('bin/featuregraph.js'), 'init', ...words],
        { cwd: home },
        (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  /** What a file exports, by kind. */
  async function imported(file: string) {
    const exported = (await import(pathToFileURL(join(home, file)).href)) as Record<string, DefinitionInput>;
    const all = Object.values(exported);
    const view = all.flatMap(({ featureView }) => featureView ?? [])[0];
    const service = all.flatMap(({ featureService }) => featureService ?? [])[0];
    const entity = all.flatMap((one) => one.entity ?? [])[0];
    const source = all.flatMap((one) => one.source ?? [])[0];
    return { variables: Object.keys(exported), view, service, entity, source };
  }

  async function proposed(file: string, keys: string[], features: string[]) {
    await writeFile(
      join(home, `${file}.ts`),
      proposedDefinitions(`${file}.csv`, { keys: keys.map(int64), time: undefined, features: features.map(int64) }),
    );
    return imported(`${file}.ts`);
  }

  test('can be loaded whatever the columns are called, each under a name of its own', async () => {
    const header = 'Class_id,user-id,user_id,a b,a_b,été,featureView,entity_id,"it\'s ""so"" \\n"';
    await writeFile(join(home, 'rows.csv'), `${header}\n1,2,3,4,5,6,7,8,9\n`);
    const begun = await init("3 days' rows", '--from', 'rows.csv', '--key', 'Class_id', '--key', 'user_id');
    assert.equal(begun.code, 0, begun.stderr);
    assert.match(begun.stdout, /^cd '3 days'\\'' rows'$/m);
    const { view, service, entity } = await imported("3 days' rows/definitions.ts");
    assert.deepEqual(
      entity?.joinKeys.map(({ name }) => name),
      ['Class_id', 'user_id'],
    );
    const expected = [
      ['user_id_2', 'user-id'],
      ['a_b', 'a b'],
      ['a_b_2', 'a_b'],
      ['ete', 'été'],
      ['featureView_2', 'featureView'],
      ['entity_id', 'entity_id'],
      ['it_s_so_n', 'it\'s "so" \\n'],
    ];
    assert.deepEqual(
      view?.features.map(({ name, column }) => [name, column ?? name]),
      expected,
    );
    assert.deepEqual(
      service?.features.map(({ feature }) => feature),
      expected.map(([name]) => `${view?.name}:${name}`),
    );
  });

  test('hold lines, quotes and backslashes of a name as they are', async () => {
    const names = ['two\nlines', "a 'q'", 'a "q"', 'back\\slash', 'end\\', '\u2028', '\t'];
    const row = Object.fromEntries(['k', ...names].map((name, at) => [name, at]));
    await writeFile(join(home, 'odd.jsonl'), `${JSON.stringify(row)}\n`);
    const begun = await init('odd', '--from', 'odd.jsonl', '--key', 'k');
    assert.equal(begun.code, 0, begun.stderr);
    const { view } = await imported('odd/definitions.ts');
    assert.deepEqual(view?.features.map(({ column }) => column).toSorted(), names.toSorted());
  });

  test('declare each variable once, and none that is reserved, imported or declared before', async () => {
    const words = ['class', 'default', 'await', 'undefined', 'entity', 'files', 'int64', 'featureView', 'x_rows'];
    for (const word of words) {
      // A module of one address is imported once.
      const { entity, variables, view } = await proposed(word === 'x_rows' ? 'x' : `of_${word}`, [`${word}_id`], ['a']);
      assert.deepEqual([entity?.name, variables.length, view?.entity], [word.toLowerCase(), 4, word.toLowerCase()]);
    }
  });

  test('number the later of names that differ in letter case only, or would be one field, the keys first', async () => {
    const { entity, view } = await proposed('cases', ['B', 'b'], ['b-', 'B 2', 'ab_c', 'abC', 'AB-C', '%', '#']);
    assert.deepEqual(
      entity?.joinKeys.map(({ name }) => name),
      ['B', 'b_2'],
    );
    assert.deepEqual(view?.joinKeys, [{ joinKey: 'b_2', column: 'b' }]);
    assert.deepEqual(
      view?.features.map(({ name }) => name),
      ['b_3', 'B_2_2', 'ab_c', 'abC_2', 'AB_C_3', 'column', 'column_2'],
    );
  });

  test('have no name that is too long, nor one that is empty', async () => {
    const long = 'n'.repeat(80);
    const { view, entity } = await proposed('long', [`${long}_id`], [`${long}1`, `${long}2`]);
    const names = [entity?.name, view?.name, ...(view?.features.map(({ name }) => name) ?? [])];
    assert.deepEqual(
      names.map((name) => name?.length),
      [63, 63, 63, 63],
    );
    assert.deepEqual([names[2]?.slice(-3), names[3]?.slice(-3)], ['n_2', 'n_3']);
    const short = await proposed('s', ['id'], ['a']);
    assert.deepEqual([short.entity?.name, short.source?.name], ['s', 's']);
  });

  test('are of all files of a glob, and a directory is told to be none', async () => {
    await mkdir(join(home, 'days'));
    const none = await init('--from', 'days');
    assert.match(
      none.stderr,
      /^days is a directory, with no file to read in it\. Name a file, as --from days\/rows\.csv/,
    );
    for (const day of ['mon', 'tue']) await writeFile(join(home, `days/${day}.csv`), 'id,v\n1,2\n');
    const { code, stderr } = await init('--from', 'days');
    const fix = "Name a file, as --from days/mon.csv, or a glob of files, as --from 'days/*.csv'.";
    assert.deepEqual([code, stderr], [1, `days is a directory. ${fix}\n`]);
    const begun = await init('.', '--from', 'days/*.csv');
    assert.equal(begun.code, 0, begun.stderr);
    const { source } = await imported('definitions.ts');
    assert.deepEqual([source?.name, source?.files?.paths], ['days', ['days/*.csv']]);
    assert.match((await init('elsewhere', '--from', 'days/*.csv')).stderr, /^days\/\*\.csv is outside of elsewhere, /);
  });

  test('are left out whole, with all that was made for them, where there are none', async () => {
    await writeFile(join(home, 'one.csv'), 'id\n1\n');
    const there = (await readdir(home)).toSorted();
    for (const words of [
      ['--from', 'none.csv'],
      ['--from', 'one.csv'],
      ['--from', 'odd.jsonl', '--key', 'no'],
    ])
      assert.equal((await init('new/deep', ...words)).code, 1);
    assert.deepEqual((await readdir(home)).toSorted(), there);
    await mkdir(join(home, 'kept'));
    assert.equal((await init('kept', '--from', 'one.csv')).code, 1);
    assert.deepEqual(await readdir(join(home, 'kept')), []);
  });

  test('write over no rows that are there', async () => {
    await mkdir(join(home, 'mine'));
    for (const name of ['orders.csv', 'rows.csv']) await writeFile(join(home, 'mine', name), 'id,v\n7,7\n');
    for (const words of [[], ['--from', 'rows.csv']]) {
      const { code, stderr } = await init('mine', ...words);
      assert.deepEqual([code, /^There is another mine\/\w+\.csv already/.test(stderr)], [1, true], stderr);
    }
    assert.deepEqual((await readdir(join(home, 'mine'))).toSorted(), ['orders.csv', 'rows.csv']);
    assert.equal(await readFile(join(home, 'mine/orders.csv'), 'utf8'), 'id,v\n7,7\n');
    assert.equal((await init('mine', '--from', 'mine/rows.csv')).code, 0);
  });
});

test('a module of definitions holds what they hold, whatever it is called', async () => {
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-written-'));
  try {
    const json = '[{"entity":{"name":"a","joinKeys":[{"__proto__":{"x":1},"class":"\\"q\\": \\n \'s\'","a b":2}]}}]';
    const out = join(home, 'definitions.ts');
    await writeDefinitions(JSON.parse(json) as DefinitionInput[], { out });
    const { registered } = (await import(pathToFileURL(out).href)) as { registered: unknown };
    assert.equal(JSON.stringify(registered), json);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
