import { bufferOf } from '../contract/bytes.ts';
import { Failure } from '../contract/failure.ts';
import type {
  OnlineStore,
  RowExchange,
  RowRead,
  RowReadAnswer,
  RowWrite,
  ViewAddress,
} from '../contract/online-store.ts';
import { type RedisAddress, type RedisCommand, RedisConnection } from './redis-connection.ts';
import { exchangeRows, exchangeRowsSha } from './redis-exchange.ts';
import { redisFailure } from './redis-failures.ts';
import { entityPrefix, hashKey, keysBelow, viewField } from './redis-keys.ts';
import { keepNewest, keepNewestSha } from './redis-newest.ts';

/** Rows and bytes of one script call: it blocks the server, for about a millisecond at most. */
const [rowsOfCall, bytesOfCall] = [256, 1 << 20];
/** What is on its way at once bounds the memory of both sides, and how long this process is busy with it. */
const [rowsOfPipeline, bytesOfPipeline] = [2_048, 4 << 20];
const clusterRowsOfPipeline = 512;
const keysOfScan = 1_000;

export type RedisOnlineOptions = RedisAddress & {
  project: string;
  /** As `timeoutMs`, of reads: what some nodes of a cluster have answered by then is not kept back for the others. */
  readTimeoutMs?: number;
};

/** Redis 7.0 or newer, Valkey, or a cluster of either. Opens at once; what can't be reached fails when it is used. */
export async function openRedisOnlineStore(address: RedisOnlineOptions): Promise<OnlineStore> {
  return new RedisOnlineStore(address);
}

class RedisOnlineStore implements OnlineStore {
  readonly #project: string;
  readonly #cluster: boolean;
  /** Reads have a connection of their own: on one, answers come in the order asked, behind those of long writes. */
  readonly #reads: RedisConnection;
  readonly #writes: RedisConnection;

  constructor(address: RedisOnlineOptions) {
    this.#project = address.project;
    this.#cluster = address.cluster;
    const { readTimeoutMs } = address;
    this.#reads = new RedisConnection({ ...address, ...(readTimeoutMs !== undefined && { timeoutMs: readTimeoutMs }) });
    this.#writes = new RedisConnection(address);
  }

