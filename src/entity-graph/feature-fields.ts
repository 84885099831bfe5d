import type { ValueType } from '../../providers/contract/value-type.ts';
import type { View } from '../registry/graph-names.ts';
import { featureFieldName } from '../registry/naming.ts';
import { featureReference } from '../registry/reference.ts';
import { registeredType } from '../serving/view-rows.ts';

/** A feature as a field: what the latest variant that has it says of it. */
export type FeatureField = {
  field: string;
  ref: string;
  type: ValueType;
  description: string;
  owner: string | undefined;
  tags: readonly string[];
  /** Tags of the feature, and of its view, in any variant that its values may come from. */
  valueTags: readonly string[];
  /** Why it should not be used any more. */
  deprecated: string | undefined;
  inaccessible: boolean;
};

/** A feature that newer variants have no more is deprecated before it is gone. */
export function featureFields(variants: readonly View[]): FeatureField[] {
  const latest = variants.at(-1);
  const valueTags = tagsByField(variants);
  const fields = new Map<string, FeatureField>();
  for (const variant of variants.toReversed()) {
    for (const feature of variant.definition.features) {
      const field = featureFieldName(feature);
      if (fields.has(field)) continue;
      const { description, owner, tags, inaccessible = false } = feature;
      const left = `Only the variant ${variant.variant} has it, not the latest.`;
      const deprecated = feature.deprecated ?? (variant === latest ? undefined : left);
      const ref = featureReference(variant.ref, feature.name);
      const type = registeredType(feature.type ?? '');
      const all = [...(valueTags.get(field) ?? [])];
      fields.set(field, { field, ref, type, description, owner, tags, valueTags: all, deprecated, inaccessible });
    }
  }
  return [...fields.values()];
}

function tagsByField(variants: readonly View[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { definition } of variants) {
    for (const feature of definition.features) {
      const field = featureFieldName(feature);
      found.set(field, new Set([...(found.get(field) ?? []), ...feature.tags, ...definition.tags]));
    }
  }
  return found;
}
