import type { Principal } from '../access/principal.ts';
import type { Json } from '../state/tables.ts';

/** From where somebody acts. */
export type Origin = { address: string | null; userAgent: string | null; transport: Transport };
export type Transport = 'HTTP' | 'WEBSOCKET' | 'INTERNAL';

/** Who acts, and from where. */
export type Actor = { principal: Pick<Principal, 'kind' | 'id' | 'name'>; origin: Origin };

export const auditOutcomes = ['DONE', 'DENIED', 'FAILED'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** What was done or denied. `details` holds no secret and no value of a feature. */
export type AuditEntry = {
  actor: Actor;
  /** As `REGISTER`, `PUSH` or `KEY_CREATED`. */
  action: string;
  /** What it was done to, as `FEATURE_VIEW stats@v1`; null where it was nothing in particular. */
  resource: string | null;
  outcome: AuditOutcome;
  /** The code that it failed or was denied with. */
  code?: string | null;
  details?: Json;
};

/** An entry as it is kept. Instants are microseconds since 1970. */
export type AuditRecord = {
  seq: number;
  at: bigint;
  /** When the last was of several alike that are one record; null for a single one. */
  until: bigint | null;
  count: number;
  principalKind: string;
  principalId: string;
  principalName: string;
  action: string;
  resource: string | null;
  outcome: AuditOutcome;
  code: string | null;
  address: string | null;
  userAgent: string | null;
  transport: Transport;
  details: Json;
};

/** Which records: all that is given must hold. Of the time `from` belongs to it, `to` does not. */
export type AuditFilter = {
  /** An id or a name. */
  principal?: string | null | undefined;
  action?: string | null | undefined;
  resource?: string | null | undefined;
  outcome?: AuditOutcome | null | undefined;
  from?: bigint | null | undefined;
  to?: bigint | null | undefined;
};
