import { mutantsOf } from './mutant.ts';

const entities = ['test/graph-entities.test.ts'];
const keys = ['test/entity-graph-keys.test.ts'];
const gateways = ['test/federation-keys.test.ts'];
const compatibility = ['test/federation-compatibility.test.ts'];

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
    ['a TTL is ignored', 'oldestServed(viewRows(variant.view).ttl, at ?? now)', 'undefined'],
    ['a list may be of any length', 'keys.length > maxServedKeys', 'false'],
  ]),
  ...mutantsOf('src/entity-graph/feature-fields.ts', entities, [
    [
      'what only an older variant has is not deprecated',
      'feature.deprecated ?? (variant === latest ? undefined : left)',
      'feature.deprecated',
    ],
  ]),
  ...mutantsOf('src/entity-graph/entity-types.ts', entities, [
    [
      'the oldest variant decides',
      'const latest = variants.at(-1) as ViewVariant;',
      'const latest = variants[0] as ViewVariant;',
    ],
    [
      'a field may have another type in a variant',
      'type !== undefined && sameForm(type, registeredType(feature.type))',
      'type !== undefined',
    ],
  ]),
  ...mutantsOf('src/entity-graph/feature-fields.ts', entities, [
    [
      'what only an older variant has is not deprecated',
      'feature.deprecated ?? (variant === latest ? undefined : left)',
      'feature.deprecated',
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
  ...mutantsOf('src/entity-graph/key-form.ts', keys, [
    [
      'digits may be written in any way',
      "if (!digits.test(text)) return { problem: 'must be the digits of a whole number' };",
      '',
    ],
    ['a number passes as a string', "(form === 'ID' && Number.isSafeInteger(json))", "typeof json === 'number'"],
    ['an Int holds what it can not', 'if (isInt(number)) return number;', 'return number;'],
  ]),
  ...mutantsOf('schema/entity-graph/entity-object.ts', gateways, [
    ['a key is printed with the type of the join key', 'type: keyType(type, form),', 'type: keyType(type),'],
  ]),
  ...mutantsOf('resolvers/entity-graph.ts', gateways, [
    ["a gateway's key is read as ours", 'readFormedKey(given.form, keyType', 'readFormedKey(undefined, keyType'],
  ]),
  ...mutantsOf('schema/entity-graph/traced-schema.ts', compatibility, [
    ['fields are timed in the types that all schemas share', 'lexicographicSortSchema(original);', 'original;'],
  ]),
  ...mutantsOf('server/graphql-routes.ts', compatibility, [
    ['everybody is answered from the copy', "=== 'ftv1' ? traced : plain", '!== undefined ? traced : traced'],
  ]),
];
