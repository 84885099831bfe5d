import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Hosts } from '../../providers/peers/hosts.ts';
import { hostsOf, type ProviderConfig, sentSecrets } from '../registry/definitions/provider-config.ts';
import { requireBound, type SecretSources } from './secrets.ts';

/** What the operator does not allow of a provider: where it is, and the secrets that it would send there. */
export async function providerRefusals(
  config: ProviderConfig,
  { secrets, hosts }: { secrets: SecretSources; hosts?: Hosts | undefined },
): Promise<Issue[]> {
  const named = hostsOf(config);
  const places =
    hosts === undefined || !named.some((host) => hosts.permits(host) === false) ? [] : [refusedHost(config)];
  const bound = sentSecrets(config).map(({ secret, path }) =>
    refusedSecret(() => requireBound(secret, named, path, secrets)),
  );
  return [...places, ...(await Promise.all(bound)).flat()];
}

function refusedHost({ postgres, redis }: ProviderConfig): Issue {
  const redisPath = redis?.nodes === undefined ? 'config.redis.host' : 'config.redis.nodes';
  const path = postgres !== undefined ? 'config.postgres.host' : redis !== undefined ? redisPath : 'config.qdrant.url';
  const message = 'its host is not one that this server may connect to';
  return { path, message, fix: 'name it in FEATUREGRAPH_PROVIDER_HOSTS, where the server runs' };
}

async function refusedSecret(require: () => Promise<void>): Promise<readonly Issue[]> {
  try {
    await require();
    return [];
  } catch (error) {
    if (error instanceof Failure) return error.issues;
    throw error;
  }
}
