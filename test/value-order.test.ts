import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareValues, identityOf } from '../src/values/value-order.ts';

const ofUtf8 = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

describe('the order of texts', () => {
  const parts = fc.constantFrom(
    'a',
    'b',
    '\u0000',
    '\u00e9',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{1f600}',
    '\u{10ffff}',
  );
  const ends = fc.array(parts, { maxLength: 4 }).map((all) => all.join(''));
  const beginnings = fc.tuple(parts, fc.integer({ min: 0, max: 70 })).map(([part, times]) => part.repeat(times));

  test('is that of their UTF-8 bytes, wherever they begin to differ', () => {
    fc.assert(
      fc.property(beginnings, ends, ends, (beginning, one, other) => {
        const [left, right] = [beginning + one, beginning + other];
        assert.equal(Math.sign(compareValues(left, right)), ofUtf8(left, right));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('what a value is known by', () => {
  test('is of long texts and bytes short, and no two have the same', () => {
    const texts = ['a', 'b'].map((end) => 'x'.repeat(100_000) + end);
    const known = texts.map(identityOf) as string[];
    assert.ok(known.every((one) => one.length < 100));
    assert.equal(new Set([...known, identityOf('x'), ...known.map((one) => identityOf(one.slice(1)))]).size, 5);
    assert.equal(identityOf(`${'x'.repeat(100_000)}a`), known[0]);
    const bytes = texts.map((text) => identityOf(new Uint8Array(Buffer.from(text))));
    assert.equal(new Set(bytes).size, 2);
  });
});
