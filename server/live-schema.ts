import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { type GraphSchemas, graphSchemas } from '../schema/entity-graph/graph-schemas.ts';
import { Catalog } from '../src/registry/catalog.ts';

/** What a schema follows: the catalog of a registry. */
type Registered = { readonly catalog: Catalog; onChange(listener: () => void): () => void };

/** How long to wait for the rest of a burst of changes, and how long after one schema the next may come at the earliest. */
const settleMs = 50;
const betweenMs = 500;

/**
 * The graph's schema, which follows the registry: a burst of changes is one new schema. Requests finish on the schema
 * that they began with. When a schema can't be built, the one before stays and the log says so.
 */
export class LiveSchema {
  readonly #registered: Registered;
  readonly #logger: Logger;
  readonly #unsubscribe: () => void;
  #current: GraphSchemas;
  #timer: NodeJS.Timeout | undefined;
  #builtAt = Number.NEGATIVE_INFINITY;

  constructor(registered: Registered, logger: Logger) {
    this.#registered = registered;
    this.#logger = logger;
    this.#current = graphSchemas(new Catalog([], []));
    this.#build();
    this.#unsubscribe = registered.onChange(() => this.#buildSoon());
  }

  get full(): GraphQLSchema {
    return this.#current.full;
  }

  get subgraph(): GraphQLSchema {
    return this.#current.subgraph;
  }

  /** Makes a schema that is due now, for whoever has just registered something. */
  settle(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#build();
  }

  stop(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  /** Soon after the first change of a burst, so that an endless one is shown too. */
  #buildSoon(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(settleMs, this.#builtAt + betweenMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#build();
    }, wait);
  }

  #build(): void {
    const began = performance.now();
    this.#builtAt = began;
    try {
      const next = graphSchemas(this.#registered.catalog, this.#current);
      if (next === this.#current) return;
      this.#current = next;
    } catch (error) {
      this.#logger.error({ error }, 'the schema of what is registered can not be built; the one before stays');
      return;
    }
    const entities = this.#current.entities.size;
    this.#logger.info({ entities, milliseconds: performance.now() - began }, 'the graph follows the registry');
  }
}
