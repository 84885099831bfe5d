import { mutantsOf } from './mutant.ts';

const entities = ['test/graph-entities.test.ts'];

export const entityGraphMutants = [
  ...mutantsOf(
    'schema/entity-graph/selected-views.ts',
    [...entities, 'test/graph-entities-redis.test.ts'],
    [
      ['views of fragments are not read', 'if (fragment && applies(fragment, search.type))', 'if (fragment === null)'],
      ['what is left out by a directive is read', 'if (!isIncluded(selection, search.info)) continue;', ''],
      ['a variant is ignored', "one.name.value === 'variant')?.value", "one.name.value === 'none')?.value"],
    ],
  ),
  ...mutantsOf('src/entity-graph/entity-rows.ts', entities, [
    ['rows of two views are mixed', 'answer.rows[at]?.[column]', 'answer.rows[at]?.[0]'],
    ['a TTL is ignored', 'eventTimestamp < now - ttl', 'false'],
    ['a list may be of any length', 'keys.length > maxServedKeys', 'false'],
    ['a null is no value', "value === null ? 'NULL_VALUE' : 'PRESENT'", "'PRESENT'"],
  ]),
  ...mutantsOf('src/entity-graph/entity-types.ts', entities, [
    [
      'the oldest variant decides',
      'const latest = variants.at(-1) as ViewVariant;',
      'const latest = variants[0] as ViewVariant;',
    ],
    [
      'what only an older variant has is not deprecated',
      'feature.deprecated ?? (variant === latest ? undefined : left)',
      'feature.deprecated',
    ],
    [
      'a field may have another type in a variant',
      'type !== undefined && sameForm(type, registeredType(feature.type))',
      'type !== undefined',
    ],
  ]),
  ...mutantsOf('src/entity-graph/entity-changes.ts', entities, [
    ['what has not changed is said again', 'else if (!sameRows(node, this.#last.get(name)))', 'else'],
    ['changes are not followed', 'for await (const change of changes) yield*', 'for await (const change of []) yield*'],
  ]),
  ...mutantsOf('resolvers/entity-graph.ts', entities, [
    ['an entity is its own neighbour', 'key: node.entity.encoded', 'key: new Uint8Array()'],
    ['a subscription may ask for every millisecond', 'minimumIntervalMs < shortestIntervalMs', 'false'],
  ]),
];
