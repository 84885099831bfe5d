import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Value } from '../providers/contract/value-type.ts';
import { type Cell, compileExpression, EvaluationError } from '../src/expressions/expression.ts';
import { drawValue, expressionOf, inputs, resultKinds } from './expressions/generated-expression.ts';
import { oracleOf } from './expressions/oracle.ts';
import { Random } from './fuzz/random.ts';

// The oracle takes parts of instants by the calendar of the process.
process.env.TZ = 'UTC';

const seed = Number(process.env.FEATUREGRAPH_SEED ?? Date.now() % 1_000_000);
const expressionCount = 1_000;
const rowsOfEach = 100;

describe('an expression', () => {
  test(`is what @bufbuild/cel says, in 100,000 random rows (seed ${seed})`, () => {
    const draw = new Random(seed);
    const seen = { values: 0, nulls: 0, errors: 0 };
    for (let count = 0; count < expressionCount; count++) {
      const written = expressionOf(draw, draw.pick(resultKinds), 4);
      const rows = Array.from({ length: rowsOfEach }, () => inputs.map(({ type }) => drawValue(draw, type)));
      const answers = answersOf(written.ours, rows);
      const oracle = oracleOf(written.oracle, inputs);
      for (const [at, ours] of answers.entries()) {
        const row = rows[at] ?? [];
        const told = oracle(row);
        seen[outcomeOf(ours)]++;
        if (isAsTold(written.ours, ours, told, row)) continue;
        assert.fail(`${written.ours}\n${written.oracle}\n${shown(row)}\nours ${shown(ours)}, oracle ${shown(told)}`);
      }
    }
    assert.ok(seen.values > 30_000 && seen.errors > 5_000 && seen.nulls > 10_000, JSON.stringify(seen));
  });
});

/** None for an expression that is longer than we take. */
function answersOf(text: string, rows: readonly (readonly Value[])[]): Cell[] {
  const compiled = compileExpression(text, inputs);
  const columns = inputs.map((_, column) => rows.map((row) => row[column] ?? null));
  if ('expression' in compiled) return compiled.expression.evaluate(columns, rows.length);
  assert.equal(compiled.problem.code, 'LIMIT', `${text}: ${compiled.problem.message}`);
  return [];
}

function outcomeOf(cell: Cell): 'values' | 'nulls' | 'errors' {
  if (cell instanceof EvaluationError) return 'errors';
  return cell === null ? 'nulls' : 'values';
}

/**
 * The oracle fails where nulls meet an operator, and where there is an error: with us the former is null, or a null in
 * a list that is made. Only a row without a null, in a list either, has errors alone. What we ask for a null by (`a ==
 * null ? null : …`) goes before errors there, and after them with us.
 */
function isAsTold(text: string, ours: Cell, oracle: Value | undefined, row: readonly Value[]): boolean {
  const knowsNull = row.some((value) => value === null || (Array.isArray(value) && value.includes(null)));
  const isError = ours instanceof EvaluationError;
  if (oracle === undefined) return isError || (knowsNull && (ours === null || text.includes('[')));
  return shown(ours) === shown(oracle) || (oracle === null && knowsNull && isError);
}

function shown(value: unknown): string {
  return (
    JSON.stringify(value, (_, one: unknown) => {
      if (typeof one === 'bigint') return `${one}n`;
      if (one instanceof Uint8Array) return `bytes ${[...one]}`;
      if (typeof one === 'number') return Object.is(one, -0) ? '-0' : String(one);
      return one;
    }) ?? 'fails'
  );
}
