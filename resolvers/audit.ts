import { Failure } from '../providers/contract/failure.ts';
import type { AuditFilter } from '../src/audit/audit-entry.ts';
import { type ConnectionArguments, defaultPage, refuseBadPage } from './connections.ts';
import type { RequestContext } from './request-context.ts';

/** A page of the audit log, the newest first. */
export async function auditPage({ application }: RequestContext, filter: AuditFilter, args: ConnectionArguments) {
  refuseBadPage(args);
  const backwards = (['last', 'before'] as const).find(
    (name) => typeof args[name] === typeof 1 || typeof args[name] === 'string',
  );
  if (backwards !== undefined) throw wrongPage(backwards, 'can not be given here', 'Page with "first" and "after".');
  const first = args.first ?? defaultPage;
  const before = typeof args.after === 'string' ? readCursor(args.after) : undefined;
  const found = await application.audit.list(filter, { first: first + 1, before });
  const edges = found.slice(0, first).map((node) => ({ node, cursor: String(node.seq) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: found.length > first,
      hasPreviousPage: before !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function readCursor(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw wrongPage('after', 'is no cursor', 'Pass the cursor of an earlier page as it was given.');
}

function wrongPage(path: string, message: string, fix: string): Failure {
  return new Failure('INVALID_INPUT', 'The audit log is paged forwards, the newest first.', {
    issues: [{ path, message, fix }],
  });
}
