/**
 * A worker process for tests that kill it: runs jobs on the database whose options are the first argument, and
 * says `RUNNING` for each; a job whose input is "never" goes on until it is told to stop, and says `STOPPED`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Jobs } from '../../src/jobs/jobs.ts';
import { ChangeFeed } from '../../src/state/change-feed.ts';
import { openDatabase } from '../../src/state/database.ts';

const optionsShape = z.object({
  url: z.string().optional(),
  directory: z.string().optional(),
  schema: z.string(),
});
const database = await openDatabase(optionsShape.parse(JSON.parse(process.argv[2] ?? '')));
const feed = new ChangeFeed(database);
await feed.start();
const jobs = new Jobs({ database, feed });
jobs.handle('TRANSFORM', async ({ job, signal, progress }) => {
  progress(1);
  console.log('RUNNING');
  for (let done = 2; job.input === 'never' && !signal.aborted; done++) {
    progress(done);
    await delay(100);
  }
  if (signal.aborted) console.log('STOPPED');
  return 'by the child';
});
await jobs.start({ worker: true });
// An embedded database has one process: the child submits what the test can't.
if (database.embedded) await jobs.submit([{ kind: 'TRANSFORM', resource: null, input: 'never', startedBy: 'child' }]);
console.log('READY');
