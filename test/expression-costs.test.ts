import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { RE2JS } from '@bufbuild/re2';
import fc from 'fast-check';
import { scalar } from '../providers/contract/value-type.ts';
import { type Cell, compileExpression, compilePredicate, EvaluationError } from '../src/expressions/expression.ts';
import { expressionLimits } from '../src/expressions/expression-limits.ts';
import { patternSize } from '../src/expressions/functions/patterns.ts';
import { firstPlace, lastPlace, piecesOf } from '../src/expressions/functions/text-search.ts';
import { zoneOffset } from '../src/expressions/functions/time-zone.ts';
import { evaluatedInTurns } from '../src/on-demand/evaluated-in-turns.ts';
import { othersDuring } from './others-during.ts';

const inputs = [
  { name: 'text', type: scalar('STRING') },
  { name: 'part', type: scalar('STRING') },
  { name: 'bytes', type: scalar('BYTES') },
  { name: 'codes', type: { kind: 'ARRAY', element: 'INT64' } as const },
  { name: 'words', type: { kind: 'ARRAY', element: 'STRING' } as const },
  { name: 'days', type: { kind: 'ARRAY', element: 'TIMESTAMP' } as const },
  { name: 'embedding', type: { kind: 'VECTOR', dimensions: 4_096, metric: 'DOT' } as const },
];

type Row = Record<string, Cell>;

function compiled(text: string) {
  const made = compileExpression(text, inputs);
  return 'problem' in made ? assert.fail(made.problem.message) : made.expression;
}

const columnsOf = (...rows: Row[]) => inputs.map(({ name }) => rows.map((row) => row[name] ?? null));

function answerTo(text: string, row: Row): Cell | string {
  const value = compiled(text).over(columnsOf(row)).cell(0);
  return value instanceof EvaluationError ? value.reason : value;
}

const long = 'a'.repeat(100_000);
const codes = Array.from({ length: 10_000 }, (_, at) => BigInt(at));
const day = 86_400_000_000n;
const days = codes.map((at) => at * day);

/** What would take a row seconds, in each way that a part of an expression can grow with what it is given. */
const tooMuch: [text: string, row: Row][] = [
  ['codes.all(one, one in codes)', { codes }],
  ['codes.all(one, codes == codes)', { codes }],
  ['codes.map(one, codes) == codes.map(one, codes)', { codes }],
  ['codes.all(one, size(codes + codes) > 0)', { codes: codes.slice(0, 2_000) }],
  ['codes.all(one, math.greatest(codes) >= one)', { codes }],
  ['codes.all(one, embedding[0] >= 0.0)', { codes, embedding: new Float32Array(4_096) }],
  ['words.all(one, words.all(other, one == other))', { words: Array(100).fill(long) }],
  ['words.all(one, one <= text)', { words: Array(100).fill(long), text: long }],
  ['words.all(one, bytes == bytes)', { words: Array(1_000).fill(''), bytes: new Uint8Array(100_000) }],
  ['words.all(one, text.contains(one))', { words: Array(100).fill('a'), text: long }],
  ['words.all(one, size(text.split(one)) > 0)', { words: Array(100).fill(','), text: long }],
  ['words.all(one, text.replace(one, "") != "")', { words: Array(100).fill(','), text: long }],
  ['words.all(one, text.upperAscii() != one)', { words: Array(100).fill(','), text: long }],
  ['words.all(one, text.substring(1) != one)', { words: Array(100).fill(','), text: long }],
  ['words.all(one, words.join(text) != one)', { words: Array(10_000).fill(','), text: '' }],
  ['codes.all(one, words.join(text) != text)', { codes, words: Array(2).fill(long.slice(50_000)), text: '' }],
  ['words.exists(one, duration(one) > duration("1s"))', { words: Array(1_000).fill('0ns'.repeat(33)) }],
  ['codes.exists(one, string(bytes) == "b")', { codes, bytes: new Uint8Array([97]) }],
  ['codes.all(one, bytes(text) == b"")', { codes, text: '' }],
  ['words.all(one, timestamp(one) > timestamp(0))', { words: Array(10_000).fill('2013-01-31T05:00:00Z') }],
  ['words.all(one, duration(one) > duration("1s"))', { words: Array(10_000).fill('1h2m3s') }],
  ['days.all(one, string(one) != "")', { days }],
  ['days.all(one, one.getHours("Europe/Berlin") >= 0)', { days }],
  ['size(codes.map(one, text)) > 0', { codes: codes.slice(0, 100), text: long }],
  ['size(codes.map(one, one > 0, text)) > 0', { codes: codes.slice(0, 100), text: long }],
  ['text.matches("(.*a){20}\\\\b")', { text: long }],
  ['text.matches("(a?){400}a{300}\\\\b")', { text: 'a'.repeat(1_000) }],
];

