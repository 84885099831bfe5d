import { mutantsOf } from './mutant.ts';

const rules = ['test/expressions.test.ts'];
const costs = ['test/expression-costs.test.ts'];
const specification = ['test/expressions-conformance.test.ts'];
const registration = ['test/on-demand-registration.test.ts'];
const served = ['test/on-demand.test.ts'];

export const onDemandMutants = [
  ...mutantsOf('src/expressions/maps.ts', rules, [
    ['a key that a map does not have is null', ': badIndex', ': null'],
    ['a map is asked for keys of any type', 'if (given === type.key) return;', 'if (given !== undefined) return;'],
  ]),
  ...mutantsOf('src/expressions/evaluation.ts', rules, [
    [
      'an operator is given a null',
      'return unusableOf(left, right) ?? (left === null || right === null ? null : call(left, right));',
      'return unusableOf(left, right) ?? call(left, right);',
    ],
  ]),
  ...mutantsOf('src/expressions/logic.ts', rules, [
    [
      'a null decides what is joined',
      'return left === null || right === null ? null : !decisive;',
      'return left === null || right === null ? decisive : !decisive;',
    ],
    [
      'coalesce takes an error for a null',
      'if (value !== null) return value;',
      "if (value !== null && typeof value !== 'object') return value;",
    ],
  ]),
  ...mutantsOf('src/expressions/functions/arithmetic.ts', specification, [
    [
      'whole numbers grow beyond 64 bits',
      'return value > greatest || value < least ? overflow : value;',
      'return value;',
    ],
    [
      'division by zero is zero',
      'return other === 0n ? divisionByZero : int64(one / other);',
      'return other === 0n ? 0n : int64(one / other);',
    ],
  ]),
  ...mutantsOf('src/expressions/functions/comparisons.ts', rules, [
    [
      'texts are ordered by halves of characters',
      'return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;',
      'return unit;',
    ],
  ]),
  ...mutantsOf('src/expressions/functions/duration-text.ts', rules, [
    ['a nanosecond is cut', 'if (nanoseconds % 1_000n !== 0n) return undefined;', ''],
  ]),
  ...mutantsOf('src/expressions/macros.ts', costs, [
    [
      'macros go on without end',
      'return isBeyondLimit(frame, steps * elements.length) ? limitReached : each(elements, frame, at);',
      'return each(elements, frame, at);',
    ],
  ]),
  ...mutantsOf('src/expressions/evaluation.ts', costs, [
    ['what is long costs nothing', 'if (isBeyondLimit(frame, own + each * length)) return limitReached;', ''],
    [
      'what is made of few long texts costs nothing',
      'return isBeyondLimit(frame, stepsOfMade(...values)) ? limitReached : call(...values);',
      'return call(...values);',
    ],
  ]),
  ...mutantsOf('src/expressions/equality.ts', costs, [
    ['a list is looked through for nothing', 'if (isBeyondLimit(frame, all.length)) return limitReached;', ''],
    [
      'lists are compared for nothing',
      'if (one.length !== other.length || isBeyondLimit(frame, one.length)) return false;',
      'if (one.length !== other.length) return false;',
    ],
    [
      'texts are compared for nothing',
      'return one.length === other.length && !isBeyondLimit(frame, one.length / unitsOfStep) && one === other;',
      'return one === other;',
    ],
  ]),
  ...mutantsOf('src/expressions/expression.ts', costs, [
    ['a row pays for those before it', 'frame.steps = 0;', ''],
    ['lists are copied for nothing', 'if (isBeyondLimit(frame, stepsOfElement * length)) return limitReached;', ''],
  ]),
  ...mutantsOf('src/expressions/functions/text-search.ts', costs, [
    ['a place within another is not found', 'matched = borders[matched - 1] ?? 0;', 'matched = 0;'],
    ['pieces overlap', 'if (at < from) continue;', ''],
  ]),
  ...mutantsOf('src/expressions/functions/time-zone.ts', costs, [
    ['a day has one offset', 'if (first !== next) return read(milliseconds);', ''],
  ]),
  ...mutantsOf('src/on-demand/evaluated-in-turns.ts', costs, [
    ['rows are computed in one go', 'if (isTurnDue()) await turn(waiting);', ''],
  ]),
  ...mutantsOf('src/turns.ts', costs, [['nobody is asked whether they wait', 'waiting?.signal.throwIfAborted();', '']]),
  ...mutantsOf('src/registry/on-demand/typed-drafts.ts', registration, [
    ['any type may be declared', 'if (feature.type === undefined || feature.type === type) return', 'if (true) return'],
  ]),
  ...mutantsOf('src/access/sensitivity.ts', registration, [
    [
      'what is computed of sensitive values is not',
      'return input !== undefined && this.isSensitive(input, catalog);',
      'return input === undefined;',
    ],
  ]),
  ...mutantsOf('src/on-demand/computed-columns.ts', served, [
    ['an error is a null that is stored', "cell === null ? nullStatus(read, row) : 'ERROR'", 'nullStatus(read, row)'],
    ['a missing input is a stored null', "['NOT_FOUND', 'OUTSIDE_TTL'] as const", '[] as const'],
  ]),
  ...mutantsOf('src/on-demand/computed-run.ts', served, [
    ['errors are not counted', 'rows: known.rows + 1 });', 'rows: known.rows });'],
  ]),
  ...mutantsOf('src/on-demand/computed-retrieval.ts', served, [
    [
      'an input is joined as of another moment',
      'return `${role} ${lag} ${feature.id}`;',
      'return `${role} ${feature.id}`;',
    ],
  ]),
];
