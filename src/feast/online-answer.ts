import type { ServedFeatures } from '../serving/online-serving.ts';
import type { ValueStatus } from '../serving/stored-value.ts';
import { registeredType } from '../serving/view-rows.ts';
import { writtenInTurns } from '../values/json-in-turns.ts';
import { formatTimestamp } from '../values/timestamp.ts';
import { toFeastJson } from './exact-json.ts';
import { type FeastKeys, type FeastRequest, feastName } from './online-request.ts';

/** What Feast's feature server answers, to be given to `JSON.stringify`. */
export type FeastAnswer = {
  results: { values: unknown[]; statuses: string[]; event_timestamps: string[] }[];
  metadata: { feature_names: string[] };
};

/**
 * Feast calls a null that is stored PRESENT. It has no status for a store that failed; INVALID is that of its protocol for a value of
 * which nothing is known.
 */
const statuses: Record<ValueStatus, string> = {
  PRESENT: 'PRESENT',
  NULL_VALUE: 'PRESENT',
  NOT_FOUND: 'NOT_FOUND',
  OUTSIDE_TTL: 'OUTSIDE_MAX_AGE',
  ERROR: 'INVALID',
};
const noTime = formatTimestamp(0n);

/** The keys come first, in the order in which they were given, then the features, in the order asked for. */
export async function feastAnswer(
  keys: readonly FeastKeys[],
  { columns }: ServedFeatures,
  request: FeastRequest,
): Promise<FeastAnswer> {
  const used = keys.filter((one) => one.columns.length > 0);
  const keyResults = used.map(({ columns: [first] }) => {
    const values = [...(first?.values ?? [])];
    return { values, statuses: values.map(() => statuses.PRESENT), event_timestamps: values.map(() => noTime) };
  });
  const results: FeastAnswer['results'] = [];
  for (const { feature, values, statuses: own, eventTimestamps } of columns) {
    const type = registeredType(feature.feature.definition.type);
    results.push({
      values: await writtenInTurns(values, (value) => toFeastJson(type, value)),
      statuses: own.map((status) => statuses[status]),
      event_timestamps: eventTimestamps.map((instant) => (instant === null ? noTime : formatTimestamp(instant))),
    });
  }
  const names = [...used.map(({ name }) => name), ...columns.map(({ feature }) => feastName(feature, request))];
  return { results: [...keyResults, ...results], metadata: { feature_names: names } };
}