/** In a thread of its own, which can be ended where it does not end. */
function measuredElsewhere(texts: readonly string[]): Promise<void> {
  const module = new URL('../src/expressions/functions/patterns.ts', import.meta.url).href;
  const program = `import { patternSize } from ${JSON.stringify(module)}; ${JSON.stringify(texts)}.forEach(patternSize)`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.once('exit', resolve);
  worker.once('error', reject);
  const stuck = setTimeout(() => reject(new Error('a pattern is still measured')), 50_000);
  return promise.finally(() => {
    clearTimeout(stuck);
    return worker.terminate().then(() => undefined);
  });
}

describe('the cost of an expression', () => {
  for (const [text, row] of tooMuch) {
    test(`ends ${text}`, () => {
      assert.equal(answerTo(text, row), 'LIMIT');
      const small = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shortened(value)]));
      assert.notEqual(answerTo(text, small), 'LIMIT', 'of less it has a value');
    });
  }

  test('is for each row its own, and is what a row takes, not what others did', () => {
    const expression = compiled('codes.all(one, one >= 0)');
    const rows = Array.from({ length: 50 }, () => ({ codes }));
    assert.deepEqual(expression.evaluate(columnsOf(...rows), rows.length), Array(50).fill(true));
    const evaluation = expression.over(columnsOf({ codes }));
    evaluation.cell(0);
    assert.ok(evaluation.steps > codes.length && evaluation.steps < expressionLimits.steps);
  });

  test('of what is always the same is paid where it is evaluated, once it is much', () => {
    const text = `size("${'a'.repeat(100)}".replace("a", "${'b'.repeat(50)}").replace("b", "cd")) == 10000`;
    assert.equal(answerTo(text, {}), true);
  });

  test('is less of a predicate, which is asked for many events', () => {
    const predicate = compilePredicate('codes.all(one, one >= 0)', inputs);
    if ('problem' in predicate) return assert.fail(predicate.problem.message);
    const answers = predicate.expression.evaluate(columnsOf({ codes }, { codes: codes.slice(0, 100) }), 2);
    assert.deepEqual(
      answers.map((one) => one instanceof EvaluationError),
      [true, false],
    );
  });

  test('does not grow by the square of a text that is no number, or of a part that is nearly found', () => {
    assert.equal(answerTo('double(text)', { text: `${'1'.repeat(400_000)}x` }), 'CONVERSION');
    const part = `${'a'.repeat(25_000)}b${'a'.repeat(24_999)}`;
    assert.equal(answerTo('text.contains(part)', { text: long, part }), false);
    assert.equal(answerTo('text.lastIndexOf(part)', { text: long, part }), -1n);
    assert.equal(answerTo('text.indexOf(part)', { text: long + part, part }), 100_000n);
  });
});

/** A hundredth of it, and at most two of a list. */
function shortened(value: Cell): Cell {
  if (typeof value === 'string') return value.slice(0, Math.ceil(value.length / 100));
  if (value instanceof Uint8Array || value instanceof Float32Array) return value.slice(0, 40);
  return Array.isArray(value) ? value.slice(0, 2).map((one) => shortened(one) as never) : value;
}

