import type { ApiKey } from '../access/api-key.ts';
import type { Grant } from '../access/grant.ts';
import type { Json } from '../state/tables.ts';
import type { Actor, AuditEntry } from './audit-entry.ts';

type Given = Pick<Grant, 'role' | 'selector' | 'sensitive'>;

/** What was done to a key; with the roles that it was made with. */
export function entryOfKey(
  actor: Actor,
  action: 'CREATE_KEY' | 'ROTATE_KEY' | 'REVOKE_KEY',
  { name }: Pick<ApiKey, 'name'>,
  roles?: readonly Given[],
): AuditEntry {
  const details = roles === undefined ? {} : { details: { roles: roles.map(given) } };
  return { actor, action, resource: `API_KEY ${name}`, outcome: 'DONE', ...details };
}

/** That somebody was given a role, or lost one. */
export function entryOfGrant(
  actor: Actor,
  action: 'GRANT_ROLE' | 'REVOKE_ROLE',
  { grantee, ...grant }: Given & Pick<Grant, 'grantee'>,
): AuditEntry {
  return { actor, action, resource: `${grantee.kind} ${grantee.name}`, outcome: 'DONE', details: given(grant) };
}

function given({ role, selector, sensitive }: Given): { [key: string]: Json } {
  return { role, selector: { ...selector }, sensitive };
}
