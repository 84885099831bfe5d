import { withoutComments } from '../../providers/contract/sql-text.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { inputsOf, isComputed } from '../registry/relations.ts';
import { labelColumns, storedFeatures } from '../registry/selection.ts';
import type { HistoricalInput } from '../retrieval/historical-input.ts';
import { type Retrieval, sourceOfView, viewColumns } from '../retrieval/point-in-time-planning.ts';

/** A source that a job reads, and the columns by which it is used. */
export type SourceUse = { source: ResourceOf<'SOURCE'>; columns: readonly string[] };

/** A view reads all its features, whichever are asked for: they break ties. */
export function usesOfView(catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): SourceUse[] {
  const { keys, values, eventTimestamp, createdTimestamp } = viewColumns(catalog, view);
  const timestamps = [eventTimestamp, createdTimestamp].filter((name) => name !== undefined);
  return withInputs(catalog, {
    source: sourceOfView(catalog, view),
    columns: [...keys.map(({ column }) => column), ...timestamps, ...values],
  });
}

export function usesOfTrainingSet(
  catalog: Catalog,
  trainingSet: ResourceOf<'TRAINING_SET'>,
  { asked }: Retrieval,
): SourceUse[] {
  const label = catalog.find('LABEL', trainingSet.definition.label);
  const source = label && catalog.find('SOURCE', label.definition.source);
  if (label === undefined || source === undefined) return usesOfFeatures(catalog, asked);
  const columns = [...labelColumns(catalog, label), label.definition.value.column];
  return [...withInputs(catalog, { source, columns }), ...usesOfFeatures(catalog, asked)];
}

export function usesOfRetrieval(catalog: Catalog, { spine }: HistoricalInput, retrieval: Retrieval): SourceUse[] {
  const source = catalog.find('SOURCE', spine.source ?? '');
  const columns = retrieval.spine.columns.map(({ column }) => column);
  const keys = retrieval.spine.roles.flatMap((role) => role.keys.map(({ column }) => column));
  const own = source === undefined ? [] : withInputs(catalog, { source, columns: [...columns, ...keys] });
  return [...own, ...usesOfFeatures(catalog, retrieval.asked)];
}

/** What the SQL of a transformation reads of its inputs; of inputs that are computed as they are read, what theirs read as well. */
export function usesOfTransformation(catalog: Catalog, source: ResourceOf<'SOURCE'>): SourceUse[] {
  const sql = source.definition.transformation?.sql ?? '';
  return inputsOf(catalog, source).flatMap((input) =>
    withInputs(catalog, { source: input, columns: namedIn(withoutComments(sql)) }),
  );
}

function usesOfFeatures(catalog: Catalog, asked: Retrieval['asked']): SourceUse[] {
  const views = new Map(storedFeatures(asked).map(({ view }) => [view.ref, view]));
  return [...views.values()].flatMap((view) => usesOfView(catalog, view));
}

function withInputs(catalog: Catalog, use: SourceUse): SourceUse[] {
  return isComputed(use.source) ? [use, ...usesOfTransformation(catalog, use.source)] : [use];
}

/** Every word of the SQL: which of them are columns is for the source to say. A star that selects names them all. */
function namedIn(sql: string): string[] {
  const star = /(?:\bselect(?:\s+(?:all|distinct))?|[,.])\s*\*/i.test(sql) ? [everyColumn] : [];
  return [...star, ...(sql.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []).map(unquoted)];
}

export const everyColumn = '*';

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word;
}
