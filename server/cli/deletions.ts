import { type Featuregraph, FeaturegraphError, type ResourceKind } from '@featuregraph/client';
import { inWords, say } from './output.ts';
import type { Deletion } from './plan-text.ts';

type Registered = { kind: ResourceKind; ref: string; users: string[] };

/** Everything but features, the last registered first: whatever is built on something comes before it. */
async function registered(client: Featuregraph): Promise<Registered[]> {
  const all: Registered[] = [];
  for (let after: string | null = null; ; ) {
    const { resources } = await client.operations.Definitions({ first: 50, after });
    for (const { node } of resources.edges) {
      if (node.kind === 'FEATURE') continue;
      const users = node.breaks.filter(({ kind }) => kind !== 'FEATURE').map(({ kind, ref }) => `${kind} ${ref}`);
      all.push({ kind: node.kind, ref: node.ref, users });
    }
    if (!resources.pageInfo.hasNextPage) return all.reverse();
    after = resources.pageInfo.endCursor;
  }
}

/** What is registered and not among these, but for what something else still uses, and providers where none is defined. */
export async function undefinedResources(
  client: Featuregraph,
  defined: readonly { kind: string; ref: string }[],
): Promise<Deletion[]> {
  const kept = new Set(defined.map(({ kind, ref }) => `${kind} ${ref}`));
  const ofProviders = defined.some(({ kind }) => kind === 'PROVIDER');
  return unusedBeside(
    (await registered(client)).filter(
      ({ kind, ref }) => !kept.has(`${kind} ${ref}`) && (kind !== 'PROVIDER' || ofProviders),
    ),
  );
}

/** These, but for what something else still uses. */
export async function deletable(client: Featuregraph, wanted: readonly Deletion[]): Promise<Deletion[]> {
  const names = new Set(wanted.map(({ kind, ref }) => `${kind} ${ref}`));
  return unusedBeside((await registered(client)).filter(({ kind, ref }) => names.has(`${kind} ${ref}`)));
}

function unusedBeside(candidates: readonly Registered[]): Deletion[] {
  const going = new Set(candidates.map(({ kind, ref }) => `${kind} ${ref}`));
  return candidates.filter(({ users }) => users.every((user) => going.has(user)));
}

/** Deletes in the order given. What has come to be used meanwhile stays, and is told. */
export async function deleteAll(client: Featuregraph, deletions: readonly Deletion[]): Promise<void> {
  for (const { kind, ref } of deletions) {
    try {
      await client.operations.DeleteResource({ kind: kind as ResourceKind, ref });
      say(`Deleted ${inWords(kind)} ${ref}.`);
    } catch (error) {
      if (!(error instanceof FeaturegraphError) || error.code !== 'IN_USE') throw error;
      say(`Kept ${inWords(kind)} ${ref}: ${error.message}`);
    }
  }
}
