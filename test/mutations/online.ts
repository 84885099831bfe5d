import { mutantsOf } from './mutant.ts';

const redis = ['test/online-redis.test.ts'];
const lmdb = ['test/online-lmdb.test.ts'];
const pairs = ['test/offline-equals-online.test.ts'];

export const onlineMutants = [
  ...mutantsOf('providers/lmdb/lmdb-online-store.ts', lmdb, [
    ['an older row replaces a newer one', 'compareRowVersions(row, present) < 0', 'false'],
    ['corrections do not land', 'compareRowVersions(row, present) < 0', 'compareRowVersions(row, present) <= 0'],
    ['the last batch is lost', 'at < rows.length; at = end', 'at + writeBatch <= rows.length; at = end'],
    ['all views of an entity are dropped', 'viewOfKey(key, prefix.length).equals(view)', 'true'],
  ]),
  ...mutantsOf(
    'providers/contract/online-row.ts',
    [...lmdb, ...pairs],
    [
      ['created times order nothing', 'at < timestampsEnd; at++', 'at < timestampsAt + 8; at++'],
      [
        'event and created times are swapped',
        'setSortableTime(start + timestampsAt, event)',
        'setSortableTime(start + timestampsAt, created)',
      ],
    ],
  ),
  ...mutantsOf('src/materialization/materialize-view.ts', pairs, [
    [
      'event and created times are swapped',
      'eventTimestamp: (columns[keys]?.[row]',
      'eventTimestamp: (columns[keys + 1]?.[row]',
    ],
    ['created times are lost', 'createdTimestamp: (columns[keys + 1]?.[row] ?? null)', 'createdTimestamp: (null)'],
    ['the range is ignored', '...(times.eventTimestamp !== undefined && range)', '...{}'],
  ]),
  ...mutantsOf(
    'src/materialization/embedding-writer.ts',
    ['test/graph-vectors.test.ts'],
    [['a vector that became null stays', 'if (removals.length > 0) await', 'if (false) await']],
  ),
  ...mutantsOf(
    'src/materialization/push-features.ts',
    ['test/graph-serving.test.ts', ...pairs],
    [
      ['a row that does not say when it was recorded has no created time', 'BigInt(Date.now()) * 1_000n', 'null'],
      ['an event time may be left out', 'time(eventTimestamp, true)', 'time(eventTimestamp, false)'],
    ],
  ),
  ...mutantsOf(
    'src/serving/online-serving.ts',
    [...lmdb, 'test/graph-serving.test.ts'],
    [
      [
        'a failed store is taken for empty',
        'row instanceof Failure) return ofFailed',
        'row instanceof Failure) return ofNone',
      ],
    ],
  ),
  ...mutantsOf(
    'src/serving/stored-value.ts',
    [...lmdb, 'test/graph-serving.test.ts', 'test/graph-entities.test.ts'],
    [
      ['a TTL ends one microsecond early', 'eventTimestamp < oldest', 'eventTimestamp <= oldest'],
      ['a TTL is ignored', 'ttl === undefined ? undefined : now - ttl', 'undefined'],
      ['a null is no value', "value === null ? 'NULL_VALUE' : 'PRESENT'", "'PRESENT'"],
    ],
  ),
  ...mutantsOf(
    'src/serving/row-reading.ts',
    [...lmdb, 'test/graph-serving.test.ts'],
    [
      ['rows of two views are mixed', 'failure ?? found?.[from]', 'failure ?? found?.[0]'],
      ['two queries share their rows', 'answers[at]?.rows[place++]', 'answers[at]?.rows[0]'],
      ['each query is a read of its own', 'parts, sharedRead', 'parts, (part) => part'],
    ],
  ),
  ...mutantsOf('providers/redis/redis-newest.ts', redis, [
    ['an older row replaces a newer one', 'return ours < theirs', 'return false'],
    ['the end of created times orders nothing', 'for at = 2, 14, 4', 'for at = 2, 10, 4'],
    ['a view without a TTL lets its key expire', "if not isNew then redis.call('PERSIST', key) end", ''],
    ['a view with a short TTL shortens the life of another', "keepForMs, 'GT')", 'keepForMs)'],
    ['a key that is new never expires', "redis.call('EXISTS', key) == 0", 'false'],
  ]),
  ...mutantsOf('providers/redis/redis-online-store.ts', redis, [
    ['a forgotten script is an error', "answer.message.startsWith('NOSCRIPT')", 'false'],
    ['rows of a lost node are taken for missing', 'failures.set(at, answer);', ''],
  ]),
  ...mutantsOf(
    'src/stores/circuit.ts',
    ['test/faults-postgres.test.ts'],
    [
      ['a slow store is waited for', 'wrap(this.#breaker, timeout(deadlineMs,', 'wrap(this.#breaker, timeout(60_000,'],
      [
        'a store that is down is asked each time',
        'new ConsecutiveBreaker(failuresToOpen)',
        'new ConsecutiveBreaker(1e9)',
      ],
    ],
  ),
];
