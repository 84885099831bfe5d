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

/** With what is directly built on it, or on a feature of it. */
type Registered = { kind: ResourceKind; ref: string; users: Registered[] };

const kinds = [
  'PROVIDER',
  'ENTITY',
  'SOURCE',
  'FEATURE_VIEW',
  'ON_DEMAND_FEATURE_VIEW',
  'LABEL',
  'TRAINING_SET',
  'FEATURE_SERVICE',
  'MODEL',
] as const satisfies ResourceKind[];

/** Everything but features; whatever is built on something comes before it. */
async function registered({ operations }: Featuregraph): Promise<Registered[]> {
  const found: { one: Registered; used: readonly string[] }[] = [];
  const page = async (after: string | null) =>
    (await operations.Uses({ filter: { kinds: [...kinds] }, first: 50, after })).resources;
  for await (const { kind, ref, upstream } of pagesOf(page)) {
    found.push({ one: { kind, ref, users: [] }, used: [...new Set(upstream.flatMap(holdersOf))] });
  }
  const byName = new Map(found.map(({ one }) => [nameOf(one), one]));
  for (const { one, used } of found) for (const name of used) byName.get(name)?.users.push(one);
  return usersFirst(found.map(({ one }) => one).reverse());
}

function nameOf({ kind, ref }: { kind: string; ref: string }): string {
  return `${kind} ${ref}`;
}

/** In the order given, but for what has to come sooner. What was registered anew is newer than what is built on it. */
function usersFirst(all: readonly Registered[]): Registered[] {
  const ordered = new Set<Registered>();
  const add = (one: Registered): void => {
    if (ordered.has(one)) return;
    one.users.forEach(add);
    ordered.add(one);
  };
  all.forEach(add);
  return [...ordered];
}

/** All that is built on it, nearest first. */
function allUsers(one: Registered): Registered[] {
  const users = new Set(one.users);
  for (const user of users) for (const next of user.users) users.add(next);
  return [...users];
}

/** Itself, or for a feature its view, of whichever kind that is. */
function holdersOf({ kind, ref }: { kind: ResourceKind; ref: string }): string[] {
  if (kind !== 'FEATURE') return [nameOf({ kind, ref })];
  const view = ref.slice(0, ref.lastIndexOf(':'));
  return [`FEATURE_VIEW ${view}`, `ON_DEMAND_FEATURE_VIEW ${view}`];
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
  const candidates = (await registered(client)).filter((one) => names.has(nameOf(one)));
  const going = new Set(unusedBeside(candidates));
  for (const one of candidates) {
    const [first, ...others] = going.has(one) ? [] : allUsers(one).filter((user) => !names.has(nameOf(user)));
    if (first !== undefined) say(keptText(one, first, others.length));
  }
  return [...going];
}

function keptText({ kind, ref }: Registered, user: Registered, others: number): string {
  const more = others === 0 ? '' : ` and ${others} more`;
  return `Kept ${inWords(kind)} ${ref}: used by ${inWords(user.kind)} ${user.ref}${more}.`;
}

/** Those of these that nothing but these is built on; users come before what they use. */
function unusedBeside(candidates: readonly Registered[]): Registered[] {
  const going = new Set<Registered>();
  for (const one of candidates) if (one.users.every((user) => going.has(user))) going.add(one);
  return [...going];
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
