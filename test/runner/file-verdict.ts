import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';

/**
 * What a file's run is worth. `faults` say why it did not run whole: then nothing of it has passed, and the file itself
 * is one more failure.
 */
export type FileVerdict = { passed: number; failed: number; skipped: number; faults: readonly string[] };

/** The runner speaks of the file as of a test whose name is the file's path. */
type Result = { passed: boolean; data: EventData.TestPass | EventData.TestFail };
type Failure = EventData.Error & { failureType?: string; exitCode?: number | null; signal?: string | null };

/** Judges all that was said while the file at `path` ran. */
export function fileVerdict(path: string, events: readonly TestEvent[], maySkip: boolean): FileVerdict {
  const all = events.flatMap(resultOf);
  const own = all.filter(({ data }) => data.name !== path);
  const faults = [
    ...all.flatMap((result) => faultOfResult(path, result)),
    ...faultsOfEnd(events, own),
    ...neverRun(path, events, own),
    ...lateSuites(path, events),
    ...suitesWithoutTests(own),
    ...(maySkip
      ? []
      : own.filter(wasSkipped).map(({ data }) => `“${data.name}” was skipped: ${data.skip ?? data.todo}`)),
  ];
  const tests = own.filter((result) => result.data.details.type !== 'suite' || wasSkipped(result));
  if (faults.length > 0) return { passed: 0, failed: tests.length + 1, skipped: 0, faults };
  const skipped = tests.filter(wasSkipped).length;
  const failed = tests.filter(({ passed }) => !passed).length;
  return { passed: tests.length - skipped - failed, failed, skipped, faults };
}

function resultOf({ type, data }: TestEvent): Result[] {
  return type === 'test:pass' || type === 'test:fail' ? [{ passed: type === 'test:pass', data }] : [];
}

function wasSkipped({ passed, data }: Result): boolean {
  return passed && (data.skip !== undefined || data.todo !== undefined);
}

/** A test that fails is no fault of its file; a hook, the body of a suite, or the process that fails is one. */
function faultOfResult(path: string, { data }: Result): string[] {
  if (!('error' in data.details)) return [];
  const { failureType, cause, exitCode, signal }: Failure = data.details.error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (data.name === path) {
    if (failureType === 'hookFailed') return [`a hook of the file failed: ${reason}`];
    if (failureType === 'testAborted') return ['it did not end in time: a test hangs, or left something open'];
    return [`its process ended with ${signal ?? `code ${exitCode}`}`];
  }
  const isByTests = failureType === 'subtestsFailed' || failureType === 'cancelledByParent';
  return data.details.type === 'suite' && !isByTests ? [`the suite “${data.name}” failed by itself: ${reason}`] : [];
}

/** A process sums its tests up as the last thing: one that has not done so ended before. */
function faultsOfEnd(events: readonly TestEvent[], own: readonly Result[]): string[] {
  const isSummed = events.some(({ type, data }) => type === 'test:summary' && data.file !== undefined);
  if (own.length === 0) return ['it has no tests, or its process ended before they did'];
  return isSummed ? [] : ['its process ended before its tests did'];
}

function neverRun(path: string, events: readonly TestEvent[], own: readonly Result[]): string[] {
  const ended = new Set(own.map(({ data }) => data.testId));
  return events.flatMap(({ type, data }) =>
    type === 'test:enqueue' && data.name !== path && !ended.has(data.testId) ? [`“${data.name}” did not end`] : [],
  );
}

/**
 * Hooks of a file run as soon as all that it has declared is done: what it declares later finds its servers gone. Nothing
 * is waited for between declarations, then all are there before the first ends.
 */
function lateSuites(path: string, events: readonly TestEvent[]): string[] {
  const outermost = events.flatMap(({ type, data }) =>
    (type === 'test:enqueue' || type === 'test:complete') && data.nesting === 0 && data.name !== path
      ? [{ name: data.name, begins: type === 'test:enqueue' }]
      : [],
  );
  const end = outermost.findIndex(({ begins }) => !begins);
  const late = end < 0 ? [] : outermost.slice(end).filter(({ begins }) => begins);
  return late.map(({ name }) => `“${name}” was declared when others had ended: wait for nothing between declarations`);
}

function suitesWithoutTests(own: readonly Result[]): string[] {
  const parents = new Set(own.map(({ data }) => data.parentId));
  return own
    .filter((result) => result.data.details.type === 'suite' && !wasSkipped(result) && !parents.has(result.data.testId))
    .map(({ data }) => `the suite “${data.name}” has no tests`);
}
