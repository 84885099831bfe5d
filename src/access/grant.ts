import { z } from 'zod';
import type { Resource } from '../registry/catalog.ts';
import { resourceKinds } from '../registry/reference.ts';
import { isStorable } from '../state/storable-text.ts';
import type { Principal } from './principal.ts';
import { type Role, roles } from './role.ts';

export const granteeKinds = ['API_KEY', 'USER', 'GROUP'] as const;
/** An API key by its name; a user or a group as tokens name them. */
export type Grantee = { kind: (typeof granteeKinds)[number]; name: string };

/** A text that the registry can keep, in an index too. */
const words = (most: number) =>
  z.string().min(1).max(most).refine(isStorable, 'must be well-formed text without U+0000');

/** Each `*` may stand for any characters: so many of them are still matched at once. */
const mostStars = 4;

/** What a grant is bound to: all that is given must match, nothing given is everything. */
export const selectorShape = z.strictObject({
  kind: z.enum(resourceKinds).optional(),
  tag: words(200).optional(),
  owner: words(200).optional(),
  /** A name for all its variants, or name@variant; `*` stands for any characters. */
  ref: words(400)
    .refine((text) => text.split('*').length - 1 <= mostStars, `must have ${mostStars} \`*\` at most`)
    .optional(),
});

export const granteeShape = z.object({ kind: z.enum(granteeKinds), name: words(400) });
export type Selector = z.output<typeof selectorShape>;

export const grantShape = z.object({
  id: z.string(),
  role: z.enum(roles),
  grantee: granteeShape,
  selector: selectorShape,
  sensitive: z.boolean(),
});

/** A role for somebody, on what its selector matches; on values of sensitive features only where it says so. */
export type Grant = z.output<typeof grantShape> & { createdBy: string; createdAt: Date };

/** What of a resource a selector looks at: of one that is yet to be registered too. */
export type Selected = Pick<Resource, 'kind' | 'name' | 'ref' | 'tags' | 'owner'>;

export function isUnbound({ kind, tag, owner, ref }: Selector): boolean {
  return kind === undefined && tag === undefined && owner === undefined && ref === undefined;
}

export function isGrantedTo({ kind, name }: Grantee, principal: Principal): boolean {
  if (kind === 'API_KEY') return principal.kind === 'API_KEY' && principal.name === name;
  if (principal.kind !== 'TOKEN') return false;
  return kind === 'USER' ? principal.user === name : principal.groups.includes(name);
}

/** Whether a selector matches, as a function: globs are read once. */
export function matcher({ kind, tag, owner, ref }: Selector): (resource: Selected) => boolean {
  const isRef = ref === undefined ? undefined : referenceMatcher(ref);
  return (resource) =>
    (kind === undefined || resource.kind === kind) &&
    (tag === undefined || resource.tags.includes(tag)) &&
    (owner === undefined || resource.owner === owner) &&
    (isRef === undefined || isRef(resource.ref));
}

/** `driver_*` matches `driver_stats@v1`, for a variant that isn't named may be any; `driver_stats@v2` does not. */
function referenceMatcher(written: string): (ref: string) => boolean {
  const escaped = written.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '.*');
  const form = new RegExp(`^${escaped}$`, 's');
  if (written.includes('@')) return (ref) => form.test(ref);
  return (ref) => form.test(ref.replace(/@[^:]*/, ''));
}

/** What a role of a token's claim grants. */
export function claimedGrant(role: Role, { kind, name }: Principal): Grant {
  return {
    id: `claim:${role}`,
    role,
    grantee: { kind: kind === 'API_KEY' ? kind : 'USER', name },
    selector: {},
    sensitive: false,
    createdBy: 'claim',
    createdAt: new Date(0),
  };
}
