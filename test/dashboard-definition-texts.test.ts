import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { parse, valueFromASTUntyped } from 'graphql';
import { type Definition, definitionText } from '../dashboard/resource/definition-text.ts';
import { snippets } from '../dashboard/resource/snippet-texts.ts';
import { awkwardText } from './servers/awkward-text.ts';
import { missingPython } from './servers/python.ts';

const run = promisify(execFile);
const skip = (await missingPython()) ?? false;

const name = fc.constantFrom('trips', 'class', 'import', 'lambda', 'fg', 'DefinitionInput', 'is_late', 'None', 'await');
const definition: fc.Arbitrary<Definition> = fc.record({
  source: fc.record({
    name,
    description: awkwardText,
    tags: fc.array(awkwardText, { maxLength: 3 }),
    properties: fc.array(fc.record({ key: awkwardText, value: awkwardText }), { maxLength: 2 }),
    files: fc.record({
      paths: fc.array(awkwardText, { minLength: 1, maxLength: 2 }),
      csv: fc.record({
        header: fc.boolean(),
        nullTexts: fc.array(awkwardText, { maxLength: 2 }),
        escape: fc.constant(null),
      }),
    }),
  }),
});
const drawn = [
  ...(JSON.parse(JSON.stringify(fc.sample(definition, { numRuns: 200, seed: 7 }))) as Definition[]),
  ...['true', 'false', 'null', 'constructor', '\r', '\u2028'].map((text) => ({
    source: { name: 'trips', description: text, files: { paths: [text], csv: { nullTexts: [text] } } },
  })),
];

/** Answers with what the texts register, by a client that takes it down. */
async function registeredByPython(texts: readonly string[]): Promise<unknown> {
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-texts-'));
  try {
    await writeFile(
      join(home, 'featuregraph.py'),
      'import json\n\n\nclass connect:\n    def __init__(self, *all, **named):\n        pass\n\n    def apply(self, given):\n        print(json.dumps(given))\n\n    def online(self, *all, **named):\n        return json.dumps([all, named])\n',
    );
    await writeFile(join(home, 'texts.json'), JSON.stringify(texts));
    await writeFile(
      join(home, 'all.py'),
      'import json\n\nfor text in json.load(open("texts.json", encoding="utf-8")):\n    exec(text, {})\n',
    );
    const { stdout } = await run('python3', ['-X', 'utf8', 'all.py'], { cwd: home, maxBuffer: 16 * 2 ** 20 });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

describe('a definition as the dashboard writes it', () => {
  test('reads back equal as TypeScript', async () => {
    const home = await mkdtemp(join(tmpdir(), 'featuregraph-texts-'));
    for (const [at, one] of drawn.entries()) {
      const file = join(home, `d${at}.mts`);
      await writeFile(file, definitionText(one, 'TypeScript'));
      assert.deepEqual(Object.values(await import(file)), [one]);
    }
    await rm(home, { recursive: true, force: true });
  });

  test('reads back equal as Python', { skip }, async () => {
    const read = await registeredByPython(drawn.map((one) => definitionText(one, 'Python')));
    assert.deepEqual(
      read,
      drawn.map((one) => [one]),
    );
  });

  test('reads back equal as GraphQL', () => {
    for (const one of drawn) {
      const [operation] = parse(definitionText(one, 'GraphQL')).definitions;
      assert.ok(operation?.kind === 'OperationDefinition');
      const [field] = operation.selectionSet.selections;
      assert.ok(field?.kind === 'Field' && field.arguments?.[0] !== undefined);
      const read = valueFromASTUntyped(field.arguments[0].value);
      assert.deepEqual(JSON.parse(JSON.stringify(read)), [one]);
    }
  });

  test('is asked for in Python with its truths and its nothing', { skip }, async () => {
    const keys = ['true', 'null', '"x"'].map((value, at) => ({ role: 'a', joinKey: `k${at}`, value }));
    const request = [{ name: 'amount', value: 'null' }];
    const subject = {
      kind: 'FEATURE_SERVICE',
      ref: 'eta',
      field: 'featureService',
      url: 'http://x',
      keys,
      request,
    } as const;
    const text = snippets(subject).find(({ name }) => name === 'Python')?.text ?? '';
    assert.deepEqual(await registeredByPython([text]), [
      [['eta', { k0: true, k1: null, k2: 'x' }], { request: { amount: null } }],
    ]);
  });
});