describe('the patterns of an expression', () => {
  const problemOf = (text: string) => {
    const made = compileExpression(text, inputs);
    return 'problem' in made ? made.problem.message : undefined;
  };

  const tooLarge = [
    ['one that is long', `text.matches("${'[^a]'.repeat(600)}")`],
    ['one that is repeated', 'text.matches("([a-z]x|y){300}")'],
    ['one that is repeated within what is', 'text.matches("(?:(ab){2,}c){0,300}")'],
    ['several together', Array(50).fill(`text.matches("(?i)(a|b){8}x")`).join(' && ')],
    ['one that is put together', `text.matches("aaaaaaaaaa".replace("a", "${'b'.repeat(200)}c"))`],
    ['one in a macro', 'words.all(one, one.matches("\\\\pL{1000}{2}"))'],
  ] as const;
  for (const [name, text] of tooLarge) {
    test(`have a size that is known before they are compiled: ${name}`, () => {
      assert.match(problemOf(text) ?? '', /have 2000 characters at most, each as often as it is repeated/);
    });
  }

  test('may be as large as that', () => {
    assert.equal(
      problemOf('text.matches("(abc|[d-f]){1,150}") && text.matches("(\\\\d{4}-){3}[)({1000}]")'),
      undefined,
    );
  });

  const atoms = [
    'a',
    '.',
    '(?:aa{3})(?i)',
    'a(?s-i)',
    '\\pL',
    '\\p{Greek}',
    '[a-z]',
    '[^]x]',
    '[[:alpha:]0]',
    '[\\]a]',
    '\\x{10FFFF}',
    '\\Q(a{3}\\E',
    '\\{',
    '\\b',
  ];
  const repetitions = ['', '', '*', '+?', '?', '{3}', '{2,5}', '{4,}', '{0}', '{0,9}', '{,3}'];
  const repeated = (part: fc.Arbitrary<string>) =>
    fc.array(
      fc.tuple(part, fc.constantFrom(...repetitions)).map(([one, times]) => one + times),
      { minLength: 1, maxLength: 3 },
    );
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      repeated(fc.constantFrom(...atoms)).map((parts) => parts.join('')),
      repeated(tie('pattern').map((one) => `(${one})`)).map((parts) => parts.join('|')),
    ),
  }));

  test('are measured at once, whatever is left open in them', async () => {
    const open = [`[${'\\a'.repeat(900)}`, '[:'.repeat(1_000), '[[:a'.repeat(500), '\\p{'.repeat(600)];
    await measuredElsewhere(open);
  });

  test('are not looked through where a part of the expression makes too long ones', async () => {
    const made = `text.matches("${'x'.repeat(1_000)}".replace("x", "${'['.repeat(90)}"))`;
    assert.match(problemOf(made) ?? '', /2000 characters at most/);
  });

  test('are as large as what stands before flags, as often as is said after them', () => {
    assert.equal(patternSize('(?:ab){10}(?i){10}'), patternSize('(?:ab){100}'));
    assert.match(
      problemOf(`text.matches("(?:${'abcdefghij'.repeat(20)})(?s){300}(?i){3}")`) ?? '',
      /2000 characters at most/,
    );
  });

  test('have few classes of Unicode, each of which takes long', () => {
    assert.equal(problemOf(`text.matches("[${'\\\\pL'.repeat(20)}]{10}")`), undefined);
    assert.match(problemOf(`text.matches("[${'\\\\pL'.repeat(600)}]")`) ?? '', /2000 characters at most/);
  });

  test('are never half as large as their programs', () => {
    fc.assert(
      fc.property(pattern, (text) => {
        const size = patternSize(text);
        fc.pre(size < 1_000);
        assert.ok(RE2JS.compile(text).re2().prog.numInst() <= 2 * (size + 4));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('many rows', () => {
  const rows = Array.from({ length: 60 }, () => ({ codes }));
  const expression = compiled('codes.all(one, one + 1 > one && one * 2 >= one)');

  test('are computed in turns, between which others are looked after', async () => {
    const others = await othersDuring(async () => {
      const values = await evaluatedInTurns(expression, columnsOf(...rows), rows.length);
      assert.deepEqual(values, Array(60).fill(true));
    });
    assert.ok(others >= 3, `${others} times`);
  });

  test('are not computed to their end when nobody waits for them', async () => {
    const left = new AbortController();
    const asked = evaluatedInTurns(expression, columnsOf(...rows), rows.length, left);
    left.abort(new Error('left'));
    await assert.rejects(asked, /left/);
  });
});

describe('a part of a text', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab'), { maxLength: 300 }).map((parts) => parts.join(''));

  test('that is long is found where JavaScript finds it', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat({ max: 90 }), fc.boolean(), (text, at, length, isChanged) => {
        const from = text.length === 0 ? 0 : at % text.length;
        const part = text.slice(from, from + 33 + length) + (isChanged ? 'b' : '');
        fc.pre(part !== '');
        assert.equal(firstPlace(text, part), text.indexOf(part));
        assert.equal(lastPlace(text, part), text.lastIndexOf(part));
        assert.deepEqual(piecesOf(text, part), text.split(part));
        const periodic = 'ab'.repeat(20);
        const repeated = `${text}${periodic}${periodic}ab`;
        assert.deepEqual(piecesOf(repeated, periodic), repeated.split(periodic));
        assert.equal(lastPlace(repeated, periodic), repeated.lastIndexOf(periodic));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is counted in characters, whatever they are made of', () => {
    const row = { text: 'a😀b😀c', part: '😀' };
    assert.equal(answerTo('text.substring(1, 3)', row), '😀b');
    assert.equal(answerTo('text.substring(4)', row), 'c');
    assert.equal(answerTo('text.substring(5)', row), '');
    for (const wrong of ['text.substring(6)', 'text.substring(3, 2)', 'text.substring(-1)', 'text.substring(0, 6)'])
      assert.equal(answerTo(wrong, row), 'INDEX', wrong);
    assert.equal(answerTo('text.lastIndexOf(part)', row), 3n);
  });
});

describe('the offset of a zone', () => {
  test('is one of a zone however that is spelt, and of the year before the first', () => {
    const winter = Date.UTC(2013, 0, 15);
    for (const zone of ['Europe/Berlin', 'europe/berlin', 'EUROPE/BERLIN'])
      assert.equal(zoneOffset(zone)?.(winter), 3_600_000, zone);
    const first = Date.parse('0001-01-01T02:00:00Z');
    assert.ok(Math.abs(zoneOffset('America/New_York')?.(first) ?? Number.NaN) < 86_400_000);
  });

  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Monrovia',
    'Pacific/Apia',
  ];

  test('is what the calendar of the zone says, on days of a change too', () => {
    const changes = [
      '2013-03-31T01:00Z',
      '2013-10-27T01:00Z',
      '2011-12-30T10:00Z',
      '1972-01-07T00:44:30Z',
      '2013-11-03T06:00Z',
    ];
    const near = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -90_000_000, max: 90_000_000 }))
      .map(([change, by]) => Date.parse(change) + by);
    const any = fc.integer({ min: -1_000_000_000_000, max: 2_000_000_000_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.oneof(near, any), (zone, milliseconds) => {
        const written = new Date(milliseconds).toLocaleString('sv-SE', { timeZone: zone });
        const local = Date.parse(`${written.replace(' ', 'T')}Z`);
        assert.equal(zoneOffset(zone)?.(milliseconds), local - Math.floor(milliseconds / 1_000) * 1_000);
      }),
      { numRuns: 2_000 },
    );
  });
});
