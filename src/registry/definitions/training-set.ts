import { z } from 'zod';
import * as field from './fields.ts';
import { input } from './named-inputs.ts';

const part = z.number().min(0).max(1);

const timeSplit = input('TimeSplitInput', 'Rows before and after some instants of the label.', {
  validation: field.instant.optional().describe('When VALIDATION begins; there is none when left out.'),
  test: field.instant.describe('When TEST begins; it includes that moment.'),
});

const shareSplit = input('ShareSplitInput', 'Shares of entities, which come to 1.', {
  train: part.describe('The share of TRAIN.'),
  validation: part.default(0).describe('The share of VALIDATION; 0 when left out.'),
  test: part.describe('The share of TEST.'),
});

const split = input(
  'TrainingSetSplitInput',
  'Which rows a model learns from and which it is judged by: exactly one of time and share.',
  {
    time: timeSplit.optional().describe('By the time of the label.'),
    share: shareSplit
      .optional()
      .describe('By share of the entities: all rows of one entity are in one part, in every run and store.'),
    seed: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .optional()
      .describe('What the entities are drawn by, by share; 0 when left out.'),
    by: field.name.optional().describe('The role whose entities are drawn; may be left out where there is only one.'),
  },
)
  .refine(({ time, share }) => (time === undefined) !== (share === undefined), {
    message: 'must be exactly one of time and share',
  })
  .refine(({ time, share, seed, by }) => !time || share !== undefined || (seed === undefined && by === undefined), {
    message: 'has a seed and a role only by share: by time nothing is drawn',
  })
  .transform((said) => (said.share === undefined ? said : { ...said, seed: said.seed ?? 0 }));

export const trainingSet = input('TrainingSetInput', 'One label and a list of features, joined point-in-time.', {
  kind: z.literal('TRAINING_SET'),
  ...field.common,
  label: field.referenceTo('What to predict'),
  features: z.array(field.selectedFeature).min(1).max(5_000).describe('What to predict from.'),
  knownAsOf: z
    .boolean()
    .default(false)
    .describe('See only rows that had also been recorded by then; false when left out.'),
  split: split
    .optional()
    .describe('Into which parts its rows fall, in a column `split` after the label: TRAIN, VALIDATION or TEST.'),
});
