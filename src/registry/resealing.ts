import { Failure } from '../../providers/contract/failure.ts';
import type { Sealing } from '../stores/sealing.ts';
import type { Catalog, ResourceOf } from './catalog.ts';
import { holdsSealed, resealed } from './sealed-secrets.ts';

/** References of the providers whose secrets were sealed anew, and of those of which no key here opens one. */
export type Resealed = { resealed: string[]; unopened: string[] };

/** The providers as they are with their secrets sealed by the first key. Fails with INVALID_INPUT where there is none. */
export function resealProviders(
  catalog: Catalog,
  sealing: Sealing | undefined,
): Resealed & { changed: ResourceOf<'PROVIDER'>[] } {
  const providers = catalog.ofKind('PROVIDER').filter(({ definition }) => holdsSealed(definition.config));
  if (providers.length === 0) return { changed: [], resealed: [], unopened: [] };
  if (sealing?.canSeal !== true) {
    const issue = { path: 'FEATUREGRAPH_SEALING_KEYS', message: 'is not set', fix: 'Start the server with keys.' };
    throw new Failure('INVALID_INPUT', 'This server has no key that seals.', { issues: [issue] });
  }
  const changed: ResourceOf<'PROVIDER'>[] = [];
  const unopened: string[] = [];
  for (const provider of providers) {
    try {
      const definition = resealed(provider.definition, sealing);
      if (definition !== provider.definition) changed.push({ ...provider, definition });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      unopened.push(provider.ref);
    }
  }
  return { changed, resealed: changed.map(({ ref }) => ref), unopened };
}