  async check(): Promise<void> {
    const key = hashKey(entityPrefix(this.#project, ''), Buffer.alloc(0));
    for (const answer of await this.#reads.send([{ name: 'EXISTS', key, args: [key] }])) refuse(answer);
  }

  async read(reads: readonly RowRead[]): Promise<RowReadAnswer[]> {
    const commands = reads.flatMap(({ entity, keys, views }) => {
      if (views.length === 0) return [];
      const prefix = entityPrefix(this.#project, entity);
      const fields = views.map(viewField);
      return keys.map((entityKey): RedisCommand => {
        const key = hashKey(prefix, entityKey);
        return { name: 'HMGET', key, args: [key, ...fields] };
      });
    });
    const answers = (await this.#reads.send(commands)).values();
    return reads.map(({ keys, views }) => {
      if (views.length === 0) return { rows: keys.map(() => []) };
      return answerOf(keys.map(() => answers.next().value));
    });
  }

  async write(address: ViewAddress, rows: readonly RowWrite[]): Promise<{ written: number; stale: number }> {
    const prefix = entityPrefix(this.#project, address.entity);
    const field = viewField(address.view);
    // Rows of one script call must live in one slot, and in a cluster nearly every key has one of its own.
    const calls = parts(rows, this.#cluster ? 1 : rowsOfCall, bytesOfCall).map((part): ScriptCall => {
      const keys = part.map(({ key }) => hashKey(prefix, key));
      const values = part.flatMap(({ row, keepForMs }) => [bufferOf(row), keepForMs ?? '']);
      return { keys, values: [field, ...values], rows: part.length, bytes: sizeOf(part) };
    });
    let written = 0;
    const most = this.#cluster ? clusterRowsOfPipeline : rowsOfPipeline;
    for (const pipeline of runs(calls, (call) => call, most, bytesOfPipeline))
      for (const kept of await this.#run(pipeline, keepNewest, keepNewestSha)) written += Number(kept);
    return { written, stale: rows.length - written };
  }

  async exchange(address: ViewAddress, rows: readonly RowExchange[]): Promise<boolean[]> {
    const prefix = entityPrefix(this.#project, address.entity);
    const field = viewField(address.view);
    const calls = parts(rows, this.#cluster ? 1 : rowsOfCall, bytesOfCall).map((part): ScriptCall => {
      const values = part.flatMap(({ row, expected }) => [
        expected === undefined ? '' : bufferOf(expected),
        bufferOf(row),
      ]);
      const keys = part.map(({ key }) => hashKey(prefix, key));
      return { keys, values: [field, ...values], rows: part.length, bytes: sizeOf(part) };
    });
    const written: boolean[] = [];
    const most = this.#cluster ? clusterRowsOfPipeline : rowsOfPipeline;
    for (const pipeline of runs(calls, (call) => call, most, bytesOfPipeline)) {
      const answers = await this.#run(pipeline, exchangeRows, exchangeRowsSha);
      written.push(...answers.flatMap((answer) => (answer as unknown[]).map((done) => done === 1)));
    }
    return written;
  }

  /** Looks through the keys of each node by a cursor: as long as that takes, the server serves others in between. */
  async drop(address: ViewAddress): Promise<void> {
    const pattern = keysBelow(entityPrefix(this.#project, address.entity));
    const field = viewField(address.view);
    for (const node of await this.#writes.primaries()) {
      try {
        for await (const keys of node.scanBufferStream({ match: pattern, count: keysOfScan })) {
          const removals = (keys as Buffer[]).map((key) => ({ name: 'HDEL', key, args: [key, field] }));
          for (const answer of await this.#writes.send(removals)) refuse(answer);
        }
      } catch (error) {
        throw redisFailure(error);
      }
    }
  }

  async close(): Promise<void> {
    this.#reads.close();
    this.#writes.close();
  }

  /** By the script's digest; whole where a server does not know it (yet, or any more). */
  async #run(calls: readonly ScriptCall[], script: string, sha: string): Promise<unknown[]> {
    const answers = await this.#writes.send(calls.map((call) => command('EVALSHA', sha, call)));
    const unknown = calls.filter((_, at) => isUnknownScript(answers[at]));
    const again = await this.#writes.send(unknown.map((call) => command('EVAL', script, call)));
    const told = again.values();
    return answers.map((answer) => refuse(isUnknownScript(answer) ? told.next().value : answer));
  }
}

type Sized = Pick<RowWrite, 'key' | 'row'>;

type ScriptCall = { keys: Buffer[]; values: (Buffer | string | number)[]; rows: number; bytes: number };

function command(name: string, script: string, { keys, values }: ScriptCall): RedisCommand {
  const [key = Buffer.alloc(0)] = keys;
  return { name, key, args: [script, keys.length, ...keys, ...values] };
}

function isUnknownScript(answer: unknown): boolean {
  return answer instanceof Error && answer.message.startsWith('NOSCRIPT');
}

/** An answer that is none, as the failure that it stands for. */
function refuse(answer: unknown): unknown {
  if (answer instanceof Error) throw redisFailure(answer);
  return answer;
}

/** The answer to one read, from those of its keys. */
function answerOf(answers: readonly unknown[]): RowReadAnswer {
  const failures = new Map<number, Failure>();
  const rows = answers.map((answer, at) => {
    if (!(answer instanceof Failure)) return rowsOf(answer);
    failures.set(at, answer);
    return [];
  });
  return { rows, ...(failures.size > 0 && { failures }) };
}

function rowsOf(answer: unknown): (Uint8Array | undefined)[] {
  const rows = refuse(answer);
  if (!Array.isArray(rows)) throw new TypeError('HMGET answers with a list');
  return rows.map((row) => (row instanceof Uint8Array ? row : undefined));
}

function sizeOf(rows: readonly Sized[]): number {
  return rows.reduce((size, { key, row }) => size + key.length + row.length, 0);
}

/** Rows in runs of at most so many and so large; one that is too large by itself makes a run of its own. */
function parts<T extends Sized>(rows: readonly T[], most: number, bytes: number): T[][] {
  return runs(rows, ({ key, row }) => ({ rows: 1, bytes: key.length + row.length }), most, bytes);
}

function runs<T>(
  all: readonly T[],
  weigh: (one: T) => { rows: number; bytes: number },
  mostRows: number,
  mostBytes: number,
): T[][] {
  const found: T[][] = [];
  let [rows, bytes] = [mostRows, mostBytes];
  for (const one of all) {
    const weight = weigh(one);
    rows += weight.rows;
    bytes += weight.bytes;
    if (rows > mostRows || bytes > mostBytes) {
      found.push([]);
      rows = weight.rows;
      bytes = weight.bytes;
    }
    found.at(-1)?.push(one);
  }
  return found;
}
