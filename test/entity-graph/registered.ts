import type { DefinitionInput, JsonValue } from '@featuregraph/client';
import { type ScalarName, scalarTypes } from '../../providers/contract/value-type.ts';
import type { DrawnEntity, DrawnKey, DrawnView } from './registries.ts';

/** No row, but a column of every type, called by it. */
function everyColumn(): string {
  const columns = (Object.keys(scalarTypes) as ScalarName[]).flatMap((name) => {
    const { duckdb } = scalarTypes[name];
    return [`cast(null as ${duckdb}) as "${name}"`, `cast(null as ${duckdb}[]) as "${name}[]"`];
  });
  return `select now() as "row time", ${columns.join(', ')} where false`;
}

/** What drawn registries stand on. */
export const foundations: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: {} } } },
  { provider: { name: 'neighbours', config: { usearch: {} } } },
  { source: { name: 'every_type', transformation: { sql: everyColumn(), as: 'VIEW' } } },
];

const rowTime = '2024-01-01T10:00:00.123456Z';

export function definitions(entities: readonly DrawnEntity[]): DefinitionInput[] {
  return entities.flatMap(({ name, variants, views }) => [
    ...variants.map(({ joinKeys, graphql, ...words }, at): DefinitionInput => {
      const keys = graphql?.keys.map(({ of, field }) => ({
        joinKey: joinKeys[of % joinKeys.length]?.name ?? '',
        field,
      }));
      const names = graphql && { graphql: { ...(graphql.type && { type: graphql.type }), keys: keys ?? [] } };
      const own = joinKeys.map(({ values, ...key }) => key);
      return { entity: { name, variant: `v${at + 1}`, joinKeys: own, ...words, ...names } };
    }),
    ...views.flatMap((view) => view.variants.map((_, at) => viewDefinition(name, variants, view, at))),
  ]);
}

function viewDefinition(entity: string, of: DrawnEntity['variants'], view: DrawnView, at: number): DefinitionInput {
  const variant = view.variants[at];
  if (variant === undefined) throw new RangeError(`${view.name} has no variant ${at}`);
  const { of: chosen, hasTime, rows, features, ...words } = variant;
  const entityAt = chosen % of.length;
  return {
    featureView: {
      name: view.name,
      variant: `v${at + 1}`,
      graphqlName: view.graphqlName,
      entity: `${entity}@v${entityAt + 1}`,
      source: 'every_type',
      joinKeys: of[entityAt]?.joinKeys.map(({ name, type }) => ({ joinKey: name, column: type })),
      ...(hasTime && { eventTimestamp: 'row time' }),
      features: features.map(({ values, ...feature }) => ({ ...feature, column: columnOf(feature.type) })),
      ...words,
    },
  };
}

function columnOf(type: string): string {
  return type.startsWith('VECTOR') ? 'FLOAT32[]' : type;
}

/** The rows of each view's variant, by its reference, as they are pushed. Of two with one key only the first is. */
export function pushedRows(entities: readonly DrawnEntity[]): Map<string, Record<string, JsonValue>[]> {
  const pushed = entities.flatMap(({ variants, views }) =>
    views.flatMap(({ name, variants: own }) =>
      own.map(({ of, hasTime, rows, features }, at) => {
        const keys = variants[of % variants.length]?.joinKeys ?? [];
        const all = distinctKeys(keys).map((key, row) => ({
          ...key,
          ...(hasTime && { 'row time': rowTime }),
          ...Object.fromEntries(features.map((feature) => [feature.name, feature.values[row] ?? null])),
        }));
        return [`${name}@v${at + 1}`, all.filter((_, row) => rows[row])] as const;
      }),
    ),
  );
  return new Map(pushed);
}

/** The keys of the drawn rows, by the names of the join keys. */
export function distinctKeys(joinKeys: readonly DrawnKey[]): Record<string, JsonValue>[] {
  const rows = [0, 1].map((row) => Object.fromEntries(joinKeys.map(({ name, values }) => [name, values[row] ?? null])));
  return [...new Map(rows.toReversed().map((row) => [JSON.stringify(row), row])).values()].toReversed();
}
