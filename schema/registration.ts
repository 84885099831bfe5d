import {
  type ApplyResult,
  apply,
  deleteResource,
  type PlanAnswer,
  plan,
  register,
  updateResource,
} from '../resolvers/registration.ts';
import type { NeededJob } from '../src/orchestration/needed-jobs.ts';
import { providerConfig } from '../src/registry/definitions/provider-config.ts';
import type { FieldChange as FieldChangeShape } from '../src/registry/difference.ts';
import type { PlanStep as PlanStepShape } from '../src/registry/planning.ts';
import type { Resealed } from '../src/registry/resealing.ts';
import type { Json } from '../src/values/json-value.ts';
import { GrantStep } from './access.ts';
import { builder } from './builder.ts';
import {
  DefinitionInput,
  EntityInput,
  FeatureServiceInput,
  FeatureViewInput,
  LabelInput,
  ModelInput,
  OnDemandFeatureViewInput,
  ProviderInput,
  SourceInput,
  TrainingSetInput,
} from './definition-inputs.ts';
import { JobKindEnum, PlanActionEnum, ResourceKindEnum } from './enums.ts';
import { inputTypeOf, PropertyInput } from './input-types.ts';
import { IssueType } from './issue.ts';
import {
  Entity,
  FeatureService,
  FeatureView,
  Job,
  Label,
  Model,
  OnDemandFeatureView,
  Provider,
  Source,
  TrainingSet,
} from './nouns.ts';
import { ResourceInterface } from './resource.ts';
import { SourceColumn } from './source.ts';

const FieldChange = builder.objectRef<FieldChangeShape>('FieldChange').implement({
  description: 'A field that differs from what is registered.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Which field, as features[conv_rate].type.' }),
    before: t.field({
      type: 'JSONValue',
      nullable: true,
      description: 'What is registered.',
      resolve: ({ before }) => before as Json,
    }),
    after: t.field({
      type: 'JSONValue',
      nullable: true,
      description: 'What the definition says.',
      resolve: ({ after }) => after as Json,
    }),
    inPlace: t.exposeBoolean('inPlace', { description: 'Whether it may change under the same variant.' }),
  }),
});

const PlanStep = builder.objectRef<PlanStepShape>('PlanStep').implement({
  description: 'What applying one definition would do, or did.',
  fields: (t) => ({
    index: t.exposeInt('at', { description: 'Which definition of the batch, from 0.' }),
    action: t.expose('action', { type: PlanActionEnum, description: 'What would be done.' }),
    kind: t.expose('kind', { type: ResourceKindEnum, description: 'Which noun.' }),
    ref: t.exposeString('ref', { description: 'The reference it has or will have.' }),
    changes: t.expose('changes', { type: [FieldChange], description: 'What differs from what is registered.' }),
    columns: t.expose('columns', {
      type: [SourceColumn],
      nullable: true,
      description: 'The columns that were read of a source that would be created; null for anything else.',
    }),
  }),
});

const PlannedJob = builder.objectRef<NeededJob>('PlannedJob').implement({
  description: 'A job that applying would start.',
  fields: (t) => ({
    kind: t.expose('kind', { type: JobKindEnum, description: 'What it would do.' }),
    ref: t.string({ nullable: true, description: 'To which resource.', resolve: ({ resource }) => resource?.ref }),
  }),
});

const Plan = builder.objectRef<PlanAnswer>('Plan').implement({
  description: 'What applying a batch of definitions would do. With issues or conflicts it would do nothing.',
  fields: (t) => ({
    steps: t.expose('steps', { type: [PlanStep], description: 'What would be done, in this order.' }),
    issues: t.expose('issues', {
      type: [IssueType],
      description: 'Everything for which `apply` would refuse the definitions, conflicts included.',
    }),
    notes: t.expose('notes', {
      type: [IssueType],
      description:
        'What is not wrong, but may not be what was meant: as what stays on an older variant of what it names, or what windows cost online.',
    }),
    grants: t.expose('grants', { type: [GrantStep], description: 'What would be done of the grants among them.' }),
    jobs: t.expose('work', { type: [PlannedJob], description: 'The jobs that would start.' }),
  }),
});

const Applied = builder.objectRef<ApplyResult>('ApplyResult').implement({
  description: 'What applying a batch of definitions did.',
  fields: (t) => ({
    steps: t.expose('steps', { type: [PlanStep], description: 'What was done, in this order.' }),
    grants: t.expose('grants', { type: [GrantStep], description: 'What was done of the grants among them.' }),
    jobs: t.expose('jobs', { type: [Job], description: 'The jobs that it started.' }),
  }),
});

const definitions: { type: [typeof DefinitionInput]; required: true; description: string } = {
  type: [DefinitionInput],
  required: true,
  description: 'What to register, in any order.',
};

const bump = {
  defaultValue: false,
  required: true,
  description:
    'Whether what differs from what is registered gets the next variant, and with it all of the batch that names it without one.',
} as const;

builder.queryField('plan', (t) =>
  t.field({
    type: Plan,
    description: 'Says exactly what `apply` would do, and everything that is wrong; changes nothing.',
    args: { definitions: t.arg(definitions), bump: t.arg.boolean(bump) },
    resolve: (_root, args, context) => plan(context, args.definitions, { bump: args.bump }),
  }),
);

builder.mutationField('apply', (t) =>
  t.field({
    type: Applied,
    description:
      'Registers a batch, whole or not at all, and starts the jobs that it calls for. What is registered already stays as it is.',
    args: { definitions: t.arg(definitions), bump: t.arg.boolean(bump) },
    resolve: (_root, args, context) => apply(context, args.definitions, { bump: args.bump }),
  }),
);

