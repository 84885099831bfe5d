import { mutantsOf } from './mutant.ts';

const equal = ['test/windows-equal.test.ts'];
const graph = ['test/graph-windows.test.ts'];
const keyed = ['test/windows-keyed.test.ts'];
const graphOfMaps = ['test/graph-secondary-keys-registered.test.ts'];
const json = ['test/json-value.test.ts'];
const maps = ['test/offline-postgres.test.ts'];
const storedMaps = ['test/offline-duckdb.test.ts'];
const algebra = ['test/windows.test.ts', 'test/exact-sums.test.ts', ...equal];

export const windowMutants = [
  ...mutantsOf('src/windows/window.ts', algebra, [
    ['the left edge is not rounded down', 'floorTo(instant - offset - length, hop)', 'instant - offset - length'],
    ['an event at the very instant counts', 'inclusive ? 1 : 0', '1'],
    ['edges before 1970 are rounded up', 'rest < 0 ? rest + hop : rest', 'rest'],
    ['tiles that an edge still comes between are joined', 'edge > earlier && edge >=', 'edge > earlier && edge >'],
    ['events are sealed while the window can end among them', 'since - window.offset - reach', 'since - reach'],
  ]),
  ...mutantsOf('src/windows/expansion.ts', algebra, [
    ['what an addition rounds off is lost', 'if (rest !== 0) parts[kept++] = rest', 'if (false) parts[kept++] = rest'],
    ['squares are rounded', 'if (rest !== 0) grow(parts, rest)', 'if (false) grow(parts, rest)'],
  ]),
  ...mutantsOf('src/windows/exact-quotient.ts', algebra, [
    ['a mean is rounded twice', 'return corrected(first, roundedParts(left) / over);', 'return first;'],
    [
      'a deviation is rounded twice',
      'return corrected(first, roundedParts(left) / (2 * over * first));',
      'return first;',
    ],
  ]),
  ...mutantsOf('src/windows/exact-sum.ts', algebra, [
    ['huge numbers overflow on the way', 'Math.abs(value) < hugeFrom', 'Number.isFinite(value)'],
  ]),
  ...mutantsOf('src/windows/key-tiles.ts', algebra, [
    ['an event counts that is still to come', 'one.time < right && counts(cell, one)', 'counts(cell, one)'],
    ['an event that comes again counts again', "<= 0) return 'KNOWN'", "<= 0) return 'TAKEN'"],
    ['an event that comes too late is taken', "if (event.time < tiles.lateBefore) return 'LATE';", ''],
  ]),
  ...mutantsOf('src/windows/event-series.ts', algebra, [
    ['what was corrected counts, too', 'for (const cell of this.#cells.values()) cell.remove(other);', ''],
  ]),
  ...mutantsOf('src/windows/cell-series.ts', algebra, [
    [
      'what is known later is left out of blocks',
      'if (blocks[block] !== undefined) this.#kind.add',
      'if (false) this.#kind.add',
    ],
    ['what was corrected stays in blocks', 'blocks[block] = undefined;', ''],
  ]),
  ...mutantsOf('src/serving/window-reading.ts', graph, [
    ['an empty window is told of any past', ': Number(now) - plan.lateness', ': Number.NEGATIVE_INFINITY'],
    ['a key with a null has a count', "if (row === null) found.push(all(positions, 'NOT_FOUND'));", 'if (false) {}'],
  ]),
  ...mutantsOf('src/windows/key-build.ts', algebra, [
    ['what was pushed is lost when the view is materialized', 'if (event.time <= until) continue', 'continue'],
    ['what is in tiles already is lost', 'Math.max(to, present.sealed - 1)', 'to'],
    ['an older materialization replaces a newer one', 'present.handover > to || ', ''],
    ['an older materialization takes away what was pushed since', ' || present.newest > to', ''],
  ]),
  ...mutantsOf('src/windows/window-plan.ts', algebra, [
    ['rows of one event are several', 'if (at === undefined) {', 'if (true) {'],
    ['a null is a value', 'event.values[needed] === null', 'false'],
  ]),
  ...mutantsOf('src/windows/window-plan.ts', keyed, [
    [
      'an event whose key is null has one',
      'const needed = secondary ?? column;',
      'const needed = secondary === undefined ? column : undefined;',
    ],
    ['a key whose values are all null has no entry', 'secondary ?? column;', 'column ?? secondary;'],
    [
      'maps by different keys share tiles',
      '[name, feature.column ?? null, secondary ?? null,',
      '[name, feature.column ?? null,',
    ],
  ]),
  ...mutantsOf('src/windows/keyed-states.ts', keyed, [
    ['a map has any number of keys', 'keyed.entries.size > mostKeys', 'false'],
    ['a map has one key less', 'keyed.entries.size > mostKeys', 'keyed.entries.size >= mostKeys'],
    ['a key is of any length', 'given.length > longestKey', 'false'],
    ['a key is one character shorter', 'given.length > longestKey', 'given.length >= longestKey'],
    ['tiles of too many keys are forgotten', 'if (entries === null) into.entries = null;', ''],
    ['a null is a value of its key', 'state !== undefined && value !== null', 'state !== undefined'],
    ['−0 is another key than 0', 'given === 0 ? 0 : given', 'given'],
    ['what is read has its keys under other names', '[identityOf(entry.key), entry]', '[String(entry.key), entry]'],
  ]),
  ...mutantsOf('src/windows/window-feature.ts', keyed, [
    ['a map is in the order of events', '[...entries.values()].sort(byKey)', 'entries.values()'],
    [
      'what could not be is left out of a map',
      'if (value === outOfBounds) return outOfBounds;',
      'if (value === outOfBounds) continue;',
    ],
    [
      'keys are as plain as the map is',
      'if (entries === null) return outOfBounds;',
      'if (entries === null) return new Map();',
    ],
  ]),
  ...mutantsOf('resolvers/spent-maps.ts', graphOfMaps, [
    ['maps of any size are one value each', 'if (cells > 0) context.spend', 'if (cells < 0) context.spend'],
  ]),
  ...mutantsOf('src/values/json-value.ts', json, [
    ['a map that is read is in the order of its JSON', '.sort(([one], [other]) => compareValues(one, other))', ''],
    ['a key is read however it is written', 'if (written !== text)', 'if (false)'],
  ]),
  ...mutantsOf('providers/postgres/postgres-maps.ts', maps, [
    [
      'whole numbers of maps are rounded',
      'return `"${value}"`;\n  if (value instanceof',
      'return `${value}`;\n  if (value instanceof',
    ],
    ['maps lose the sign of a zero', "Object.is(value, -0) ? '-0' : String(value)", 'String(value)'],
  ]),
  ...mutantsOf('providers/duckdb/duckdb-retrieval.ts', storedMaps, [
    ['a dictionary keeps the zeros of maps as one', '/FLOAT/.test', '/^FLOAT/.test'],
  ]),
  ...mutantsOf('providers/duckdb/duckdb-relations.ts', storedMaps, [
    ['maps that we have written have no type', 'isOurs(relation) ? ownTypeOf : valueTypeOf', 'valueTypeOf'],
  ]),
  ...mutantsOf('src/registry/pinning.ts', graphOfMaps, [
    [
      'a secondary key tells nothing of a feature',
      '[columnRead(feature), feature.aggregation?.secondaryKey]',
      '[columnRead(feature)]',
    ],
  ]),
  ...mutantsOf('src/retrieval/window-joins.ts', equal, [
    ['what was known later counts', 'time - lag, time)', 'time - lag, time + 1)'],
    ['the lag is ignored', 'valuesAt(positions, time - lag, time)', 'valuesAt(positions, time, time)'],
  ]),
];
