import { Failure } from '../../providers/contract/failure.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import type { ProviderDefinition } from '../registry/definitions/definition.ts';
import { type ProviderRole, roleInWords, rolesOf } from '../registry/provider-roles.ts';
import type { StorePool } from './store-pool.ts';

/** Whether a provider answers, and if not, what is wrong and what would put it right. */
export type ProviderHealth = { healthy: boolean; message: string | null; milliseconds: number };

/** Asks a registered provider in each role that anything uses it in; in its first role while nothing does. */
export async function providerHealth(
  stores: StorePool,
  catalog: Catalog,
  { definition, ref }: ResourceOf<'PROVIDER'>,
): Promise<ProviderHealth> {
  const used = rolesOf(definition).filter((role) => isUsedAs(catalog, ref, role));
  const roles = used.length > 0 ? used : rolesOf(definition).slice(0, 1);
  return healthOf(roles, async (role) => (await stores.open(definition, ref, role)).check());
}

/** Asks a provider that need not be registered, in the roles that it is meant for; nothing of it stays open. */
export function testProvider(
  stores: StorePool,
  definition: ProviderDefinition,
  roles: readonly ProviderRole[] = rolesOf(definition).slice(0, 1),
): Promise<ProviderHealth> {
  return healthOf(roles, (role) => stores.probe(definition, role));
}

async function healthOf(
  roles: readonly ProviderRole[],
  check: (role: ProviderRole) => Promise<void>,
): Promise<ProviderHealth> {
  const start = performance.now();
  const problems = await Promise.all(roles.map((role) => problemOf(role, check)));
  const words = problems.filter((problem) => problem !== null);
  const message = words.length === 0 ? null : words.join('; ');
  return { healthy: message === null, message, milliseconds: performance.now() - start };
}

async function problemOf(role: ProviderRole, check: (role: ProviderRole) => Promise<void>): Promise<string | null> {
  try {
    await check(role);
    return null;
  } catch (error) {
    if (error instanceof Failure) return `As ${roleInWords(role)}: ${error.message}`;
    throw error;
  }
}

function isUsedAs(catalog: Catalog, ref: string, role: ProviderRole): boolean {
  if (role === 'OFFLINE_STORE') return catalog.ofKind('SOURCE').some(({ definition }) => definition.provider === ref);
  const field = role === 'ONLINE_STORE' ? 'onlineStore' : 'vectorStore';
  return catalog.ofKind('FEATURE_VIEW').some(({ definition }) => definition[field] === ref);
}
