import { randomUUID } from 'node:crypto';
import type { Issue } from '../../providers/contract/failure.ts';
import type { Column } from '../../providers/contract/offline-store.ts';
import type { Sealing } from '../stores/sealing.ts';
import { doneAtOnce, type Interruptible } from '../turns.ts';
import { Catalog, type Resource } from './catalog.ts';
import type { Definition } from './definitions/definition.ts';
import type { FeatureNode } from './definitions/feature-view.ts';
import { differences, type FieldChange } from './difference.ts';
import { type Draft, readDrafts } from './drafts.ts';
import { edgesAmong } from './edges.ts';
import { builtOn, isReplaceable, needsJob } from './never-succeeded.ts';
import { typedDrafts } from './on-demand/typed-drafts.ts';
import { orderDrafts } from './ordering.ts';
import { featureReference, type ResourceKind } from './reference.ts';
import { type PlanNote, pinDrafts } from './resolution.ts';
import { sealDrafts } from './sealed-secrets.ts';

export type PlanAction = 'CREATE' | 'REPLACE' | 'UPDATE' | 'UNCHANGED' | 'CONFLICT';

/**
 * What applying one definition would do. A CONFLICT is a change of an immutable variant; a REPLACE is one of a variant that
 * never succeeded, which goes (`replaced`, with the features of a view) and is registered anew. `resource` is as it will be,
 * with the features of a view.
 */
export type PlanStep = {
  at: number;
  action: PlanAction;
  kind: ResourceKind;
  ref: string;
  changes: FieldChange[];
  resource: Resource;
  features: Resource[];
  replaced: Resource[];
  /** Those of a source that would be created, once they have been read. */
  columns?: readonly Column[];
};

/** Whether a step registers something, which then needs its jobs. */
export function isNew({ action }: Pick<PlanStep, 'action'>): boolean {
  return action === 'CREATE' || action === 'REPLACE';
}

/** Whether a step writes anything. */
export function isChange(step: Pick<PlanStep, 'action'>): boolean {
  return isNew(step) || step.action === 'UPDATE';
}

/** Steps come in the order in which they would be done. `after` is the catalog as it would be. */
export type Draught = { steps: PlanStep[]; after: Catalog; notes: PlanNote[] };

/**
 * Reads, pins and orders a batch and holds it against what is registered. Pure but for the ids of new resources;
 * what is wrong is added to `issues`. What a source's real columns say is checked afterwards, by `checkSteps`.
 * Secrets that it gives are sealed. `neverSucceeded` has the ids of registered resources of which no job ever succeeded.
 */
export function* draughting(
  catalog: Catalog,
  inputs: readonly unknown[],
  issues: Issue[],
  neverSucceeded: ReadonlySet<string> = new Set(),
  sealing?: Sealing,
): Interruptible<Draught> {
  const notes: PlanNote[] = [];
  const read = sealDrafts(catalog, yield* readDrafts(inputs, issues), sealing, issues);
  const pinned = yield* pinDrafts(catalog, read, issues, notes);
  const drafts = orderDrafts(typedDrafts(catalog, pinned, issues), issues);
  const draughtsman = new Draughtsman(catalog, neverSucceeded);
  const steps: PlanStep[] = [];
  for (const draft of drafts) {
    yield;
    steps.push(draughtsman.step(draft));
  }
  const changed = steps.filter(isChange);
  const replaced = new Map(changed.flatMap((step) => [step.resource, ...step.features].map((one) => [one.id, one])));
  const gone = new Set(steps.flatMap((step) => step.replaced.map(({ id }) => id)));
  const kept = catalog.resources.filter(({ id }) => !replaced.has(id) && !gone.has(id));
  const resources = [...kept, ...replaced.values()];
  yield;
  const edges = edgesAmong(resources);
  yield;
  return { steps, after: new Catalog(resources, edges), notes };
}

/** What `draughting` comes to, in one go. */
export function draughtPlan(...batch: Parameters<typeof draughting>): Draught {
  return doneAtOnce(draughting(...batch));
}

