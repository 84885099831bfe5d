import type { JsonValue } from '../generated/operations.ts';
import { Moment } from './moment.tsx';

const counted = new Intl.NumberFormat('en');

export function countText(count: number | null | undefined): string {
  return count === null || count === undefined ? '–' : counted.format(count);
}

const longest = 60;
const most = 6;

/**
 * How a value of a type is written, wherever one is shown: a list or map by its beginning. `whole` is said where one points at it, if
 * that is more. An instant is not written here, but shown in the reader's zone.
 */
function written(value: Exclude<JsonValue, null>): { text: string; whole?: string } {
  const whole = typeof value === 'string' ? value : JSON.stringify(value);
  const text = beginningOf(value) ?? whole;
  return text !== whole || text.length > longest ? { text, whole } : { text };
}

/** Of a list that is long, and of a map. */
function beginningOf(value: Exclude<JsonValue, null>): string | undefined {
  if (typeof value !== 'object') return undefined;
  if (Array.isArray(value)) return value.length > most ? `[${beginning(value.map(String))}]` : undefined;
  return `{ ${beginning(Object.entries(value).map(([key, one]) => `${key}: ${String(one)}`))} }`;
}

function beginning(parts: readonly string[]): string {
  return parts.length > most ? `${parts.slice(0, most).join(', ')}, … ${parts.length} in all` : parts.join(', ');
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
