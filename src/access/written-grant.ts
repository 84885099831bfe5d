import type { Issue } from '../../providers/contract/failure.ts';
import { type Grant, type Grantee, granteeShape, selectorShape } from './grant.ts';
import type { Role } from './role.ts';

export type WrittenGrantee = { apiKey?: string | null; user?: string | null; group?: string | null };
export type WrittenSelector = { [K in 'kind' | 'tag' | 'owner' | 'ref']?: string | null };
export type WrittenRole = { role: Role; on?: WrittenSelector | null; sensitive?: boolean | null };
/** A grant as a user writes it. */
export type WrittenGrant = WrittenRole & { to: WrittenGrantee };

export type GivenRole = Pick<Grant, 'role' | 'selector' | 'sensitive'>;
export type GivenGrant = GivenRole & Pick<Grant, 'grantee'>;

/** Roles that are of the server as a whole, or of jobs, are bound to nothing else. */
const unboundRoles: readonly Role[] = ['ADMIN', 'OPERATOR'];

/** Adds what is wrong to `issues`, each at its path below `path`. */
export function readRole({ role, on, sensitive }: WrittenRole, path: string, issues: Issue[]): GivenRole {
  const place = path === '' ? '' : `${path}.`;
  const given = Object.fromEntries(Object.entries(on ?? {}).filter(([, value]) => typeof value === 'string'));
  const read = selectorShape.safeParse(given);
  if (!read.success)
    for (const { path: inner, message } of read.error.issues)
      issues.push({ path: `${place}on.${inner.join('.')}`, message });
  if (unboundRoles.includes(role) && Object.keys(given).length > 0) {
    const fix = 'Leave "on" out.';
    issues.push({ path: `${place}on`, message: `can not be given: ${role} is for everything`, fix });
  }
  return { role, selector: read.data ?? {}, sensitive: sensitive ?? false };
}

/** As `readRole`; `isKeyName` tells which API keys there are. */
export function readGrant(
  { to, ...written }: WrittenGrant,
  path: string,
  issues: Issue[],
  isKeyName: (name: string) => boolean,
): GivenGrant {
  const place = path === '' ? '' : `${path}.`;
  const role = readRole(written, path, issues);
  const grantee = granteeOf(to);
  for (const { message } of granteeShape.safeParse(grantee).error?.issues ?? [])
    issues.push({ path: `${place}to`, message, fix: 'Name a key, a user or a group.' });
  if (grantee.kind === 'API_KEY' && !isKeyName(grantee.name)) {
    const fix = 'Make it with `createApiKey`.';
    issues.push({ path: `${place}to.apiKey`, message: `"${grantee.name}" is no API key`, fix });
  }
  return { ...role, grantee };
}

function granteeOf({ apiKey, user, group }: WrittenGrantee): Grantee {
  if (typeof apiKey === 'string') return { kind: 'API_KEY', name: apiKey };
  return typeof user === 'string' ? { kind: 'USER', name: user } : { kind: 'GROUP', name: group ?? '' };
}

const fields = { API_KEY: 'apiKey', USER: 'user', GROUP: 'group' } as const;

/** A grant as it can be written again: a `DefinitionInput`, which changes nothing where it is applied. */
export function writtenGrant({ role, grantee, selector, sensitive }: GivenGrant): { grant: WrittenGrant } {
  const isBound = Object.keys(selector).length > 0;
  return {
    grant: {
      role,
      to: { [fields[grantee.kind]]: grantee.name },
      ...(isBound && { on: selector }),
      ...(sensitive && { sensitive }),
    },
  };
}

/** A grant in words, as `READER to group "analysts" on tag "sales"`: who, what and on what; no two have the same. */
export function grantInWords({ role, grantee, selector }: Omit<GivenGrant, 'sensitive'>): string {
  const of = grantee.kind.toLowerCase().replace('api_key', 'API key');
  const { kind, ...texts } = selector;
  const bound = [
    ...(kind === undefined ? [] : [`kind ${kind}`]),
    ...Object.entries(texts).map(([field, text]) => `${field} ${JSON.stringify(text)}`),
  ];
  const on = bound.length === 0 ? '' : ` on ${bound.join(' and ')}`;
  return `${role} to ${of} ${JSON.stringify(grantee.name)}${on}`;
}
