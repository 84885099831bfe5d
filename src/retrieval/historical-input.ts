import { z } from 'zod';
import type { TypedColumn } from '../../providers/contract/table.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import { type Json, toJson } from '../values/json-value.ts';
import type { Retrieval } from './point-in-time-planning.ts';

export const maxSpineRows = 100_000;

const role = z.object({
  entity: z.string(),
  role: z.string().min(1, 'is empty').optional(),
  joinKeys: z.array(z.object({ joinKey: z.string(), column: z.string() })).default([]),
});

const selected = z.object({
  feature: z.string(),
  role: z.string().optional(),
  alias: z.string().optional(),
  lag: z.string().optional(),
});

const rowValues = z.array(z.array(z.unknown())).max(maxSpineRows);

/** What a retrieval can belong to. */
export const retrievalOwners = ['TRAINING_SET', 'MODEL'] as const;

/** A retrieval as it is asked for, and as its job keeps it: which features, for the rows of a source or the caller's own. */
export const historicalInput = z.object({
  name: z
    .string()
    .trim()
    .min(1, 'must say something, or be left out')
    .max(200, 'must be 200 characters at most')
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'holds a character that can not be kept')
    .optional(),
  /** By its pinned reference. */
  belongsTo: z.object({ kind: z.enum(retrievalOwners), ref: z.string() }).optional(),
  features: z.array(selected).min(1, 'must name a feature'),
  knownAsOf: z.boolean().default(false),
  spine: z.object({
    source: z.string().optional(),
    rows: z
      .object({
        columns: z
          .array(z.object({ name: z.string().min(1, 'is empty'), type: z.string() }))
          .min(1, 'must name a column'),
        rows: z.union([rowValues, z.string().transform((text) => rowValues.parse(JSON.parse(text)))]),
      })
      .optional(),
    timestamp: z.string().optional(),
    entities: z.array(role).min(1, 'must name an entity'),
    /** A source's columns to keep, beside keys and timestamp; a caller's own rows are kept whole. */
    columns: z.array(z.string()).default([]),
  }),
});
export type HistoricalInput = z.output<typeof historicalInput>;

/**
 * What the job of a checked retrieval is given. A caller's own rows become one text: the JSON that the registry's
 * database keeps has no U+0000 in its texts, and theirs may.
 */
export function inputOfJob({ spine, ...input }: HistoricalInput, retrieval: Retrieval): Json {
  const { relation } = retrieval.spine;
  const { rows: own, ...rest } = spine;
  const rows = own && relation.kind === 'ROWS' && { ...own, rows: jsonText(relation.columns, relation.rows) };
  return JSON.parse(JSON.stringify({ ...input, spine: { ...rest, ...(rows && { rows }) } }));
}

function jsonText(columns: readonly TypedColumn[], rows: readonly Value[][]): string {
  return JSON.stringify(rows.map((row) => columns.map(({ type }, at) => toJson(type, row[at] ?? null))));
}
