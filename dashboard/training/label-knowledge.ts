import type { JsonValue } from '../generated/operations.ts';

/**
 * How much a column of a training set alone tells of the label, from 0 (as much as chance) to 1 (all of it). For labels of
 * two values, and each value of those of few, it is Gini's coefficient (2 AUC − 1) of the column as a score; for numbers
 * Spearman's rank correlation. A column of texts scores a row by the mean label of the rows of other folds with the same text; what is
 * null scores by that alone, for the absence of a value can know the label too.
 */
export function labelKnowledge(column: readonly JsonValue[], label: readonly JsonValue[]): number | undefined {
  const labelled = label.flatMap((value, at) => (value === null ? [] : [{ value, of: column[at] ?? null }]));
  const targets = targetsOf(labelled.map(({ value }) => value));
  if (labelled.length < fewest || targets.length === 0) return undefined;
  const values = labelled.map(({ of }) => of);
  const isAbsent = values.map((value) => (value === null ? 1 : 0));
  const found = targets.map((target) =>
    Math.max(agreement(scores(values, target), target), agreement(isAbsent, target)),
  );
  return Math.max(...found);
}

/** With fewer rows than this anything can look as if it knew. */
export const fewest = 30;
const mostClasses = 20;

/** The label as numbers, once for each of its values where these are no numbers; none where it says one thing only. */
function targetsOf(label: readonly JsonValue[]): number[][] {
  const classes = [...new Set(label.map((value) => String(value)))];
  if (classes.length < 2) return [];
  if (label.every((value) => typeof value === 'number') && classes.length > 2) return [label.map(Number)];
  const told = classes.length === 2 ? classes.slice(0, 1) : classes.slice(0, mostClasses);
  return told.map((one) => label.map((value) => (String(value) === one ? 1 : 0)));
}

/** Numbers, truths and instants score as they are, where there are any; texts by the label of other rows that have them. */
function scores(values: readonly JsonValue[], target: readonly number[]): number[] {
  const numbers = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
  const present = numbers.filter((value) => value !== null);
  if (present.every((value) => typeof value === 'number')) {
    const middle = mean(present.map(Number));
    return numbers.map((value) => (value === null ? middle : Number(value)));
  }
  const times = present.map((value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN,
  );
  if (times.every((time) => !Number.isNaN(time))) {
    const middle = mean(times);
    return numbers.map((value) => (value === null ? middle : Date.parse(String(value))));
  }
  return byOthers(
    values.map((value) => JSON.stringify(value)),
    target,
  );
}

const folds = 5;

/**
 * By the mean label of the rows of the other folds that have the same text. To leave out the row alone would tell its own
 * label again, turned around: the mean of the rest is lower where it is higher.
 */
function byOthers(texts: readonly string[], target: readonly number[]): number[] {
  const overall = mean(target);
  const known = Array.from({ length: folds }, (_one, fold) => meansByText(texts, target, fold));
  return texts.map((text, at) => known[at % folds]?.get(text) ?? overall);
}

function meansByText(texts: readonly string[], target: readonly number[], except: number): ReadonlyMap<string, number> {
  const rows = Map.groupBy(
    texts.keys().filter((at) => at % folds !== except),
    (at) => texts[at] ?? '',
  );
  return new Map([...rows].map(([text, places]) => [text, mean(places.map((at) => target[at] ?? 0))]));
}

/** How alike two columns of numbers are ordered, whichever way: Gini where one has two values, else Spearman. */
function agreement(score: readonly number[], target: readonly number[]): number {
  const ranks = ranked(score);
  if (new Set(target).size > 2) return Math.abs(correlation(ranks, ranked(target)));
  const positives = target.reduce((sum, one) => sum + one, 0);
  const negatives = target.length - positives;
  const sum = ranks.reduce((total, rank, at) => total + (target[at] === 1 ? rank : 0), 0);
  const auc = (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
  return Math.abs(2 * auc - 1);
}

/** Ranks from 1; what is equal shares the mean of theirs. */
function ranked(values: readonly number[]): number[] {
  const order = values.map((_value, at) => at).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1] ?? 0] === values[order[start] ?? 0]) end++;
    for (let at = start; at <= end; at++) ranks[order[at] ?? 0] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return ranks;
}

function correlation(one: readonly number[], other: readonly number[]): number {
  const [meanOne, meanOther] = [mean(one), mean(other)];
  let [product, squares, others] = [0, 0, 0];
  for (const [at, value] of one.entries()) {
    const [a, b] = [value - meanOne, (other[at] ?? 0) - meanOther];
    product += a * b;
    squares += a * a;
    others += b * b;
  }
  return squares === 0 || others === 0 ? 0 : product / Math.sqrt(squares * others);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
