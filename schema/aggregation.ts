import type { AggregationDefinition } from '../src/registry/definitions/aggregation.ts';
import { quantileError } from '../src/windows/set-states.ts';
import { builder } from './builder.ts';
import { AggregateFunctionEnum } from './enums.ts';

export const Aggregation = builder.objectRef<AggregationDefinition>('Aggregation').implement({
  description: 'What a feature is of the events of a window, at any instant.',
  fields: (t) => ({
    function: t.expose('function', { type: AggregateFunctionEnum, description: 'What is made of the values.' }),
    window: t.exposeString('window', { description: 'How far back it looks; FOREVER for all of the past.' }),
    hop: t.string({
      nullable: true,
      description: 'In which steps the window begins; exactly when null.',
      resolve: ({ hop }) => hop,
    }),
    offset: t.string({
      nullable: true,
      description: 'How far before the instant the window ends; there when null.',
      resolve: ({ offset }) => offset,
    }),
    inclusive: t.boolean({
      description: 'Whether an event at the very instant counts.',
      resolve: ({ inclusive }) => inclusive ?? false,
    }),
    filter: t.string({
      nullable: true,
      description: 'Which events count, in CEL; all of them when null.',
      resolve: ({ filter }) => filter,
    }),
    secondaryKey: t.string({
      nullable: true,
      description: 'The column whose values have a value each, in a map; null where the feature is one value.',
      resolve: ({ secondaryKey }) => secondaryKey,
    }),
    of: t.string({ nullable: true, description: 'The type of its column, where it is said.', resolve: ({ of }) => of }),
    k: t.int({ nullable: true, description: 'LAST_K: how many values.', resolve: ({ k }) => k }),
    limit: t.int({
      nullable: true,
      description: 'How many different values at most, where it is said.',
      resolve: ({ limit }) => limit,
    }),
    quantile: t.float({
      nullable: true,
      description: `QUANTILE: which. Its value is within ${quantileError * 100} % of the exact one.`,
      resolve: ({ quantile }) => quantile,
    }),
    default: t.string({
      nullable: true,
      description: 'The value of a window without any, where it is said.',
      resolve: (aggregation) => aggregation.default,
    }),
  }),
});

export const EventColumn = builder.objectRef<{ column: string; type: string }>('EventColumn').implement({
  description: 'A column of events that filters name.',
  fields: (t) => ({
    column: t.exposeString('column', { description: "The source's column." }),
    type: t.exposeString('type', { description: 'Its type.' }),
  }),
});

export const EventId = builder.objectRef<{ column: string; type: string }>('EventId').implement({
  description: 'What an event is known again by.',
  fields: (t) => ({
    column: t.exposeString('column', { description: "The source's column." }),
    type: t.exposeString('type', { description: 'Its type.' }),
  }),
});
