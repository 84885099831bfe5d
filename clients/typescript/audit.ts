import type { CallOptions } from './connection-options.ts';
import type { AuditFilter, AuditQuery, Operations } from './generated/operations.ts';
import type { Http } from './http.ts';
import { pagesOf } from './pages.ts';

export type AuditRecord = AuditQuery['audit']['edges'][number]['node'];

/** What was done and denied, the newest first. For administrators. */
export type Audit = {
  list(filter?: AuditFilter, options?: CallOptions): AsyncGenerator<AuditRecord>;
  /** All of it as JSON Lines that stream; where it is cut, reading its body fails. */
  export(filter?: AuditFilter, options?: CallOptions): Promise<Response>;
};

export function openAudit(operations: Operations<CallOptions>, http: Http): Audit {
  return {
    list: (filter, options) =>
      pagesOf(async (after) => (await operations.Audit({ filter, first: 100, after }, options)).audit),
    export: (filter, options) => {
      const given = Object.entries(filter ?? {}).filter(([, value]) => typeof value === 'string') as [string, string][];
      return http.download(`/audit.jsonl?${new URLSearchParams(given)}`, options);
    },
  };
}
