import type { Resource } from './catalog.ts';
import { type Definition, nouns } from './definitions/definition.ts';
import { onlineStoreOf } from './online-store.ts';
import { withKeptSecrets } from './sealed-secrets.ts';

/**
 * What is registered, as it can be written again: a `DefinitionInput`, in plain JSON. Registering it under the same variant
 * changes nothing; in another registry it makes the same, but for sealed secrets, which nobody can read. Undefined for a feature, which its view's definition holds.
 */
export function writtenDefinition({ definition }: Resource): Record<string, unknown> | undefined {
  if (definition.kind === 'FEATURE') return undefined;
  const { kind, ...rest } = definition;
  const [noun] = Object.entries(nouns).find(([, schema]) => schema.shape.kind.value === kind) ?? [];
  return noun === undefined ? undefined : { [noun]: withEntries({ ...rest, ...said(definition) }) };
}

/** What a definition means by leaving it out, where another registry could take that otherwise. */
function said(definition: Definition): Record<string, unknown> {
  if (definition.kind === 'PROVIDER') return { config: withKeptSecrets(definition).config };
  if (definition.kind === 'FEATURE_VIEW') return { onlineStore: onlineStoreOf(definition) ?? null };
  if (definition.kind !== 'SOURCE' || definition.files?.columns === undefined) return {};
  // Of a column without a type of ours the engine's is no user's to say.
  const columns = definition.files.columns.map(({ engineType: _, ...column }) => column);
  return { files: { ...definition.files, columns } };
}

/** As the graph writes it: a map of properties is a list, and what says nothing is left out. */
function withEntries(written: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(written).flatMap(([field, value]): [string, unknown][] => {
    if (field === 'properties') {
      const properties = Object.entries(value as Record<string, string>).map(([key, held]) => ({ key, value: held }));
      return properties.length === 0 ? [] : [[field, properties]];
    }
    if ((field === 'features' || field === 'joinKeys') && Array.isArray(value) && value.length > 0)
      return [[field, value.map(withEntries)]];
    const isDefault = (field === 'description' && value === '') || value === undefined || value === false;
    const saysNothing = isDefault || (Array.isArray(value) && value.length === 0);
    return saysNothing ? [] : [[field, value]];
  });
  return Object.fromEntries(entries);
}
