import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { answerText } from '../server/answer-text.ts';
import { anyText } from './conformance/any-text.ts';
import { othersDuring } from './others-during.ts';

const filler = Array.from({ length: 2_500 }, (_, at) => at / 7);
/** Values of which some are large wherever they stand. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0.5, undefined, 'x'.repeat(200_000), filler, new Date(0)),
    anyText(),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), {
      maxKeys: 6,
      noNullPrototype: false,
    }),
  ),
}));

describe('an answer', () => {
  test('is the JSON that it is, in whatever parts it is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 4 }), async (values) => {
        for (const answer of [values, { data: values, large: filler }, { data: { ...values }, filler }])
          for (const nodesOfPart of [20, 2_000])
            assert.equal(await answerText(answer, nodesOfPart), JSON.stringify(answer));
      }),
      { numRuns: 200 },
    );
  });

  test('that is small is written at once', () => {
    assert.equal(answerText({ data: { values: [1, 'two', null] } }), '{"data":{"values":[1,"two",null]}}');
  });

  for (const [name, answer] of Object.entries({
    'one list': { data: { values: Array.from({ length: 100_000 }, (_, at) => at / 3) } },
    'many maps': {
      data: Array.from({ length: 200 }, () => Object.fromEntries(filler.map((one) => [`key ${one}`, one]))),
    },
    'long texts': { data: Array.from({ length: 100 }, () => 'x'.repeat(100_000)) },
    'one object': { data: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key ${at}`, at])) },
  })) {
    test(`that is large is written in turns: ${name}`, async () => {
      let text = '';
      const others = await othersDuring(async () => {
        text = await answerText(answer);
      });
      assert.equal(text, JSON.stringify(answer));
      assert.ok(others >= 1, `${others} times`);
    });
  }
});
