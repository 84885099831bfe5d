import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scalar, type Value, type ValueType } from '../providers/contract/value-type.ts';
import {
  type Cell,
  compileExpression,
  compilePredicate,
  EvaluationError,
  type ExpressionInput,
  formatProblem,
  inputFailed,
} from '../src/expressions/expression.ts';
import { oracleOf } from './expressions/oracle.ts';

const inputs: ExpressionInput[] = [
  { name: 'trips', type: scalar('INT64') },
  { name: 'rate', type: scalar('FLOAT64') },
  { name: 'city', type: scalar('STRING') },
  { name: 'request.amount', type: scalar('FLOAT64') },
  { name: 'request.at', type: scalar('TIMESTAMP') },
  { name: 'codes', type: { kind: 'ARRAY', element: 'INT32' } },
  { name: 'embedding', type: { kind: 'VECTOR', dimensions: 2, metric: 'DOT' } },
  { name: 'born', type: scalar('DATE') },
];

type Row = Record<string, Cell>;

/** The value for one row; inputs that it does not name are null. */
function answerTo(text: string, row: Row = {}): Cell | string {
  const compiled = compileExpression(text, inputs);
  if ('problem' in compiled) return assert.fail(formatProblem(compiled.problem));
  const [value = null] = compiled.expression.evaluate(
    inputs.map(({ name }) => [row[name] ?? null]),
    1,
  );
  return value instanceof EvaluationError ? value.reason : value;
}

function refusalOf(text: string, type?: ValueType) {
  const compiled = compileExpression(text, inputs, type);
  return 'problem' in compiled ? compiled.problem : assert.fail(`${text} is taken`);
}

