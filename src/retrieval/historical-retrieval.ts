import { z } from 'zod';
import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { TypedColumn } from '../../providers/contract/table.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import { parseValueType } from '../../providers/contract/value-type.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { providerOf, relationOf } from '../registry/relations.ts';
import { type EntityRole, keyColumns, requireSelection } from '../registry/selection.ts';
import { fromJson } from '../values/json-value.ts';
import type { Retrieval } from './point-in-time-planning.ts';

export const maxSpineRows = 100_000;

const role = z.object({
  entity: z.string(),
  role: z.string().optional(),
  joinKeys: z.array(z.object({ joinKey: z.string(), column: z.string() })).default([]),
});

const selected = z.object({
  feature: z.string(),
  role: z.string().optional(),
  alias: z.string().optional(),
  lag: z.string().optional(),
});

/** What a retrieval can belong to. */
export const retrievalOwners = ['TRAINING_SET', 'MODEL'] as const;

/** A retrieval as a job keeps it: which features, for the rows of a source or the caller's own. */
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
  features: z.array(selected).min(1),
  knownAsOf: z.boolean().default(false),
  spine: z.object({
    source: z.string().optional(),
    rows: z
      .object({
        columns: z.array(z.object({ name: z.string().min(1), type: z.string() })).min(1),
        rows: z.array(z.array(z.unknown())).max(maxSpineRows),
      })
      .optional(),
    timestamp: z.string().optional(),
    entities: z.array(role).min(1),
    /** A source's columns to keep, beside keys and timestamp; a caller's own rows are kept whole. */
    columns: z.array(z.string()).default([]),
  }),
});
export type HistoricalInput = z.output<typeof historicalInput>;

/** Resolves everything that a retrieval names; fails with INVALID_INPUT and every issue there is. */
export function historicalRetrieval(catalog: Catalog, { features, spine, knownAsOf }: HistoricalInput): Retrieval {
  const issues: Issue[] = [];
  const { relation, provider, columns } =
    spine.rows === undefined ? sourceRows(catalog, spine, issues) : ownRows(spine.rows, issues);
  const roles = spineRoles(catalog, spine, columns, issues);
  if (spine.timestamp !== undefined && columns !== undefined && !columns.includes(spine.timestamp)) {
    issues.push({
      path: 'spine.timestamp',
      message: `"${spine.timestamp}" is no column`,
      fix: `The columns are ${columns.join(', ')}.`,
    });
  }
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The rows to join to are not valid.', { issues });
  const keys = roles.flatMap(({ keys: own }) => own.map((key) => key.column));
  const kept = columns ?? [...keys, ...(spine.timestamp === undefined ? [] : [spine.timestamp]), ...spine.columns];
  return {
    spine: {
      relation,
      ...(provider !== undefined && { provider }),
      ...(spine.timestamp !== undefined && { timestamp: spine.timestamp }),
      columns: [...new Set(kept)].map((column) => ({ column, as: column })),
      roles,
    },
    features: requireSelection(catalog, features, roles),
    knownAsOf,
  };
}

type Spine = HistoricalInput['spine'];
/** `columns` are known, and all kept, for a caller's own rows only. */
type SpineRows = { relation: Relation; provider?: ResourceOf<'PROVIDER'>; columns?: string[] };

function sourceRows(catalog: Catalog, spine: Spine, issues: Issue[]): SpineRows {
  const source = catalog.find('SOURCE', spine.source ?? '');
  if (source !== undefined) return { relation: relationOf(catalog, source), provider: providerOf(catalog, source) };
  issues.push({
    path: 'spine.source',
    message: `There is no source "${spine.source}"`,
    fix: 'Name a registered source.',
  });
  return { relation: { kind: 'ROWS', columns: [], rows: [] } };
}

function ownRows({ columns, rows }: NonNullable<Spine['rows']>, issues: Issue[]): SpineRows {
  const typed: TypedColumn[] = columns.flatMap(({ name, type: written }, at) => {
    const type = parseValueType(written);
    if (type === undefined) issues.push({ path: `spine.rows.columns[${at}].type`, message: `"${written}" is no type` });
    return type === undefined ? [] : [{ name, type }];
  });
  const names = typed.map((column) => column.name);
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) !== at)
      issues.push({ path: `spine.rows.columns[${at}].name`, message: `"${name}" is given twice` });
  }
  if (typed.length < columns.length) return { relation: { kind: 'ROWS', columns: [], rows: [] }, columns: names };
  const values = rows.map((row, at) => readRow(typed, row, `spine.rows.rows[${at}]`, issues));
  return { relation: { kind: 'ROWS', columns: typed, rows: values }, columns: names };
}

function readRow(columns: readonly TypedColumn[], row: readonly unknown[], path: string, issues: Issue[]): Value[] {
  if (row.length !== columns.length) {
    issues.push({
      path,
      message: `has ${row.length} values`,
      fix: `Give one for each of the ${columns.length} columns.`,
    });
  }
  return columns.map(({ type }, at) => {
    const read = fromJson(type, row[at]);
    if (!('problem' in read)) return read.value;
    issues.push({ path: `${path}[${at}]`, message: read.problem });
    return null;
  });
}

function spineRoles(
  catalog: Catalog,
  spine: Spine,
  columns: readonly string[] | undefined,
  issues: Issue[],
): EntityRole[] {
  return spine.entities.flatMap(({ entity: reference, role: name, joinKeys }, at) => {
    const entity = catalog.find('ENTITY', reference);
    if (entity === undefined) {
      issues.push({ path: `spine.entities[${at}].entity`, message: `There is no entity "${reference}"` });
      return [];
    }
    const keys = keyColumns(entity, joinKeys);
    for (const { joinKey, column } of keys) {
      if (columns === undefined || columns.includes(column)) continue;
      issues.push({
        path: `spine.entities[${at}].joinKeys`,
        message: `There is no column "${column}" for "${joinKey}"`,
        fix: `The columns are ${columns.join(', ')}.`,
      });
    }
    return [{ role: name ?? entity.name, entity, keys }];
  });
}
