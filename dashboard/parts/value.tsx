import type { JsonValue } from '../generated/operations.ts';

const counted = new Intl.NumberFormat('en');

export function countText(count: number | null | undefined): string {
  return count === null || count === undefined ? '–' : counted.format(count);
}

/** A value as JSON has it; a long list by its beginning, with all of it where one points at it. */
export function Value({ of }: { of: JsonValue | undefined }) {
  if (of === null || of === undefined) return <span className="text-soft italic">null</span>;
  const text = typeof of === 'string' ? of : JSON.stringify(of);
  const shown = Array.isArray(of) && of.length > 6 ? `[${of.slice(0, 6).join(', ')}, … ${of.length} in all]` : text;
  return (
    <span className="font-mono text-xs" title={shown === text ? undefined : text.slice(0, 2_000)}>
      {shown}
    </span>
  );
}

/** How many bytes, in the unit that fits. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1_000 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}
