import type { EngineOptions } from '../../providers/duckdb/process/duckdb-engine.ts';
import { openDuckdbProcessStore } from '../../providers/duckdb/process/duckdb-process-store.ts';

/** A process that has a store open and asks it for what has no end; it says so, and waits to be killed. */
const store = await openDuckdbProcessStore(JSON.parse(process.argv[2] ?? '') as EngineOptions);
const sql = 'SELECT count(*) AS n FROM range(1000000) AS a, range(1000000) AS b WHERE a.range < b.range';
void store.count({ kind: 'QUERY', sql, inputs: {} }).catch(() => undefined);
await store.check();
process.stdout.write('BUSY\n');
