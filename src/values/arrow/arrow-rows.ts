import { Failure } from '../../../providers/contract/failure.ts';
import { limitExceeded } from '../../limit-exceeded.ts';
import type { Json } from '../json-value.ts';
import { type ArrowField, unknownIn } from './arrow-schema.ts';
import { type ArrowBatch, ArrowStream, Compressed } from './arrow-stream.ts';
import { Inexact, type Left, readValues, TooMuch } from './arrow-values.ts';
import { Damaged } from './flat-table.ts';

/** A table by columns, whose values are in the one form that values have in JSON. */
export type ArrowRows = { names: string[]; columns: Json[][]; size: number };

/** How many rows a table may have, and of how many characters its JSON may be. */
export type ArrowLimits = { rows: number; characters: number };

/**
 * Reads a table in a format of Apache Arrow, streaming or file. Its types are those that have one of ours: whole numbers,
 * floats, booleans, texts, bytes, dates, timestamps (UTC where they have no zone), nulls, dictionaries of texts, and lists of
 * all these. Fails with INVALID_INPUT where it is none, and names the column that has another type or a value that would be
 * cut; with LIMIT_EXCEEDED beyond the limits.
 */
export async function readArrowRows(bytes: Uint8Array, path: string, limits: ArrowLimits): Promise<ArrowRows> {
  const { fields, batches, size } = await namedIn(path, limits, () => readBatches(bytes, path, limits));
  const left: Left = { characters: limits.characters };
  const columns: Json[][] = [];
  for (const [at, field] of fields.entries()) {
    const values: Json[] = [];
    for (const batch of batches) {
      const column = batch.columns[at];
      if (column !== undefined)
        await namedIn(path, limits, () => readValues(column, 0, batch.length, left, values), field);
    }
    columns.push(values);
  }
  return { names: fields.map(({ name }) => name), columns, size };
}

type Batches = { fields: ArrowField[]; batches: ArrowBatch[]; size: number };

async function readBatches(bytes: Uint8Array, path: string, limits: ArrowLimits): Promise<Batches> {
  const stream = new ArrowStream(bytes);
  checkFields(stream.fields, path);
  const batches: ArrowBatch[] = [];
  let size = 0;
  for await (const batch of stream.batches()) {
    size += batch.length;
    if (size > limits.rows) {
      const fix = 'Send them in several requests, or register them as a source.';
      throw limitExceeded({ path, what: 'rows', found: size, most: limits.rows, fix });
    }
    batches.push(batch);
  }
  return { fields: stream.fields, batches, size };
}

function checkFields(fields: readonly ArrowField[], path: string): void {
  const seen = new Set<string>();
  for (const { name, type } of fields) {
    const unknown = unknownIn(type);
    const fix = 'Cast it to a whole number, float, text, date or timestamp, or leave it out.';
    if (unknown !== undefined) throw invalid(path, `the column "${name}" is of no type of ours: ${unknown}`, fix);
    if (seen.has(name)) throw invalid(path, `has two columns "${name}"`, 'Rename one.');
    seen.add(name);
  }
}

/** What becomes of a table that is none, or no good; whatever else is thrown is a defect of ours. */
async function namedIn<T>(path: string, limits: ArrowLimits, read: () => Promise<T>, field?: ArrowField): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TooMuch)
      throw limitExceeded({ path, what: 'characters', found: 'more', most: limits.characters });
    if (error instanceof Inexact) throw invalid(path, `the column "${field?.name}" ${error.message}`, error.fix, error);
    if (error instanceof Compressed) throw invalid(path, 'is compressed', 'Write it without compression.', error);
    if (!(error instanceof Damaged || error instanceof RangeError)) throw error;
    const fix = 'Write it in the streaming format (IPC).';
    throw invalid(path, 'is no table of Apache Arrow, or is damaged', fix, error);
  }
}

function invalid(path: string, message: string, fix: string, cause?: unknown): Failure {
  const options = { issues: [{ path, message, fix }], ...(cause !== undefined && { cause }) };
  return new Failure('INVALID_INPUT', 'The rows are not valid.', options);
}
