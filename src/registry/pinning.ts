import { replacePlaceholders } from '../../providers/contract/sql-text.ts';
import type { Definition, DefinitionOf, FeatureDefinition, SelectedFeature } from './definitions/definition.ts';
import type { ResourceKind } from './reference.ts';

/** Where in a definition a reference stands, as in `features[2].feature`. */
export type Pin = (kind: ResourceKind, reference: string, path: string) => string;

/**
 * The definition with every reference in it replaced by what `pin` answers. It is the one place that knows where
 * a noun holds references: pinning, ordering and edges all come from it.
 */
export function pinReferences(definition: Definition, pin: Pin): Definition {
  switch (definition.kind) {
    case 'PROVIDER':
    case 'ENTITY':
      return definition;
    case 'SOURCE':
      return pinSource(definition, pin);
    case 'FEATURE_VIEW':
      return pinFeatureView(definition, pin);
    case 'ON_DEMAND_FEATURE_VIEW':
      return { ...definition, inputs: pinFeatures(definition.inputs, pin, 'inputs') };
    case 'LABEL':
      return {
        ...definition,
        source: pin('SOURCE', definition.source, 'source'),
        entities: definition.entities.map((one, at) => ({
          ...one,
          entity: pin('ENTITY', one.entity, `entities[${at}].entity`),
        })),
      };
    case 'TRAINING_SET':
      return {
        ...definition,
        label: pin('LABEL', definition.label, 'label'),
        features: pinFeatures(definition.features, pin),
      };
    case 'FEATURE_SERVICE':
      return { ...definition, features: pinFeatures(definition.features, pin) };
    case 'MODEL':
      return {
        ...definition,
        trainingSets: pinEach('TRAINING_SET', definition.trainingSets, 'trainingSets', pin),
        featureServices: pinEach('FEATURE_SERVICE', definition.featureServices, 'featureServices', pin),
      };
  }
}

/** A definition's references, each once, in the order in which they are written. */
export function referencesOf(definition: Definition): { kind: ResourceKind; reference: string }[] {
  const found = new Map<string, { kind: ResourceKind; reference: string }>();
  pinReferences(definition, (kind, reference) => {
    found.set(`${kind} ${reference}`, { kind, reference });
    return reference;
  });
  return [...found.values()];
}

function pinSource(definition: DefinitionOf<'SOURCE'>, pin: Pin): DefinitionOf<'SOURCE'> {
  const pinned = { ...definition };
  if (definition.provider !== undefined) pinned.provider = pin('PROVIDER', definition.provider, 'provider');
  if (definition.transformation !== undefined) {
    const sql = replacePlaceholders(definition.transformation.sql, (reference) => {
      return `{{ ${pin('SOURCE', reference, 'transformation.sql')} }}`;
    });
    pinned.transformation = { ...definition.transformation, sql };
  }
  return pinned;
}

function pinFeatureView(definition: DefinitionOf<'FEATURE_VIEW'>, pin: Pin): DefinitionOf<'FEATURE_VIEW'> {
  const pinned = {
    ...definition,
    entity: pin('ENTITY', definition.entity, 'entity'),
    source: pin('SOURCE', definition.source, 'source'),
  };
  for (const store of ['onlineStore', 'vectorStore'] as const) {
    const reference = definition[store];
    if (reference !== undefined && reference !== null) pinned[store] = pin('PROVIDER', reference, store);
  }
  return pinned;
}

function pinFeatures<F extends Pick<SelectedFeature, 'feature'>>(features: F[], pin: Pin, field = 'features'): F[] {
  return features.map((one, at) => ({
    ...one,
    feature: pin('FEATURE', one.feature, `${field}[${at}].feature`),
  }));
}

function pinEach(kind: ResourceKind, references: string[], field: string, pin: Pin): string[] {
  return references.map((reference, at) => pin(kind, reference, `${field}[${at}]`));
}

type Read = Pick<FeatureDefinition, 'name' | 'column' | 'aggregation'>;

/** The column of the source whose values a feature is made of: none, for a count of events. */
export function columnRead(feature: Read): string | undefined {
  return feature.aggregation === undefined ? featureColumn(feature) : feature.column;
}

/** The columns of the source that a feature is made of, its secondary key among them. */
export function columnsRead(feature: Read): string[] {
  return [columnRead(feature), feature.aggregation?.secondaryKey].filter((column) => column !== undefined);
}

/** The columns that features are read from carry the feature's own name unless another is given. */
export function featureColumn(feature: Pick<FeatureDefinition, 'name' | 'column'>): string {
  return feature.column ?? feature.name;
}
