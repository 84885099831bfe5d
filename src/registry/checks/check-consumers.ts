import type { Issue } from '../../../providers/contract/failure.ts';
import type { ResourceOf } from '../catalog.ts';
import { labelRoles, resolveSelection } from '../selection.ts';
import { checkColumn, checkJoinKeys, checkTimestamp } from './check-columns.ts';
import { checkJoinedFeatures } from './check-joined-features.ts';
import { checkRolesApart } from './check-roles.ts';
import type { CheckWorld, Report } from './check-world.ts';

export async function checkLabel(label: ResourceOf<'LABEL'>, world: CheckWorld, report: Report): Promise<void> {
  const { definition } = label;
  const roles = labelRoles(world.catalog, label);
  const places = roles.map(({ role }, at) => ({ role, at }));
  checkRolesApart(places, 'entities', report);
  const columns = await world.columnsIfReadable(definition.source);
  if (columns === undefined) return;
  const check = { columns, source: definition.source, report };
  checkColumn(check, 'value.column', definition.value.column, definition.value.type);
  checkTimestamp(check, 'timestamp', definition.timestamp);
  for (const [at, { entity: reference, joinKeys }] of definition.entities.entries()) {
    const entity = world.catalog.find('ENTITY', reference);
    if (entity !== undefined) checkJoinKeys(check, `entities[${at}].joinKeys`, entity, joinKeys);
  }
}

export function checkTrainingSet(
  trainingSet: ResourceOf<'TRAINING_SET'>,
  { catalog }: CheckWorld,
  report: Report,
): void {
  const { definition } = trainingSet;
  const label = catalog.find('LABEL', definition.label);
  if (label === undefined) return;
  const roles = labelRoles(catalog, label);
  const resolved = reporting(report, (issues) => resolveSelection(catalog, definition.features, issues, roles));
  const { timestamp } = label.definition;
  const columns = roles.flatMap((role) => role.keys.map((key) => key.column));
  const kept = [...columns, ...(timestamp === undefined ? [] : [timestamp]), label.name];
  const rows = {
    words: label.ref,
    timed: timestamp !== undefined,
    timedBy: 'give the label a timestamp',
    kept: [{ names: kept, words: 'the label or of one of its columns' }],
    knownAsOf: definition.knownAsOf,
  };
  checkJoinedFeatures(resolved, rows, report);
}

export function checkFeatureService(
  service: ResourceOf<'FEATURE_SERVICE'>,
  { catalog }: CheckWorld,
  report: Report,
): void {
  const resolved = reporting(report, (issues) => resolveSelection(catalog, service.definition.features, issues));
  for (const one of resolved) {
    if (one.view.definition.onlineStore === undefined) {
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
