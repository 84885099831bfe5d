import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);
export const outcomes = ['DONE', 'DENIED', 'FAILED'] as const;

const search = z.object({
  principal: text,
  action: text,
  resource: text,
  outcome: z.catch(z.optional(z.enum(outcomes)), undefined),
});

export type AuditSearch = z.output<typeof search>;

export function readAuditSearch(given: Record<string, unknown>): AuditSearch {
  return z.parse(search, given);
}
