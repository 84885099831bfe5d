import { CronExpressionParser } from 'cron-parser';
import { columnTypeOf, isAggregated, secondaryOf } from '../../windows/view-windows.ts';
import type { ResourceOf } from '../catalog.ts';
import { onlineStoreOf } from '../online-store.ts';
import { columnRead } from '../pinning.ts';
import { checkAggregations } from './check-aggregations.ts';
import { checkColumn, checkJoinKeys, checkTimestamp } from './check-columns.ts';
import { checkRole } from './check-sources.ts';
import type { CheckWorld, Report } from './check-world.ts';

export async function checkFeatureView(
  view: ResourceOf<'FEATURE_VIEW'>,
  world: CheckWorld,
  report: Report,
): Promise<void> {
  const { definition } = view;
  checkRole(onlineStoreOf(definition), 'ONLINE_STORE', 'onlineStore', world, report);
  checkRole(definition.vectorStore, 'VECTOR_STORE', 'vectorStore', world, report);
  checkTimesAndStores(definition, report);
  checkSchedule(definition, report);
  checkFeatureNames(definition, report);
  checkAggregations(definition, report);
  const columns = await world.columnsIfReadable(definition.source);
  const entity = world.catalog.find('ENTITY', definition.entity);
  if (columns === undefined || entity === undefined) return;
  const check = { columns, source: definition.source, report };
  checkJoinKeys(check, 'joinKeys', entity, definition.joinKeys);
  checkTimestamp(check, 'eventTimestamp', definition.eventTimestamp);
  checkTimestamp(check, 'createdTimestamp', definition.createdTimestamp);
  for (const [at, { column, type }] of definition.eventColumns.entries())
    checkColumn(check, `eventColumns[${at}].column`, column, type);
  if (definition.eventId !== undefined)
    checkColumn(check, 'eventId.column', definition.eventId.column, definition.eventId.type);
  for (const [at, feature] of definition.features.entries()) {
    const type = isAggregated(feature) ? columnTypeOf(feature) : feature.type;
    const column = columnRead(feature);
    if (column !== undefined && type !== undefined) checkColumn(check, `features[${at}]`, column, type);
    const secondary = isAggregated(feature) ? secondaryOf(feature) : undefined;
    if (secondary !== undefined)
      checkColumn(check, `features[${at}].aggregation.secondaryKey`, secondary.column, secondary.type);
  }
}

type FeatureView = ResourceOf<'FEATURE_VIEW'>['definition'];

function checkTimesAndStores(view: FeatureView, report: Report): void {
  if (view.eventTimestamp === undefined) {
    const fix = 'Name the column that says when a row came true.';
    if (view.ttl !== undefined) report('ttl', 'A TTL needs an eventTimestamp to count from.', fix);
    if (view.createdTimestamp !== undefined)
      report('createdTimestamp', 'A createdTimestamp needs an eventTimestamp beside it.', fix);
  }
  const embeds = view.features.some((feature) => feature.type.startsWith('VECTOR'));
  if (!embeds && view.vectorStore !== undefined) {
    report(
      'vectorStore',
      'The view has no embedding to keep there.',
      'Leave it out, or declare a feature of type VECTOR(dimensions, metric).',
    );
  }
  if (embeds && onlineStoreOf(view) === undefined) {
    report(
      'onlineStore',
      'A view with an embedding needs an online store for the rows beside its vectors.',
      'Give the view an onlineStore.',
    );
  }
}

function checkSchedule(view: FeatureView, report: Report): void {
  if (view.schedule === undefined) return;
  if (onlineStoreOf(view) === undefined) {
    report(
      'schedule',
      'A schedule materializes a view into its online store, and this one has none.',
      'Give the view an onlineStore.',
    );
  }
  try {
    if (view.schedule.split(/\s+/).length !== 5) throw new Error('a schedule has five fields');
    CronExpressionParser.parse(view.schedule, { tz: 'UTC' });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    report(
      'schedule',
      `"${view.schedule}" is no cron expression: ${why}.`,
      'Write minute, hour, day of month, month and day of week, as in "0 * * * *".',
    );
  }
}

function checkFeatureNames(view: FeatureView, report: Report): void {
  const names = view.features.map((feature) => feature.name);
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) !== at)
      report(
        `features[${at}].name`,
        `The view already has a feature "${name}".`,
        'Give each feature a name of its own.',
      );
  }
}
