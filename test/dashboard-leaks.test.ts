import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { labelKnowledge } from '../dashboard/training/label-knowledge.ts';

/** Numbers that look drawn, and are the same each time. */
function drawn(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  });
}

describe('how much a column knows of the label', () => {
  const late = drawn(1_000, 1).map((one) => one < 0.3);
  const knows = (
    column: readonly (string | number | boolean | null)[],
    label: readonly (string | number | boolean | null)[] = late,
  ) => labelKnowledge(column, label) ?? Number.NaN;

  test('is all of it where it is the label, turned around, scaled, as a text, or by its absence', () => {
    assert.equal(knows(late), 1);
    assert.equal(knows(late.map((one) => !one)), 1);
    assert.equal(knows(late.map((one) => (one ? 7 : -2.5))), 1);
    assert.equal(knows(late.map((one) => (one ? 'late' : 'in time'))), 1);
    assert.equal(knows(late.map((one) => (one ? 'a note' : null))), 1);
    const minutes = drawn(1_000, 2);
    assert.ok(
      Math.abs(
        knows(
          minutes.map((one) => one ** 3),
          minutes,
        ) - 1,
      ) < 1e-9,
    );
  });

  test('is as good as none of it where it has nothing to do with it, however many different texts it has', () => {
    assert.ok(knows(drawn(1_000, 3)) < 0.1);
    assert.equal(knows(late.map(() => 'the same')) < 0.1, true);
    assert.ok(knows(drawn(1_000, 4).map((one) => `text ${Math.floor(one * 50)}`)) < 0.15);
    assert.ok(knows(late.map((_one, at) => `row ${at}`)) < 0.1);
  });

  test('is told for each class of a few, and for those in between', () => {
    const classes = drawn(1_000, 5).map((one) => ['red', 'green', 'blue'][Math.floor(one * 3)] ?? '');
    assert.equal(
      knows(
        classes.map((one) => (one === 'green' ? 1 : 0)),
        classes,
      ),
      1,
    );
    const noisy = drawn(1_000, 6).map((one, at) => (one < 0.2 ? !late[at] : (late[at] ?? false)));
    assert.ok(knows(noisy) > 0.4 && knows(noisy) < 0.8, String(knows(noisy)));
  });

  test('can not be told of few rows, or of a label that says one thing', () => {
    assert.equal(labelKnowledge(late.slice(0, 20), late.slice(0, 20)), undefined);
    assert.equal(
      labelKnowledge(
        late,
        late.map(() => true),
      ),
      undefined,
    );
    assert.equal(
      labelKnowledge(
        late,
        late.map(() => null),
      ),
      undefined,
    );
  });
});
