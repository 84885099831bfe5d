import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { isEnumType } from 'graphql';
import { failureCodes } from '../providers/contract/failure.ts';
import { schema } from '../schema/schema.ts';
import { requestCodes } from '../server/format-error.ts';

type Documented = { code: string; meaning: string; example: string; remedy: string; retryHelps: string };

async function documented(heading: string): Promise<Documented[]> {
  const page = await readFile(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([A-Z_]+)` \|(.+)\|(.+)\|(.+)\|(.+)\|$/gm)].map(
    ([, code = '', meaning = '', example = '', remedy = '', retryHelps = '']) => ({
      code,
      meaning: meaning.trim(),
      example: example.trim(),
      remedy: remedy.trim(),
      retryHelps: retryHelps.trim(),
    }),
  );
}

describe('docs/errors.md', () => {
  test('describes every code of featuregraph, no other, and whether trying again helps', async () => {
    const codes = await documented('Codes of featuregraph');
    const expected = Object.entries(failureCodes).map(([code, { retryable }]) => [code, retryable ? 'yes' : 'no']);
    assert.deepEqual(codes.map(({ code, retryHelps }) => [code, retryHelps]).toSorted(), expected.toSorted());
  });

  test('describes every code that a request can be refused with, and no other', async () => {
    const codes = await documented('Codes of GraphQL over HTTP');
    assert.deepEqual(codes.map(({ code }) => code).toSorted(), requestCodes.toSorted());
    assert.ok(codes.every(({ retryHelps }) => retryHelps === 'no'));
  });

  test('gives each code a meaning, an example and what to do', async () => {
    for (const heading of ['Codes of featuregraph', 'Codes of GraphQL over HTTP']) {
      for (const { code, meaning, example, remedy } of await documented(heading)) {
        assert.match(meaning, /\.$/, code);
        assert.ok(example.length > 5, code);
        assert.match(remedy, /\.$/, code);
      }
    }
  });

  test("has the codes of the graph's own enum", () => {
    const type = schema.getType('ErrorCode');
    assert.ok(isEnumType(type));
    assert.deepEqual(
      type
        .getValues()
        .map(({ name }) => name)
        .toSorted(),
      Object.keys(failureCodes).toSorted(),
    );
  });
});
