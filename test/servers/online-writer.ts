import { packRow, rowLayout } from '../../providers/contract/online-row.ts';
import { scalar } from '../../providers/contract/value-type.ts';
import { openLmdbOnlineStore } from '../../providers/lmdb/lmdb-online-store.ts';
import { openPostgresOnlineStore } from '../../providers/postgres/postgres-online-store.ts';

/**
 * Writes row after row of growing versions to the place (a directory, or a PostgreSQL URL) and project of its arguments, in batches of 100, and
 * says the version of each batch when the store has promised to keep it. It runs until it is killed.
 */
const [place = '', project = ''] = process.argv.slice(2);
const store = await (place.startsWith('postgres:')
  ? openPostgresOnlineStore({ url: place, schema: project })
  : openLmdbOnlineStore({ directory: place, project }));
const layout = rowLayout([scalar('INT64')]);
for (let version = 1n; ; version++) {
  const row = packRow(layout, { eventTimestamp: version, createdTimestamp: null, values: [version] });
  const rows = Array.from({ length: 100 }, (_, at) => ({ key: Buffer.from(`key ${at}`), row }));
  await store.write({ entity: 'driver', view: 'trips' }, rows);
  process.stdout.write(`${version}\n`);
}
