import type { ScalarName, Value } from '../../providers/contract/value-type.ts';
import { fromJson } from '../../src/values/json-value.ts';

/** A field as it is written: quoted text is never null. */
export type Field = { text: string; quoted: boolean };

/**
 * The records of a text as RFC 4180 has them, by its grammar and nothing else; undefined where the text is none. Lines
 * end in one way; an empty one is no record where records have several fields.
 */
export function recordsOf(text: string, delimiter: string): Field[][] | undefined {
  const records: Field[][] = [];
  const endings = new Set<string>();
  let rest = text;
  while (rest !== '') {
    const record: Field[] = [];
    for (;;) {
      const field = fieldAt(rest, delimiter);
      if (field === undefined) return undefined;
      record.push(field.field);
      rest = rest.slice(field.length);
      if (!rest.startsWith(delimiter)) break;
      rest = rest.slice(delimiter.length);
    }
    const [ending = ''] = /^(?:\r\n|\r|\n)/.exec(rest) ?? [];
    if (ending === '' && rest !== '') return undefined;
    if (ending !== '') endings.add(ending);
    rest = rest.slice(ending.length);
    records.push(record);
  }
  if (endings.size > 1) return undefined;
  const width = records[0]?.length ?? 0;
  const kept = records.filter((record) => width === 1 || record.length > 1 || isFilled(record));
  return kept.every((record) => record.length === width) ? kept : undefined;
}

function isFilled([field]: readonly Field[]): boolean {
  return field !== undefined && (field.quoted || field.text !== '');
}

function fieldAt(text: string, delimiter: string): { field: Field; length: number } | undefined {
  const [quoted, inside = ''] = /^"((?:[^"]|"")*)"/.exec(text) ?? [];
  if (quoted !== undefined) {
    return { field: { text: inside.replaceAll('""', '"'), quoted: true }, length: quoted.length };
  }
  const end = [delimiter, '\r', '\n'].map((mark) => text.indexOf(mark)).filter((at) => at >= 0);
  const plain = text.slice(0, end.length === 0 ? text.length : Math.min(...end));
  return plain.startsWith('"') ? undefined : { field: { text: plain, quoted: false }, length: plain.length };
}

const forms: Readonly<Record<ScalarName, RegExp>> = {
  BOOL: /^(?:true|false)$/i,
  INT32: /^[+-]?\d+$/,
  INT64: /^[+-]?\d+$/,
  FLOAT32: /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf|infinity)$/i,
  FLOAT64: /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf|infinity)$/i,
  STRING: /^/,
  BYTES: /^[A-Za-z0-9+/=]*$/,
  DATE: /^\d{4}-\d\d-\d\d$/,
  TIMESTAMP: /^\d{4}-\d\d-\d\d/,
};

/** The value of a field, where it is one of the type; undefined where it is none. */
export function valueOfField({ text, quoted }: Field, name: ScalarName): Value | undefined {
  if (text === '' && (!quoted || !['STRING', 'BYTES'].includes(name))) return null;
  if (!forms[name].test(text)) return undefined;
  const read = fromJson({ kind: 'SCALAR', name }, jsonOf(text, name));
  return 'problem' in read ? undefined : read.value;
}

function jsonOf(text: string, name: ScalarName): unknown {
  if (name === 'BOOL') return text.toLowerCase() === 'true';
  if (name === 'INT32') return Number(text);
  if (name === 'INT64') return BigInt(text.replace('+', '')).toString();
  if (name === 'FLOAT64' || name === 'FLOAT32') return floatOf(text, name);
  return name === 'TIMESTAMP' ? text.replace(' ', 'T').replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00:00Z') : text;
}

function floatOf(text: string, name: 'FLOAT32' | 'FLOAT64'): number | string {
  const named = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (named !== null) return named[2]?.toLowerCase() === 'nan' ? 'NaN' : `${named[1] === '-' ? '-' : ''}Infinity`;
  const value = name === 'FLOAT32' ? Math.fround(Number(text)) : Number(text);
  return Object.is(value, -0) ? '-0' : value;
}
