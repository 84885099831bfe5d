import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Column } from '../../providers/contract/offline-store.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import { explainMissing } from '../registry/available-names.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { meetingColumns } from '../registry/checks/check-column-names.ts';
import { type ColumnCheck, checkJoinKeys, checkTimestamp, checkTyped } from '../registry/checks/check-columns.ts';
import { checkJoinedFeatures } from '../registry/checks/check-joined-features.ts';
import { checkRolesApart } from '../registry/checks/check-roles.ts';
import type { Report } from '../registry/checks/check-world.ts';
import { checkRequestColumns } from '../registry/on-demand/check-request-columns.ts';
import { providerOf } from '../registry/relations.ts';
import { type EntityRole, keyColumns, resolveSelection } from '../registry/selection.ts';
import { relationOf } from '../registry/source-relations.ts';
import type { HistoricalInput } from './historical-input.ts';
import type { Retrieval } from './point-in-time-planning.ts';
import { columnsOfRows, readSpineRows } from './spine-rows.ts';

type Spine = HistoricalInput['spine'];

/** Rows to join to. `columns` is undefined where that something is wrong with them has been reported. */
type SpineRows = {
  relation: Relation;
  provider?: ResourceOf<'PROVIDER'>;
  columns?: readonly Column[];
  words: string;
  remedy?: string;
};

/**
 * Resolves everything that a retrieval names, and holds it to the types of what it joins; fails with INVALID_INPUT and
 * every issue there is. `sourceColumns` are those of the source whose rows it joins to, as they are registered.
 */
export function historicalRetrieval(
  catalog: Catalog,
  { features: selected, spine, knownAsOf }: HistoricalInput,
  sourceColumns: readonly Column[],
): Retrieval {
  const issues: Issue[] = [];
  const report: Report = (path, message, fix) => issues.push({ path, message, ...(fix !== undefined && { fix }) });
  const rows =
    spine.rows === undefined ? sourceRows(catalog, spine, sourceColumns, report) : ownRows(spine.rows, report);
  const roles = spineRoles(catalog, spine, report);
  checkColumns(spine, roles, rows, report);
  // A feature of an entity that isn't there has no role to be in.
  const known = roles.length === spine.entities.length ? roles : undefined;
  const asked = resolveSelection(catalog, selected, issues, known);
  const kept = keptColumns(spine, roles, rows);
  const joined = {
    words: 'The spine',
    timed: spine.timestamp !== undefined,
    timedBy: 'name the timestamp of the spine',
    kept: [{ names: kept, words: 'a column of the spine' }],
    knownAsOf,
  };
  checkJoinedFeatures(asked, joined, report);
  if (rows.columns !== undefined) {
    const columns = rows.columns.filter(({ name }) => kept.includes(name));
    checkRequestColumns(asked, { words: 'the spine', columns }, report);
  }
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The retrieval is not valid.', { issues });
  const { relation, provider } = rows;
  return {
    spine: {
      relation,
      ...(provider !== undefined && { provider }),
      ...(spine.timestamp !== undefined && { timestamp: spine.timestamp }),
      columns: kept.map((column) => ({ column, as: column })),
      roles,
    },
    asked,
    knownAsOf,
  };
}

function sourceRows(catalog: Catalog, spine: Spine, columns: readonly Column[], report: Report): SpineRows {
  const source = catalog.find('SOURCE', spine.source ?? '');
  if (source !== undefined) {
    return {
      relation: relationOf(catalog, source),
      provider: providerOf(catalog, source),
      columns,
      words: source.ref,
    };
  }
  const { message, fix } = explainMissing(catalog, 'SOURCE', spine.source ?? '');
  report('spine.source', message, fix);
  return { relation: { kind: 'ROWS', columns: [], rows: [] }, words: 'the spine' };
}

function ownRows(written: NonNullable<Spine['rows']>, report: Report): SpineRows {
  const relation = readSpineRows(written, report);
  const isRead = relation.columns.length === written.columns.length;
  return {
    relation,
    ...(isRead && { columns: columnsOfRows(relation.columns, written.columns) }),
    words: 'the spine',
    remedy: 'give the column with values of another type',
  };
}

/** All of a caller's own columns; of a source's the keys, the timestamp, and those that were asked for. */
function keptColumns(spine: Spine, roles: readonly EntityRole[], { columns }: SpineRows): string[] {
  if (spine.rows !== undefined) return columns?.map(({ name }) => name) ?? [];
  const keys = roles.flatMap((role) => role.keys.map((key) => key.column));
  return [...new Set([...keys, ...(spine.timestamp === undefined ? [] : [spine.timestamp]), ...spine.columns])];
}

function checkColumns(spine: Spine, roles: readonly SpineRole[], rows: SpineRows, report: Report): void {
  checkRolesApart(roles, 'spine.entities', report);
  if (rows.columns === undefined) return;
  const { columns, words: source, remedy } = rows;
  const check: ColumnCheck = { columns, source, report, ...(remedy !== undefined && { remedy }) };
  for (const { entity, at } of roles)
    checkJoinKeys(check, `spine.entities[${at}].joinKeys`, entity, spine.entities[at]?.joinKeys ?? []);
  checkTimestamp(check, 'spine.timestamp', spine.timestamp);
  for (const [at, name] of spine.columns.entries()) {
    checkTyped(check, `spine.columns[${at}]`, name);
    if (spine.columns.indexOf(name) !== at)
      report(`spine.columns[${at}]`, `"${name}" is given twice`, 'Remove one of the two.');
  }
  if (spine.rows !== undefined) return;
  const kept = keptColumns(spine, roles, rows).map((name) => ({ name }));
  for (const { column, other } of meetingColumns(kept)) {
    const message = `Columns "${other.name}" and "${column.name}" differ in letter case alone.`;
    report('spine.columns', message, 'Give one of them another name, in a transformation.');
  }
}

/** A role, and where it stands among the spine's entities. */
type SpineRole = EntityRole & { at: number };

function spineRoles(catalog: Catalog, spine: Spine, report: Report): SpineRole[] {
  return spine.entities.flatMap(({ entity: reference, role, joinKeys }, at) => {
    const entity = catalog.find('ENTITY', reference);
    if (entity !== undefined) return [{ at, role: role ?? entity.name, entity, keys: keyColumns(entity, joinKeys) }];
    const { message, fix } = explainMissing(catalog, 'ENTITY', reference);
    report(`spine.entities[${at}].entity`, message, fix);
    return [];
  });
}