/** Says what is to be done for each draft of a batch in turn, each after those that it is built on. */
class Draughtsman {
  readonly #catalog: Catalog;
  readonly #neverSucceeded: ReadonlySet<string>;
  readonly #now = new Date();
  #sequence: number;
  /** What is built on a variant that is registered anew. */
  readonly #unsettled = new Set<string>();

  constructor(catalog: Catalog, neverSucceeded: ReadonlySet<string>) {
    this.#catalog = catalog;
    this.#neverSucceeded = neverSucceeded;
    this.#sequence = catalog.resources.at(-1)?.sequence ?? 0;
  }

  step({ at, definition }: Draft): PlanStep {
    const { kind, name, variant } = definition;
    const ref = `${name}@${variant}`;
    const registered = this.#catalog.find(kind, ref) as Resource<Definition> | undefined;
    const changes = registered === undefined ? [] : differences(registered.definition, definition);
    const action = this.#action(registered, changes);
    const step = { at, action, kind, ref, changes };
    if (registered !== undefined && (action === 'UNCHANGED' || action === 'CONFLICT'))
      return { ...step, resource: registered, features: [], replaced: [] };
    if (action !== 'REPLACE' || registered === undefined)
      return { ...step, ...this.#resources(definition, ref), replaced: [] };
    const replaced = this.#catalog.downstream(registered.id).filter((one) => one.kind === 'FEATURE');
    for (const { id } of builtOn(this.#catalog, registered)) this.#unsettled.add(id);
    const ids = new Set([registered, ...replaced].map(({ id }) => id));
    return { ...step, ...this.#resources(definition, ref, ids), replaced: [...replaced, registered] };
  }

  /** What never succeeded is registered anew where it differs, and, so that its jobs run again, with what it is built on. */
  #action(registered: Resource | undefined, changes: readonly FieldChange[]): PlanAction {
    const action = actionFor(registered, changes);
    const isUnsettled = registered !== undefined && this.#unsettled.has(registered.id) && action !== 'CONFLICT';
    if (registered === undefined || (action !== 'CONFLICT' && !isUnsettled)) return action;
    return isReplaceable(this.#catalog, registered, this.#neverSucceeded) ? 'REPLACE' : action;
  }

  #resources(definition: Definition, ref: string, gone: ReadonlySet<string> = new Set()) {
    const known = (kind: ResourceKind, reference: string) => {
      const found = this.#catalog.find(kind, reference);
      return found !== undefined && gone.has(found.id) ? undefined : found;
    };
    const made = (one: Parameters<typeof resourceOf>[0], reference: string) =>
      resourceOf(one, reference, known(one.kind, reference), this.#now, () => ++this.#sequence);
    const resource = made(definition, ref);
    if (definition.kind !== 'FEATURE_VIEW' && definition.kind !== 'ON_DEMAND_FEATURE_VIEW')
      return { resource, features: [] };
    const features = definition.features.map((feature) => {
      // A type that could not be decided is an issue of the plan.
      const node: FeatureNode = { ...feature, type: feature.type ?? 'BOOL', kind: 'FEATURE', view: ref };
      return made({ ...node, variant: definition.variant }, featureReference(ref, feature.name));
    });
    return { resource, features };
  }
}

function actionFor(registered: Resource | undefined, changes: readonly FieldChange[]): PlanAction {
  if (registered === undefined) return 'CREATE';
  if (changes.length === 0) return 'UNCHANGED';
  return changes.every((change) => change.inPlace) ? 'UPDATE' : 'CONFLICT';
}

function resourceOf(
  definition: Definition | (FeatureNode & { variant: string }),
  ref: string,
  registered: Resource | undefined,
  now: Date,
  next: () => number,
): Resource {
  const { kind, name, variant, description, owner, tags, properties } = definition;
  const described = {
    kind,
    name,
    variant,
    ref,
    description,
    owner: owner ?? null,
    tags,
    properties,
    definition,
    updatedAt: now,
  };
  if (registered !== undefined) return { ...registered, ...described };
  const status = needsJob(definition) ? 'PENDING' : 'READY';
  return { ...described, id: randomUUID(), status, statusMessage: null, createdAt: now, sequence: next() };
}
