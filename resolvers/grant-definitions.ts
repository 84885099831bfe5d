import type { Issue } from '../providers/contract/failure.ts';
import { type GrantStep, planGrants } from '../src/access/grant-planning.ts';
import { readGrant, type WrittenGrant } from '../src/access/written-grant.ts';
import { entryOfGrant } from '../src/audit/access-changes.ts';
import type { ApplyOptions } from '../src/registry/registry.ts';
import type { RequestContext } from './request-context.ts';

export type GrantPlan = { steps: GrantStep[]; issues: Issue[] };

/**
 * What applying the grants of a batch would do. Who may register is not who may grant: with one in it, the batch is an
 * administrator's. Fails with FORBIDDEN before anything is looked at.
 */
export async function planGrantsOf(
  context: RequestContext,
  definitions: readonly { grant?: WrittenGrant | null }[],
): Promise<GrantPlan> {
  const written = definitions.flatMap(({ grant }, at) => (grant ? [{ at, grant }] : []));
  if (written.length === 0) return { steps: [], issues: [] };
  context.demand('ADMINISTER');
  const { access } = context.application;
  await access.refresh();
  const issues: Issue[] = [];
  const drafts = written.map(({ at, grant }) => ({
    at,
    grant: readGrant(grant, `definitions[${at}].grant`, issues, (name) => access.hasKey(name)),
  }));
  return { steps: planGrants(access.grants, drafts, issues), issues };
}

/** Writes what is planned of grants, with its records, in the transaction that registers the rest; nothing where nothing changes. */
export function grantsAlongside(context: RequestContext, { steps }: GrantPlan): ApplyOptions {
  const changed = steps.filter(({ action }) => action !== 'UNCHANGED');
  if (changed.length === 0) return {};
  const { actor, application, user } = context;
  const grants = changed.map(({ grant }) => ({ ...grant, createdBy: user }));
  return {
    async alongside(trx) {
      await application.access.grantIn(trx, grants);
      await application.audit.recordIn(
        trx,
        grants.map((grant) => entryOfGrant(actor, 'GRANT_ROLE', grant)),
      );
    },
  };
}
