import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import { Failure } from '../providers/contract/failure.ts';
import { withDenialsRecorded } from '../resolvers/denials.ts';
import type { RequestContext } from '../resolvers/request-context.ts';

type Gateway = ApolloServerOptionsWithGateway<RequestContext>['gateway'];
type Tell = Parameters<NonNullable<Gateway['onSchemaLoadOrUpdate']>>[0];

/**
 * A schema that Apollo Server swaps without a restart. Its one seam for that is what it calls a gateway; what we give it
 * there asks nobody else, but executes what was asked on the schema that the request began with.
 */
export class SwappedSchema implements Gateway {
  readonly #present: () => GraphQLSchema;
  readonly #timeoutMs: number;
  readonly #listeners = new Set<Tell>();
  #told: GraphQLSchema;

  /** Until the first request it is `first`, where that is cheaper to have than the present one. */
  constructor(present: () => GraphQLSchema, timeoutMs: number, first: GraphQLSchema = present()) {
    this.#present = present;
    this.#timeoutMs = timeoutMs;
    this.#told = first;
  }

  /** Makes the next request one on the present schema. A schema that nobody asks on need not be made. */
  refresh(): void {
    const apiSchema = this.#present();
    if (apiSchema === this.#told) return;
    this.#told = apiSchema;
    for (const tell of this.#listeners) tell({ apiSchema, coreSupergraphSdl: '' });
  }

  onSchemaLoadOrUpdate(tell: Tell): () => void {
    this.#listeners.add(tell);
    tell({ apiSchema: this.#told, coreSupergraphSdl: '' });
    return () => this.#listeners.delete(tell);
  }

  async load(): ReturnType<Gateway['load']> {
    return {
      executor: async ({ schema, document, operationName, request, context }) => {
        const variableValues = request.variables;
        const result = execute({ schema, document, operationName, variableValues, contextValue: context });
        const asked = context as RequestContext;
        return withDenialsRecorded(
          asked,
          result instanceof Promise ? await withinTime(result, asked, this.#timeoutMs) : result,
        );
      },
    };
  }

  async stop(): Promise<void> {
    this.#listeners.clear();
  }
}

/** What takes longer is answered with TIMEOUT, and told that nobody waits for it. */
export async function withinTime<T extends object>(
  work: Promise<T>,
  { lifetime }: Pick<RequestContext, 'lifetime'>,
  timeoutMs: number,
): Promise<T | ExecutionResult> {
  const { promise, resolve } = Promise.withResolvers<ExecutionResult>();
  const timer = setTimeout(() => {
    const message = `The request was not answered within ${timeoutMs / 1_000} seconds.`;
    const failure = new Failure('TIMEOUT', message);
    lifetime.end(failure);
    resolve({ data: null, errors: [new GraphQLError(message, { originalError: failure })] });
  }, timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
