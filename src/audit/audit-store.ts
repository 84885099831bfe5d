import { type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from '../state/database.ts';
import { inStatements } from '../state/in-statements.ts';
import { isStorable } from '../state/storable-text.ts';
import type { NewAuditRow, StateTables } from '../state/tables.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import type { AuditEntry, AuditFilter, AuditOutcome, AuditRecord, Transport } from './audit-entry.ts';

type Writer = Database['kysely'] | WriteTransaction;

const [longestDetails, longestText] = [16_384, 300];

export type GatheredEntry = AuditEntry & { at?: Date; until?: Date; count?: number };

export async function insertEntries(db: Writer, entries: readonly GatheredEntry[]): Promise<void> {
  for (const some of inStatements(entries)) await db.insertInto('audit').values(some.map(rowOf)).execute();
}

function rowOf({ actor, action, resource, outcome, code, details, at, until, count }: GatheredEntry): NewAuditRow {
  const { principal, origin } = actor;
  const { address, userAgent, transport } = origin;
  const written = details === undefined || details === null ? null : JSON.stringify(details);
  const isLong = written !== null && written.length > longestDetails;
  return {
    principalKind: principal.kind,
    principalId: principal.id,
    principalName: principal.name,
    action,
    resource,
    outcome,
    code: code ?? null,
    address,
    userAgent: userAgent?.slice(0, longestText).toWellFormed() ?? null,
    transport,
    details: isLong ? JSON.stringify({ left: `${written.length} characters are too many to be kept` }) : written,
    ...(at && { at }),
    ...(until && { until }),
    ...(count !== undefined && { count }),
  };
}

/** The newest first, those before `before`. */
export async function readRecords(
  { kysely }: Pick<Database, 'kysely'>,
  filter: AuditFilter,
  { first, before }: { first: number; before?: number | undefined },
): Promise<AuditRecord[]> {
  const all = kysely.selectFrom('audit').orderBy('seq', 'desc').limit(first);
  const since = before === undefined ? all : all.where('seq', '<', before);
  const rows = await filtered(since, filter)
    .selectAll()
    .select([microseconds('at').as('atMicros'), microseconds('until').as('untilMicros')])
    .execute();
  return rows.map(({ atMicros, untilMicros, ...row }) => ({
    ...row,
    outcome: row.outcome as AuditOutcome,
    transport: row.transport as Transport,
    at: BigInt(atMicros ?? 0),
    until: untilMicros === null ? null : BigInt(untilMicros),
  }));
}

type Selected = SelectQueryBuilder<StateTables, 'audit', object>;

function filtered(query: Selected, { principal, action, resource, outcome, from, to }: AuditFilter): Selected {
  let found = query;
  // What the database can't hold is in no record.
  if (![principal, action, resource].every((text) => isStorable(text ?? ''))) return query.where(sql<boolean>`false`);
  if (typeof principal === 'string')
    found = found.where((eb) => eb.or([eb('principalId', '=', principal), eb('principalName', '=', principal)]));
  if (typeof action === 'string') found = found.where('action', '=', action);
  if (typeof resource === 'string') found = found.where('resource', '=', resource);
  if (typeof outcome === 'string') found = found.where('outcome', '=', outcome);
  if (typeof from === 'bigint') found = found.where('at', '>=', instant(from));
  if (typeof to === 'bigint') found = found.where('at', '<', instant(to));
  return found;
}

function microseconds(column: 'at' | 'until') {
  return sql<string | null>`(extract(epoch from ${sql.ref(column)}) * 1000000)::bigint::text`;
}

/** PostgreSQL's first instant, in 4714 BC: no record is older, so that any earlier one is as good as it. */
const firstMicros = -210_866_803_200_000_000n;

function instant(micros: bigint) {
  const held = micros < firstMicros ? firstMicros : micros;
  return sql<Date>`timestamptz 'epoch' + ${String(held)}::bigint * interval '1 microsecond'`;
}

/** Deletes what is older; answers with how many there were. The trigger lets only this through. */
export async function deleteBefore({ kysely }: Pick<Database, 'kysely'>, days: number): Promise<number> {
  return kysely.transaction().execute(async (trx) => {
    await sql`select set_config('featuregraph.audit_retention', 'on', true)`.execute(trx);
    const { numDeletedRows } = await trx
      .deleteFrom('audit')
      .where('at', '<', sql<Date>`now() - ${`${days} days`}::interval`)
      .executeTakeFirst();
    return Number(numDeletedRows);
  });
}
