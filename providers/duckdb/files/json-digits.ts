import type { ValueType } from '../../contract/value-type.ts';
import type { DataFile } from './data-files.ts';
import type { FileTools } from './file-reading.ts';

/** A number of a record that no floating-point number gives back digit for digit. */
export type LostDigits = { file: string; row: number; text: string };

/** Shorter numbers have digits that every FLOAT32 keeps. Of a whole zero the engine's JSON loses the sign. */
const suspicious = '[0-9.]{7,}|-0(?:[^.0-9eE]|$)';

/**
 * The first number of each floating-point column whose digits would be lost. The engine's JSON tells numbers by their
 * value, so records that may hold such a number are read by a parser that tells their text.
 */
export async function lostDigits(
  files: readonly DataFile[],
  records: (file: DataFile) => string,
  types: ReadonlyMap<string, ValueType>,
  { session, watch }: FileTools,
): Promise<Map<string, LostDigits>> {
  const floats = new Map(
    [...types].flatMap(([name, type]) => (floatOf(type) ? [[name, floatOf(type)]] : [])) as [string, Float][],
  );
  const found = new Map<string, LostDigits>();
  if (floats.size === 0) return found;
  for (const file of files) {
    const sql =
      `SELECT row, CAST(json AS VARCHAR) FROM (SELECT row_number() OVER () AS row, json FROM ${records(file)}) ` +
      `WHERE regexp_matches(CAST(json AS VARCHAR), '${suspicious}')`;
    for await (const chunk of session.stream(sql, watch)) {
      for (const [row, text] of chunk.getRows()) {
        for (const [name, lost] of inexactNumbers(String(text), floats)) {
          if (!found.has(name)) found.set(name, { file: file.name, row: Number(row), text: lost });
        }
      }
    }
  }
  return found;
}

type Float = 'FLOAT32' | 'FLOAT64';

function floatOf(type: ValueType): Float | undefined {
  const name = type.kind === 'SCALAR' ? type.name : type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  return name === 'FLOAT32' || name === 'FLOAT64' ? name : undefined;
}

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/** The numbers at the top of a record, and in arrays there, that are not exact in their column's type. */
function inexactNumbers(record: string, floats: ReadonlyMap<string, Float>): [name: string, text: string][] {
  const numbers: { holder: unknown; key: string; text: string }[] = [];
  const collect: Reviver = function (key, value, { source }) {
    if (typeof value === 'number' && source !== undefined) numbers.push({ holder: this, key, text: source });
    return value;
  };
  const parsed = JSON.parse(record, collect as (key: string, value: unknown) => unknown) as Record<string, unknown>;
  const arrays = new Map(
    Object.entries(parsed).flatMap(([name, value]) => (Array.isArray(value) ? [[value, name]] : [])),
  );
  const nameOf = ({ holder, key }: { holder: unknown; key: string }) =>
    holder === parsed ? key : Array.isArray(holder) ? arrays.get(holder) : undefined;
  return numbers.flatMap((one) => {
    const name = nameOf(one);
    const float = floats.get(name ?? '');
    return name === undefined || float === undefined || isExact(one.text, float) ? [] : [[name, one.text]];
  });
}

/** As `textForms` has it: whether the number gives the text's digits back. */
function isExact(text: string, float: Float): boolean {
  if (text === '-0') return false;
  const digits = digitsOf(text);
  if (digits === '') return true;
  const value = Math.abs(float === 'FLOAT32' ? Math.fround(Number(text)) : Number(text));
  if (!Number.isFinite(value) || digits.length > 101) return false;
  const trimmed = (some: string) => some.replace(/0+$/, '');
  return (
    digitsOf(value.toExponential(digits.length - 1)) === digits || trimmed(digitsOf(String(value))) === trimmed(digits)
  );
}

function digitsOf(text: string): string {
  return (text.toLowerCase().split('e')[0] ?? '').replace(/[-+.]/g, '').replace(/^0+/, '');
}
