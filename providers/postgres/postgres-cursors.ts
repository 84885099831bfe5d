import type { PostgresSession, TextRow, Watch } from './postgres-connections.ts';
import { inPart } from './postgres-failures.ts';

/**
 * Rows that one FETCH asks for: few at first, for they may be long, then as many as make so many bytes together. No batch
 * asks for much more than the one before, since later rows may be longer.
 */
const firstLook = 16;
const firstBatch = 1_000;
const growth = 16;
const batchBytes = 8_000_000;
const longestBatch = 16_384;

/** The rows of a SELECT by a cursor of the open transaction, in batches bounded by rows and by bytes. */
export function fetchRows(session: PostgresSession, sql: string, watch: Watch = {}): AsyncGenerator<TextRow[]> {
  return fetchTogether(session, [sql], watch);
}

/** As `fetchRows`, of SELECTs that have equally many rows, whose values stand side by side in each row of the answer. */
export async function* fetchTogether(
  session: PostgresSession,
  selects: readonly string[],
  watch: Watch = {},
): AsyncGenerator<TextRow[]> {
  const cursors = selects.map((_, at) => `rows${at}`);
  for (const [at, sql] of selects.entries())
    await session.run(`DECLARE ${cursors[at]} NO SCROLL CURSOR FOR ${sql}`, watch);
  const look = await fetchNext(session, cursors, firstLook, watch);
  const rest =
    look.length < firstLook
      ? []
      : await fetchNext(session, cursors, Math.min(firstBatch - firstLook, rowsWithin(look)), watch);
  let rows = [...look, ...rest];
  while (rows.length > 0) {
    yield rows;
    const size = Math.min(rows.length * growth, longestBatch, rowsWithin(rows));
    rows = await fetchNext(session, cursors, size, watch);
  }
  for (const cursor of cursors) await session.run(`CLOSE ${cursor}`, watch);
}

async function fetchNext(
  session: PostgresSession,
  cursors: readonly string[],
  size: number,
  watch: Watch,
): Promise<TextRow[]> {
  const parts: TextRow[][] = [];
  for (const [at, cursor] of cursors.entries()) {
    const fetched = session.run(`FETCH FORWARD ${size} FROM ${cursor}`, watch);
    parts.push((await fetched.catch((error: unknown) => Promise.reject(inPart(error, at)))).rows);
  }
  return sideBySide(parts);
}

/** Equally many rows of several SELECTs, as one row each. */
export function sideBySide([first = [], ...others]: readonly TextRow[][]): TextRow[] {
  if (others.length === 0) return first;
  return first.map((row, at) => row.concat(...others.map((rows) => rows[at] ?? [])));
}

/** As many rows like these as make the bytes of a batch. */
function rowsWithin(rows: readonly TextRow[]): number {
  let bytes = 0;
  for (const row of rows) for (const text of row) bytes += 8 + (text?.length ?? 0);
  return Math.max(1, Math.floor((batchBytes * rows.length) / bytes));
}
