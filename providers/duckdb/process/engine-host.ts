import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../contract/failure.ts';
import type { RunContext } from '../../contract/offline-store.ts';
import type { ColumnBatch } from '../../contract/table.ts';
import type { DuckdbOptions } from '../duckdb-database.ts';
import { type DuckdbOfflineStore, openDuckdbOfflineStore } from '../duckdb-offline-store.ts';
import { crossError } from './crossing-errors.ts';
import { arriving, type CrossingRelation, type EngineCall, type EngineStream, overRelations } from './engine-calls.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';
import { packBatch, packTable } from './packed-batches.ts';
import { RowsReader } from './rows-reader.ts';

/** The program of the engine's process: it has the store open, and does what comes over the channel. */

/** How long it waits for a process before it, whose parent has just died, to let go of the database. */
const openForMs = 3_000;
const memoryToldEveryMs = 200;

type Reading = { batches: AsyncIterator<ColumnBatch>; ahead: Promise<IteratorResult<ColumnBatch>> };

let opened: DuckdbOfflineStore | undefined;
const aborts = new Map<number, AbortController>();
const readings = new Map<number, Reading>();
const offered = new RowsReader(send);

function send(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}

function store(): DuckdbOfflineStore {
  if (opened === undefined) throw new Failure('UNAVAILABLE', 'the offline store is not open');
  return opened;
}

async function open(options: DuckdbOptions): Promise<void> {
  const until = performance.now() + openForMs;
  for (;;) {
    try {
      opened = await openDuckdbOfflineStore(options);
      return;
    } catch (error) {
      const canPass = error instanceof Failure && error.code === 'UNAVAILABLE' && performance.now() < until;
      if (!canPass) throw error;
      await delay(50);
    }
  }
}

function contextOf(call: number): RunContext {
  const abort = new AbortController();
  aborts.set(call, abort);
  return {
    signal: abort.signal,
    progress: (done, expected) => send({ kind: 'PROGRESS', call, done, expected }),
  };
}

async function answer(asked: EngineCall<CrossingRelation>, context: RunContext): Promise<unknown> {
  if (asked.method === 'open') return open(asked.options);
  const call = overRelations(
    asked,
    arriving(({ columns, rows }) => ({ kind: 'BATCHES', columns, batches: () => offered.read(rows) })),
  );
  const { signal } = context;
  switch (call.method) {
    case 'open':
      return;
    case 'check':
      return store().check();
    case 'close':
      return opened?.close();
    case 'decideFiles':
      return store().decideFiles(call.files, signal);
    case 'preview':
      return packTable(await store().preview(call.relation, call.limit, signal));
    case 'columns':
    case 'columnOrigins':
    case 'version':
    case 'count':
      return store()[call.method](call.relation, signal);
    case 'transform':
      return store().transform(call.id, call.relation, context);
    case 'dropTransformed':
      return store().dropTransformed(call.id);
    case 'retrieve':
      return store().retrieve(call.plan, call.run, context);
    case 'readRun':
      return packTable(await store().readRun(call.run, call.offset, call.limit, call.filter, signal));
    case 'countRun':
      return store().countRun(call.run, call.filter, signal);
    case 'dropRun':
      return store().dropRun(call.run);
  }
}

function batchesOf(asked: EngineStream<CrossingRelation>, context: RunContext): AsyncIterable<ColumnBatch> {
  const call = overRelations(
    asked,
    arriving(({ columns, rows }) => ({ kind: 'BATCHES', columns, batches: () => offered.read(rows) })),
  );
  switch (call.method) {
    case 'scan':
      return store().scan(call.relation, call.columns, context);
    case 'latest':
      return store().latest(call.plan, context);
    case 'events':
      return store().events(call.plan, context);
    case 'streamRun':
      return store().streamRun(call.run, context.signal, call.filter);
  }
}

async function settle(call: number, work: () => Promise<unknown>): Promise<void> {
  try {
    send({ kind: 'ANSWER', call, value: await work() });
  } catch (error) {
    send({ kind: 'FAILED', call, error: crossError(error) });
  } finally {
    aborts.delete(call);
  }
}

/** Works one batch ahead of who reads. */
function readOn(reading: Reading): void {
  reading.ahead = reading.batches.next();
  reading.ahead.catch(() => undefined);
}

function begin(call: number, asked: EngineStream<CrossingRelation>): void {
  const context = contextOf(call);
  async function* all() {
    yield* batchesOf(asked, context);
  }
  const reading = { batches: all(), ahead: Promise.resolve({ done: true as const, value: undefined }) };
  readings.set(call, reading);
  readOn(reading);
}

async function giveNext(call: number): Promise<void> {
  const reading = readings.get(call);
  if (reading === undefined) return;
  try {
    const next = await reading.ahead;
    send({ kind: 'BATCH', call, batch: next.done ? undefined : packBatch(next.value) });
    if (next.done) forget(call);
    else if (readings.has(call)) readOn(reading);
  } catch (error) {
    send({ kind: 'FAILED', call, error: crossError(error) });
    forget(call);
  }
}

async function leave(call: number): Promise<void> {
  const reading = readings.get(call);
  aborts.get(call)?.abort();
  forget(call);
  await reading?.ahead.catch(() => undefined);
  await reading?.batches.return?.();
}

function forget(call: number): void {
  readings.delete(call);
  aborts.delete(call);
}

function receive(message: ToEngine): void {
  switch (message.kind) {
    case 'CALL': {
      const context = contextOf(message.call);
      void settle(message.call, () => answer(message.asked, context));
      break;
    }
    case 'STREAM':
      begin(message.call, message.asked);
      break;
    case 'NEXT':
      void giveNext(message.call);
      break;
    case 'LEAVE':
      void settle(message.call, () => leave(message.call));
      break;
    case 'ABORT':
      aborts.get(message.call)?.abort();
      break;
    case 'ROWS':
      offered.arrived(message.reading, message.given);
  }
}

/** When memory is short the kernel takes this process before the one that serves. Where it may not say so, it doesn't. */
function offerItselfFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '800');
  } catch {
    // There is no such file, or it is not for us to write.
  }
}

offerItselfFirst();
process.title = 'featuregraph-duckdb';
// Whoever stops the server by its group means the server, which lets its jobs finish and then closes this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// Its parent has closed it, or is dead. Nothing is left to say; what it had not committed is not there.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', receive);
if (process.platform !== 'linux') {
  setInterval(() => send({ kind: 'MEMORY', bytes: process.memoryUsage.rss() }), memoryToldEveryMs).unref();
}
