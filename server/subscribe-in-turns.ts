import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { turn } from '../src/turns.ts';

/**
 * A subscription as GraphQL.js runs it, but that each event waits for its turn: when many watch what has changed, all of
 * them are not answered in one go, for which everybody else would have to wait.
 */
export async function subscribeInTurns(
  args: ExecutionArgs,
): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, void>> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const answered = async ({ value, done }: IteratorResult<unknown>): Promise<IteratorResult<ExecutionResult, void>> => {
    if (done) return { value: undefined, done: true };
    await turn();
    return { value: await execute({ ...args, rootValue: value }), done: false };
  };
  const answers: AsyncGenerator<ExecutionResult, void, void> = {
    next: async () => answered(await events.next()),
    // Not after a `next` that is under way: that may wait for ever.
    return: async () => {
      await events.return?.();
      return { value: undefined, done: true };
    },
    throw: async (error) => {
      await events.throw?.(error);
      throw error;
    },
    [Symbol.asyncIterator]() {
      return answers;
    },
    async [Symbol.asyncDispose]() {
      await answers.return();
    },
  };
  return answers;
}
