import type { JsonValue } from '../generated/operations.ts';
import { Moment } from './moment.tsx';

const counted = new Intl.NumberFormat('en');

export function countText(count: number | null | undefined): string {
  return count === null || count === undefined ? '–' : counted.format(count);
}

const longest = 60;

/**
 * How a value of a type is written, wherever one is shown: a list by its beginning. `whole` is said where one points at it, if that
 * is more. An instant is not written here, but shown in the reader's zone.
 */
function written(value: Exclude<JsonValue, null>): { text: string; whole?: string } {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (Array.isArray(value) && value.length > 6)
    return { text: `[${value.slice(0, 6).join(', ')}, … ${value.length} in all]`, whole: text };
  return text.length > longest ? { text, whole: text } : { text };
}

/** A value, as its type has it. */
export function Value({ of, type }: { of: JsonValue | undefined; type: string }) {
  if (of === null || of === undefined) return <span className="text-soft italic">null</span>;
  if (type === 'TIMESTAMP' && typeof of === 'string') return <Moment at={of} />;
  const { text, whole } = written(of);
  return (
    <span className="font-mono text-xs" title={whole?.slice(0, 2_000)}>
      {text}
    </span>
  );
}

/** How many bytes, in the unit that fits. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1_000 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}
