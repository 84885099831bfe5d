import { type ApiKeyHeadFragment, type Featuregraph, pagesOf } from '@featuregraph/client';
import { Failure } from '../../providers/contract/failure.ts';
import { print, printJson, textTable } from './output.ts';

type Key = ApiKeyHeadFragment;

export function keysOf({ operations }: Featuregraph, includeRevoked: boolean): Promise<Key[]> {
  const keys = pagesOf(async (after) => (await operations.ApiKeys({ includeRevoked, first: 100, after })).apiKeys);
  return Array.fromAsync(keys);
}

/** By its id or its name, of those that are not revoked. Fails with NOT_FOUND. */
export async function keyNamed(client: Featuregraph, named: string): Promise<Key> {
  const all = await keysOf(client, false);
  const found = all.find(({ id }) => id === named) ?? all.find(({ name }) => name === named);
  if (found !== undefined) return found;
  throw new Failure('NOT_FOUND', `There is no API key "${named}", or it is revoked. See: featuregraph keys list --all`);
}

export function showKeys(keys: readonly Key[], { json }: { json?: boolean }): void {
  const rows = keys.map((key) => [key.id, key.name, stateOf(key), key.createdBy, key.createdAt, key.lastUsedAt]);
  if (json) printJson(keys);
  else if (rows.length === 0) print('There is nothing.');
  else print(textTable(['id', 'name', 'state', 'by', 'created', 'last used'], rows));
}

function stateOf({ valid, gateway, expiresAt, revokedAt }: Key): string {
  if (revokedAt !== null) return 'revoked';
  if (!valid) return 'expired';
  return `${gateway ? 'gateway' : 'valid'}${expiresAt === null ? '' : ` until ${expiresAt}`}`;
}
