import calculateSlot from 'cluster-key-slot';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { Failure } from '../contract/failure.ts';
import type { Hosts } from '../peers/hosts.ts';
import { guardedConnector } from './redis-connector.ts';
import { redisFailure } from './redis-failures.ts';

export type RedisAddress = {
  /** The server; of a cluster, some of its nodes, from which the others are learnt. */
  nodes: readonly { host: string; port: number }[];
  cluster: boolean;
  /** The number of the logical database; a cluster has one only. */
  database?: number;
  username?: string;
  password?: string;
  /** Unset, nothing is encrypted. */
  tls?: { verify: boolean };
  /** After how many milliseconds without an answer a command has failed. */
  timeoutMs?: number;
  /** The hosts that its nodes may be at; any when left out. */
  hosts?: Hosts;
};

/** A command of one key. */
export type RedisCommand = { name: string; args: readonly (string | number | Buffer)[]; key: Buffer };

const defaultTimeoutMs = 10_000;
const [shortestDelayMs, longestDelayMs] = [50, 2_000];

/**
 * A connection to a server, or to all nodes of a cluster. It is there at once and connects by itself, again and
 * again: as long as it does not, commands fail with UNAVAILABLE.
 */
export class RedisConnection {
  readonly #client: Redis | Cluster;
  readonly #timeoutMs: number;
  #last: Error | undefined;
  /** Why the database asked for is not to be had. The client itself would go on in another one. */
  #noDatabase: Error | undefined;
  #connecting: Promise<void> | undefined;
  /** The client does not tell when it is closed between two attempts to connect. */
  #stopWaiting = () => {};
  #closed = false;

