import { Failure, type Issue } from '../providers/contract/failure.ts';
import type { WrittenKey } from '../src/access/access.ts';
import type { AccessWitness } from '../src/access/access-store.ts';
import { type ApiKey, isLive } from '../src/access/api-key.ts';
import type { Grant } from '../src/access/grant.ts';
import type { Principal } from '../src/access/principal.ts';
import { readGrant, readRole, type WrittenGrantee, type WrittenRole } from '../src/access/written-grant.ts';
import { entryOfGrant, entryOfKey } from '../src/audit/access-changes.ts';
import type { AuditEntry } from '../src/audit/audit-entry.ts';
import { parseDuration } from '../src/registry/duration.ts';
import type { RequestContext } from './request-context.ts';

export function viewer({ principal }: RequestContext): Principal {
  return principal;
}

/** The roles of who asks, each with what it is bound to. */
export function viewerGrants({ application, principal }: RequestContext): readonly Grant[] {
  return application.access.grantsOf(principal);
}

/** The first made first; the revoked ones only where they are asked for. */
export function apiKeys(context: RequestContext, includeRevoked: boolean): ApiKey[] {
  context.demand('ADMINISTER');
  return context.application.access.keys.filter(({ revokedAt }) => includeRevoked || revokedAt === null);
}

export function grants(context: RequestContext): readonly Grant[] {
  context.demand('ADMINISTER');
  return context.application.access.grants;
}

export async function createApiKey(
  context: RequestContext,
  written: {
    name: string;
    expiresAt?: bigint | null;
    gateway?: boolean | null;
    roles?: readonly WrittenRole[] | null;
  },
): Promise<WrittenKey> {
  context.demand('ADMINISTER');
  const { name, gateway } = written;
  const issues: Issue[] = [];
  if (!nameForm.test(name)) {
    const message = 'must be 1 to 100 letters, digits and . _ - / characters';
    issues.push({ path: 'name', message, fix: 'Name it as what it is for, as fraud-model.' });
  }
  const expiresAt = typeof written.expiresAt === 'bigint' ? new Date(Number(written.expiresAt / 1_000n)) : null;
  if (expiresAt !== null && !(expiresAt > new Date() && expiresAt <= latestEnd))
    issues.push({
      path: 'expiresAt',
      message: 'has passed, or is no time that can be kept',
      fix: 'Give a later time, or leave it out.',
    });
  const granted = (written.roles ?? []).map((role, at) => readRole(role, `roles[${at}]`, issues));
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The API key is not valid.', { issues });
  const { actor, application, user } = context;
  const key = { name, expiresAt, gateway: gateway ?? false };
  return application.access.createKey(
    key,
    granted,
    user,
    recorded(context, entryOfKey(actor, 'CREATE_KEY', key, granted)),
  );
}

/** Years of more digits are written in a way that not all that read them know. */
const latestEnd = new Date('9999-12-31T23:59:59.999Z');
const nameForm = /^[\w.\-/]{1,100}$/;
const longestGraceMs = 30 * 86_400_000;

/** A new secret; the present one stays valid for the grace time. */
export async function rotateApiKey(context: RequestContext, id: string, grace: string): Promise<WrittenKey> {
  context.demand('ADMINISTER');
  const micros = parseDuration(grace);
  const milliseconds = micros === undefined ? Number.NaN : Number(micros / 1_000n);
  if (!(milliseconds >= 0 && milliseconds <= longestGraceMs)) {
    const issue = { path: 'grace', message: `is "${grace}"`, fix: 'Give a duration of 30d at most, as 24h.' };
    throw new Failure('INVALID_INPUT', 'The grace time is not valid.', { issues: [issue] });
  }
  const { access } = context.application;
  const entry = entryOfKey(context.actor, 'ROTATE_KEY', access.key(id));
  return access.rotateKey(id, milliseconds, recorded(context, entry));
}

export async function revokeApiKey(context: RequestContext, id: string): Promise<ApiKey> {
  context.demand('ADMINISTER');
  const { access } = context.application;
  return access.revokeKey(id, recorded(context, entryOfKey(context.actor, 'REVOKE_KEY', access.key(id))));
}

export async function grantRole(context: RequestContext, to: WrittenGrantee, written: WrittenRole): Promise<Grant> {
  context.demand('ADMINISTER');
  const { access } = context.application;
  const issues: Issue[] = [];
  const read = readGrant({ ...written, to }, '', issues, (name) => access.hasKey(name));
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The grant is not valid.', { issues });
  const grant = { ...read, createdBy: context.user };
  return access.grant(grant, recorded(context, entryOfGrant(context.actor, 'GRANT_ROLE', grant)));
}

export async function revokeRole(context: RequestContext, id: string): Promise<Grant> {
  context.demand('ADMINISTER');
  const { access } = context.application;
  const entry = entryOfGrant(context.actor, 'REVOKE_ROLE', access.grantById(id));
  return access.revokeGrant(id, recorded(context, entry));
}

function recorded({ application }: RequestContext, entry: AuditEntry): AccessWitness {
  return (trx) => application.audit.recordIn(trx, [entry]);
}

export function keyIsValid(key: ApiKey): boolean {
  return isLive(key, new Date());
}
