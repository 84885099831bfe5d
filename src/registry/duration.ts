const units = {
  us: 1n,
  ms: 1_000n,
  s: 1_000_000n,
  m: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
} as const;
const part = /(\d{1,12})\s*(us|ms|s|m|h|d)\s*/g;
const whole = /^\s*(?:\d{1,12}\s*(?:us|ms|s|m|h|d)\s*)+$/;
const longest = 36_525n * units.d;

/**
 * Reads a duration such as `6h`, `90s` or `1d12h` into microseconds. A day is 24 hours. Undefined when it is
 * not one, or longer than a hundred years.
 */
export function parseDuration(text: string): bigint | undefined {
  const total = sumOf(text);
  return total !== undefined && total <= longest ? total : undefined;
}

function sumOf(text: string): bigint | undefined {
  if (!whole.test(text)) return undefined;
  let total = 0n;
  for (const [, count = '', unit = ''] of text.matchAll(part))
    total += BigInt(count) * units[unit as keyof typeof units];
  return total;
}

/** The one shortest way to write a duration, so that `90m` and `1h30m` are the same definition. */
export function formatDuration(microseconds: bigint): string {
  let rest = microseconds;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms', 'us'] as const) {
    const count = rest / units[unit];
    if (count > 0n) text += `${count}${unit}`;
    rest %= units[unit];
  }
  return text === '' ? '0s' : text;
}

/** The duration that a text stands for, or what is wrong with it and what was probably meant. */
export function readDuration(text: string): { microseconds: bigint } | { message: string; fix: string } {
  const microseconds = parseDuration(text);
  if (microseconds !== undefined) return { microseconds };
  if (sumOf(text) !== undefined) {
    return { message: `"${text}" is longer than a hundred years`, fix: `Write ${formatDuration(longest)} at most.` };
  }
  const meant = meantDuration(text);
  const fix = meant === undefined ? 'Write it like 90s, 6h or 1d12h.' : `Write ${meant}.`;
  return { message: `"${text}" is no duration`, fix };
}

const words: readonly (readonly [form: RegExp, microseconds: bigint])[] = [
  [/^(?:us|µs|micro(?:second)?s?)$/, units.us],
  [/^(?:ms|msecs?|milli(?:second)?s?)$/, units.ms],
  [/^(?:s|secs?|seconds?)$/, units.s],
  [/^(?:m|mins?|minutes?)$/, units.m],
  [/^(?:h|hrs?|hours?)$/, units.h],
  [/^(?:d|days?)$/, units.d],
  [/^(?:w|wks?|weeks?)$/, 7n * units.d],
];

/** What other ways to write a duration mean: `1 day`, `2 hours and 30 minutes`, `1.5h`, `P1DT12H`, `-2d`, `86400`. */
function meantDuration(text: string): string | undefined {
  const written = text
    .trim()
    .toLowerCase()
    .replace(/^[-+]\s*/, '');
  const plain = /^p(?=[\dt])[\d.wdhmst]+$/.test(written) ? written.replaceAll(/[pt]/g, '') : written;
  const parts = [...plain.matchAll(/(\d{1,12})(?:\.(\d{1,6}))?\s*([a-zµ]*)/g)];
  const rest = plain.replaceAll(/\d{1,12}(?:\.\d{1,6})?\s*[a-zµ]*|,|\band\b|\s/g, '');
  if (parts.length === 0 || rest !== '') return undefined;
  let total = 0n;
  for (const [, count = '', fraction = '', unit = ''] of parts) {
    const [, size] = words.find(([form]) => form.test(unit === '' && parts.length === 1 ? 's' : unit)) ?? [];
    if (size === undefined) return undefined;
    total += (BigInt(count + fraction.padEnd(6, '0')) * size) / 1_000_000n;
  }
  return total <= longest ? formatDuration(total) : undefined;
}
