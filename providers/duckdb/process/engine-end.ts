import { Failure } from '../../contract/failure.ts';
import type { EngineMethod } from './engine-calls.ts';

/** Why the engine's process ended. */
export type EngineEnd =
  | { kind: 'SIGNAL'; signal: string }
  | { kind: 'EXIT'; code: number }
  | { kind: 'MEMORY'; megabytes: number; bound: number }
  | { kind: 'STUCK'; seconds: number };

const doing: Readonly<Record<EngineMethod, string>> = {
  open: 'opened the database',
  close: 'closed the database',
  check: 'was asked whether it answers',
  decideFiles: 'looked at files',
  columns: 'looked for the columns of a relation',
  columnOrigins: 'looked for where columns come from',
  version: 'looked whether a relation has changed',
  count: 'counted rows',
  preview: 'read the first rows of a relation',
  transform: 'stored a transformation',
  dropTransformed: 'dropped a transformation',
  retrieve: 'joined rows point-in-time',
  readRun: 'read rows of a run',
  countRun: 'counted rows of a run',
  dropRun: 'dropped a run',
  scan: 'read rows of a relation',
  latest: 'read the newest rows of a view',
  events: 'read the events of a view',
  streamRun: 'read the rows of a run',
};

export function endInWords(end: EngineEnd): string {
  switch (end.kind) {
    case 'MEMORY':
      return `it used ${end.megabytes} MB of memory, of ${end.bound} MB that it may`;
    case 'STUCK':
      return `it did not stop within ${end.seconds} seconds of being cancelled`;
    case 'EXIT':
      return `it ended with code ${end.code}`;
    case 'SIGNAL':
      return end.signal === 'SIGKILL'
        ? 'it was killed (SIGKILL), as a system does that is short of memory'
        : `${end.signal}, a fault within the engine`;
  }
}

/** What a call is told that ran when the process ended. Trying again can help: another process is started. */
export function endedFailure(end: EngineEnd, method: EngineMethod): Failure {
  const message =
    `DuckDB's process ended while it ${doing[method]}: ${endInWords(end)}. It is started anew, and what ran can be tried ` +
    `again; what ends it twice is refused.`;
  return new Failure('UNAVAILABLE', message);
}

/** What is not tried a third time. */
export function refusedFailure(end: EngineEnd, method: EngineMethod, until: Date): Failure {
  const isMemory = end.kind === 'MEMORY';
  const fix = isMemory
    ? 'Raise memoryLimitMb of its provider, or have it make smaller values and fewer at a time.'
    : 'Change its SQL or its data: values nested thousands deep and functions over very long texts are what engines end of.';
  const message =
    `This has ended DuckDB's process twice, the last time while it ${doing[method]}: ${endInWords(end)}. It is not tried ` +
    `again before ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC. ${fix}`;
  return new Failure(isMemory ? 'LIMIT_EXCEEDED' : 'QUERY_FAILED', message);
}
