import { type GraphQLField, getNamedType, getNullableType, isCompositeType, isListType, isObjectType } from 'graphql';
import { defaultPage } from '../../resolvers/connections.ts';

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** What one value costs, where it is larger than most. */
    cost?: number;
  }
}

/** How many items a list is reckoned to have. */
export type ListSize = {
  /** Where nothing says how many. */
  assumed: number;
  /** Arguments that say how many: numbers, or lists with one item for each. */
  slicing: readonly string[];
  /** The fields of the answer that are so long, where it isn't the answer itself. */
  sizedFields: readonly string[];
};

/** What answering a field once costs, in values; `size` where it is a list, or a page of one. */
export type FieldCost = { weight: number; size?: ListSize };

/** What a value costs that is read from the registry's database, and one that an engine is asked for. */
const [read, engine] = [50, 1_000];

/** Fields that cost more than a value in memory. */
const weights: Readonly<Record<string, number>> = {
  'Provider.health': engine,
  'Source.columns': engine,
  'Source.preview': engine,
  'Source.registeredColumns': read,
  'Feature.origins': engine,
  'FeatureView.materializations': read,
  'TrainingSet.runs': read,
  'TrainingSet.latestRun': read,
  'TrainingSet.rows': engine,
  'TrainingSet.download': read,
  'TrainingSet.retrievals': read,
  'TrainingRun.rows': engine,
  'Lineage.retrievals': read,
  'Job.log': read,
  'Query.audit': read,
  'Query.plan': engine,
  'Query.testProvider': engine,
  'Query.nearest': read,
};

/** Lists that nothing bounds but what is registered. */
const assumedSizes: Readonly<Record<string, number>> = {
  'Lineage.nodes': 50,
  'Lineage.edges': 50,
  'Job.log': 100,
  'OnlineFeatures.columns': 50,
  'Plan.steps': 50,
  'ApplyResult.steps': 50,
};
const assumedSize = 10;

/** Numbers that say how long a list is, and lists with an item for each. */
export const slicingNumbers: readonly string[] = ['first', 'last', 'limit', 'k'];
const slicingLists: readonly string[] = ['keys', 'ids', 'representations', 'views'];

const known = new WeakMap<GraphQLField<unknown, unknown>, FieldCost>();

/** Worked out once for each field of each schema; `type` is the name of the type that has it. */
export function costOfField(type: string, field: GraphQLField<unknown, unknown>): FieldCost {
  const earlier = known.get(field);
  if (earlier !== undefined) return earlier;
  const size = sizeOf(type, field);
  const cost = { weight: weightOf(type, field), ...(size && { size }) };
  known.set(field, cost);
  return cost;
}

function weightOf(type: string, { name, extensions }: GraphQLField<unknown, unknown>): number {
  return extensions.cost ?? weights[`${type}.${name}`] ?? 1;
}

function sizeOf(type: string, { name, args, type: answer }: GraphQLField<unknown, unknown>): ListSize | undefined {
  const given = new Set(args.map((argument) => argument.name));
  const slicing = [...slicingNumbers, ...slicingLists].filter((one) => given.has(one));
  const named = getNamedType(answer);
  const assumed = assumedSizes[`${type}.${name}`] ?? (slicing.length > 0 ? defaultPage : assumedSize);
  if (isListType(getNullableType(answer)))
    return isCompositeType(named) ? { assumed, slicing, sizedFields: [] } : undefined;
  if (!slicing.some((one) => slicingNumbers.includes(one)) || !isObjectType(named)) return undefined;
  const sizedFields = ['edges', 'rows'].filter((one) => named.getFields()[one] !== undefined);
  return sizedFields.length > 0 ? { assumed, slicing, sizedFields } : undefined;
}
