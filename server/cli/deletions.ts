import {
  type DefinitionInput,
  type Featuregraph,
  FeaturegraphError,
  type PlanQuery,
  pagesOf,
  type ResourceKind,
} from '@featuregraph/client';
import { inWords, say } from './output.ts';
import type { Deletion } from './plan-text.ts';

type Registered = { kind: ResourceKind; ref: string; users: string[] };

/** Everything but features, the last registered first: whatever is built on something comes before it. */
async function registered({ operations }: Featuregraph): Promise<Registered[]> {
  const all: Registered[] = [];
  for await (const { kind, ref, breaks } of pagesOf(
    async (after) => (await operations.Definitions({ first: 50, after })).resources,
  )) {
    if (kind === 'FEATURE') continue;
    const users = breaks.filter((one) => one.kind !== 'FEATURE').map((one) => `${one.kind} ${one.ref}`);
    all.push({ kind, ref, users });
  }
  return all.reverse();
}

/** What there is and a plan does not speak of. */
export async function undefinedDefinitions(
  client: Featuregraph,
  { steps, grants }: PlanQuery['plan'],
): Promise<Deletion[]> {
  return [...(await undefinedGrants(client, grants)), ...(await undefinedResources(client, steps))];
}

/**
 * What is registered and not among these, but for what something else still uses, and providers where none is defined. A file of
 * grants alone says nothing of what is registered.
 */
async function undefinedResources(
  client: Featuregraph,
  defined: readonly { kind: string; ref: string }[],
): Promise<Deletion[]> {
  if (defined.length === 0) return [];
  const kept = new Set(defined.map(({ kind, ref }) => `${kind} ${ref}`));
  const ofProviders = defined.some(({ kind }) => kind === 'PROVIDER');
  return unusedBeside(
    (await registered(client)).filter(
      ({ kind, ref }) => !kept.has(`${kind} ${ref}`) && (kind !== 'PROVIDER' || ofProviders),
    ),
  );
}

/**
 * Grants that there are and are not among these, where any is defined: but not those by which who asks administers, so that
 * nobody shuts himself out.
 */
async function undefinedGrants(client: Featuregraph, defined: readonly { description: string }[]): Promise<Deletion[]> {
  if (defined.length === 0) return [];
  const kept = new Set(defined.map(({ description }) => description));
  return (await revocable(client)).filter(({ ref }) => !kept.has(ref));
}

/** Those of these grants that there are, but for who asks' own to administer. */
export async function definedGrants(client: Featuregraph, wanted: readonly DefinitionInput[]): Promise<Deletion[]> {
  if (wanted.length === 0) return [];
  const { grants } = await client.plan(wanted);
  const named = new Set(grants.map(({ description }) => description));
  return (await revocable(client)).filter(({ ref }) => named.has(ref));
}

async function revocable(client: Featuregraph): Promise<Deletion[]> {
  const { viewer } = await client.operations.Viewer();
  const own = new Set(viewer.grants.filter(({ role }) => role === 'ADMIN').map(({ id }) => id));
  const found: Deletion[] = [];
  for await (const { id, description } of client.grants())
    if (!own.has(id)) found.push({ kind: 'GRANT', ref: description, id });
  return found;
}

/** These, but for what something else still uses, of which it says by what. */
export async function deletable(client: Featuregraph, wanted: readonly Deletion[]): Promise<Deletion[]> {
  const names = new Set(wanted.map(({ kind, ref }) => `${kind} ${ref}`));
  const candidates = (await registered(client)).filter(({ kind, ref }) => names.has(`${kind} ${ref}`));
  const going = unusedBeside(candidates);
  for (const one of candidates)
    if (!going.includes(one))
      say(
        keptText(
          one,
          one.users.filter((user) => !names.has(user)),
        ),
      );
  return going;
}

function keptText({ kind, ref }: Registered, users: readonly string[]): string {
  const [first = '', ...others] = users;
  const [, ofKind = '', user = ''] = /^(\S+) (.*)$/.exec(first) ?? [];
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `Kept ${inWords(kind)} ${ref}: used by ${inWords(ofKind)} ${user}${more}.`;
}

function unusedBeside(candidates: readonly Registered[]): Deletion[] {
  const going = new Set(candidates.map(({ kind, ref }) => `${kind} ${ref}`));
  return candidates.filter(({ users }) => users.every((user) => going.has(user)));
}

/** Deletes in the order given. What has come to be used meanwhile stays, and is told. */
export async function deleteAll(client: Featuregraph, deletions: readonly Deletion[]): Promise<void> {
  for (const { kind, ref, id } of deletions) {
    try {
      if (id === undefined) await client.operations.DeleteResource({ kind: kind as ResourceKind, ref });
      else await client.operations.RevokeRole({ id });
      say(`Deleted ${inWords(kind)} ${ref}.`);
    } catch (error) {
      if (!(error instanceof FeaturegraphError) || error.code !== 'IN_USE') throw error;
      say(`Kept ${inWords(kind)} ${ref}: ${error.message}`);
    }
  }
}
