import type { JsonValue, ServedKeysQuery } from '../generated/operations.ts';

export type ViewKeys = Extract<NonNullable<ServedKeysQuery['nodes'][number]>, { __typename: 'FeatureView' }>;
export type Keys = Readonly<Record<string, JsonValue>>;

/** Keys that the first rows of a view's source have, each once. None where who asks may not see them. */
export function sampleOf({ joinKeys, entity, source }: Pick<ViewKeys, 'joinKeys' | 'entity' | 'source'>): Keys[] {
  const { columns, rows } = source.preview;
  const places = entity.joinKeys.map(({ name }) => {
    const column = joinKeys.find(({ joinKey }) => joinKey === name)?.column ?? name;
    return { name, at: columns.findIndex((one) => one.name === column && !one.masked) };
  });
  if (places.some(({ at }) => at < 0)) return [];
  const keys = rows.map((row) => Object.fromEntries(places.map(({ name, at }) => [name, row[at] ?? null])));
  const whole = keys.filter((key) => Object.values(key).every((value) => value !== null));
  return [...new Map(whole.map((key) => [JSON.stringify(key), key])).values()];
}
