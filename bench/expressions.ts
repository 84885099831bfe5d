import { celEnv, parse, plan } from '@bufbuild/cel';
import { scalar, type Value } from '../providers/contract/value-type.ts';
import { compileExpression, type Expression, type ExpressionInput } from '../src/expressions/expression.ts';

/** Microseconds an evaluation of our closures, of a function written by hand, and of `@bufbuild/cel`. */
const inputs: ExpressionInput[] = [
  { name: 'amount', type: scalar('FLOAT64') },
  { name: 'mean', type: scalar('FLOAT64') },
  { name: 'risk', type: scalar('FLOAT64') },
  { name: 'trips', type: scalar('INT64') },
  { name: 'city', type: scalar('STRING') },
  { name: 'at', type: scalar('TIMESTAMP') },
];
const texts = [
  'amount > mean * 10.0 ? risk * 2.5 : risk * 0.5',
  'math.abs(amount - mean) / (mean + 1.0)',
  'coalesce(amount, mean) > 0.5 && city in ["JFK", "LGA", "EWR"]',
  'trips * 3 + 1 > 100',
  'city.startsWith("J") || at > timestamp("2013-01-31T00:00:00Z")',
  'at.getHours() < 6',
];

const rowCount = 1_000;
const columns: Value[][] = [
  Array.from({ length: rowCount }, (_, at) => at / 7),
  Array.from({ length: rowCount }, (_, at) => (at % 11) / 3),
  Array.from({ length: rowCount }, (_, at) => (at % 19 === 0 ? null : at / 5)),
  Array.from({ length: rowCount }, (_, at) => BigInt(at) * 1_000_003n),
  Array.from({ length: rowCount }, (_, at) => ['JFK', 'LGA', 'BOS'][at % 3] ?? null),
  Array.from({ length: rowCount }, (_, at) => 1_357_016_400_123_456n + BigInt(at) * 3_600_000_000n),
];

function microseconds(run: () => void, evaluations: number): number {
  const until = (milliseconds: number) => {
    const start = performance.now();
    let times = 0;
    while (performance.now() - start < milliseconds) {
      run();
      times++;
    }
    return ((performance.now() - start) * 1_000) / (times * evaluations);
  };
  until(300);
  return Math.min(...[1, 2, 3, 4, 5].map(() => until(200)));
}

function compile(text: string): Expression {
  const compiled = compileExpression(text, inputs);
  if ('problem' in compiled) throw new Error(compiled.problem.message);
  return compiled.expression;
}

/** Without the instants, which the oracle holds in another form. */
function oracleMicroseconds(text: string): number | undefined {
  if (/\bat\b/.test(text)) return undefined;
  if (text.includes('coalesce') || text.includes('math.')) return undefined;
  const evaluate = plan(celEnv(), parse(text));
  return microseconds(() => {
    for (let at = 0; at < 100; at++) {
      evaluate(
        Object.fromEntries(inputs.slice(0, 5).map(({ name }, column) => [name, columns[column]?.[at] as number])),
      );
    }
  }, 100);
}

const table: Record<string, Record<string, number | undefined>> = {};
for (const text of texts) {
  const expression = compile(text);
  const ours = microseconds(() => expression.evaluate(columns, rowCount), rowCount);
  const oracle = oracleMicroseconds(text);
  table[text] = { 'µs an evaluation': Number(ours.toFixed(3)), '@bufbuild/cel': oracle && Number(oracle.toFixed(2)) };
}
console.table(table);

const ten = Array.from({ length: 10 }, (_, at) => compile(texts[at % texts.length] ?? ''));
const hundred = columns.map((column) => column.slice(0, 100));
const added = microseconds(() => {
  for (const expression of ten) expression.evaluate(hundred, 100);
}, 1);
console.log(`100 rows × 10 expressions: ${(added / 1_000).toFixed(3)} ms`);
