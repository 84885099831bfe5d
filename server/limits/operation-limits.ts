import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import type { Failure } from '../../providers/contract/failure.ts';
import type { Limits } from '../../src/config/limits.ts';
import { limitExceeded } from '../../src/limit-exceeded.ts';
import { costOfOperation, type Variables } from './operation-cost.ts';
import { refusalOfVariables } from './value-limits.ts';

/** Root fields that carry rows or definitions, of which a service counts itself how many there may be. */
const bulkFields: ReadonlySet<string> = new Set([
  'pushFeatures',
  'retrieveHistoricalFeatures',
  'apply',
  'plan',
  'publishDocuments',
]);

/** Whether an operation does nothing but to hand over rows or definitions: then its body may be larger. */
export function isBulk({ selectionSet }: OperationDefinitionNode): boolean {
  return selectionSet.selections.every((one) => one.kind === Kind.FIELD && bulkFields.has(one.name.value));
}

/** Rows are counted by who takes them; definitions are dear to read before anybody can count them. */
function longestList(operation: OperationDefinitionNode, { listItems, definitions, documents }: Limits): number {
  if (!isBulk(operation)) return listItems;
  const [first] = operation.selectionSet.selections;
  if (first?.kind === Kind.FIELD && first.name.value === 'publishDocuments') return documents;
  const registers = first?.kind === Kind.FIELD && (first.name.value === 'apply' || first.name.value === 'plan');
  return registers ? definitions : Number.POSITIVE_INFINITY;
}

/** Why an operation of a valid document is not to be begun with these variables. */
export function refusalOfOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  limits: Limits,
): Failure | undefined {
  const refusal = variables ? refusalOfVariables(variables, limits, longestList(operation, limits)) : undefined;
  if (refusal !== undefined) return refusal;
  const cost = costOfOperation(schema, document, operation, variables);
  if (cost <= limits.cost) return undefined;
  const fix = 'Ask for fewer fields, or for shorter lists, page by page.';
  return limitExceeded({
    path: 'query',
    what: 'values to answer with, as reckoned beforehand,',
    found: cost,
    most: limits.cost,
    fix,
  });
}
