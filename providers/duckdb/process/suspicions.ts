import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { EngineEnd } from './engine-end.ts';

/** So often something may end the engine's process. */
const mostEnds = 2;
const heldForMs = 60 * 60 * 1_000;

const end = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('SIGNAL'), signal: z.string() }),
  z.object({ kind: z.literal('EXIT'), code: z.number() }),
  z.object({ kind: z.literal('MEMORY'), megabytes: z.number(), bound: z.number() }),
  z.object({ kind: z.literal('STUCK'), seconds: z.number() }),
]) satisfies z.ZodType<EngineEnd>;

/** `at` is in milliseconds since 1970; `beside` are those that ran then too. */
const suspicion = z.object({
  ends: z.number(),
  end,
  method: z.string(),
  at: z.number(),
  beside: z.array(z.string()),
});
export type Suspicion = z.infer<typeof suspicion>;

export type Suspicions = ReadonlyMap<string, Suspicion>;

/**
 * What is suspected of having ended the engine's process, after one more end. Of several that ran, the one that had
 * been there at an end before has done it, and who was only beside it then is acquitted; if there was none, or more
 * than one, each is suspected.
 */
export function suspicionsAfter(
  before: Suspicions,
  ran: readonly { key: string; method: string }[],
  why: EngineEnd,
  at = Date.now(),
): Suspicions {
  const after = new Map([...before].filter(([, { at: then }]) => at - then < heldForMs));
  const methods = new Map(ran.map(({ key, method }) => [key, method]));
  const keys = [...methods.keys()];
  const known = keys.filter((key) => after.has(key));
  const [culprit] = keys.length === 1 ? keys : known.length === 1 ? known : [];
  for (const key of culprit === undefined ? keys : [culprit]) {
    const ends = (after.get(key)?.ends ?? 0) + (culprit !== undefined || !after.has(key) ? 1 : 0);
    const beside = culprit === undefined ? keys.filter((other) => other !== key) : [];
    after.set(key, { ends, end: why, method: methods.get(key) ?? '', at, beside });
  }
  const acquitted = (culprit !== undefined && before.get(culprit)?.beside) || [];
  return new Map([...after].filter(([key, held]) => held.ends >= mostEnds || !acquitted.includes(key)));
}

/** Whether it is not to be tried again. */
export function isRefused(held: Suspicion | undefined, at = Date.now()): held is Suspicion {
  return held !== undefined && held.ends >= mostEnds && at < refusedUntil(held).getTime();
}

export function refusedUntil(held: Suspicion): Date {
  return new Date(held.at + heldForMs);
}

/** Those of an earlier process; none where there are none, or where they can't be read. */
export function readSuspicions(file: string): Suspicions {
  try {
    const text = readFileSync(file, 'utf8');
    return new Map(z.array(z.tuple([z.string(), suspicion])).parse(JSON.parse(text)));
  } catch {
    return new Map();
  }
}

/** At once, and whole: the process that has just seen the engine end may be next. A full disk is no reason to fail. */
export function writeSuspicions(file: string, suspicions: Suspicions): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify([...suspicions]));
    renameSync(`${file}.new`, file);
  } catch {
    // They are known until this process ends.
  }
}
