import type { ValueType } from '../../providers/contract/value-type.ts';
import { type CompiledView, compiledView } from '../on-demand/compiled-view.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { featureFieldName, fieldName, viewFieldName, viewTypeName } from '../registry/naming.ts';
import { entityOfInputs } from '../registry/on-demand/on-demand-entity.ts';
import { parseReference, viewOfFeature } from '../registry/reference.ts';
import { registeredType } from '../serving/view-rows.ts';
import { type FeatureField, featureFields } from './feature-fields.ts';

type View = ResourceOf<'ON_DEMAND_FEATURE_VIEW'>;

/** A value of the request as an argument. */
export type RequestArgument = { name: string; type: ValueType; isRequired: boolean; description: string };

/** An on-demand feature view as an object of its entity's type: the latest variant, and others that take the same values. */
export type OnDemandType = {
  name: string;
  field: string;
  latest: OnDemandVariant;
  /** By variant, the first registered first. */
  variants: ReadonlyMap<string, OnDemandVariant>;
  features: readonly FeatureField[];
  /** In the order of the view's values of the request. */
  request: readonly RequestArgument[];
  valueTags: readonly string[];
};

/** One variant: how it is computed, and in which row each of its inputs is. */
export type OnDemandVariant = {
  view: View;
  compiled: CompiledView;
  inputs: readonly OnDemandInput[];
  /** The place of each feature among its own, by field. */
  positions: ReadonlyMap<string, number>;
};

/** `position` is the feature's place among those of the view. */
export type OnDemandInput = { view: ResourceOf<'FEATURE_VIEW'>; position: number };

/** An on-demand view with what it reads: rows of views of one entity. */
export type OnDemandPart = {
  view: View;
  compiled: CompiledView;
  inputs: readonly OnDemandInput[];
  tags: readonly string[];
};

/** By the name of the entity, the first registered first. Views are left out that read others than the given ones. */
export function onDemandParts(
  catalog: Catalog,
  isServed: (view: ResourceOf<'FEATURE_VIEW'>) => boolean,
): Map<string, OnDemandPart[]> {
  const parts = new Map<string, OnDemandPart[]>();
  for (const view of catalog.ofKind('ON_DEMAND_FEATURE_VIEW')) {
    const entity = entityOfInputs(catalog, view);
    const inputs = view.definition.inputs.flatMap(({ feature }) => inputOf(catalog, feature) ?? []);
    if (entity === undefined || !inputs.every((input) => isServed(input.view))) continue;
    const tags = view.definition.inputs.flatMap(({ feature }, at) => {
      return [...(catalog.find('FEATURE', feature)?.tags ?? []), ...(inputs[at]?.view.tags ?? [])];
    });
    const part = { view, compiled: compiledView(catalog, view), inputs, tags: [...new Set(tags)] };
    parts.set(entity.name, [...(parts.get(entity.name) ?? []), part]);
  }
  return parts;
}

function inputOf(catalog: Catalog, reference: string): OnDemandInput | undefined {
  const view = catalog.find('FEATURE_VIEW', viewOfFeature(reference));
  const name = parseReference('FEATURE', reference)?.feature;
  const position = view?.definition.features.findIndex((feature) => feature.name === name) ?? -1;
  return view === undefined || position < 0 ? undefined : { view, position };
}

export function onDemandTypes(entityName: string, parts: readonly OnDemandPart[]): OnDemandType[] {
  return [...Map.groupBy(parts, ({ view }) => view.name).values()].map((all) => onDemandType(entityName, all));
}

function onDemandType(entityName: string, all: readonly OnDemandPart[]): OnDemandType {
  const newest = all.at(-1) as OnDemandPart;
  const alike = all.filter(({ view }) => shapeOf(view) === shapeOf(newest.view));
  const tags = [...new Set(alike.flatMap((part) => [...part.tags, ...part.view.tags]))];
  const features = featureFields(alike.map(({ view }) => view)).map((field) => {
    return { ...field, valueTags: [...new Set([...field.valueTags, ...tags])] };
  });
  const variants = alike.map(({ view, compiled, inputs }): OnDemandVariant => {
    const positions = new Map(view.definition.features.map((feature, at) => [featureFieldName(feature), at]));
    return { view, compiled, inputs, positions };
  });
  const field = viewFieldName(newest.view.definition);
  return {
    name: viewTypeName(entityName, field),
    field,
    latest: variants.at(-1) as OnDemandVariant,
    variants: new Map(variants.map((variant) => [variant.view.variant, variant])),
    features,
    request: newest.view.definition.request.map(({ name, type, optional, description }) => ({
      name: fieldName(name),
      type: registeredType(type),
      isRequired: optional !== true,
      description,
    })),
    valueTags: tags,
  };
}

/** What the graph says of a variant: its values of the request, and what types its features have. */
function shapeOf({ definition }: View): string {
  const request = definition.request.map(({ name, type, optional }) => [name, type, optional ?? false]);
  return JSON.stringify([request, definition.features.map((feature) => [featureFieldName(feature), feature.type])]);
}
