import { z } from 'zod';
import * as field from './fields.ts';
import { input } from './named-inputs.ts';

/** How the rows of a transformation are kept: stored by a job, or computed anew from its inputs at each reading. */
export const transformationForm = z.enum(['TABLE', 'VIEW']);

/**
 * A TABLE says nothing of its form, whether it was written or left out: definitions from before there were views
 * stay as they are, and equal.
 */
const transformation = input('TransformationInput', 'SQL over other sources.', {
  sql: z.string().trim().min(1).describe('One SELECT; {{ name }} or {{ name@variant }} stands for a source.'),
  as: transformationForm.optional().describe('How its rows are kept; TABLE when left out.'),
}).transform(({ sql, as }): { sql: string; as?: 'VIEW' } => (as === 'VIEW' ? { sql, as } : { sql }));

/**
 * As registered a column has a type, or where none of ours holds its values the engine's: columns that were left out
 * are decided with the rest, and said from then on.
 */
const fileColumn = input(
  'FileColumnInput',
  'What is known of a column of files. What is not said is told from all of their data.',
  {
    name: field.column.describe('Its name, as the files spell it.'),
    type: field.columnType.optional().describe('As INT64 or STRING[]; told from the data when left out.'),
    engineType: z.string().optional().meta({ readOnly: true }),
    format: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'How the text of a DATE or TIMESTAMP is written, as %d/%m/%Y or %Y%m%dT%H%M%S; ISO 8601 when left out.',
      ),
  },
);

const characterOrNone = field.character.or(z.literal('')).optional();

/** As registered all of it is said. */
const csv = input('CsvInput', 'How CSV files are written, where that is not as RFC 4180 has it.', {
  delimiter: field.character
    .optional()
    .describe('Between fields, one character; told from the first line when left out.'),
  quote: characterOrNone.describe('Around texts, one character; " when left out, none when empty.'),
  escape: characterOrNone.describe('Before a quote within a quoted text; the quote itself when left out.'),
  header: z.boolean().optional().describe('Whether the first line names the columns; true when left out.'),
  nulls: z
    .array(z.string().max(100))
    .max(20)
    .optional()
    .describe('Texts that stand for null where they are not quoted; the empty one when left out.'),
  decimalMark: z
    .string()
    .pipe(z.enum(['.', ','], 'must be "." or ","'))
    .optional()
    .describe('"." or ","; "." when left out.'),
  encoding: field.encoding
    .optional()
    .describe('As utf-16le or windows-1252; what a byte order mark says when left out, and UTF-8 without one.'),
  skipLines: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe('How many lines come before the header; 0 when left out.'),
});

export const fileFormat = z.enum(['PARQUET', 'CSV', 'JSON']);

const files = input(
  'FilesInput',
  'Files of one format. Their columns and layout are decided when they are registered, and never again.',
  {
    format: fileFormat.optional().describe('How they are written; told by their ending when left out.'),
    paths: z
      .array(z.string().min(1))
      .min(1)
      .describe("Where they are, below the server's data roots; a path may be a glob."),
    columns: z.array(fileColumn).max(10_000).optional().describe('Columns whose types must not be told from the data.'),
    csv: csv.optional().describe('How CSV is written.'),
    hivePartitions: field.mark.describe('Whether directories named key=value are columns; false when left out.'),
  },
);

const table = input('TableInput', 'A table or view of the provider.', {
  schema: z.string().min(1).optional().describe('The schema it is in.'),
  name: z.string().min(1).describe('Its name.'),
});

export const source = input(
  'SourceInput',
  'Rows in an offline store: give exactly one of files, table and transformation.',
  {
    kind: z.literal('SOURCE'),
    ...field.common,
    provider: field.referenceTo('The offline store', 'May be left out where there is only one.').optional(),
    files: files.optional().describe('Rows in files.'),
    table: table.optional().describe('Rows in a table.'),
    transformation: transformation.optional().describe('Rows by SQL.'),
  },
).refine((value) => [value.files, value.table, value.transformation].filter((one) => one !== undefined).length === 1, {
  message: 'must be exactly one of files, table and transformation',
});
