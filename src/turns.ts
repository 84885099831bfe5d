/** For how long work may go on before others are looked after. */
const sliceMs = 10;

/**
 * Lets long work of this process be done in turns, so that short work in between does not wait for all of it. Whoever has
 * much to do awaits a turn before each part; as many turns are given at a time as fit into a slice.
 */
class Turns {
  #waiting: (() => void)[] = [];
  #at = 0;
  #isGiving = false;

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#isGiving) return;
      this.#isGiving = true;
      setImmediate(() => this.#slice());
    });
  }

  #slice(): void {
    const until = performance.now() + sliceMs;
    const give = () => {
      const turn = this.#waiting[this.#at++];
      if (turn === undefined) {
        this.#waiting = [];
        this.#at = 0;
        this.#isGiving = false;
        return;
      }
      turn();
      // What the turn's owner does runs in microtasks; the queue of ticks comes after all of these.
      queueMicrotask(() => process.nextTick(performance.now() < until ? give : later));
    };
    const later = () => setImmediate(() => this.#slice());
    give();
  }
}

const turns = new Turns();

/** Somebody who waits for long work. The signal is asked for only once it is needed: most work is short. */
export type Waiting = { readonly signal: AbortSignal };

/** Resolves when it is one's turn to go on with long work. Fails as the signal says where nobody waits for it any more. */
export async function turn(waiting?: Waiting): Promise<void> {
  await turns.next();
  waiting?.signal.throwIfAborted();
}

/** Work that yields where others may come in between. */
export type Interruptible<T> = Generator<void, T, void>;

/** How long interruptible work goes on between turns. */
const stretchMs = 5;

/** Does interruptible work, and looks after others where it takes long. */
export async function doneInTurns<T>(work: Interruptible<T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - began < stretchMs) continue;
    await turn();
    began = performance.now();
  }
}

/** Does interruptible work in one go. */
export function doneAtOnce<T>(work: Interruptible<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** How many items are answered without waiting for a turn, and how many at each. */
const atOnce = 100;

/** The items of a list for GraphQL to answer: of a long one all but the first in turns. */
export function inTurns<T>(items: readonly T[]): readonly (T | Promise<T>)[] {
  if (items.length <= atOnce) return items;
  let own: Promise<void> | undefined;
  return items.map((item, at) => {
    if (at < atOnce) return item;
    if (at % atOnce === 0) own = turn();
    return own?.then(() => item) ?? item;
  });
}

/** About a millisecond. */
const stepsOfTurn = 100_000;
let done = 0;

/** Counts what was done without a turn, in steps of some ten nanoseconds. */
export function spendSteps(steps: number): void {
  if (done === 0) {
    setImmediate(() => {
      done = 0;
    });
  }
  done += steps;
}

/** The same of values that were read or written, by what they weigh (`batch-weight.ts`). */
export function spendWeight(weight: number): void {
  spendSteps(weight / 4);
}

/** Whether others have waited for long enough that a turn is to be awaited before going on. */
export function isTurnDue(): boolean {
  return done > stepsOfTurn;
}
