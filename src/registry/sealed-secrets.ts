import type { Issue } from '../../providers/contract/failure.ts';
import type { SealedPlace, Sealing } from '../stores/sealing.ts';
import type { Catalog } from './catalog.ts';
import type { ProviderDefinition } from './definitions/definition.ts';
import { destinationOf, type ProviderConfig, type SecretReference, secretsIn } from './definitions/provider-config.ts';
import type { Draft } from './drafts.ts';
import { pathOf } from './drafts.ts';

/**
 * Puts in the place of each secret that a batch gives what is sealed of it, so that nothing after this ever sees it. The secret that is
 * registered already stays sealed as it is, so that it is no change; so does one that is `kept`, as long as it would go to the same address.
 */
export function sealDrafts(
  catalog: Catalog,
  drafts: readonly Draft[],
  sealing: Sealing | undefined,
  issues: Issue[],
): Draft[] {
  return drafts.map((draft) => {
    const { at, definition } = draft;
    if (definition.kind !== 'PROVIDER') return draft;
    const { name, variant } = definition;
    const registered = catalog.find('PROVIDER', `${name}@${variant}`)?.definition;
    return { at, definition: sealedProvider(definition, registered, sealing, issues, at) };
  });
}

function sealedProvider(
  definition: ProviderDefinition,
  registered: ProviderDefinition | undefined,
  sealing: Sealing | undefined,
  issues: Issue[],
  at: number,
): ProviderDefinition {
  const before = new Map(secretsIn(registered?.config ?? {}).map(({ path, secret }) => [path, secret.sealed]));
  const config = withSecrets(definition.config, (path, secret) => {
    if (secret.sealed === undefined && secret.kept === undefined) return secret;
    const place: SealedPlace = { provider: definition, config: definition.config, path };
    const sealed = before.get(path);
    const isThere = registered !== undefined && destinationOf(registered.config) === destinationOf(definition.config);
    const problem = problemOf(secret, { sealed, isThere, sealing });
    if (problem !== undefined) issues.push({ ...problem, path: pathOf(at, path) });
    if (problem !== undefined || sealing === undefined) return {};
    if (secret.sealed === undefined) return { sealed };
    if (sealed !== undefined && sealing.holds(sealed, secret.sealed, place)) return { sealed };
    return { sealed: sealing.seal(secret.sealed, place) };
  });
  return { ...definition, config };
}

type Known = { sealed: string | undefined; isThere: boolean; sealing: Sealing | undefined };

function problemOf(secret: SecretReference, { sealed, isThere, sealing }: Known): Omit<Issue, 'path'> | undefined {
  if (sealing?.canSeal !== true)
    return {
      message: 'can not be sealed: this server has no key for that',
      fix: 'Start it with FEATUREGRAPH_SEALING_KEYS, or name a secret of the server by env or file.',
    };
  if (secret.sealed !== undefined) return undefined;
  if (sealed === undefined) return { message: 'keeps nothing: no secret is sealed here', fix: 'Give the secret.' };
  if (isThere) return undefined;
  return { message: 'was sealed for another address than this', fix: 'Give the secret again.' };
}

/** A provider's config with each of its secrets as `change` would have it. */
export function withSecrets(
  config: ProviderConfig,
  change: (path: string, secret: SecretReference) => SecretReference,
): ProviderConfig {
  const changed = Object.entries(config).map(([product, own]) => {
    const found = secretsIn({ [product]: own });
    const secrets = found.map(({ field, path, secret }) => [field, change(path, secret)]);
    return [product, own === undefined ? own : { ...own, ...Object.fromEntries(secrets) }];
  });
  return Object.fromEntries(changed) as ProviderConfig;
}

/** A registered provider as it may be written again: what is sealed is kept, and isn't shown. */
export function withKeptSecrets(definition: ProviderDefinition): ProviderDefinition {
  const config = withSecrets(definition.config, (_path, secret) =>
    secret.sealed === undefined ? secret : { kept: true },
  );
  return { ...definition, config };
}

export function holdsSealed(config: ProviderConfig): boolean {
  return secretsIn(config).some(({ secret }) => secret.sealed !== undefined);
}

/** A provider with all its secrets sealed by the first key; itself where they are. Fails as `Sealing.open` does. */
export function resealed(definition: ProviderDefinition, sealing: Sealing): ProviderDefinition {
  const stale = secretsIn(definition.config).some(
    ({ secret }) => secret.sealed !== undefined && !sealing.isOfFirstKey(secret.sealed),
  );
  if (!stale) return definition;
  const config = withSecrets(definition.config, (path, secret) => {
    const place = { provider: definition, config: definition.config, path };
    return secret.sealed === undefined ? secret : { sealed: sealing.seal(sealing.open(secret.sealed, place), place) };
  });
  return { ...definition, config };
}
