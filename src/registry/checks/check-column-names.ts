import { columnIdentity } from '../../../providers/contract/column-names.ts';
import type { Resource, ResourceOf } from '../catalog.ts';
import { columnRead } from '../pinning.ts';
import { type AskedFeature, keyColumns, labelRoles, resolveSelection } from '../selection.ts';
import type { CheckWorld, Report } from './check-world.ts';

/** What can't change in place: that columns which a new resource puts beside each other have names of their own. */
export function checkColumnNames(resource: Resource, { catalog }: CheckWorld, report: Report): void {
  if (isA('FEATURE_VIEW', resource)) checkView(resource, catalog, report);
  if (isA('LABEL', resource)) checkLabelColumns(resource, catalog, report);
  if (isA('FEATURE_SERVICE', resource))
    checkOutputNames(resolveSelection(catalog, resource.definition.features, []), [], report);
}

/** Columns of an answer that are there besides its features, and whose they are, in words. */
export type KeptColumns = { names: readonly string[]; words: string };

/** That no feature is called in an answer what another is, or what a column is called that the answer keeps. */
export function checkOutputNames(
  features: readonly AskedFeature[],
  kept: readonly KeptColumns[],
  report: Report,
): void {
  const taken = new Map(
    kept.flatMap(({ names, words }) => names.map((name) => [columnIdentity(name), { name, words }] as const)),
  );
  for (const { as, at } of features) {
    const holder = taken.get(columnIdentity(as));
    // That two features have the same name has been reported by their selection.
    if (holder !== undefined && !(holder.name === as && holder.words === ofFeature)) {
      report(`features[${at}]`, `"${as}" ${meets(as, holder)}`, 'Give the feature an alias.');
    }
    if (holder === undefined) taken.set(columnIdentity(as), { name: as, words: ofFeature });
  }
}

const ofFeature = 'another feature';

function meets(name: string, holder: { name: string; words: string }): string {
  return name === holder.name
    ? `is already the name of ${holder.words}.`
    : `and "${holder.name}", the name of ${holder.words}, differ in letter case alone.`;
}

/** Columns whose names differ in letter case alone: each that comes after another, and that other. */
export function meetingColumns<T extends { name: string }>(columns: readonly T[]): { column: T; other: T }[] {
  const first = new Map<string, T>();
  return columns.flatMap((column) => {
    const other = first.get(columnIdentity(column.name));
    if (other === undefined) first.set(columnIdentity(column.name), column);
    return other === undefined || other.name === column.name ? [] : [{ column, other }];
  });
}

function checkView(view: ResourceOf<'FEATURE_VIEW'>, catalog: CheckWorld['catalog'], report: Report): void {
  const { definition } = view;
  const named = definition.features.map(({ name }, at) => ({ name, path: `features[${at}].name` }));
  for (const { column, other } of meetingColumns(named)) {
    const message = `Features "${other.name}" and "${column.name}" differ in letter case alone.`;
    report(column.path, message, 'Give each feature a name of its own.');
  }
  const entity = catalog.find('ENTITY', definition.entity);
  const read = [
    ...(entity === undefined ? [] : keyColumns(entity, definition.joinKeys)).map(({ column }) => ({
      name: column,
      path: 'joinKeys',
    })),
    { name: definition.eventTimestamp, path: 'eventTimestamp' },
    { name: definition.createdTimestamp, path: 'createdTimestamp' },
    ...definition.features.flatMap((feature, at) => [
      { name: columnRead(feature), path: `features[${at}].column` },
      { name: feature.aggregation?.secondaryKey, path: `features[${at}].aggregation.secondaryKey` },
    ]),
    { name: definition.eventId?.column, path: 'eventId.column' },
    ...definition.eventColumns.map(({ column }, at) => ({ name: column, path: `eventColumns[${at}].column` })),
  ];
  checkReadColumns(read, report);
}

function checkLabelColumns(label: ResourceOf<'LABEL'>, catalog: CheckWorld['catalog'], report: Report): void {
  const { timestamp, value } = label.definition;
  const keys = labelRoles(catalog, label).flatMap((role) => role.keys.map(({ column }) => column));
  const kept = [
    ...keys.map((name) => ({ name, path: 'entities' })),
    ...(timestamp === undefined ? [] : [{ name: timestamp, path: 'timestamp' }]),
  ];
  checkReadColumns([...kept, { name: value.column, path: 'value.column' }], report);
  const holder = kept.find(({ name }) => columnIdentity(name) === columnIdentity(label.name));
  if (holder === undefined) return;
  const message = `A training set would have the label and the column "${holder.name}" under the name "${label.name}".`;
  report('name', message, 'Give the label a name of its own.');
}

/** Columns of one source whose names differ in letter case alone: not every engine has both. */
function checkReadColumns(columns: readonly { name: string | undefined; path: string }[], report: Report): void {
  const named = columns.flatMap(({ name, path }) => (name === undefined ? [] : { name, path }));
  for (const { column, other } of meetingColumns(named)) {
    const message = `Columns "${other.name}" and "${column.name}" differ in letter case alone.`;
    report(column.path, message, 'Give one of them another name, in a transformation.');
  }
}

function isA<K extends Resource['kind']>(kind: K, resource: Resource): resource is ResourceOf<K> {
  return resource.kind === kind;
}
