import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../providers/contract/failure.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import type { ProviderDefinition } from '../registry/definitions/definition.ts';
import { type ProviderRole, roleInWords, rolesOf } from '../registry/provider-roles.ts';
import type { StorePool } from './store-pool.ts';

/** Whether a provider answers, and if not, what is wrong and what would put it right. */
export type ProviderHealth = {
  healthy: boolean;
  message: string | null;
  /** What should be otherwise, though it answers. */
  warnings: string[];
  milliseconds: number;
};

/** Asks a registered provider in each role that anything uses it in; in its first role while nothing does. */
export async function providerHealth(
  stores: StorePool,
  catalog: Catalog,
  { definition, ref }: ResourceOf<'PROVIDER'>,
): Promise<ProviderHealth> {
  const used = rolesOf(definition).filter((role) => isUsedAs(catalog, ref, role));
  const roles = used.length > 0 ? used : rolesOf(definition).slice(0, 1);
  return healthOf(roles, async (role) => {
    const store = await stores.open(definition, ref, role);
    await store.check();
    return (await store.warnings?.()) ?? [];
  });
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
  check: (role: ProviderRole) => Promise<string[]>,
): Promise<ProviderHealth> {
  const start = performance.now();
  const found = await Promise.all(roles.map((role) => checkRole(role, check)));
  const words = found.flatMap(({ problem }) => problem ?? []);
  const message = words.length === 0 ? null : words.join('; ');
  const warnings = [...new Set(found.flatMap((one) => one.warnings))];
  return { healthy: message === null, message, warnings, milliseconds: performance.now() - start };
}

type Checked = { problem?: string; warnings: string[] };

/** Longer than any product is given to connect: a server that answers bit by bit would be waited for without end. */
const longestCheckMs = 15_000;

async function checkRole(role: ProviderRole, check: (role: ProviderRole) => Promise<string[]>): Promise<Checked> {
  try {
    return { warnings: await inTime(check(role)) };
  } catch (error) {
    if (error instanceof Failure) return { problem: `As ${roleInWords(role)}: ${error.message}`, warnings: [] };
    throw error;
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const late = delay(longestCheckMs, undefined, { signal: ended.signal }).then(() => {
    throw new Failure('TIMEOUT', `it did not answer within ${longestCheckMs / 1_000} seconds`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}

function isUsedAs(catalog: Catalog, ref: string, role: ProviderRole): boolean {
  if (role === 'OFFLINE_STORE') return catalog.ofKind('SOURCE').some(({ definition }) => definition.provider === ref);
  const field = role === 'ONLINE_STORE' ? 'onlineStore' : 'vectorStore';
  return catalog.ofKind('FEATURE_VIEW').some(({ definition }) => definition[field] === ref);
}
