import type { EntityDefinition } from '../src/registry/definitions/definition.ts';
import { entityTypeName, keyFieldName } from '../src/registry/naming.ts';
import { builder } from './builder.ts';
import { Entity, FeatureView } from './nouns.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';

type JoinKeyShape = EntityDefinition['joinKeys'][number] & { entity: EntityDefinition };

const JoinKey = builder.objectRef<JoinKeyShape>('JoinKey').implement({
  description: 'One part of what an entity is recognised by.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    type: t.exposeString('type', { description: 'Its type, as INT64.' }),
    description: t.exposeString('description', { description: 'What it is; may be empty.' }),
    graphqlField: t.string({
      description: "What it is called as a field of the entity's type.",
      resolve: ({ entity, name }) => keyFieldName(entity, name),
    }),
  }),
});

builder.node(Entity, {
  description: 'What features describe: something with a key, such as a driver or an airport.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('ENTITY'),
  id: { resolve: (entity) => entity.ref },
  loadOne: (ref, { catalog }) => catalog.find('ENTITY', ref),
  fields: (t) => ({
    joinKeys: t.field({
      type: [JoinKey],
      description: 'What it is recognised by; several make one composite key.',
      resolve: ({ definition }) => definition.joinKeys.map((key) => ({ ...key, entity: definition })),
    }),
    graphqlType: t.string({
      description: 'What it is called as a type of the graph.',
      resolve: ({ definition }) => entityTypeName(definition),
    }),
    interfaceObject: t.boolean({
      description:
        'Whether another subgraph has its type as an interface, which gets its fields in all implementations.',
      resolve: ({ definition }) => definition.graphql?.interfaceObject ?? false,
    }),
    featureViews: t.field({
      type: [FeatureView],
      description: 'The views of its features.',
      resolve: (entity, _args, { catalog }) =>
        catalog.ofKind('FEATURE_VIEW').filter((view) => view.definition.entity === entity.ref),
    }),
  }),
});