describe('an expression', () => {
  test('takes a text for a number only where it is one, whatever JavaScript calls so', () => {
    for (const city of ['constructor', '__proto__', 'toString', ''])
      assert.equal(answerTo('double(city)', { city }), answerTo('double(city)', { city: 'x' }), city);
    assert.equal(answerTo('double(city)', { city: 'Infinity' }), Number.POSITIVE_INFINITY);
  });

  test('reads maps as CEL does: what is of a key, whether there is one, and how many', () => {
    const maps: ExpressionInput[] = [
      { name: 'spent', type: { kind: 'MAP', key: 'STRING', element: 'FLOAT64' } },
      { name: 'codes', type: { kind: 'MAP', key: 'INT32', element: 'INT32' } },
      { name: 'ids', type: { kind: 'MAP', key: 'INT64', element: 'STRING' } },
      { name: 'days', type: { kind: 'MAP', key: 'DATE', element: 'DATE' } },
      { name: 'flags', type: { kind: 'MAP', key: 'BOOL', element: 'BOOL' } },
      { name: 'name', type: scalar('STRING') },
    ];
    const row: Value[] = [
      new Map([
        ['books', 12.5],
        ['food', 3],
      ]),
      new Map([
        [-1, 7],
        [2, 8],
      ]),
      new Map([[2n ** 53n + 1n, 'x']]),
      new Map([[0, 1]]),
      new Map([[true, false]]),
      'food',
    ];
    const expressions = [
      'spent["books"] + spent[name]',
      '"books" in spent',
      '"toys" in spent',
      'name in spent ? spent[name] : 0.0',
      'size(spent)',
      'spent.size()',
      'codes[2] + codes[-1]',
      '3 in codes',
      'ids[9007199254740993]',
      '9007199254740992 in ids',
      'flags[true] || false',
      'spent["toys"]',
      'codes[0]',
    ];
    for (const text of expressions) {
      const compiled = compileExpression(text, maps);
      if ('problem' in compiled) assert.fail(formatProblem(compiled.problem));
      const [value = null] = compiled.expression.evaluate(
        row.map((one) => [one]),
        1,
      );
      const told = oracleOf(text, maps)(row);
      assert.deepEqual(value instanceof EvaluationError ? value.reason : value, told ?? 'INDEX', text);
      const nulls = compiled.expression.evaluate(
        row.map(() => [null]),
        1,
      );
      assert.deepEqual(nulls, [null], text);
    }
    // Of which CEL has no keys of its own.
    const ofDay = compileExpression('days[timestamp("1970-01-01T00:00:00Z")]', maps);
    assert.ok('expression' in ofDay);
    assert.deepEqual(
      ofDay.expression.evaluate(
        row.map((one) => [one]),
        1,
      ),
      [86_400_000_000n],
    );
    const ofNull = compileExpression('coalesce(spent["books"], -1.0)', maps);
    assert.ok('expression' in ofNull);
    assert.deepEqual(ofNull.expression.evaluate([[new Map([['books', null]]), null]], 2), [-1, -1]);
    for (const [text, message] of [
      ['spent', 'map(string, double) is no type of a feature'],
      ['spent[1]', 'map(string, double)[int] does not exist'],
      ['1 in spent', 'int in map(string, double) does not exist'],
      ['spent == spent', 'map(string, double) == map(string, double) does not exist'],
      ['spent in [spent]', 'map(string, double) in list(map(string, double)) does not exist'],
      ['[spent] == [spent]', 'list(map(string, double)) == list(map(string, double)) does not exist'],
      ['spent.exists(x, x == "a")', 'exists goes through a list, not map(string, double)'],
      ['spent + spent', 'map(string, double) + map(string, double) does not exist'],
    ] as const) {
      const refused = compileExpression(text, maps);
      assert.ok('problem' in refused, text);
      assert.equal(refused.problem.message, message);
      assert.ok(refused.problem.fix);
    }
    const isNull = compileExpression('spent == null', maps);
    assert.ok('expression' in isNull);
    assert.deepEqual(isNull.expression.evaluate([[row[0] ?? null, null]], 2), [false, true]);
  });

  test('trims white space of any length in the time that the text takes', () => {
    const city = ` \t${'a'.repeat(3)}${' '.repeat(400_000)}b\u2003\n`;
    assert.equal(answerTo('size(city.trim())', { city }), 400_004n);
    assert.equal(answerTo('"\u00a0 ".trim()'), '');
  });

  test('is refused with words where the parser has none of its own', () => {
    for (const text of ['if', 'in', 'request.in', '"\\ud800" == city', String.raw`"\xZZ"`, String.raw`"\U00110000"`])
      assert.equal(refusalOf(text).code, 'SYNTAX', text);
  });

  test('has the type of what it gives, and tells which inputs it reads', () => {
    const types = Object.entries({
      'trips + 1': 'INT64',
      'rate > 0.5': 'BOOL',
      'request.at + duration("1h")': 'TIMESTAMP',
      'codes.map(c, double(c))': { kind: 'ARRAY', element: 'FLOAT64' },
      'bytes(city)': 'BYTES',
    });
    for (const [text, type] of types) {
      const compiled = compileExpression(text, inputs);
      assert.ok('expression' in compiled, text);
      assert.deepEqual(compiled.expression.type, typeof type === 'string' ? { kind: 'SCALAR', name: type } : type);
    }
    const compiled = compileExpression('request.amount / rate > 2.0 ? trips : trips * 2', inputs);
    assert.ok('expression' in compiled);
    assert.deepEqual(compiled.expression.reads, [0, 1, 3]);
  });

  test('is null where an input is null, unless it says otherwise', () => {
    for (const text of [
      'trips + 1',
      'rate > 0.5',
      'city == "JFK"',
      'city != "JFK"',
      'city in ["JFK"]',
      'size(codes)',
    ]) {
      assert.equal(answerTo(text), null, text);
    }
    assert.equal(answerTo('rate > 0.5 ? 1 : 2'), null);
    assert.equal(answerTo('rate > 0.5 && trips > 1', { trips: 0n }), false);
    assert.equal(answerTo('rate > 0.5 || trips > 1', { trips: 2n }), true);
    assert.equal(answerTo('rate > 0.5 || trips > 1', { trips: 1n }), null);
    assert.equal(answerTo('city == null ? "none" : city'), 'none');
    assert.equal(answerTo('null != city'), false);
    assert.equal(answerTo('coalesce(rate, request.amount, 0.5)'), 0.5);
    assert.equal(answerTo('has(request.amount) ? 1 : 0'), 0n);
    assert.equal(answerTo('has(request.amount) ? 1 : 0', { 'request.amount': 0 }), 1n);
    assert.deepEqual(answerTo('codes.filter(c, c != null)', { codes: [1, null, 2] }), [1n, 2n]);
    assert.deepEqual(answerTo('codes.map(c, c + 1)', { codes: [1, null] }), [2n, null]);
    assert.equal(answerTo('codes.exists(c, c == 2)', { codes: [null, 2] }), true);
    assert.equal(answerTo('codes.all(c, c > 0)', { codes: [null, 2] }), null);
    assert.equal(answerTo('null in codes', { codes: [1, null] }), true);
  });

  test('is an error where there can be no value, and says why', () => {
    const biggest = { trips: 2n ** 63n - 1n };
    assert.equal(answerTo('trips / (trips - trips)', { trips: 1n }), 'DIVISION_BY_ZERO');
    assert.equal(answerTo('trips % 0', { trips: 1n }), 'DIVISION_BY_ZERO');
    assert.equal(answerTo('trips + 1', biggest), 'OVERFLOW');
    assert.equal(answerTo('trips * 2', biggest), 'OVERFLOW');
    assert.equal(answerTo('-(-trips - 1)', biggest), 'OVERFLOW');
    assert.equal(answerTo('int(rate)', { rate: 1e30 }), 'OVERFLOW');
    assert.equal(answerTo('double(city)', { city: 'x' }), 'CONVERSION');
    assert.equal(answerTo('codes[2]', { codes: [1, 2] }), 'INDEX');
    assert.equal(answerTo('rate / 0.0', { rate: 1 }), Number.POSITIVE_INFINITY);
    assert.equal(answerTo('trips > 0 ? 1 / 0 : 2', { trips: 0n }), 2n);
    assert.equal(answerTo('coalesce(trips / 0, 1)', { trips: 1n }), 'DIVISION_BY_ZERO');
    assert.equal(answerTo('coalesce(rate, 1.0)', { rate: inputFailed }), 'INPUT');
    assert.equal(answerTo('rate > 0.0 && trips > 1', { rate: inputFailed, trips: 1n }), false);
  });

  test('keeps 64 bits and microseconds', () => {
    assert.equal(answerTo('trips - 1', { trips: 2n ** 53n + 2n }), 2n ** 53n + 1n);
    assert.equal(
      answerTo('request.at + duration("1us")', { 'request.at': 1_357_016_400_123_456n }),
      1_357_016_400_123_457n,
    );
    assert.equal(
      answerTo('int((request.at - timestamp("2013-01-01T05:00:00.123455Z")) == duration("1us") ? 1 : 0)', {
        'request.at': 1_357_016_400_123_456n,
      }),
      1n,
    );
    assert.equal(answerTo('timestamp(trips)', { trips: 1n }), 1_000_000n);
    assert.equal(answerTo('request.at.getMilliseconds()', { 'request.at': -1n }), 999n);
    assert.equal(answerTo('request.at.getHours("America/New_York")', { 'request.at': 1_373_000_000_000_000n }), 0n);
    assert.equal(answerTo('request.at.getDayOfYear()', { 'request.at': -62_135_596_800_000_000n }), 0n);
    assert.equal(answerTo('string(born)', { born: 15_736 }), '2013-01-31T00:00:00Z');
    assert.equal(answerTo('embedding[1]', { embedding: new Float32Array([1, 0.5]) }), 0.5);
  });

  test('knows characters, not halves of them', () => {
    assert.equal(answerTo('size(city)', { city: '🐱x' }), 2n);
    assert.equal(answerTo('city.substring(1)', { city: '🐱x' }), 'x');
    assert.equal(answerTo('city > "\\uffee"', { city: '🐱' }), true);
    assert.equal(answerTo('city.indexOf("x")', { city: '🐱x' }), 1n);
  });

  test('that is refused names the place, what is wrong and what to write', () => {
    const misspelt = refusalOf('trips > 1 &&\n  request.amout > 2.0');
    assert.deepEqual(misspelt, {
      code: 'UNKNOWN_NAME',
      message: 'there is no request.amout',
      fix: 'Did you mean request.amount? There are trips, rate, city, request.amount, request.at, codes, embedding, born.',
      line: 2,
      column: 3,
      excerpt: '  request.amout > 2.0\n  ^',
    });
    assert.equal(formatProblem(misspelt), '2:3: there is no request.amout\n  request.amout > 2.0\n  ^');
    const refused: [text: string, code: string, message: RegExp, fix: RegExp][] = [
      ['rate * 2', 'TYPE', /double \* int does not exist/, /2\.0/],
      ['rate == 1', 'TYPE', /double == int/, /as a double/],
      ['trips +', 'SYNTAX', /the end can't stand here|can't stand here/, /CEL/],
      ['city == "JFK', 'SYNTAX', /a text does not end|can't stand/, /./],
      ['', 'SYNTAX', /is empty/, /./],
      ['sizes(city)', 'UNKNOWN_FUNCTION', /no function sizes/, /Did you mean size\(\)\? There are all, .*startsWith/],
      ['city.startWith("J")', 'UNKNOWN_FUNCTION', /no function startWith/, /Did you mean x\.startsWith\(\)/],
      ['math.abs(city)', 'TYPE', /math\.abs\(string\)/, /math\.abs\(double\), math\.abs\(int\)/],
      ['city.matches("(")', 'VALUE', /pattern/, /RE2/],
      ['city.matches(city)', 'TYPE', /written out/, /quotes/],
      ['request.at.getHours("Mars/Base")', 'VALUE', /no time zone "Mars\/Base"/, /Europe\/Berlin/],
      ['timestamp("2013-02-30T00:00:00Z")', 'VALUE', /is no timestamp/, /zone/],
      ['duration("1ns")', 'VALUE', /is no duration/, /microsecond/],
      ['request.at - request.at', 'TYPE', /duration is no type/, /int\(d\)/],
      ['null', 'TYPE', /always null/, /./],
      ['trips + null', 'TYPE', /\+ of null is always null/, /== null/],
      ['trips ? 1 : 2', 'TYPE', /\? takes bool, not int/, /x > 0/],
      ['{"a": 1}', 'TYPE', /maps/, /./],
      ['1u', 'TYPE', /unsigned/, /./],
      ['has(trips)', 'TYPE', /has\(\) takes/, /!= null/],
      ['now()', 'UNKNOWN_FUNCTION', /no function now/, /./],
      ['9223372036854775808', 'VALUE', /64 bits/, /double/],
    ];
    for (const [text, code, message, fix] of refused) {
      const problem = refusalOf(text);
      assert.deepEqual(
        [problem.code, message.test(problem.message), fix.test(problem.fix)],
        [code, true, true],
        `${text}: ${JSON.stringify(problem)}`,
      );
    }
    assert.match(refusalOf('trips', scalar('BOOL')).message, /it is int, not bool/);
    assert.ok('problem' in compilePredicate('trips', inputs));
    assert.match(refusalOf(`${'trips + '.repeat(20)}amount`).excerpt, /^…/);
  });

  test('costs no more than its limits', () => {
    assert.equal(refusalOf(`trips == ${' '.repeat(4_000)}1`).code, 'LIMIT');
    assert.match(refusalOf(`[${'1,'.repeat(600)}1] == [1]`).message, /more parts than 500/);
    assert.match(refusalOf(`${'('.repeat(1)}${'['.repeat(60)}1${']'.repeat(60)})`).message, /deeper than 50/);
    assert.equal(refusalOf('('.repeat(4_000)).code === 'LIMIT' || refusalOf('('.repeat(4_000)).code === 'SYNTAX', true);
    assert.match(refusalOf('codes.all(a, codes.all(b, codes.all(c, a + b > c)))').message, /more than 2 deep/);
    const codes = Array.from({ length: 400 }, (_, at) => at);
    assert.equal(answerTo('codes.all(a, codes.all(b, a + b >= 0))', { codes }), 'LIMIT');
    assert.equal(answerTo('codes.all(a, codes.all(b, a + b >= 0))', { codes: codes.slice(0, 90) }), true);
    const doubled = '(codes + codes + codes + codes + codes + codes)';
    assert.equal(answerTo(`size(${doubled} + ${doubled}) `, { codes: Array(1_000).fill(1) }), 'LIMIT');
    assert.equal(answerTo('size(city + city)', { city: 'x'.repeat(60_000) }), 'LIMIT');
    assert.equal(answerTo('size(city.replace("x", "yyyy"))', { city: 'x'.repeat(60_000) }), 'LIMIT');
  });
});
