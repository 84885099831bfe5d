import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileExpression, EvaluationError } from '../src/expressions/expression.ts';
import { conformanceCases } from './expressions/conformance-cases.ts';

describe("the CEL specification's own cases", () => {
  const { cases, others } = conformanceCases();

  test('hold, for the types that we have', () => {
    const wrong = cases.flatMap(({ name, text, inputs, values, expected }) => {
      const compiled = compileExpression(text, inputs);
      // What has to fail may be refused when it is registered.
      if ('problem' in compiled) {
        return expected === undefined ? [] : [`${name}: ${text} is refused: ${compiled.problem.message}`];
      }
      const [answer = null] = compiled.expression.evaluate(
        values.map((value) => [value]),
        1,
      );
      const told = answer instanceof EvaluationError ? undefined : answer;
      return isSame(told, expected) ? [] : [`${name}: ${text} is ${String(told)}, not ${String(expected)}`];
    });
    assert.deepEqual(wrong, []);
  });

  test('are set aside for a reason alone: those of types and functions that we lack', () => {
    assert.equal(cases.length, 783);
    assert.deepEqual(Object.fromEntries([...others].map(([why, names]) => [why, names.length])), {
      messages: 551,
      'unsigned integers': 248,
      'maps and messages': 153,
      'functions that there are not': 141,
      'types as values': 133,
      'optional values': 70,
      'messages and maps': 60,
      'types of the checker of cel-go': 47,
      'an extension': 46,
      'macros with two variables, which the parser does not know': 46,
      'several types in one place': 28,
      'names that there are not': 19,
      nanoseconds: 7,
      'values that are nothing at all': 7,
      'bindings of other types': 5,
    });
  });
});

function isSame(told: unknown, expected: unknown): boolean {
  try {
    assert.deepStrictEqual(told, expected);
    return true;
  } catch {
    return false;
  }
}
