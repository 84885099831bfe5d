import './scalars.ts';
import './provider.ts';
import './entity.ts';
import './source.ts';
import './feature-view.ts';
import './label.ts';
import './training-set.ts';
import './feature-service.ts';
import './model.ts';
import './job.ts';
import './resource-queries.ts';
import './registration.ts';
import './serving.ts';
import './vectors.ts';
import './retrieval.ts';
import './view-meta.ts';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';

/** The static schema: everything but the types of what is registered. */
export const schema: GraphQLSchema = builder.toSchema();

/** Names that no entity's type can have. */
export const reservedTypeNames: ReadonlySet<string> = new Set(Object.keys(schema.getTypeMap()));
