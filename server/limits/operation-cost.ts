import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { costOfField, type ListSize } from '../../schema/cost/field-cost.ts';

export type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** A number, or where variables say how long a list is, what follows from them. */
type Cost = number | ((variables: Variables) => number);

/** How long a list is; `key` tells two sizes apart. */
type Size = { key: string; cost: Cost };

/** A list that is sized by an argument of the field above it. */
type Sized = { fields: readonly string[]; size: Size };

const known = new WeakMap<DocumentNode, Map<OperationDefinitionNode, Cost>>();

/**
 * How many values an operation is reckoned to answer with, before it is begun. What follows from the document is worked
 * out once for each; a document belongs to the schema that it was validated against.
 */
export function costOfOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const byOperation = known.get(document) ?? new Map<OperationDefinitionNode, Cost>();
  known.set(document, byOperation);
  const cost = byOperation.get(operation) ?? new CostReckoner(schema, document, operation).cost();
  byOperation.set(operation, cost);
  return evaluated(cost, variables);
}

class CostReckoner {
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #costs = new Map<string, Cost>();

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    this.#schema = schema;
    this.#operation = operation;
    const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((one) => [one.name.value, one]));
  }

  cost(): Cost {
    const root = this.#schema.getRootType(this.#operation.operation);
    return root ? this.#selections(this.#operation.selectionSet, root) : 0;
  }

  /** Of an abstract type the dearest of the types that are told apart. */
  #selections({ selections }: SelectionSetNode, type: GraphQLNamedType, sized?: Sized): Cost {
    const shared: Cost[] = [];
    const byType = new Map<string, Cost[]>();
    const spread = new Set<string>();
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        shared.push(this.#field(selection, type, sized));
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (spread.has(selection.name.value)) continue;
        spread.add(selection.name.value);
      }
      const [condition, cost] = this.#fragment(selection, type, sized);
      if (!isAbstractType(type) || !isObjectType(condition)) shared.push(cost);
      else byType.set(condition.name, [...(byType.get(condition.name) ?? []), cost]);
    }
    const told = [...byType.values()].map(sum);
    return told.length === 0 ? sum(shared) : sum([...shared, largest(told)]);
  }

  #fragment(
    selection: Exclude<SelectionSetNode['selections'][number], FieldNode>,
    type: GraphQLNamedType,
    sized?: Sized,
  ): [GraphQLNamedType | undefined, Cost] {
    const node = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
    const name = node?.typeCondition?.name.value;
    const condition = name === undefined ? type : this.#schema.getType(name);
    if (node === undefined || condition === undefined) return [condition, 0];
    if (node.kind === Kind.INLINE_FRAGMENT) return [condition, this.#selections(node.selectionSet, condition, sized)];
    const key = `${node.name.value} ${sized?.fields.join(' ')} ${sized?.size.key}`;
    const cost = this.#costs.get(key) ?? this.#selections(node.selectionSet, condition, sized);
    this.#costs.set(key, cost);
    return [condition, cost];
  }

  #field(node: FieldNode, parent: GraphQLNamedType, sized?: Sized): Cost {
    const field = this.#definition(parent, node.name.value);
    if (field === undefined) return 1;
    const { weight, size } = costOfField(parent.name, field);
    const own = size && this.#size(node, field, size);
    const isPage = own !== undefined && (size?.sizedFields.length ?? 0) > 0;
    const inner = isPage && size ? { fields: size.sizedFields, size: own } : undefined;
    const type = getNamedType(field.type);
    const below = node.selectionSet && isCompositeType(type) ? this.#selections(node.selectionSet, type, inner) : 0;
    const above = sized?.fields.includes(node.name.value) ? sized.size.cost : undefined;
    const length = above ?? (own !== undefined && !isPage ? own.cost : 1);
    return product(length, sum([weight, below]));
  }

  #definition(parent: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (parent === this.#schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    }
    return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  }

  #size(node: FieldNode, field: GraphQLField<unknown, unknown>, { assumed, slicing }: ListSize): Size {
    const sizes = slicing.flatMap((name) => {
      const written = node.arguments?.find((one) => one.name.value === name)?.value;
      const usual = field.args.find((one) => one.name === name)?.defaultValue;
      if (written === undefined) return typeof usual === 'number' ? [{ key: String(usual), cost: usual }] : [];
      return this.#written(written, assumed);
    });
    const [first, ...more] = sizes;
    if (first === undefined) return { key: String(assumed), cost: assumed };
    return more.length === 0
      ? first
      : { key: sizes.map(({ key }) => key).join(' '), cost: largest(sizes.map(({ cost }) => cost)) };
  }

  #written(value: ValueNode, assumed: number): Size[] {
    if (value.kind === Kind.NULL) return [];
    if (value.kind === Kind.VARIABLE) {
      const name = value.name.value;
      const definition = this.#operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
      const usual = definition?.defaultValue ? this.#written(definition.defaultValue, assumed)[0]?.cost : undefined;
      const cost = (variables: Variables) => {
        const given = variables?.[name];
        return given === undefined || given === null
          ? evaluated(usual ?? assumed, variables)
          : lengthOf(given, assumed);
      };
      return [{ key: `$${name}`, cost }];
    }
    const length =
      value.kind === Kind.LIST
        ? value.values.length
        : value.kind === Kind.INT
          ? lengthOf(Number(value.value), assumed)
          : 1;
    return [{ key: String(length), cost: length }];
  }
}

/** A value that is no number is refused by its type; here it must only not be taken for nothing. */
function lengthOf(given: unknown, assumed: number): number {
  if (Array.isArray(given)) return given.length;
  if (typeof given === 'object') return 1;
  return typeof given === 'number' && given >= 0 ? given : assumed;
}

function evaluated(cost: Cost, variables: Variables): number {
  return typeof cost === 'number' ? cost : cost(variables);
}

function sum(costs: readonly Cost[]): Cost {
  const constant = costs.reduce<number>((total, cost) => total + (typeof cost === 'number' ? cost : 0), 0);
  const others = costs.filter((cost) => typeof cost !== 'number');
  if (others.length === 0) return constant;
  return (variables) => others.reduce((total, cost) => total + cost(variables), constant);
}

function product(one: Cost, other: Cost): Cost {
  if (typeof one === 'number' && typeof other === 'number') return one * other;
  return (variables) => evaluated(one, variables) * evaluated(other, variables);
}

function largest(costs: readonly Cost[]): Cost {
  if (costs.every((cost) => typeof cost === 'number')) return Math.max(...costs);
  return (variables) => Math.max(...costs.map((cost) => evaluated(cost, variables)));
}
