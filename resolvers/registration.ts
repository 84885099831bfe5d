import { Failure, type Issue } from '../providers/contract/failure.ts';
import type { GrantStep } from '../src/access/grant-planning.ts';
import type { WrittenGrant } from '../src/access/written-grant.ts';
import type { Job } from '../src/jobs/job.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import type { NeededJob } from '../src/orchestration/needed-jobs.ts';
import { type Plan, problemsOf } from '../src/registry/checked-plan.ts';
import { nouns } from '../src/registry/definitions/definition.ts';
import { changedDefinition, type ResourcePatch } from '../src/registry/patching.ts';
import type { PlanStep } from '../src/registry/planning.ts';
import type { ResourceKind } from '../src/registry/reference.ts';
import type { ApplyOptions } from '../src/registry/registry.ts';
import { turn } from '../src/turns.ts';
import { grantsAlongside, planGrantsOf } from './grant-definitions.ts';
import { demandChange, judgeDefinitions, refuseUsed, tellingNoMore, toldIssues } from './registration-access.ts';
import type { RequestContext } from './request-context.ts';

type Properties = readonly { key: string; value: string }[] | null | undefined;
type Described = { properties?: Properties };
export type WrittenDefinition = { [K in keyof typeof nouns]?: object | null } & { grant?: WrittenGrant | null };

/** The definition behind a @oneOf input; properties become a map, as the registry has them. Undefined for a grant, which it has not. */
export function definitionFrom(written: WrittenDefinition): unknown {
  if (written.grant) return undefined;
  const [[field, body] = []] = Object.entries(written).filter(([, value]) => value !== null && value !== undefined);
  const { kind } = nouns[field as keyof typeof nouns].shape;
  const { features, ...rest } = withProperties(body as Described & { features?: readonly Described[] | null });
  return {
    kind: kind.value,
    ...rest,
    ...(features && { features: features.map((feature) => withProperties(feature)) }),
  };
}

function withProperties<D extends Described>(
  described: D,
): Omit<D, 'properties'> & { properties?: Record<string, string> } {
  const { properties, ...rest } = described;
  return properties ? { ...rest, properties: propertyMap(properties) } : rest;
}

function propertyMap(properties: NonNullable<Properties>): Record<string, string> {
  if (properties.some(({ key }) => key === '__proto__')) {
    const issue = {
      path: 'properties',
      message: 'has the key "__proto__", which no object can hold',
      fix: 'Name it otherwise.',
    };
    throw new Failure('INVALID_INPUT', 'A property can not be called "__proto__".', { issues: [issue] });
  }
  return Object.fromEntries(properties.map(({ key, value }) => [key, value]));
}

type WrittenPlan = Plan<NeededJob>;
export type PlanAnswer = Pick<WrittenPlan, 'steps' | 'issues' | 'notes' | 'work'> & { grants: GrantStep[] };

export async function plan(
  context: RequestContext,
  definitions: readonly WrittenDefinition[],
  options: ApplyOptions,
): Promise<PlanAnswer> {
  const { application } = context;
  refuseTooMany(application, definitions.length);
  // What is large has taken some time to be read.
  await turn();
  const { steps: grants, issues: ofGrants } = await planGrantsOf(context, definitions);
  const inputs = definitions.map(definitionFrom);
  const issues = await judgeDefinitions(context, inputs, options);
  if (issues.length > 0) return { steps: [], issues: [...issues, ...ofGrants], notes: [], work: [], grants };
  const planned = await application.registry.plan(inputs, options);
  const told = (issues: readonly Issue[]) => toldIssues(context, issues);
  return { ...planned, issues: [...told(problemsOf(planned)), ...ofGrants], notes: told(planned.notes), grants };
}

/** Registers a batch by who asks, of whose world alone an error tells. */
async function applied(
  context: RequestContext,
  inputs: readonly unknown[],
  options: ApplyOptions = {},
): Promise<WrittenPlan> {
  const issues = await judgeDefinitions(context, inputs, options);
  if (issues.length > 0) {
    throw new Failure('INVALID_INPUT', 'Nothing was registered: the definitions have issues.', { issues });
  }
  const { application, user } = context;
  const plan = await tellingNoMore(context, () =>
    application.registry.apply(inputs, user, { ...options, witness: context.witness }),
  );
  context.renewCatalog();
  return plan;
}

function refuseTooMany({ configuration }: RequestContext['application'], found: number): void {
  const { definitions: most } = configuration.limits;
  const fix = 'Register them in several batches.';
  if (found > most) throw limitExceeded({ path: 'definitions', what: 'definitions', found, most, fix });
}

export type ApplyResult = { steps: PlanStep[]; jobs: Job[]; grants: GrantStep[] };

/** What was done, and the jobs that were started for it: those of resources that are new, which had none before. */
export async function apply(
  context: RequestContext,
  definitions: readonly WrittenDefinition[],
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { application } = context;
  refuseTooMany(application, definitions.length);
  await turn();
  const granted = await planGrantsOf(context, definitions);
  if (granted.issues.length > 0) {
    const { issues } = await plan(context, definitions, options);
    throw new Failure('INVALID_INPUT', 'Nothing was registered: the definitions have issues.', { issues });
  }
  const also = { ...options, ...grantsAlongside(context, granted) };
  const { steps, work } = await applied(context, definitions.map(definitionFrom), also);
  if (also.alongside !== undefined) await application.access.refresh();
  const jobs = await context.told(application.jobs.firstOf(work.map((job) => job.key)));
  return { steps, jobs, grants: granted.steps };
}

/** Registers one definition and answers with its resource. */
export async function register<K extends Exclude<ResourceKind, 'FEATURE'>>(
  context: RequestContext,
  kind: K,
  written: WrittenDefinition,
) {
  const { steps } = await applied(context, [definitionFrom(written)]);
  return context.get(kind, steps[0]?.ref ?? '');
}

export type WrittenPatch = Omit<ResourcePatch, 'properties'> & { properties?: Properties };

export async function updateResource(context: RequestContext, kind: ResourceKind, ref: string, patch: WrittenPatch) {
  const { application, user } = context;
  const { ref: pinned } = demandChange(context, kind, ref);
  const { properties, ...rest } = patch;
  const changes = { ...rest, ...(properties && { properties: propertyMap(properties) }) };
  const { everything, rights } = context;
  if (!rights.mayAnything) {
    const definition = changedDefinition(everything, context.get(kind, pinned), changes);
    const issues = await judgeDefinitions(context, [definition]);
    if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The change is not valid.', { issues });
  }
  const { witness } = context;
  const updated = await tellingNoMore(context, () => application.registry.update(kind, ref, changes, user, witness));
  context.renewCatalog();
  return updated;
}

export async function deleteResource(context: RequestContext, kind: ResourceKind, ref: string): Promise<string[]> {
  demandChange(context, kind, ref);
  refuseUsed(context, kind, ref);
  const gone = await context.application.registry.delete(kind, ref, context.witness);
  context.renewCatalog();
  return gone.map((resource) => resource.ref);
}
