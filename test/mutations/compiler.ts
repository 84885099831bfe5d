import { mutantsOf } from './mutant.ts';

const duckdb = ['test/offline-duckdb.test.ts'];
const postgres = ['test/offline-postgres.test.ts'];
const both = [...duckdb, ...postgres];

export const compilerMutants = [
  ...mutantsOf('providers/sql/as-of-join-sql.ts', duckdb, [
    ['an event at the very moment is not seen', '>= ${alias}.event_ts`', '> ${alias}.event_ts`'],
    [
      'a null spine timestamp sees the newest',
      '${dialect.integer(beginningOfTime)})`',
      '${dialect.integer(2n ** 63n - 1n)})`',
    ],
    [
      'a TTL ends one microsecond early',
      'spine.spine_ts - ${alias}.event_ts <= ${dialect',
      'spine.spine_ts - ${alias}.event_ts < ${dialect',
    ],
    [
      'a TTL is ignored where created times count',
      'if (join.ttl !== undefined) conditions.push',
      'if (false) conditions.push',
    ],
    ['what was created at the very moment is not known', '<= spine.spine_ts`);', '< spine.spine_ts`);'],
    ['the lag is ignored', "join.lag === undefined ? 'spine.spine_ts'", "true ? 'spine.spine_ts'"],
    ['rows without a timestamp count', '...(eventTimestamp === undefined ? [] : [eventTimestamp])', '...[]'],
    [
      'created times count only for a spine in time',
      "if (join.knownAsOf && join.createdTimestamp !== undefined) return 'RANKED'",
      "if (join.knownAsOf) return 'AS_OF'",
    ],
    ['every relation is taken for unique in time', 'const side = source.unique\n', 'const side = true\n'],
    ['every relation is taken for unique by key', 'const unique = source.unique && join', 'const unique = join'],
    ['the first of equal rows wins by chance', 'rank = 1) AS ${alias} ON', 'rank <= 2) AS ${alias} ON'],
    [
      'keys match by any of their parts',
      ".join(' AND ');\n}\n\n/** The newest event",
      ".join(' OR ');\n}\n\n/** The newest event",
    ],
    [
      'uniqueness is asked where it changes nothing',
      "if (form === 'RANKED' || (form === 'NEWEST' && join.eventTimestamp !== undefined)) return undefined;",
      '',
      'asking for it only costs time: the answer is not used',
    ],
  ]),
  ...mutantsOf('providers/sql/newest-row-sql.ts', both, [
    ['the oldest row wins', 'DESC NULLS LAST`).join', 'ASC NULLS LAST`).join'],
    ['a null created time wins', 'DESC NULLS LAST`).join', 'DESC NULLS FIRST`).join'],
    [
      'created times break no tie',
      '[order.eventTimestamp, order.createdTimestamp].filter',
      '[order.eventTimestamp].filter',
    ],
    ['values break no tie', '...order.tieBreak.flatMap', '...[].flatMap'],
  ]),
  ...mutantsOf('providers/sql/point-in-time-sql.ts', duckdb, [
    ['the order of the spine is lost', ' ORDER BY spine.spine_row`', '`'],
  ]),
  ...mutantsOf('providers/sql/latest-sql.ts', both, [
    ['from is inclusive', '> ${dialect.integer(plan.from)}', '>= ${dialect.integer(plan.from)}'],
    ['to is exclusive', '<= ${dialect.integer(plan.to)}', '< ${dialect.integer(plan.to)}'],
    ['rows with null keys are kept', 'plan.keys.map((name) => `${source(name)} IS NOT NULL`)', "['true']"],
    ['ties are taken for none', 'const ordered = unique ?', 'const ordered = true ?'],
    [
      'event and created times are swapped',
      'timestamp(plan.eventTimestamp),\n    timestamp(plan.createdTimestamp)',
      'timestamp(plan.createdTimestamp),\n    timestamp(plan.eventTimestamp)',
    ],
  ]),
  ...mutantsOf('providers/sql/staged-join-sql.ts', postgres, [
    [
      'an event at the very moment is not seen',
      'side.event_ts <= ${earlier(join.lag)}',
      'side.event_ts < ${earlier(join.lag)}',
    ],
    [
      'a TTL ends one microsecond early',
      'side.event_ts >= ${earlier(join.ttl)}',
      'side.event_ts > ${earlier(join.ttl)}',
    ],
    ['the lag is ignored', '<= ${earlier(join.lag)}', '<= ${earlier(undefined)}'],
    [
      'what was created at the very moment is not known',
      'side.created_ts <= spine.spine_ts',
      'side.created_ts < spine.spine_ts',
    ],
    ['a view without times is lost', "terms.length === 0 ? ''", "terms.length === 0 ? ' ORDER BY side.event_ts'"],
    ['the oldest row wins', '${name} DESC NULLS LAST`', '${name} ASC NULLS LAST`'],
    ['rows without a timestamp count', "if (name === 'event_ts') conditions", 'if (false) conditions'],
    [
      'two tie-breaks share a side',
      'eventTimestamp,\n      createdTimestamp,\n      tieBreak,\n    ]',
      'eventTimestamp,\n      createdTimestamp,\n    ]',
      'views of one source with the same columns for keys and times differ only in what breaks their ties',
    ],
    ['the first row of each slice is lost', 'spine.position > $1', 'spine.position > $1 + 1'],
  ]),
  ...mutantsOf(
    'providers/duckdb/duckdb-dialect.ts',
    [...duckdb, 'test/duckdb-sources.test.ts'],
    [
      ['bytes are compared as the engine does', 'return `hex(${expression})`', 'return expression'],
      ['the sign of zero breaks no tie', '[`${value} + 0`, `NOT signbit(${value})`]', '[`${value} + 0`]'],
      [
        'infinite times are none',
        'CASE WHEN isinf(${expression}) THEN ${refusal(expression, column)}::BIGINT END',
        'NULL::BIGINT',
      ],
      [
        'infinite times are kept',
        'CASE WHEN isinf(${expression}) THEN ${refusal(expression, column)} ELSE ${expression} END',
        '${expression}',
      ],
    ],
  ),
  ...mutantsOf(
    'providers/postgres/postgres-dialect.ts',
    [...postgres, 'test/postgres-sources.test.ts'],
    [
      ['texts are compared by language', '`(${expression}) COLLATE "C"`', '`(${expression})`'],
      ['infinite times are none', "ELSE ${refusal(expression, column, 'bigint')} END", 'END'],
      [
        'infinite times are kept',
        'CASE WHEN ${isHeld(expression, column)} THEN ${expression} ELSE ${refusal(expression, column)} END',
        '${expression}',
      ],
      [
        'the sign of zero breaks no tie',
        "[value, isNotNegativeZero(value, column, 'float8send', '8000000000000000')]",
        '[value]',
      ],
    ],
  ),
];
