import { Failure, type Issue } from '../providers/contract/failure.ts';
import { forbidden, sensitiveValues } from '../src/access/forbidden.ts';
import { bumpedDefinitions } from '../src/registry/bumping.ts';
import type { Catalog, Resource } from '../src/registry/catalog.ts';
import { draughting, isChange, isNew, type PlanStep } from '../src/registry/planning.ts';
import type { ResourceKind } from '../src/registry/reference.ts';
import { deletable } from '../src/registry/registered.ts';
import type { ApplyOptions } from '../src/registry/registry.ts';
import { doneInTurns } from '../src/turns.ts';
import type { RequestContext } from './request-context.ts';

/**
 * What is wrong with definitions as who registers them sees the registry: a reference to what he may not see is one to
 * nothing. Fails with FORBIDDEN for what he may not register, change, or build on.
 */
export async function judgeDefinitions(
  context: RequestContext,
  definitions: readonly unknown[],
  { bump = false }: ApplyOptions = {},
): Promise<Issue[]> {
  context.demand('REGISTER');
  const { rights, catalog } = context;
  const { sealing } = context.application;
  if (rights.mayAnything) return [];
  const judged = bump ? await bumpedDefinitions(catalog, definitions, new Set(), sealing) : definitions;
  const issues: Issue[] = [];
  const { steps, after } = await doneInTurns(draughting(catalog, judged, issues, new Set(), sealing));
  if (issues.length > 0) return issues;
  for (const step of steps) judgeStep(context, step, after);
  return [];
}

function judgeStep(context: RequestContext, step: PlanStep, after: Catalog): void {
  const { rights, everything } = context;
  const existing = everything.find(step.kind, step.ref);
  const isWanted = isChange(step) || step.action === 'CONFLICT' || existing !== undefined;
  if (!isWanted) return;
  if (step.action === 'UNCHANGED' && existing && rights.allows('VIEW', existing, everything)) return;
  if (!rights.allowsWritten('REGISTER', step.resource)) throw forbidden('REGISTER', step.resource);
  if (existing !== undefined && !rights.allows('REGISTER', existing, everything))
    throw forbidden('REGISTER', step.resource);
  if (isNew(step)) for (const input of after.upstream(step.resource.id)) demandInput(context, step, input);
  for (const resource of [step.resource, ...step.features]) demandUntagging(context, resource);
}

/** Whoever builds on rows comes to read them. */
function demandInput({ rights, everything }: RequestContext, { kind }: PlanStep, input: Resource): void {
  const registered = everything.byId(input.id);
  if (registered === undefined) return;
  if (input.kind === 'SOURCE' && !rights.allowsValues('READ', registered, everything)) {
    if (!rights.allows('READ', registered, everything)) throw forbidden('READ', registered);
    throw sensitiveValues(`source ${registered.ref}`);
  }
  const action = kind === 'FEATURE_SERVICE' ? 'SERVE' : 'READ';
  if (input.kind !== 'FEATURE') return;
  if (!rights.allows(action, registered, everything)) throw forbidden(action, registered);
  // What is computed of a value tells it, under a name and tags of its own.
  if (kind === 'ON_DEMAND_FEATURE_VIEW' && !rights.allowsValues('READ', registered, everything))
    throw sensitiveValues(registered.ref);
}

/** Values that were sensitive stay so, but by who may read them. */
function demandUntagging({ rights, everything }: RequestContext, resource: Resource): void {
  const before = everything.find(resource.kind, resource.ref);
  if (before === undefined || !rights.hasSensitiveTag(before.tags) || rights.hasSensitiveTag(resource.tags)) return;
  if (!rights.allowsSensitive('READ', before, everything)) throw sensitiveValues(before.ref);
}

/** What the whole registry finds wrong, without the names of what may not be seen. */
export function toldIssues(context: RequestContext, issues: readonly Issue[]): Issue[] {
  const { rights, everything, catalog } = context;
  if (rights.holdsForAll('VIEW')) return [...issues];
  const hidden = everything.resources.filter(({ id }) => catalog.byId(id) === undefined);
  return issues.map((issue) => (hidden.some(({ name }) => mentions(issue, name)) ? unnamed(issue) : issue));
}

function mentions({ message, fix = '' }: Issue, name: string): boolean {
  const text = `${message} ${fix}`;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const around = `${text[at - 1] ?? ' '}${text[at + name.length] ?? ' '}`;
    if (!/\w/.test(around)) return true;
  }
  return false;
}

function unnamed({ path }: Issue): Issue {
  return { path, message: 'meets something that you may not see', fix: 'Name it otherwise.' };
}

/** Fails as the work does, but that its issues name nothing that may not be seen. */
export async function tellingNoMore<T>(context: RequestContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure) || context.rights.holdsForAll('VIEW')) throw error;
    throw new Failure(error.code, error.message, { issues: toldIssues(context, error.issues), cause: error });
  }
}

/** What may be seen, and may be registered anew by who asks. Fails with FORBIDDEN, and with NOT_FOUND. */
export function demandChange(context: RequestContext, kind: ResourceKind, ref: string): Resource {
  context.demand('REGISTER');
  const resource = context.get(kind, ref);
  context.demandOn('REGISTER', resource);
  return resource;
}

/** Fails with IN_USE naming the users that may be seen; the others are only said to be there. */
export function refuseUsed(context: RequestContext, kind: ResourceKind, ref: string): void {
  const { rights, catalog, everything } = context;
  if (rights.holdsForAll('VIEW')) return;
  deletable(catalog, kind, ref);
  try {
    deletable(everything, kind, ref);
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'IN_USE')) throw error;
    const message = `${ref} is still used by something that you may not see.`;
    throw new Failure('IN_USE', message, {
      issues: [{ path: 'ref', message: 'is used', fix: 'Ask an administrator.' }],
      cause: error,
    });
  }
}
