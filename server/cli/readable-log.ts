/** What every line of the log has: told in words, or of no interest to who reads along. */
const usual = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'error', 'err']);
const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** A line of the log, which is JSON, for who reads it on a terminal: when, how grave, what, and what else is said of it. */
export function readableLine(line: string): string {
  const read = entryIn(line);
  if (read === undefined) return line;
  const time = new Date(Number(read.time)).toTimeString().slice(0, 8);
  const level = levels[Number(read.level)] ?? String(read.level);
  const more = Object.entries(read).flatMap(([name, value]) =>
    usual.has(name) ? [] : [`${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`],
  );
  const error = (read.error ?? read.err) as { stack?: string; message?: string } | undefined;
  const why = error === undefined ? [] : [indented(error.stack ?? error.message ?? JSON.stringify(error))];
  return [[time, level.padEnd(5), String(read.msg ?? ''), ...more].join('  '), ...why].join('\n');
}

function entryIn(line: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '          ');
}

/** Where a logger writes to, when somebody sits at a terminal. */
export const readableLog = {
  write(line: string): void {
    process.stdout.write(`${readableLine(line.trimEnd())}\n`);
  },
};
