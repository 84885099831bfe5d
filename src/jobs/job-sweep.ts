import type { Database } from '../state/database.ts';
import { selectJobs } from './job-row.ts';
import type { JobTransitions } from './job-transitions.ts';
import { fromNow, type JobWriter } from './job-writer.ts';

/** Puts back the jobs of workers that have been silent for `staleMs`; not those of `except`, which knows better. */
export async function sweepJobs(
  database: Database,
  writer: JobWriter,
  transitions: JobTransitions,
  staleMs: number,
  except: string,
): Promise<void> {
  const orphans = (db: Parameters<typeof selectJobs>[0]) =>
    selectJobs(db)
      .where('worker', 'is not', null)
      .where('worker', '!=', except)
      .where('heartbeatAt', '<', fromNow(-staleMs));
  // Without the lock first: nearly always there is nothing to do.
  if ((await orphans(database.kysely).limit(1).execute()).length === 0) return;
  await writer.transaction(async (trx) => {
    for (const record of await orphans(trx).orderBy('number').execute()) {
      if (record.state === 'RUNNING') await transitions.interrupt(trx, record);
      else await transitions.release(trx, { jobId: record.id, run: record.run });
    }
  });
}
