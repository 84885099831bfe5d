import type { Issue } from '../../../providers/contract/failure.ts';
import { turn } from '../../turns.ts';
import type { Resource, ResourceOf } from '../catalog.ts';
import type { Definition } from '../definitions/definition.ts';
import { pathOf } from '../drafts.ts';
import { builtOn } from '../never-succeeded.ts';
import { checkOnDemandView } from '../on-demand/check-on-demand-view.ts';
import { isChange, isNew, type PlanStep } from '../planning.ts';
import { kindInWords } from '../reference.ts';
import { checkColumnNames } from './check-column-names.ts';
import { checkFeatureService, checkLabel, checkModel, checkTrainingSet } from './check-consumers.ts';
import { checkFeatureView } from './check-feature-view.ts';
import { checkNames } from './check-names.ts';
import { checkProvider, checkSource } from './check-sources.ts';
import type { CheckWorld, Report } from './check-world.ts';

/** How many steps are checked before others are looked after. */
const stepsOfTurn = 10;

/** Holds everything that a plan would write against the other resources and the real sources; reports all at once. */
export async function checkSteps(steps: readonly PlanStep[], world: CheckWorld, issues: Issue[]): Promise<void> {
  for (const [at, step] of steps.entries()) {
    if (at % stepsOfTurn === stepsOfTurn - 1) await turn();
    if (!isChange(step)) continue;
    const report: Report = (path, message, fix) => {
      issues.push({ path: pathOf(step.at, path), message, ...(fix !== undefined && { fix }) });
    };
    // What a resource is called never changes in place.
    if (isNew(step)) {
      checkNames(step.resource, world, report);
      checkColumnNames(step.resource, world, report);
    }
    await checkResource(step.resource, world, report);
    if (step.action === 'REPLACE') await checkBuiltOn(step, steps, world, report);
  }
}

/** What is built on a variant that is registered anew, and isn't itself, must go on fitting. */
async function checkBuiltOn(
  { resource, ref }: PlanStep,
  steps: readonly PlanStep[],
  world: CheckWorld,
  report: Report,
): Promise<void> {
  const changed = new Set(steps.filter(isChange).map((step) => step.resource.id));
  for (const one of builtOn(world.catalog, resource)) {
    if (changed.has(one.id)) continue;
    await checkResource(one, world, (_path, message) => {
      const fix = `Register ${one.ref} anew in the same batch, delete it, or register another variant of ${ref}.`;
      report('', `${kindInWords(one.kind)} ${one.ref} would not fit it: ${message}`, fix);
    });
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
  ON_DEMAND_FEATURE_VIEW: checkOnDemandView,
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
