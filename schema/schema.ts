import './scalars.ts';
import './provider.ts';
import './entity.ts';
import './source.ts';
import './feature-view.ts';
import './on-demand-feature-view.ts';
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
import './documents.ts';
import './access.ts';
import './audit.ts';
import { type GraphQLSchema, specifiedScalarTypes } from 'graphql';
import type { ReservedNames } from '../src/registry/graph-names.ts';
import { builder } from './builder.ts';
import { guardFields } from './guarded-fields.ts';
import { answerIdsAtOnce } from './node-ids.ts';

/** The static schema: everything but the types of what is registered. */
export const schema: GraphQLSchema = guardFields(answerIdsAtOnce(builder.toSchema()));

/** Federation has a scalar of this name in every subgraph, and every schema may come to use the scalars of GraphQL. */
const kept = ['FieldSet', ...specifiedScalarTypes.map(({ name }) => name)];

/** What nothing that is registered can be called in the graph. */
export const reservedNames: ReservedNames = {
  types: new Set([...Object.keys(schema.getTypeMap()), ...kept]),
  rootFields: new Set(
    [schema.getQueryType(), schema.getSubscriptionType()].flatMap((root) => Object.keys(root?.getFields() ?? {})),
  ),
};
