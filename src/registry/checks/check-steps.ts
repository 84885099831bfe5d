import type { Issue } from '../../../providers/contract/failure.ts';
import type { Resource, ResourceOf } from '../catalog.ts';
import type { Definition } from '../definitions/definition.ts';
import { pathOf } from '../drafts.ts';
import type { PlanStep } from '../planning.ts';
import { checkColumnNames } from './check-column-names.ts';
import { checkFeatureService, checkLabel, checkModel, checkTrainingSet } from './check-consumers.ts';
import { checkFeatureView } from './check-feature-view.ts';
import { checkNames } from './check-names.ts';
import { checkProvider, checkSource } from './check-sources.ts';
import type { CheckWorld, Report } from './check-world.ts';

/** Holds everything that a plan would write against the other resources and the real sources; reports all at once. */
export async function checkSteps(steps: readonly PlanStep[], world: CheckWorld, issues: Issue[]): Promise<void> {
  for (const step of steps) {
    if (step.action !== 'CREATE' && step.action !== 'UPDATE') continue;
    const report: Report = (path, message, fix) => {
      issues.push({ path: pathOf(step.at, path), message, ...(fix !== undefined && { fix }) });
    };
    // What a resource is called never changes in place.
    if (step.action === 'CREATE') {
      checkNames(step.resource, world, report);
      checkColumnNames(step.resource, world, report);
    }
    await checkResource(step.resource, world, report);
  }
}

/** Each noun's own rules. */
const checks: {
  [K in Definition['kind']]: (resource: ResourceOf<K>, world: CheckWorld, report: Report) => Promise<void> | void;
} = {
  PROVIDER: checkProvider,
  ENTITY: checkEntity,
  SOURCE: checkSource,
  FEATURE_VIEW: checkFeatureView,
  LABEL: checkLabel,
  TRAINING_SET: checkTrainingSet,
  FEATURE_SERVICE: checkFeatureService,
  MODEL: checkModel,
};

async function checkResource(resource: Resource, world: CheckWorld, report: Report): Promise<void> {
  if (resource.kind === 'FEATURE') return;
  const check = checks[resource.kind] as (
    resource: Resource,
    world: CheckWorld,
    report: Report,
  ) => Promise<void> | void;
  await check(resource, world, report);
}

function checkEntity(entity: ResourceOf<'ENTITY'>, _world: CheckWorld, report: Report): void {
  const { joinKeys, graphql } = entity.definition;
  const names = joinKeys.map((key) => key.name);
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) !== at)
      report(
        `joinKeys[${at}].name`,
        `The entity already has a join key "${name}".`,
        'Give each key a name of its own.',
      );
  }
  for (const [at, { joinKey, type }] of (graphql?.keys ?? []).entries()) {
    const own = joinKeys.find((key) => key.name === joinKey);
    if (own === undefined)
      report(`graphql.keys[${at}].joinKey`, `There is no join key "${joinKey}".`, `There are ${names.join(', ')}.`);
    else if (type === 'Int' && !['INT32', 'INT64'].includes(own.type))
      report(
        `graphql.keys[${at}].type`,
        `${own.type} can't be an Int; only INT32 and INT64 can.`,
        'Give ID or String.',
      );
  }
}
