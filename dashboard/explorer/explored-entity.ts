import type { ExploredEntityQuery } from '../generated/operations.ts';

/** The entity that is looked at, with all of its views. */
export type Entity = NonNullable<ExploredEntityQuery['entity']>;
