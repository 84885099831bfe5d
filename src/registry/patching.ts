import { Failure } from '../../providers/contract/failure.ts';
import type { Catalog, Resource } from './catalog.ts';
import { viewOf } from './feature-holder.ts';
import { withKeptSecrets } from './sealed-secrets.ts';

/** What may change under an immutable variant. A field left out stays; null empties it. */
export type ResourcePatch = {
  description?: string | null;
  owner?: string | null;
  tags?: readonly string[] | null;
  properties?: Readonly<Record<string, string>> | null;
  deprecated?: string | null;
  inaccessible?: boolean | null;
  schedule?: string | null;
  config?: unknown;
};

/** The definition as the patch would have it; a feature's patch changes its part of the view. */
export function changedDefinition(catalog: Catalog, resource: Resource, patch: ResourcePatch): unknown {
  refuseMisplaced(resource, patch);
  const changes = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  const { definition } = resource;
  if (definition.kind === 'PROVIDER') return { ...withKeptSecrets(definition), ...changes };
  if (definition.kind !== 'FEATURE') return { ...definition, ...changes };
  const view = viewOf(catalog, definition)?.definition;
  const features = view?.features.map((one) => (one.name === definition.name ? { ...one, ...changes } : one));
  return { ...view, features };
}

const special = {
  schedule: ['FEATURE_VIEW'],
  config: ['PROVIDER'],
  inaccessible: ['FEATURE_VIEW', 'ON_DEMAND_FEATURE_VIEW', 'FEATURE'],
} as const satisfies Record<string, readonly Resource['kind'][]>;

function refuseMisplaced(resource: Resource, patch: ResourcePatch): void {
  const issues = Object.entries(special)
    .filter(([field, kinds]) => patch[field as keyof typeof special] !== undefined && !isOneOf(resource.kind, kinds))
    .map(([field, kinds]) => ({ path: field, message: `only a ${kinds.join(' or ')} has it`, fix: 'Leave it out.' }));
  if (issues.length > 0) throw new Failure('INVALID_INPUT', `${resource.ref} has no such field.`, { issues });
}

function isOneOf(kind: Resource['kind'], kinds: readonly Resource['kind'][]): boolean {
  return kinds.includes(kind);
}
