import { Failure } from '../providers/contract/failure.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import type { RequestContext } from './request-context.ts';

/** Asks each store of a provider; an answer in any case, with words for a user when it is a bad one. */
export async function providerHealth({ application }: RequestContext, provider: ResourceOf<'PROVIDER'>) {
  const start = performance.now();
  const message = await problemOf(application.stores.open(provider.definition, provider.ref));
  return { healthy: message === null, message, milliseconds: performance.now() - start };
}

type Checkable = { check(): Promise<void> };

async function problemOf(
  opening: Promise<{ offline?: Checkable; online?: Checkable; vectors?: Checkable }>,
): Promise<string | null> {
  try {
    const { offline, online, vectors } = await opening;
    for (const store of [offline, online, vectors]) await store?.check();
    return null;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
