import type { Failure } from '../../contract/failure.ts';
import { type Asked, cancelled } from './engine-channel.ts';
import { type EngineEnd, refusedFailure } from './engine-end.ts';
import {
  isRefused,
  readSuspicions,
  refusedUntil,
  type Suspicions,
  suspicionsAfter,
  writeSuspicions,
} from './suspicions.ts';

/** Ends a call's turn; `hasRun` when it came to an end of its own, whichever. */
export type Leave = (hasRun: boolean) => void;

/**
 * Keeps what has ended the engine's process twice from being tried again. What is suspected never runs beside another
 * suspect, so that the next end tells which of them it was. Running to an end of its own acquits.
 */
export class EngineSuspects {
  readonly #file: string | undefined;
  #suspicions: Suspicions;
  #turn: Promise<void> = Promise.resolve();

  /** Kept in `file`, where there is one, so that the next start of the server knows them too. */
  constructor(file: string | undefined) {
    this.#file = file;
    this.#suspicions = file === undefined ? new Map() : readSuspicions(file);
  }

  /** Waits for its turn where it must. Fails where the call, or something that it reads, is not tried again. */
  async enter(asked: Asked, parts: readonly string[], signal: AbortSignal | undefined): Promise<Leave> {
    this.#refuse(asked, parts);
    const { key } = asked;
    if (key === undefined || !this.#suspicions.has(key)) return (hasRun) => this.#acquit(asked, hasRun);
    const before = this.#turn;
    const turn = Promise.withResolvers<void>();
    this.#turn = turn.promise;
    try {
      await orAborted(before, signal);
      this.#refuse(asked, parts);
    } catch (error) {
      void before.then(turn.resolve);
      throw error;
    }
    return (hasRun) => {
      this.#acquit(asked, hasRun);
      turn.resolve();
    };
  }

  /** The process has ended while these ran. */
  suspect(ran: readonly Asked[], end: EngineEnd): void {
    const keyed = ran.flatMap(({ method, key }) => (key === undefined ? [] : { method, key }));
    this.#keep(suspicionsAfter(this.#suspicions, keyed, end));
  }

  /** What somebody is told whose call is not tried again; undefined where it is. */
  refusal({ method }: Asked, keys: readonly string[]): Failure | undefined {
    const held = keys.map((key) => this.#suspicions.get(key)).find((one) => isRefused(one));
    return held && refusedFailure(held.end, method, refusedUntil(held));
  }

  #refuse(asked: Asked, parts: readonly string[]): void {
    const refusal = this.refusal(asked, asked.key === undefined ? parts : [asked.key, ...parts]);
    if (refusal !== undefined) throw refusal;
  }

  #acquit({ method, key }: Asked, hasRun: boolean): void {
    const held = key === undefined ? undefined : this.#suspicions.get(key);
    if (!hasRun || held === undefined || held.method !== method || isRefused(held)) return;
    this.#keep(new Map([...this.#suspicions].filter(([other]) => other !== key)));
  }

  #keep(suspicions: Suspicions): void {
    this.#suspicions = suspicions;
    if (this.#file !== undefined) writeSuspicions(this.#file, suspicions);
  }
}

async function orAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return turn;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(cancelled());
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) throw cancelled();
    await Promise.race([turn, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
