const nanosecondsOf: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const part = /^(\d{0,20})(?:\.(\d{0,20}))?(ns|us|µs|ms|s|m|h)/;

/**
 * Reads `1h30m`, `-1.5s` or `0` into microseconds. Undefined where it is none, or where microseconds don't hold it: a
 * duration is never cut.
 */
export function parseDurationText(text: string): bigint | undefined {
  const [, sign, written = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (written === '0') return 0n;
  if (written === '' || written.length > 100) return undefined;
  let rest = written;
  let nanoseconds = 0n;
  while (rest !== '') {
    const [all = '', whole = '', fraction = '', unit = ''] = part.exec(rest) ?? [];
    const size = nanosecondsOf[unit];
    if (size === undefined || whole + fraction === '') return undefined;
    const scaled = BigInt(fraction || '0') * size;
    const scale = 10n ** BigInt(fraction.length);
    if (scaled % scale !== 0n) return undefined;
    nanoseconds += BigInt(whole || '0') * size + scaled / scale;
    rest = rest.slice(all.length);
  }
  if (nanoseconds % 1_000n !== 0n) return undefined;
  return (sign === '-' ? -nanoseconds : nanoseconds) / 1_000n;
}

/** Seconds with as many decimals as it has, as `5400s` or `-1.5s`. */
export function durationText(microseconds: bigint): string {
  const size = microseconds < 0n ? -microseconds : microseconds;
  const decimals = (size % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  const seconds = `${size / 1_000_000n}${decimals === '' ? '' : `.${decimals}`}s`;
  return microseconds < 0n ? `-${seconds}` : seconds;
}
