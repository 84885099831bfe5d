import type { JsonValue } from '@featuregraph/client';
import fc from 'fast-check';
import { keyTypes } from '../../providers/contract/entity-key.ts';
import { formatValueType, metrics, scalar, type Value, type ValueType } from '../../providers/contract/value-type.ts';
import { toJson } from '../../src/values/json-value.ts';
import { anyText } from '../conformance/any-text.ts';
import { scalarNames, scalarValues } from '../conformance/value-arbitraries.ts';

/** A column of keys or of a feature, with a value for each of two rows, in JSON. */
type Drawn = { name: string; type: string; values: JsonValue[] };

export type DrawnKey = Drawn & { description: string };
export type DrawnFeature = Drawn & Described & { graphqlName: string | undefined };
export type DrawnView = {
  name: string;
  graphqlName: string | undefined;
  /** `of`: which of its entity's variants; `rows`: which of the two were pushed. */
  variants: (Described & { of: number; hasTime: boolean; rows: boolean[]; features: DrawnFeature[] })[];
};
export type DrawnEntity = {
  name: string;
  variants: (Described & { joinKeys: DrawnKey[]; graphql: GraphqlNames | undefined })[];
  views: DrawnView[];
};
type GraphqlNames = { type: string | undefined; keys: { of: number; field: string }[] };
type Described = { description: string; owner: string | undefined; tags: string[]; deprecated: string | undefined };

const words = ['trip', 'Rate', 'URL', 'x', 'a1', 'driver', 'Id', 'mean', 'GPS2', 'key', 'Key', 'list'];
const wholes = ['jobs', 'string', 'score', 'nearest', 'id', 'T', 'true', 'query', 'feature_view', 'float'];

/** Names as teams write them; some meet, and some are the graph's own. */
const name = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom(...words), fc.array(fc.constantFrom(...words, '7d', '24'), { maxLength: 2 }), fc.boolean())
      .map(([first, rest, snake]) => [first, ...rest].join(snake ? '_' : '')),
  },
  { weight: 1, arbitrary: fc.constantFrom(...wholes) },
);
const givenName = fc.option(name, { nil: undefined, freq: 2 });

/** What people write, and what trips printers of GraphQL and of JSON. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  anyText({ maxLength: 20 }).map((drawn) => drawn.replaceAll('\0', '')),
  fc.constantFrom(
    '"""',
    '\\"""',
    'says "no"',
    'a\\',
    '\\',
    '  indented\n more\n\nend',
    'a\r\nb\r',
    '😀',
    '\t',
    '\u2028',
  ),
  fc.constantFrom('#{x}', '@tag(name: "x")', '{{ stats }}', '\u0001', '\ufeff', 'e\u0301', '$', '*/'),
);
const described: fc.Arbitrary<Described> = fc.record({
  description: text,
  owner: fc.option(text, { nil: undefined }),
  tags: fc.array(text.filter(Boolean), { maxLength: 3 }),
  deprecated: fc.option(text.map((words) => words.trim()).filter(Boolean), { nil: undefined, freq: 2 }),
});

const dayRange = 100_000_000;
const microsecondRange = BigInt(dayRange) * 86_400_000_000n;
/** Days and instants as far as they can be written in JSON. */
const writtenValues = {
  ...scalarValues,
  DATE: fc.oneof(fc.integer({ min: -dayRange, max: dayRange }), scalarValues.DATE.filter(isWithinDays)),
  TIMESTAMP: fc.oneof(fc.bigInt(-microsecondRange, microsecondRange), fc.constantFrom(-1n, 0n, 1_704_067_200_000_001n)),
};

function isWithinDays(days: unknown): boolean {
  return Math.abs(Number(days)) <= dayRange;
}

function typedValues(type: ValueType): fc.Arbitrary<Value> {
  if (type.kind === 'SCALAR') return writtenValues[type.name];
  if (type.kind === 'ARRAY') return fc.array(fc.option(writtenValues[type.element]), { maxLength: 4 });
  if (type.kind === 'MAP') return fc.constant(null);
  const length = { minLength: type.dimensions, maxLength: type.dimensions };
  return fc.float32Array({ ...length, noNaN: true, noDefaultInfinity: true });
}

function column(names: fc.Arbitrary<string>, type: ValueType, values: fc.Arbitrary<Value>): fc.Arbitrary<Drawn> {
  const json = values.map((value) => toJson(type, value));
  return fc.record({
    name: names,
    type: fc.constant(formatValueType(type)),
    values: fc.array(json, { minLength: 2, maxLength: 2 }),
  });
}

