import { Failure } from '../../providers/contract/failure.ts';
import type { RunFilter } from '../../providers/contract/offline-store.ts';
import type { SplitPart, SplitPlan } from '../../providers/contract/point-in-time-plan.ts';
import type { TrainingSetDefinition } from '../registry/definitions/definition.ts';
import { type EntityRole, splitColumn } from '../registry/selection.ts';
import { parseTimestamp } from '../values/timestamp.ts';
import type { Run } from './runs.ts';

/** A split as stores carry it out: instants as microseconds, shares as bounds between places. */
export function splitPlan(
  { time, share, seed, by }: NonNullable<TrainingSetDefinition['split']>,
  roles: readonly EntityRole[],
  timestamp: string,
): SplitPlan {
  if (time !== undefined) {
    const validation = time.validation === undefined ? undefined : parseTimestamp(time.validation);
    const test = parseTimestamp(time.test) ?? 0n;
    return { as: splitColumn, kind: 'TIME', timestamp, test, ...(validation !== undefined && { validation }) };
  }
  const role = roles.find((one) => one.role === by) ?? roles[0];
  return {
    as: splitColumn,
    kind: 'SHARE',
    keys: role?.keys.map(({ column }) => column) ?? [],
    seed: seed ?? 0,
    validationFrom: placeOf(share?.train ?? 1),
    testFrom: placeOf((share?.train ?? 1) + (share?.validation ?? 0)),
  };
}

/** The rows of one part of a run's split; fails with INVALID_INPUT where it has none. */
export function rowsOfPart(run: Pick<Run, 'id' | 'columns' | 'kind'>, part: SplitPart): RunFilter {
  if (run.kind === 'TRAINING_SET' && run.columns.some(({ name }) => name === splitColumn))
    return { column: splitColumn, value: part };
  throw new Failure('INVALID_INPUT', `The run ${run.id} is not split into parts.`, {
    issues: [
      { path: 'split', message: 'names a part of no split', fix: 'Leave it out, or read a training set with a split.' },
    ],
  });
}

/** More digits than a number holds exactly would say nothing. */
const digits = 13;

/** Below which place this share of all places is; the last is above every hexadecimal digit. */
function placeOf(share: number): string {
  const place = Math.round(share * 16 ** digits);
  return place >= 16 ** digits ? 'g' : place.toString(16).padStart(digits, '0');
}
