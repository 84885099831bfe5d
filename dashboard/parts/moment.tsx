import { useEffect, useState } from 'react';

// A browser takes long to make either: not before there is an instant to show, and once.
const local = once(() => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }));
const ago = once(() => new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' }));

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

export function ageText(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1_000;
  for (const [unit, size] of units)
    if (Math.abs(seconds) >= size) return ago().format(Math.trunc(seconds / size), unit);
  return ago().format(Math.trunc(seconds), 'second');
}

/** The present, as the page goes on: now and then is often enough for an age. */
export function useNow(everyMs = 15_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => listen(everyMs, setNow), [everyMs]);
  return now;
}

type Listener = (now: number) => void;
const clocks = new Map<number, Set<Listener>>();

/** However many ages a page shows, they have one timer, and change together. */
function listen(everyMs: number, listener: Listener): () => void {
  const listeners = clocks.get(everyMs) ?? started(everyMs);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function started(everyMs: number): Set<Listener> {
  const listeners = new Set<Listener>();
  clocks.set(everyMs, listeners);
  const timer = setInterval(() => {
    const now = Date.now();
    for (const tell of listeners) tell(now);
    if (listeners.size > 0) return;
    clearInterval(timer);
    clocks.delete(everyMs);
  }, everyMs);
  return listeners;
}

/** An instant as a title says it, whole: `2024-01-02 10:00:00.123456 UTC`. */
export function utcText(at: string): string {
  return `${at.replace('T', ' ').replace(/Z$/, '')} UTC`;
}

/** An instant in the reader's zone; in UTC, whole, where one points at it. */
export function Moment({ at, otherwise = 'never' }: { at: string | null | undefined; otherwise?: string }) {
  if (at === null || at === undefined) return <span className="text-soft">{otherwise}</span>;
  return (
    <time dateTime={at} title={utcText(at)} className="whitespace-nowrap">
      {local().format(new Date(at))}
    </time>
  );
}

/** How long ago an instant was. */
export function Age({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (at === null || at === undefined) return <span className="text-soft">never</span>;
  return (
    <time dateTime={at} title={`${utcText(at)}, ${local().format(new Date(at))} here`} className="whitespace-nowrap">
      {ageText(at, now)}
    </time>
  );
}

/** How long ago a value was of: none where it has no event, as what is always true and what is not there. */
export function EventAge({ at }: { at: string | null | undefined }) {
  return at === null || at === undefined ? <span className="text-soft">–</span> : <Age at={at} />;
}

/** From one instant to another, or to now: `1.2 s`, `3 min 4 s`. */
export function durationText(from: string, to: string | number): string {
  const seconds = Math.max(0, ((typeof to === 'number' ? to : Date.parse(to)) - Date.parse(from)) / 1_000);
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}
