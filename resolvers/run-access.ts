import { forbidden } from '../src/access/forbidden.ts';
import type { Rights } from '../src/access/rights.ts';
import type { Action } from '../src/access/role.ts';
import type { Catalog, Resource } from '../src/registry/catalog.ts';
import { labelColumns, labelRoles, requireSelection } from '../src/registry/selection.ts';
import type { Run } from '../src/retrieval/runs.ts';

/** Who asks, as far as it matters here. */
type Asking = {
  readonly rights: Rights;
  readonly everything: Catalog;
  demand(action: Action): void;
  demandForAll(action: Action): void;
};

/** What a run's rows were made from, as far as it is registered; undefined where some of it isn't, or isn't known. */
function origins({ everything }: Asking, { kind, resourceId, reads }: Run): Resource[] | undefined {
  const ids = kind === 'TRAINING_SET' ? [resourceId ?? ''] : reads;
  const found = ids.flatMap((id) => everything.byId(id) ?? []);
  return found.length === ids.length && found.length > 0 ? found : undefined;
}

/** A training set's run may be seen by who sees the training set; a retrieval by who sees all that it was joined from. */
export function mayBeSeen(context: Asking, run: Run): boolean {
  const { rights, everything } = context;
  if (rights.holdsForAll('VIEW')) return true;
  return origins(context, run)?.every((resource) => rights.allows('VIEW', resource, everything)) ?? false;
}

/**
 * Fails with FORBIDDEN where who asks may not read a run's rows: as with what may be seen, but that a retrieval which
 * holds sensitive values is refused whole, since nothing tells which of its columns these are.
 */
export function demandRows(context: Asking, run: Run): void {
  const { rights, everything } = context;
  context.demand('READ');
  const read = origins(context, run);
  if (read === undefined) context.demandForAll('READ');
  const isRetrieval = run.kind === 'HISTORICAL';
  for (const resource of read ?? []) {
    const isAllowed = isRetrieval
      ? rights.allowsValues('READ', resource, everything)
      : rights.allows('READ', resource, everything);
    if (!isAllowed) throw forbidden('READ');
  }
}

/** The columns of a training set's run whose values who asks may not read: they are masked on pages. */
export function maskedColumns({ rights, everything }: Asking, run: Run): ReadonlySet<string> {
  const trainingSet = run.kind === 'TRAINING_SET' ? everything.byId(run.resourceId ?? '') : undefined;
  if (trainingSet?.definition.kind !== 'TRAINING_SET' || rights.allowsSensitive('READ', trainingSet, everything))
    return new Set();
  const isHidden = (resource: Resource) =>
    rights.isSensitive(resource, everything) && !rights.allowsSensitive('READ', resource, everything);
  const { definition } = trainingSet;
  const label = everything.find('LABEL', definition.label);
  const source = label && everything.find('SOURCE', label.definition.source);
  const roles = label && labelRoles(everything, label);
  const features = requireSelection(everything, definition.features, roles);
  const masked = new Set(features.filter(({ feature }) => isHidden(feature)).map(({ as }) => as));
  if (label !== undefined && isHidden(label)) masked.add(label.name);
  if (label !== undefined && source !== undefined && isHidden(source))
    for (const column of [...labelColumns(everything, label), label.name]) masked.add(column);
  return masked;
}