  constructor(address: RedisAddress) {
    this.#timeoutMs = address.timeoutMs ?? defaultTimeoutMs;
    this.#client = clientFor(address, this.#timeoutMs);
    // Without a listener the process would end; the reason is kept for whoever asks next.
    this.#client.on('error', (error: Error) => this.#remember(error));
    this.#client.on('ready', () => {
      this.#last = undefined;
    });
  }

  #remember(error: Error): void {
    const reason = 'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error;
    if (this.#last === undefined || !saysNothing.test(reason.message)) this.#last = reason;
    if (isOfDatabase(reason)) this.#noDatabase = reason;
  }

  /**
   * Sends commands as one pipeline, or one for each node of a cluster, and answers in their order. A command that the
   * server refused has the error for an answer, one for a node that can't be reached a failure. Fails as a whole when
   * nothing can be reached.
   */
  async send(commands: readonly RedisCommand[]): Promise<unknown[]> {
    if (commands.length === 0) return [];
    await this.#inTime(() => this.#ready());
    const answers = new Array<unknown>(commands.length);
    const parts = [...Map.groupBy(commands.keys(), (at) => this.#nodeOf(commands[at])).values()];
    const sent = parts.map((part) => this.#inTime(() => this.#sendPart(commands, part, answers)));
    const lost = (await Promise.allSettled(sent)).map(reasonOf);
    const whys = lost.filter((error) => error !== undefined);
    if (whys.length === parts.length) throw whys[0];
    for (const [index, part] of parts.entries()) if (lost[index] !== undefined) fill(answers, part, lost[index]);
    return answers;
  }

  /** The nodes that hold keys, each by itself. */
  async primaries(): Promise<Redis[]> {
    await this.#inTime(() => this.#ready());
    return this.#client instanceof Redis ? [this.#client] : this.#client.nodes('master');
  }

  /** Runs what needs the server, and tells of what went wrong in our words. */
  async #inTime<T>(run: () => Promise<T> | undefined): Promise<T | undefined> {
    if (this.#closed) throw closed();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#late()), this.#timeoutMs);
    });
    try {
      return await Promise.race([run(), late]);
    } catch (error) {
      throw this.#closed ? closed() : redisFailure(error, this.#last);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#closed = true;
    // Ended in the middle of a TLS handshake, a socket may fail once more, when the client does not listen any longer.
    const clients: { stream?: Redis['stream'] }[] =
      this.#client instanceof Redis ? [this.#client] : this.#client.nodes();
    for (const { stream } of clients) stream?.on('error', () => {});
    this.#client.disconnect();
    this.#stopWaiting();
  }

  #late(): unknown {
    return this.#last ?? new Failure('TIMEOUT', `Redis did not answer within ${this.#timeoutMs / 1_000} seconds`);
  }

  /**
   * Commands wait until the nodes of a cluster are known and the database is selected, or until the next attempt to
   * connect has failed.
   */
  #ready(): Promise<void> | undefined {
    const client = this.#client;
    if (this.#noDatabase !== undefined) throw this.#noDatabase;
    if (client.status === 'ready') return undefined;
    this.#connecting ??= new Promise<void>((resolve, reject) => {
      const settle = (settled: () => void) => () => {
        for (const [event, listener] of listeners) client.off(event, listener);
        this.#connecting = undefined;
        settled();
      };
      const failed = settle(() => reject(this.#last ?? new Error('Connection is closed.')));
      const listeners = [
        ['ready', settle(() => (this.#noDatabase === undefined ? resolve() : reject(this.#noDatabase)))],
        ['reconnecting', failed],
        ['end', failed],
      ] as const;
      for (const [event, listener] of listeners) client.on(event, listener);
      this.#stopWaiting = failed;
    });
    return this.#connecting;
  }

  #nodeOf(command: RedisCommand | undefined): string {
    if (this.#client instanceof Redis || command === undefined) return '';
    return this.#client.slots[calculateSlot(command.key)]?.join(';') ?? '';
  }

  async #sendPart(commands: readonly RedisCommand[], part: readonly number[], answers: unknown[]): Promise<void> {
    const pipeline = this.#client.pipeline();
    for (const at of part) {
      const { name = '', args = [] } = commands[at] ?? {};
      pipeline.callBuffer(name, ...args);
    }
    const results = await pipeline.exec().catch(movedMeanwhile);
    for (const [place, at] of part.entries()) {
      const [error, answer] = results?.[place] ?? [moved, undefined];
      if (error === null) answers[at] = answer;
      else if (redirects.test(error.message)) answers[at] = await this.#sendAlone(commands[at]);
      else if (isAnswer.test(error.message)) answers[at] = error;
      else throw error;
    }
  }

  /** One command by itself follows its key to wherever a cluster has moved it. */
  async #sendAlone(command: RedisCommand | undefined): Promise<unknown> {
    const { name = '', args = [] } = command ?? {};
    return this.#client.callBuffer(name, ...args).catch((error: unknown) => error);
  }
}

function closed(): Failure {
  return new Failure('UNAVAILABLE', 'The online store was closed.');
}

const moved = new Error('MOVED');
const redirects = /^(MOVED|ASK|TRYAGAIN)\b/;
/** What the server says begins with a code in capitals; what the client says doesn't. */
const isAnswer = /^[A-Z]+\b/;

function fill(answers: unknown[], part: readonly number[], failure: unknown): void {
  for (const at of part) answers[at] = failure;
}

function reasonOf(settled: PromiseSettledResult<unknown>): unknown {
  return settled.status === 'rejected' ? settled.reason : undefined;
}

/** The client refuses a pipeline whose keys have come to different nodes since they were grouped. */
function movedMeanwhile(error: unknown): undefined {
  if (error instanceof Error && /keys in the pipeline/i.test(error.message)) return undefined;
  throw error;
}

function clientFor(address: RedisAddress, timeoutMs: number) {
  const { nodes, cluster, database, username, password, tls, hosts } = address;
  const options = {
    Connector: guardedConnector(hosts),
    protocol: 2,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls: { rejectUnauthorized: tls.verify } }),
    connectTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxRetriesPerRequest: 1,
    // After a failover the old primary answers so until it is left.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions;
  if (cluster) {
    // A node that is gone is waited for as long as a failover takes that is noticed at once, and no longer.
    const patience = { maxRedirections: 8, retryDelayOnFailover: 100 };
    return new Cluster([...nodes], { redisOptions: options, clusterRetryStrategy: delay, ...patience });
  }
  const [node] = nodes;
  return new Redis({ ...options, ...node, ...(database !== undefined && { db: database }), retryStrategy: delay });
}

/** Doubles from attempt to attempt, and differs between processes, which must not all come back at the same moment. */
function delay(attempt: number): number {
  const longest = Math.min(shortestDelayMs * 2 ** (attempt - 1), longestDelayMs);
  return longest * (0.5 + Math.random() / 2);
}

/** That a connection has ended, and not why. */
const saysNothing = /^Connection is closed|^Failed to refresh slots/;

function isOfDatabase(error: Error): boolean {
  return /DB index is out of range|SELECT is not allowed/i.test(error.message);
}
