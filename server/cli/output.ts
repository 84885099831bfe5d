import { styleText } from 'node:util';
import type { JsonValue, ResourceKind } from '@featuregraph/client';
import { Failure } from '../../providers/contract/failure.ts';
import { resourceKinds } from '../../src/registry/reference.ts';

type Style = Parameters<typeof styleText>[0];

/** Data goes to stdout, talk to stderr: what is piped holds data alone. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** In colour where stdout shows any, and NO_COLOR is not set. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true });
}

/** Rows under a header, each column as wide as its widest cell, numbers to the right. */
export function textTable(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) => row.map(cell));
  const isNumber = header.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'));
  const widths = header.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => (isNumber[at] ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [header.map((title) => title.toUpperCase()), ...cells].map(line).join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value.replaceAll(/\s+/g, ' ') : JSON.stringify(value);
}

/** A kind as words: `FEATURE_VIEW` is a "feature view". */
export function inWords(kind: string): string {
  return kind.toLowerCase().replaceAll('_', ' ');
}

/** What a user writes for a kind: `feature-view`, `featureView`, `FEATURE_VIEW` and its plural. Fails with INVALID_INPUT. */
export function kindFrom(written: string): ResourceKind {
  const text = written
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
  const kind = resourceKinds.find(
    (one) => one === text || `${one}S` === text || (one === 'ENTITY' && text === 'ENTITIES'),
  );
  if (kind !== undefined) return kind;
  const known = resourceKinds.map((one) => one.toLowerCase().replaceAll('_', '-')).join(', ');
  throw new Failure('INVALID_INPUT', `"${written}" is no kind of definition. It is one of ${known}.`);
}

/** A value of the command line: JSON where it is such, otherwise the text itself. */
export function valueFrom(text: string): JsonValue {
  if (!/^(-?\d|true$|false$|null$|["[{])/.test(text)) return text;
  try {
    const value = JSON.parse(text) as JsonValue;
    // A number that would lose digits stays as it is written.
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}
