import { Failure } from '../providers/contract/failure.ts';
import type { Job } from '../src/jobs/job.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import type { NeededJob } from '../src/orchestration/needed-jobs.ts';
import type { Plan } from '../src/registry/checked-plan.ts';
import { nouns } from '../src/registry/definitions/definition.ts';
import type { ResourcePatch } from '../src/registry/patching.ts';
import type { PlanStep } from '../src/registry/planning.ts';
import type { ResourceKind } from '../src/registry/reference.ts';
import type { RequestContext } from './request-context.ts';

type Properties = readonly { key: string; value: string }[] | null | undefined;
type Described = { properties?: Properties };
export type WrittenDefinition = { [K in keyof typeof nouns]?: object | null };

/** The definition behind a @oneOf input; properties become a map, as the registry has them. */
export function definitionFrom(written: WrittenDefinition): unknown {
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

export type WrittenPlan = Plan<NeededJob>;

export async function plan(
  { application }: RequestContext,
  definitions: readonly WrittenDefinition[],
): Promise<WrittenPlan> {
  refuseTooMany(application, definitions.length);
  return application.registry.plan(definitions.map(definitionFrom));
}

function refuseTooMany({ configuration }: RequestContext['application'], found: number): void {
  const { definitions: most } = configuration.limits;
  const fix = 'Register them in several batches.';
  if (found > most) throw limitExceeded({ path: 'definitions', what: 'definitions', found, most, fix });
}

export type ApplyResult = { steps: PlanStep[]; jobs: Job[] };

/** What was done, and the jobs that were started for it: those of resources that are new, which had none before. */
export async function apply(context: RequestContext, definitions: readonly WrittenDefinition[]): Promise<ApplyResult> {
  const { application, user } = context;
  refuseTooMany(application, definitions.length);
  const { steps, work } = await application.registry.apply(definitions.map(definitionFrom), user, context.witness);
  context.renewCatalog();
  return { steps, jobs: await application.jobs.firstOf(work.map((job) => job.key)) };
}

/** Registers one definition and answers with its resource. */
export async function register<K extends Exclude<ResourceKind, 'FEATURE'>>(
  context: RequestContext,
  kind: K,
  written: WrittenDefinition,
) {
  const { application, user } = context;
  const { steps } = await application.registry.apply([definitionFrom(written)], user, context.witness);
  context.renewCatalog();
  return application.registry.get(kind, steps[0]?.ref ?? '');
}

export type WrittenPatch = Omit<ResourcePatch, 'properties'> & { properties?: Properties };

export async function updateResource(context: RequestContext, kind: ResourceKind, ref: string, patch: WrittenPatch) {
  const { application, user } = context;
  const { properties, ...rest } = patch;
  const changes = { ...rest, ...(properties && { properties: propertyMap(properties) }) };
  const updated = await application.registry.update(kind, ref, changes, user, context.witness);
  context.renewCatalog();
  return updated;
}

export async function deleteResource(context: RequestContext, kind: ResourceKind, ref: string): Promise<string[]> {
  const gone = await context.application.registry.delete(kind, ref, context.witness);
  context.renewCatalog();
  return gone.map((resource) => resource.ref);
}