const valueTypes: fc.Arbitrary<ValueType> = fc.oneof(
  fc.constantFrom(...scalarNames).map(scalar),
  fc.constantFrom(...scalarNames).map((element) => ({ kind: 'ARRAY' as const, element })),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...metrics))
    .map(([dimensions, metric]) => ({ kind: 'VECTOR' as const, dimensions, metric })),
);

/** None is called as a feature: a pushed row has both. */
const joinKey: fc.Arbitrary<DrawnKey> = fc
  .tuple(
    fc.constantFrom(...keyTypes).chain((type) => column(name, scalar(type), writtenValues[type])),
    text,
  )
  .map(([key, description]) => ({ ...key, name: `${key.name}_pk`, description }));

const feature: fc.Arbitrary<DrawnFeature> = fc
  .tuple(
    valueTypes.chain((type) => column(name, type, fc.option(typedValues(type), { freq: 4 }))),
    described,
    givenName,
  )
  .map(([drawn, words, graphqlName]) => ({ ...drawn, ...words, graphqlName }));

const byName = { selector: (one: { name: string }) => one.name };

const viewVariant = fc
  .tuple(
    described,
    fc.record({
      of: fc.nat({ max: 1 }),
      hasTime: fc.boolean(),
      rows: fc.tuple(fc.boolean(), fc.boolean()),
      features: fc.uniqueArray(feature, { ...byName, minLength: 1, maxLength: 6 }),
    }),
  )
  .map(([words, own]) => ({ ...words, ...own }));

/** The first variant's features stay in the second, change their type there, or are in it no more. */
function evolved(
  first: readonly DrawnFeature[],
  next: readonly DrawnFeature[],
  fates: readonly Fate[],
): DrawnFeature[] {
  const old = first.flatMap((one, at): DrawnFeature[] => {
    const other = next[at % next.length] ?? one;
    const { type, values } = fates[at] === 'OTHER_TYPE' ? other : one;
    return fates[at] === 'LEFT_OUT' ? [] : [{ ...one, type, values: values.toReversed() }];
  });
  return [...new Map([...next, ...old].map((one) => [one.name, one])).values()];
}
type Fate = 'STAYS' | 'OTHER_TYPE' | 'LEFT_OUT';

const view: fc.Arbitrary<DrawnView> = fc
  .record({
    name,
    graphqlName: givenName,
    first: viewVariant,
    second: fc.option(viewVariant, { nil: undefined, freq: 2 }),
    fates: fc.array(fc.constantFrom<Fate>('STAYS', 'OTHER_TYPE', 'LEFT_OUT'), { minLength: 6, maxLength: 6 }),
  })
  .map(({ first, second, fates, ...names }) => {
    const next = second && { ...second, features: evolved(first.features, second.features, fates) };
    return { ...names, variants: next ? [first, next] : [first] };
  });

const graphql = fc.record({
  type: givenName,
  keys: fc.array(fc.record({ of: fc.nat({ max: 2 }), field: name }), { maxLength: 3 }),
});

/** The later variant has the join keys of the first, or others. */
const entity: fc.Arbitrary<DrawnEntity> = fc
  .record({
    name,
    joinKeys: fc.uniqueArray(joinKey, { ...byName, minLength: 1, maxLength: 3 }),
    others: fc.option(fc.uniqueArray(joinKey, { ...byName, minLength: 1, maxLength: 3 }), { nil: undefined }),
    variants: fc.array(fc.tuple(described, fc.option(graphql, { nil: undefined })), { minLength: 1, maxLength: 2 }),
    views: fc.uniqueArray(view, { ...byName, minLength: 1, maxLength: 2 }),
  })
  .map(({ name, joinKeys, others, variants, views }) => ({
    name,
    views,
    variants: variants.map(([words, names], at) => {
      return { ...words, graphql: names, joinKeys: at === 0 ? joinKeys : (others ?? joinKeys) };
    }),
  }));

export const registries: fc.Arbitrary<DrawnEntity[]> = fc
  .uniqueArray(entity, { ...byName, minLength: 1, maxLength: 2 })
  .map((entities) =>
    entities.map((one, at) => ({ ...one, views: one.views.map((own) => ({ ...own, name: `${own.name}_${at}` })) })),
  );
