import { RefreshEnum } from './enums.ts';

/** What jobs that read sources do first with the stored transformations below these. */
export const refreshArgument = {
  type: RefreshEnum,
  required: true,
  defaultValue: 'STALE',
  description: 'Which of the transformations that it is built on and that are TABLEs are stored anew before.',
} as const;
