import type { Issue } from '../../../providers/contract/failure.ts';
import { parseTimestamp } from '../../values/timestamp.ts';
import type { ResourceOf } from '../catalog.ts';
import { checkRequestColumns } from '../on-demand/check-request-columns.ts';
import { onlineStoreOf } from '../online-store.ts';
import {
  type AskedFeature,
  type EntityRole,
  isComputed,
  labelColumns,
  labelRoles,
  resolveSelection,
  splitColumn,
  storedFeatures,
} from '../selection.ts';
import { checkColumn, checkJoinKeys, checkTimestamp, checkTyped } from './check-columns.ts';
import { checkJoinedFeatures } from './check-joined-features.ts';
import { checkRolesApart } from './check-roles.ts';
import type { CheckWorld, Report } from './check-world.ts';

export async function checkLabel(label: ResourceOf<'LABEL'>, world: CheckWorld, report: Report): Promise<void> {
  const { definition } = label;
  const roles = labelRoles(world.catalog, label);
  const places = roles.map(({ role }, at) => ({ role, at }));
  checkRolesApart(places, 'entities', report);
  checkKeptNames(label, roles, report);
  const columns = await world.columnsIfReadable(definition.source);
  if (columns === undefined) return;
  const check = { columns, source: definition.source, report };
  for (const [at, name] of definition.columns.entries()) checkTyped(check, `columns[${at}]`, name);
  checkColumn(check, 'value.column', definition.value.column, definition.value.type);
  checkTimestamp(check, 'timestamp', definition.timestamp);
  for (const [at, { entity: reference, joinKeys }] of definition.entities.entries()) {
    const entity = world.catalog.find('ENTITY', reference);
    if (entity !== undefined) checkJoinKeys(check, `entities[${at}].joinKeys`, entity, joinKeys);
  }
}

/** What a label keeps goes by its own name, which nothing else in its training sets may have; engines forgive letter case. */
function checkKeptNames(label: ResourceOf<'LABEL'>, roles: readonly EntityRole[], report: Report): void {
  const { timestamp, columns } = label.definition;
  const taken = new Map([[foldCase(label.name), 'the name of the label itself']]);
  for (const { role, keys } of roles) for (const { column } of keys) taken.set(foldCase(column), `a key of ${role}`);
  if (timestamp !== undefined) taken.set(foldCase(timestamp), 'its timestamp');
  for (const [at, name] of columns.entries()) {
    const other = taken.get(foldCase(name));
    taken.set(foldCase(name), `columns[${at}]`);
    if (other === undefined) continue;
    const fix = 'Leave it out where it is the same column, or give it another name in a transformation.';
    report(`columns[${at}]`, `"${name}" is also ${other}.`, fix);
  }
}

function foldCase(name: string): string {
  return name.toLowerCase();
}

export async function checkTrainingSet(
  trainingSet: ResourceOf<'TRAINING_SET'>,
  world: CheckWorld,
  report: Report,
): Promise<void> {
  const { catalog } = world;
  const { definition } = trainingSet;
  const label = catalog.find('LABEL', definition.label);
  if (label === undefined) return;
  const roles = labelRoles(catalog, label);
  const resolved = reporting(report, (issues) => resolveSelection(catalog, definition.features, issues, roles));
  const own = { names: [...labelColumns(catalog, label), label.name], words: 'the label or of one of its columns' };
  const split = definition.split === undefined ? [] : [{ names: [splitColumn], words: 'the column of the split' }];
  checkSplit(definition, label, roles, new Set(own.names.map(foldCase)), report);
  const rows = {
    words: label.ref,
    timed: label.definition.timestamp !== undefined,
    timedBy: 'give the label a timestamp',
    kept: [own, ...split],
    knownAsOf: definition.knownAsOf,
  };
  checkJoinedFeatures(resolved, rows, report);
  await checkKeptValues(resolved, label, world, report);
}

/** What on-demand features need of a request is in the columns that the label keeps. */
async function checkKeptValues(
  asked: readonly AskedFeature[],
  label: ResourceOf<'LABEL'>,
  { catalog, columnsIfReadable }: CheckWorld,
  report: Report,
): Promise<void> {
  const columns = asked.some(isComputed) ? await columnsIfReadable(label.definition.source) : undefined;
  if (columns === undefined) return;
  const kept = labelColumns(catalog, label).map((name) => columns.find((one) => one.name === name) ?? { name });
  checkRequestColumns(asked, { words: `label ${label.ref}`, columns: kept }, report);
}

function checkSplit(
  { split }: ResourceOf<'TRAINING_SET'>['definition'],
  label: ResourceOf<'LABEL'>,
  roles: readonly EntityRole[],
  taken: ReadonlySet<string>,
  report: Report,
): void {
  if (split === undefined) return;
  const { time, share, by } = split;
  if (taken.has(splitColumn)) {
    const fix = 'Give the label, or its column in a transformation, another name.';
    report('split', `"${splitColumn}" is already the name of ${label.ref} or of one of its columns.`, fix);
  }
  if (time !== undefined) checkInstants(time, label, report);
  if (share === undefined) return;
  const total = share.train + share.validation + share.test;
  if (Math.abs(total - 1) > 1e-9)
    report('split.share', `The shares come to ${total}, not to 1.`, 'Give shares that come to 1, as 0.8, 0.1 and 0.1.');
  const names = roles.map(({ role }) => role);
  if (by === undefined ? roles.length > 1 : !names.includes(by)) {
    const message =
      by === undefined ? `${label.ref} has several roles, and only one can be split by.` : `There is no role "${by}".`;
    report('split.by', message, `Name one: ${names.join(', ')}. None of its entities will be on two sides.`);
  }
}

function checkInstants(
  { validation, test }: { validation?: string | undefined; test: string },
  label: ResourceOf<'LABEL'>,
  report: Report,
): void {
  if (label.definition.timestamp === undefined)
    report(
      'split.time',
      `${label.ref} has no timestamp to split by.`,
      'Split by share, or give the label a timestamp.',
    );
  if (validation !== undefined && (parseTimestamp(validation) ?? 0n) >= (parseTimestamp(test) ?? 0n))
    report('split.time.validation', `${validation} is not before ${test}.`, 'Let validation begin before test.');
}

export function checkFeatureService(
  service: ResourceOf<'FEATURE_SERVICE'>,
  { catalog }: CheckWorld,
  report: Report,
): void {
  const resolved = reporting(report, (issues) => resolveSelection(catalog, service.definition.features, issues));
  for (const one of storedFeatures(resolved)) {
    if (onlineStoreOf(one.view.definition) === undefined) {
      report(
        `features[${one.at}].feature`,
        `${one.view.ref} has no online store, so it can't be served.`,
        'Give the view an onlineStore.',
      );
    }
  }
}

export function checkModel(model: ResourceOf<'MODEL'>, _world: CheckWorld, report: Report): void {
  if (model.definition.trainingSets.length + model.definition.featureServices.length > 0) return;
  report(
    'trainingSets',
    'A model must be trained on or served by something.',
    'Name a training set or a feature service.',
  );
}

function reporting<T>(report: Report, run: (issues: Issue[]) => T): T {
  const issues: Issue[] = [];
  const result = run(issues);
  for (const issue of issues) report(issue.path, issue.message, issue.fix);
  return result;
}
