import { Failure } from '../../providers/contract/failure.ts';
import { explainMissing } from './available-names.ts';
import type { Catalog, Resource } from './catalog.ts';
import { kindInWords, type ResourceKind, viewKinds } from './reference.ts';

/** By reference; fails with NOT_FOUND. */
export function registered<K extends ResourceKind>(catalog: Catalog, kind: K, reference: string) {
  const found = catalog.find(kind, reference);
  if (found === undefined) throw notRegistered(catalog, kind, reference);
  return found;
}

function notRegistered(catalog: Catalog, kind: ResourceKind, reference: string): Failure {
  const { message, fix } = explainMissing(catalog, kind, reference);
  return new Failure('NOT_FOUND', message, { issues: [{ path: 'ref', message: 'is not registered', fix }] });
}

/**
 * A resource that nothing else uses, and what goes with it: a view's features, before the view itself. Fails with IN_USE,
 * naming the users, with NOT_FOUND, and with INVALID_INPUT for a feature.
 */
export function deletable(catalog: Catalog, kind: ResourceKind, reference: string): Resource[] {
  if (kind === 'FEATURE') {
    const fix = 'Delete the feature view, or register a variant without the feature.';
    throw new Failure('INVALID_INPUT', 'A feature belongs to its view, which is immutable.', {
      issues: [{ path: 'kind', message: 'FEATURE cannot be deleted', fix }],
    });
  }
  const resource = registered(catalog, kind, reference);
  const features = catalog.downstream(resource.id).filter(({ definition }) => {
    return definition.kind === 'FEATURE' && viewKinds.some((view) => view === kind) && definition.view === resource.ref;
  });
  refuseUsed(catalog, resource, [...features, resource]);
  return [...features, resource];
}

function refuseUsed(catalog: Catalog, resource: Resource, going: readonly Resource[]): void {
  const ids = new Set(going.map((one) => one.id));
  const users = new Map(
    going
      .flatMap((one) => catalog.downstream(one.id))
      .filter((one) => !ids.has(one.id))
      .map((one) => [one.id, one]),
  );
  if (users.size === 0) return;
  const issues = [...users.values()].map((user) => ({
    path: 'ref',
    message: `${kindInWords(user.kind)} ${user.ref} uses it`,
    fix: `Delete ${user.ref} first.`,
  }));
  throw new Failure(
    'IN_USE',
    `${resource.ref} is still used by ${issues.length} other resource${issues.length === 1 ? '' : 's'}.`,
    { issues },
  );
}
