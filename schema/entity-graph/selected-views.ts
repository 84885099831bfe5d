import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import {
  type EntityType,
  type ViewType,
  type ViewVariant,
  variantOfView,
} from '../../src/entity-graph/entity-types.ts';
import type { OnDemandType } from '../../src/entity-graph/on-demand-types.ts';

/** By a field's nodes, which all items of a list share and no two requests do. */
const known = new WeakMap<readonly FieldNode[], Map<EntityType, readonly ViewVariant[]>>();

/**
 * The views that a field's selection asks of an entity, through fragments, aliases, `@skip` and `@include`: what is to
 * be read before its fields are answered. A variant that there isn't is left to its own field to refuse.
 */
export function selectedViews(info: GraphQLResolveInfo, type: EntityType): readonly ViewVariant[] {
  const byType = known.get(info.fieldNodes) ?? new Map<EntityType, readonly ViewVariant[]>();
  known.set(info.fieldNodes, byType);
  const earlier = byType.get(type);
  if (earlier !== undefined) return earlier;
  const wanted = new Set<ViewVariant>();
  const views = new Map(type.views.map((view) => [view.field, view]));
  const onDemand = new Map(type.onDemand.map((view) => [view.field, view]));
  for (const { selectionSet } of info.fieldNodes) {
    if (selectionSet) collect(selectionSet, { info, type, views, onDemand, wanted });
  }
  byType.set(type, [...wanted]);
  return [...wanted];
}

type Search = {
  info: GraphQLResolveInfo;
  type: EntityType;
  views: ReadonlyMap<string, ViewType>;
  onDemand: ReadonlyMap<string, OnDemandType>;
  wanted: Set<ViewVariant>;
};

function collect({ selections }: SelectionSetNode, search: Search): void {
  for (const selection of selections) {
    if (!isIncluded(selection, search.info)) continue;
    if (selection.kind === Kind.FIELD) collectField(selection, search);
    else {
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : search.info.fragments[selection.name.value];
      if (fragment && applies(fragment, search.type)) collect(fragment.selectionSet, search);
    }
  }
}

function collectField({ name, arguments: given = [] }: FieldNode, search: Search): void {
  const { info, views, onDemand, wanted } = search;
  const computed = onDemand.get(name.value);
  const view = views.get(name.value);
  const written = given.find((one) => one.name.value === 'variant')?.value;
  const asked = written && valueFromASTUntyped(written, info.variableValues);
  const variantOf = <V>(type: { latest: V; variants: ReadonlyMap<string, V> }) =>
    asked === undefined || asked === null ? type.latest : type.variants.get(String(asked));
  const variant = view && variantOf(view);
  if (variant !== undefined) wanted.add(variant);
  for (const input of (computed && variantOf(computed)?.inputs) ?? []) {
    const holder = variantOfView(search.type, input.view);
    if (holder !== undefined) wanted.add(holder);
  }
}

function isIncluded(selection: SelectionNode, { variableValues }: GraphQLResolveInfo): boolean {
  if (getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.if !== false;
}

/** A gateway asks for entities of several types in fragments; other conditions are of unions that all of them are in. */
function applies({ typeCondition }: InlineFragmentNode | FragmentDefinitionNode, type: EntityType): boolean {
  const name = typeCondition?.name.value;
  return name === undefined || name === type.name || name === entityUnionName;
}

/** The union of all entities that federation asks for. */
export const entityUnionName = '_Entity';