/** One mutation a noun, for who registers one thing at a time. */
builder.mutationFields((t) => ({
  registerProvider: t.field({
    type: Provider,
    description: 'Registers a provider.',
    args: { definition: t.arg({ type: ProviderInput, required: true, description: 'The provider.' }) },
    resolve: (_root, { definition }, context) => register(context, 'PROVIDER', { provider: definition }),
  }),
  registerEntity: t.field({
    type: Entity,
    description: 'Registers an entity.',
    args: { definition: t.arg({ type: EntityInput, required: true, description: 'The entity.' }) },
    resolve: (_root, { definition }, context) => register(context, 'ENTITY', { entity: definition }),
  }),
  registerSource: t.field({
    type: Source,
    description: 'Registers a source; a transformation that is a TABLE starts to run.',
    args: { definition: t.arg({ type: SourceInput, required: true, description: 'The source.' }) },
    resolve: (_root, { definition }, context) => register(context, 'SOURCE', { source: definition }),
  }),
  registerFeatureView: t.field({
    type: FeatureView,
    description: 'Registers a feature view and its features; it starts to materialize.',
    args: { definition: t.arg({ type: FeatureViewInput, required: true, description: 'The feature view.' }) },
    resolve: (_root, { definition }, context) => register(context, 'FEATURE_VIEW', { featureView: definition }),
  }),
  registerOnDemandFeatureView: t.field({
    type: OnDemandFeatureView,
    description: 'Registers an on-demand feature view and its features.',
    args: {
      definition: t.arg({
        type: OnDemandFeatureViewInput,
        required: true,
        description: 'The on-demand feature view.',
      }),
    },
    resolve: (_root, { definition }, context) =>
      register(context, 'ON_DEMAND_FEATURE_VIEW', { onDemandFeatureView: definition }),
  }),
  registerLabel: t.field({
    type: Label,
    description: 'Registers a label.',
    args: { definition: t.arg({ type: LabelInput, required: true, description: 'The label.' }) },
    resolve: (_root, { definition }, context) => register(context, 'LABEL', { label: definition }),
  }),
  registerTrainingSet: t.field({
    type: TrainingSet,
    description: 'Registers a training set; it starts to be built.',
    args: { definition: t.arg({ type: TrainingSetInput, required: true, description: 'The training set.' }) },
    resolve: (_root, { definition }, context) => register(context, 'TRAINING_SET', { trainingSet: definition }),
  }),
  registerFeatureService: t.field({
    type: FeatureService,
    description: 'Registers a feature service.',
    args: { definition: t.arg({ type: FeatureServiceInput, required: true, description: 'The feature service.' }) },
    resolve: (_root, { definition }, context) => register(context, 'FEATURE_SERVICE', { featureService: definition }),
  }),
  registerModel: t.field({
    type: Model,
    description: 'Registers a model.',
    args: { definition: t.arg({ type: ModelInput, required: true, description: 'The model.' }) },
    resolve: (_root, { definition }, context) => register(context, 'MODEL', { model: definition }),
  }),
}));

const ResourcePatch = builder.inputType('ResourcePatch', {
  description: 'What may change under an immutable variant. A field left out stays as it is; null empties it.',
  fields: (t) => ({
    description: t.string({ description: 'What it is.' }),
    owner: t.string({ description: 'Whom to ask.' }),
    tags: t.stringList({ description: 'Words to find it by, instead of those before.' }),
    properties: t.field({
      type: [PropertyInput],
      description: 'What else to note of it, instead of what was noted before.',
    }),
    deprecated: t.string({ description: 'Why nothing new should use it; null takes that back.' }),
    inaccessible: t.boolean({
      description: 'Whether a supergraph keeps a feature view or a feature from its clients.',
    }),
    schedule: t.string({ description: "A feature view's schedule." }),
    config: t.field({ type: inputTypeOf(providerConfig), description: "A provider's address and settings." }),
  }),
});

const target = {
  kind: { type: ResourceKindEnum, required: true, description: 'Which noun it is.' },
  ref: { required: true, description: 'name for the latest variant, or name@variant.' },
} as const;

builder.mutationField('updateResource', (t) =>
  t.field({
    type: ResourceInterface,
    description: 'Changes in place what can not change a value.',
    args: {
      kind: t.arg(target.kind),
      ref: t.arg.string(target.ref),
      patch: t.arg({ type: ResourcePatch, required: true, description: 'What to change.' }),
    },
    resolve: (_root, { kind, ref, patch }, context) => updateResource(context, kind, ref, patch),
  }),
);

const ResealResult = builder.objectRef<Resealed>('ResealResult').implement({
  description: 'What sealing secrets anew did.',
  fields: (t) => ({
    resealed: t.exposeStringList('resealed', { description: 'Providers whose secrets another key had sealed.' }),
    unopened: t.exposeStringList('unopened', {
      description: 'Providers with a secret that no key of this server opens: give it again, or the server its key.',
    }),
  }),
});

builder.mutationField('resealSecrets', (t) =>
  t.field({
    type: ResealResult,
    description: 'Seals with the first of the keys of the server what an earlier one has sealed, so that that can go.',
    resolve: (_root, _args, { application, witness }) => application.registry.reseal(witness.resealed),
  }),
);

builder.mutationField('deleteResource', (t) =>
  t.field({
    type: ['String'],
    description:
      'Deletes a resource and what stores hold of it, unless something still uses it; answers with the references that are gone, a view with its features.',
    args: { kind: t.arg(target.kind), ref: t.arg.string(target.ref) },
    resolve: (_root, { kind, ref }, context) => deleteResource(context, kind, ref),
  }),
);
