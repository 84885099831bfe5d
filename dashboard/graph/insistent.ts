import type { Client } from 'graphql-ws';
import * as z from 'zod/mini';

export type Sink = { next: (answer: never) => void; error: (problem: unknown) => void; complete: () => void };
export type Document = {
  query: string;
  variables: Record<string, unknown> | undefined;
  extensions: Record<string, unknown> | undefined;
};

/** What becomes of a subscription: it is asked for anew, has ended for now, or is refused for good. */
export type Told = { asked: () => void; ended: () => void; refused: () => void };

/** A wait that grows, and differs between browsers, so that they don't all come at once to a server that is back. */
export function waitMs(attempt: number): number {
  return Math.min(10_000, 250 * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2);
}

/** Closed with one of these, a socket would be so again, however often one asks. */
export const finalCodes: readonly (number | undefined)[] = [4400, 4401, 4403, 4406];

/** Subscribes, and does so again however often the server ends it, for none of these subscriptions is ever done. */
export function insist(client: Client, document: Document, sink: Sink, told: Told): () => void {
  let [attempt, isStopped] = [0, false];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unsubscribe = () => {};
  const next = (answer: unknown) => {
    attempt = 0;
    sink.next(answer as never);
  };
  const again = () => {
    if (isStopped) return;
    told.ended();
    timer = setTimeout(begin, waitMs(attempt++));
  };
  const failed = (problem: unknown) => {
    if (mayPass(problem)) return again();
    told.refused();
    sink.error(problem);
  };
  const begin = () => {
    told.asked();
    unsubscribe = client.subscribe(document as never, { next, complete: again, error: failed });
  };
  begin();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    unsubscribe();
  };
}

const refusals = z.array(
  z.object({
    extensions: z.optional(z.object({ code: z.optional(z.string()), retryable: z.optional(z.boolean()) })),
  }),
);

/** Refusals of the graph say by themselves whether trying again can help; too many at once are fewer later. */
function mayPass(problem: unknown): boolean {
  const { data } = z.safeParse(refusals, problem);
  if (data === undefined) return !finalCodes.includes((problem as CloseEvent | undefined)?.code);
  return data.every(({ extensions }) => extensions?.retryable === true || extensions?.code === 'LIMIT_EXCEEDED');
}
