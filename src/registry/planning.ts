import { randomUUID } from 'node:crypto';
import type { Issue } from '../../providers/contract/failure.ts';
import type { Column } from '../../providers/contract/offline-store.ts';
import { Catalog, type Resource } from './catalog.ts';
import type { Definition, FeatureNode } from './definitions/definition.ts';
import { differences, type FieldChange } from './difference.ts';
import { type Draft, readDrafts } from './drafts.ts';
import { edgesAmong } from './edges.ts';
import { onlineStoreOf } from './online-store.ts';
import { orderDrafts } from './ordering.ts';
import { featureReference, type ResourceKind } from './reference.ts';
import { isStored } from './relations.ts';
import { pinDrafts } from './resolution.ts';

export type PlanAction = 'CREATE' | 'UPDATE' | 'UNCHANGED' | 'CONFLICT';

/**
 * What applying one definition would do. A CONFLICT is a change of an immutable variant. `resource` is as it will
 * be, with the features of a view.
 */
export type PlanStep = {
  at: number;
  action: PlanAction;
  kind: ResourceKind;
  ref: string;
  changes: FieldChange[];
  resource: Resource;
  features: Resource[];
  /** Those of a source that would be created, once they have been read. */
  columns?: readonly Column[];
};

/** Steps come in the order in which they would be done. `after` is the catalog as it would be. */
export type Draught = { steps: PlanStep[]; after: Catalog };

/**
 * Reads, pins and orders a batch and holds it against what is registered. Pure but for the ids of new resources;
 * what is wrong is added to `issues`. What a source's real columns say is checked afterwards, by `checkSteps`.
 */
export function draughtPlan(catalog: Catalog, inputs: readonly unknown[], issues: Issue[], now = new Date()): Draught {
  const drafts = orderDrafts(pinDrafts(catalog, readDrafts(inputs, issues), issues), issues);
  let sequence = catalog.resources.at(-1)?.sequence ?? 0;
  const steps = drafts.map((draft) => stepOf(catalog, draft, now, () => ++sequence));
  const changed = steps.filter((step) => step.action === 'CREATE' || step.action === 'UPDATE');
  const replaced = new Map(changed.flatMap((step) => [step.resource, ...step.features].map((one) => [one.id, one])));
  const kept = catalog.resources.filter((resource) => !replaced.has(resource.id));
  const resources = [...kept, ...replaced.values()];
  return { steps, after: new Catalog(resources, edgesAmong(resources)) };
}

function stepOf(catalog: Catalog, { at, definition }: Draft, now: Date, next: () => number): PlanStep {
  const { kind, name, variant } = definition;
  const ref = `${name}@${variant}`;
  const registered = catalog.find(kind, ref) as Resource<Definition> | undefined;
  const changes = registered === undefined ? [] : differences(registered.definition, definition);
  const action = actionFor(registered, changes);
  const kept = action === 'UNCHANGED' || action === 'CONFLICT' ? registered : undefined;
  const resource = kept ?? resourceOf(definition, ref, registered, now, next);
  const features =
    definition.kind !== 'FEATURE_VIEW' || kept !== undefined
      ? []
      : definition.features.map((feature) => {
          const reference = featureReference(ref, feature.name);
          const node: FeatureNode = { ...feature, kind: 'FEATURE', view: ref };
          return resourceOf({ ...node, variant }, reference, catalog.find('FEATURE', reference), now, next);
        });
  return { at, action, kind, ref, changes, resource, features };
}

function actionFor(registered: Resource | undefined, changes: readonly FieldChange[]): PlanAction {
  if (registered === undefined) return 'CREATE';
  if (changes.length === 0) return 'UNCHANGED';
  return changes.every((change) => change.inPlace) ? 'UPDATE' : 'CONFLICT';
}

/** Kinds that need a job before they can be used; the others are ready as soon as they are registered. */
export function needsJob(definition: Definition | FeatureNode): boolean {
  if (definition.kind === 'SOURCE') return isStored(definition);
  if (definition.kind === 'FEATURE_VIEW') return onlineStoreOf(definition) !== undefined;
  return definition.kind === 'TRAINING_SET';
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
