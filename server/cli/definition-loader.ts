import { parentPort, workerData } from 'node:worker_threads';
import { loadDefinitions } from './definition-files.ts';

/** What runs in the thread that reads definitions: it tells what it has read, or why it could not. */
try {
  parentPort?.postMessage({ defined: await loadDefinitions(workerData as string[]) });
} catch (error) {
  parentPort?.postMessage({ failed: (error as Error).message });
}
