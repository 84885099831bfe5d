import { Failure, type Issue } from '../providers/contract/failure.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { readDrafts } from '../src/registry/drafts.ts';
import { type ProviderRole, productOf, roleInWords, rolesOf } from '../src/registry/provider-roles.ts';
import { sealDrafts } from '../src/registry/sealed-secrets.ts';
import * as health from '../src/stores/provider-health.ts';
import { doneAtOnce } from '../src/turns.ts';
import { definitionFrom, type WrittenDefinition } from './registration.ts';
import type { RequestContext } from './request-context.ts';

/** Asks each store of a provider; an answer in any case, with words for a user when it is a bad one. */
export function providerHealth(context: RequestContext, provider: ResourceOf<'PROVIDER'>) {
  const { application, everything, rights } = context;
  if (!rights.allows('REGISTER', provider, everything)) context.demandOn('OPERATE', provider);
  return health.providerHealth(application.stores, everything, provider);
}

/** Fails with INVALID_INPUT when the definition is no provider, or not one that can serve in a role. */
export async function testProvider(
  context: RequestContext,
  written: WrittenDefinition,
  roles: readonly ProviderRole[] | null | undefined,
): Promise<health.ProviderHealth> {
  const { application, catalog, rights } = context;
  // It makes the server connect to wherever the definition says.
  if (!rights.holds('REGISTER')) context.demand('OPERATE');
  const issues: Issue[] = [];
  const read = doneAtOnce(readDrafts([definitionFrom(written)], issues));
  const [draft] = sealDrafts(catalog, read, application.sealing, issues);
  if (draft?.definition.kind !== 'PROVIDER' || issues.length > 0) {
    throw new Failure('INVALID_INPUT', 'The definition is not valid.', { issues: issues.map(withoutBatch) });
  }
  const { definition } = draft;
  const able = rolesOf(definition);
  const unable = roles?.find((role) => !able.includes(role));
  if (unable !== undefined) {
    const message = `${productOf(definition)} can't serve as ${roleInWords(unable)}`;
    const issue = { path: 'roles', message, fix: `Ask for ${able.join(', ')}.` };
    throw new Failure('INVALID_INPUT', message, { issues: [issue] });
  }
  return health.testProvider(application.stores, definition, roles ?? undefined);
}

/** There is one definition only, so its place in a batch says nothing. */
function withoutBatch(issue: Issue): Issue {
  return { ...issue, path: issue.path.replace('definitions[0]', 'definition') };
}
