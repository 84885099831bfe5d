import { labelRoles } from '../src/registry/selection.ts';
import { builder } from './builder.ts';
import { JoinKeyColumn } from './feature-view.ts';
import { Label, Source } from './nouns.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';
import { EntityRole } from './selection.ts';

builder.objectField(EntityRole, 'joinKeys', (t) =>
  t.field({ type: [JoinKeyColumn], description: 'Which column holds which join key.', resolve: ({ keys }) => keys }),
);

builder.node(Label, {
  description: 'A value to predict, and the entities that its rows speak of, each in a role.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('LABEL'),
  id: { resolve: (label) => label.ref },
  loadOne: (ref, { catalog }) => catalog.find('LABEL', ref),
  fields: (t) => ({
    source: t.field({
      type: Source,
      description: 'Where its rows are.',
      resolve: ({ definition }, _args, context) => context.get('SOURCE', definition.source),
    }),
    column: t.string({
      description: 'The column that holds the value.',
      resolve: ({ definition }) => definition.value.column,
    }),
    type: t.string({ description: "The value's type, as BOOL.", resolve: ({ definition }) => definition.value.type }),
    timestamp: t.string({
      nullable: true,
      description: 'The column of the moment for which features are joined; null for the latest ones.',
      resolve: ({ definition }) => definition.timestamp,
    }),
    columns: t.stringList({
      description: 'Columns of the source that training sets keep beside the value, after keys and timestamp.',
      resolve: ({ definition }) => definition.columns,
    }),
    roles: t.field({
      type: [EntityRole],
      description: 'Who its rows speak of.',
      resolve: (label, _args, { catalog }) => labelRoles(catalog, label),
    }),
  }),
});
