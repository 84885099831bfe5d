import { createHash } from 'node:crypto';
import { refuseEscapes } from './duckdb-cage.ts';
import type { DuckdbSession } from './duckdb-connections.ts';
import { parseSelect } from './duckdb-syntax.ts';

/** Digests of queries that passed. Whether one does follows from its text and its inputs' names alone. */
const harmless = new Set<string>();
const mostKept = 10_000;

/**
 * Fails as `parseSelect` and `refuseEscapes` do. Parsing takes the engine longer than binding a short query does, and one that
 * much is computed from is met again with each of these.
 */
export async function requireHarmless(sql: string, inputs: readonly string[], session: DuckdbSession): Promise<void> {
  const digest = createHash('sha256')
    .update(JSON.stringify([sql, inputs]))
    .digest('base64');
  if (harmless.has(digest)) return;
  refuseEscapes(await parseSelect(sql, session), inputs);
  if (harmless.size >= mostKept) harmless.clear();
  harmless.add(digest);
}
