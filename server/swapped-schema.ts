import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { execute, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../resolvers/request-context.ts';

type Gateway = ApolloServerOptionsWithGateway<RequestContext>['gateway'];
type Tell = Parameters<NonNullable<Gateway['onSchemaLoadOrUpdate']>>[0];

/**
 * A schema that Apollo Server swaps without a restart. Its one seam for that is what it calls a gateway; what we give it
 * there asks nobody else, but executes what was asked on the schema that the request began with.
 */
export class SwappedSchema implements Gateway {
  readonly #present: () => GraphQLSchema;
  readonly #listeners = new Set<Tell>();
  #told: GraphQLSchema;

  /** Until the first request it is `first`, where that is cheaper to have than the present one. */
  constructor(present: () => GraphQLSchema, first: GraphQLSchema = present()) {
    this.#present = present;
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
      executor: async ({ schema, document, operationName, request, context }) =>
        execute({ schema, document, operationName, variableValues: request.variables, contextValue: context }),
    };
  }

  async stop(): Promise<void> {
    this.#listeners.clear();
  }
}
