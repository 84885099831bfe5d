import { Failure } from '../providers/contract/failure.ts';
import type { Value, ValueType } from '../providers/contract/value-type.ts';
import { forbidden } from '../src/access/forbidden.ts';
import type { EntityNode } from '../src/entity-graph/entity-rows.ts';
import type { OnDemandType } from '../src/entity-graph/on-demand-types.ts';
import { computedValue, type OnDemandRow, preparedInputs } from '../src/entity-graph/on-demand-values.ts';
import { featureFieldName } from '../src/registry/naming.ts';
import { registeredType } from '../src/serving/view-rows.ts';
import { toJson } from '../src/values/json-value.ts';
import { cellsBeside } from '../src/values/value-cells.ts';
import type { StoredFeature } from './entity-graph.ts';
import { inTurn } from './in-turn.ts';
import type { RequestContext } from './request-context.ts';

/** An on-demand view of an entity, as its fields are answered from. */
export type OnDemandNode = OnDemandRow & {
  /** The places of features that who asks may not be served. */
  withheld: ReadonlySet<number>;
};

type Arguments = Readonly<Record<string, unknown>> & { variant?: string | null };

/** Fails with FORBIDDEN where none of its features may be served. */
export function onDemandNode(
  { rights, everything }: RequestContext,
  entity: EntityNode,
  type: OnDemandType,
  given: Arguments,
): OnDemandNode {
  const { variant: name } = given;
  const variant = name === undefined || name === null ? type.latest : type.variants.get(name);
  if (variant === undefined) {
    const fix = `There are ${[...type.variants.keys()].join(', ')}.`;
    throw new Failure('INVALID_INPUT', `${type.latest.view.name} has no variant "${name}" that takes these values.`, {
      issues: [{ path: 'variant', message: 'is not registered', fix }],
    });
  }
  const withheld = rights.servesAll ? new Set<number>() : rights.withheld(variant.view, everything);
  if (withheld === 'ALL') throw forbidden('SERVE');
  const request = type.request.map((argument) => argumentValue(argument.type, argument.name, given[argument.name]));
  return { entity, variant, request, now: BigInt(Date.now()) * 1_000n, withheld };
}

export function onDemandValue(context: RequestContext, node: OnDemandNode, field: string): Value | Promise<Value> {
  const position = node.variant.positions.get(field);
  if (position === undefined) return null;
  if (node.withheld.has(position)) throw forbidden('SERVE');
  const compute = () => computed(context, node, position).value;
  return inTurn(context, compute, (waiting) => preparedInputs(node, position, waiting));
}

/** What is long counts for more than one value of an answer. */
function computed(context: RequestContext, node: OnDemandNode, position: number): ReturnType<typeof computedValue> {
  const answer = computedValue(node, position);
  const cells = cellsBeside(answer.value);
  if (cells > 0) context.spend('cells', cells);
  return answer;
}

/** All features that may be served, with their exact values and what each value is. */
export function onDemandFeaturesOf(
  context: RequestContext,
  node: OnDemandNode,
  names: readonly string[] | null | undefined,
): (StoredFeature | Promise<StoredFeature>)[] {
  const { view } = node.variant;
  return view.definition.features.flatMap((feature, position) => {
    const isWanted = names?.some((name) => name === feature.name || name === featureFieldName(feature)) ?? true;
    if (!isWanted || node.withheld.has(position)) return [];
    const compute = (): StoredFeature => {
      const { value, status } = computed(context, node, position);
      const json = toJson(registeredType(feature.type ?? ''), value);
      return { name: feature.name, ref: `${view.ref}:${feature.name}`, value: json, status };
    };
    return [inTurn(context, compute, (waiting) => preparedInputs(node, position, waiting))];
  });
}

/** As the graph's scalars have read it, which know no single precision and no vectors. */
function argumentValue(type: ValueType, name: string, given: unknown): Value {
  if (given === undefined || given === null) return null;
  const element = type.kind === 'SCALAR' ? type.name : type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  if (type.kind === 'VECTOR') {
    const components = given as number[];
    if (components.length === type.dimensions) return Float32Array.from(components);
    throw new Failure('INVALID_INPUT', 'The vector has another length.', {
      issues: [{ path: name, message: `must have ${type.dimensions} components, not ${components.length}` }],
    });
  }
  const single = (value: unknown) => (element === 'FLOAT32' && typeof value === 'number' ? Math.fround(value) : value);
  return (Array.isArray(given) ? given.map(single) : single(given)) as Value;
}
