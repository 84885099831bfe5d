import type { JsonValue } from '@featuregraph/client';
import type { Catalog } from '../../src/registry/catalog.ts';
import { keyFieldNames, keySets } from '../../src/registry/naming.ts';
import { EntityQuestion, type Row } from './entity-question.ts';

/** Something to ask of the graph, what it should be answered with, and the aliases of fields that it should refuse. */
export type Question = {
  document: string;
  variables: Record<string, JsonValue>;
  expected: Record<string, unknown>;
  refused: readonly string[];
};

type Asked = { name: string; keys: readonly Row[] };

/** Of `/graphql`: each entity by the first of its keys, and all of them in a list, one twice. */
export function rootQuestion(catalog: Catalog, asked: readonly Asked[], rows: ReadonlyMap<string, Row[]>): Question {
  const parts = asked.map(({ name, keys }, at) => {
    const one = new EntityQuestion(catalog, name, `e${at}`, rows);
    const { definition } = one.entity;
    const argument = (joinKey: string) => keyFieldNames(definition, joinKey)[0] ?? '';
    const inputs = [...keys, ...keys.slice(0, 1)].map((key) =>
      Object.fromEntries(Object.entries(key).map(([joinKey, value]) => [argument(joinKey), value])),
    );
    const root = one.type.charAt(0).toLowerCase() + one.type.slice(1);
    const types = definition.joinKeys.map(({ type }, place) => `$e${at}k${place}: ${graphqlTypes[type]}!`);
    const given = definition.joinKeys.map((key, place) => `${argument(key.name)}: $e${at}k${place}`);
    const values = definition.joinKeys.map(({ name: joinKey }, place) => [
      `e${at}k${place}`,
      keys[0]?.[joinKey] ?? null,
    ]);
    return {
      refused: one.refused,
      types: [...types, `$e${at}: [${one.type}Key!]!`],
      fields: `one${at}: ${root}(${given.join(', ')}) { ${one.selection} }
        all${at}: ${root}List(keys: $e${at}) { ${one.selection} }`,
      variables: { ...Object.fromEntries(values), [`e${at}`]: inputs },
      expected: {
        [`one${at}`]: one.answer(keys[0] ?? {}),
        [`all${at}`]: [...keys, ...keys.slice(0, 1)].map((key) => one.answer(key)),
      },
    };
  });
  return {
    document: `query (${parts.flatMap(({ types }) => types).join(', ')}) { ${parts.map(({ fields }) => fields).join('\n')} }`,
    variables: Object.assign({}, ...parts.map(({ variables }) => variables)),
    expected: Object.assign({}, ...parts.map(({ expected }) => expected)),
    refused: parts.flatMap(({ refused }) => [...refused]),
  };
}

/** Of `/subgraph`, as a gateway asks: all keys of all entities, each by every set of fields that it has. */
export function entitiesQuestion(
  catalog: Catalog,
  asked: readonly Asked[],
  rows: ReadonlyMap<string, Row[]>,
): Question {
  const parts = asked.map(({ name, keys }, at) => {
    const one = new EntityQuestion(catalog, name, `e${at}`, rows);
    const { definition } = one.entity;
    const representations = keySets(definition).flatMap((fields) =>
      keys.map((key) => ({
        __typename: one.type,
        ...Object.fromEntries(definition.joinKeys.map((joinKey, place) => [fields[place], key[joinKey.name]])),
      })),
    );
    const answers = keySets(definition).flatMap(() => keys.map((key) => one.answer(key)));
    return { refused: one.refused, fragment: `... on ${one.type} { ${one.selection} }`, representations, answers };
  });
  return {
    document: `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ${parts.map(({ fragment }) => fragment).join('\n')} } }`,
    variables: { representations: parts.flatMap(({ representations }) => representations) as JsonValue },
    expected: { _entities: parts.flatMap(({ answers }) => answers) },
    refused: parts.flatMap(({ refused }) => [...refused]),
  };
}

const graphqlTypes: Readonly<Record<string, string>> = {
  BOOL: 'Boolean',
  INT32: 'Int',
  INT64: 'BigInt',
  STRING: 'String',
  BYTES: 'Bytes',
  DATE: 'Date',
  TIMESTAMP: 'DateTime',
};
