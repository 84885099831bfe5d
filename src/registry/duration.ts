const units = {
  us: 1n,
  ms: 1_000n,
  s: 1_000_000n,
  m: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
} as const;
const part = /(\d{1,12})(us|ms|s|m|h|d)/g;
const whole = /^(?:\d{1,12}(?:us|ms|s|m|h|d))+$/;
const longest = 36_525n * units.d;

/**
 * Reads a duration such as `6h`, `90s` or `1d12h` into microseconds. A day is 24 hours. Undefined when it is
 * not one, or longer than a hundred years.
 */
export function parseDuration(text: string): bigint | undefined {
  const written = text.replaceAll(' ', '');
  if (!whole.test(written)) return undefined;
  let total = 0n;
  for (const [, count = '', unit = ''] of written.matchAll(part))
    total += BigInt(count) * units[unit as keyof typeof units];
  return total <= longest ? total : undefined;
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
