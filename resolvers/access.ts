import { Failure, type Issue } from '../providers/contract/failure.ts';
import type { WrittenKey } from '../src/access/access.ts';
import { type ApiKey, isLive } from '../src/access/api-key.ts';
import { type Grant, type Grantee, granteeShape, selectorShape } from '../src/access/grant.ts';
import type { Principal } from '../src/access/principal.ts';
import type { Role } from '../src/access/role.ts';
import { parseDuration } from '../src/registry/duration.ts';
import type { Json } from '../src/state/tables.ts';
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

export type WrittenGrantee = { apiKey?: string | null; user?: string | null; group?: string | null };
export type WrittenSelector = { [K in 'kind' | 'tag' | 'owner' | 'ref']?: string | null };
export type WrittenRole = { role: Role; on?: WrittenSelector | null; sensitive?: boolean | null };

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
  const { access } = context.application;
  const made = await access.createKey({ name, expiresAt, gateway: gateway ?? false }, granted, context.user);
  await recordAccess(context, 'CREATE_KEY', keyWords(made.key), { roles: granted });
  return made;
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
  const rotated = await context.application.access.rotateKey(id, milliseconds);
  await recordAccess(context, 'ROTATE_KEY', keyWords(rotated.key));
  return rotated;
}

export async function revokeApiKey(context: RequestContext, id: string): Promise<ApiKey> {
  context.demand('ADMINISTER');
  const key = await context.application.access.revokeKey(id);
  await recordAccess(context, 'REVOKE_KEY', keyWords(key));
  return key;
}

export async function grantRole(context: RequestContext, to: WrittenGrantee, written: WrittenRole): Promise<Grant> {
  context.demand('ADMINISTER');
  const issues: Issue[] = [];
  const role = readRole(written, '', issues);
  const grantee = granteeOf(to);
  for (const { message } of granteeShape.safeParse(grantee).error?.issues ?? [])
    issues.push({ path: 'to', message, fix: 'Name a key, a user or a group.' });
  if (grantee.kind === 'API_KEY' && !context.application.access.isKeyName(grantee.name)) {
    issues.push({ path: 'to.apiKey', message: `"${grantee.name}" is no API key`, fix: 'Make it with `createApiKey`.' });
  }
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The grant is not valid.', { issues });
  const grant = await context.application.access.grant({ ...role, grantee, createdBy: context.user });
  await recordAccess(context, 'GRANT_ROLE', granteeWords(grant), { ...role });
  return grant;
}

export async function revokeRole(context: RequestContext, id: string): Promise<Grant> {
  context.demand('ADMINISTER');
  const grant = await context.application.access.revokeGrant(id);
  const { role, selector, sensitive } = grant;
  await recordAccess(context, 'REVOKE_ROLE', granteeWords(grant), { role, selector, sensitive });
  return grant;
}

function recordAccess(
  { application, actor }: RequestContext,
  action: string,
  resource: string,
  details: object = {},
): Promise<void> {
  return application.audit.recordNow({ actor, action, resource, outcome: 'DONE', details: details as Json });
}

function keyWords({ name }: ApiKey): string {
  return `API_KEY ${name}`;
}

function granteeWords({ grantee }: Grant): string {
  return `${grantee.kind} ${grantee.name}`;
}

function granteeOf({ apiKey, user, group }: WrittenGrantee): Grantee {
  if (typeof apiKey === 'string') return { kind: 'API_KEY', name: apiKey };
  return typeof user === 'string' ? { kind: 'USER', name: user } : { kind: 'GROUP', name: group ?? '' };
}

/** Roles that are of the server as a whole, or of jobs, are bound to nothing else. */
const unboundRoles: readonly Role[] = ['ADMIN', 'OPERATOR'];

function readRole({ role, on, sensitive }: WrittenRole, path: string, issues: Issue[]) {
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

export function keyIsValid(key: ApiKey): boolean {
  return isLive(key, new Date());
}
