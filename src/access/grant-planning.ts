import type { Issue } from '../../providers/contract/failure.ts';
import { type Grant, selectorShape } from './grant.ts';
import type { GivenGrant } from './written-grant.ts';

/** What applying one grant of a batch would do. UPDATE: it is there, and is to be for sensitive values too, or no longer. */
export type GrantStep = { at: number; action: 'CREATE' | 'UPDATE' | 'UNCHANGED'; grant: GivenGrant };

/** Holds grants against those that there are; one that is in the batch twice is added to `issues`. */
export function planGrants(
  existing: readonly Grant[],
  drafts: readonly { at: number; grant: GivenGrant }[],
  issues: Issue[],
): GrantStep[] {
  const known = new Map(existing.map((grant) => [identityOf(grant), grant]));
  const places = new Map<string, number>();
  return drafts.map(({ at, grant }) => {
    const identity = identityOf(grant);
    const earlier = places.get(identity);
    if (earlier !== undefined) {
      const message = `is already defined by definitions[${earlier}]`;
      issues.push({ path: `definitions[${at}].grant`, message, fix: 'Remove one of the two.' });
    }
    places.set(identity, at);
    const before = known.get(identity);
    if (before === undefined) return { at, action: 'CREATE', grant };
    return { at, action: before.sensitive === grant.sensitive ? 'UNCHANGED' : 'UPDATE', grant };
  });
}

/** What tells one grant from another: all but whether it is for sensitive values. */
function identityOf({ role, grantee, selector }: GivenGrant): string {
  return JSON.stringify([role, grantee.kind, grantee.name, selectorShape.safeParse(selector).data]);
}
