import { Failure } from '../../providers/contract/failure.ts';

/** What can be registered, in the order in which one builds on another. A feature is registered with its view. */
export const resourceKinds = [
  'PROVIDER',
  'ENTITY',
  'SOURCE',
  'FEATURE_VIEW',
  'ON_DEMAND_FEATURE_VIEW',
  'FEATURE',
  'LABEL',
  'TRAINING_SET',
  'FEATURE_SERVICE',
  'MODEL',
] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/**
 * A written reference: `name`, `name@variant`, and for a feature `view:feature` or `view@variant:feature`.
 * Without a variant it means the latest one, and becomes pinned to it when what holds it is registered.
 */
export type Reference = { name: string; variant?: string; feature?: string };

const form = /^([A-Za-z]\w*)(?:@([\w.-]+))?(?::([A-Za-z]\w*))?$/;

/** Undefined when the text is not a reference of that kind. */
export function parseReference(kind: ResourceKind, text: string): Reference | undefined {
  const [, name, variant, feature] = form.exec(text.trim()) ?? [];
  if (name === undefined || (kind === 'FEATURE') !== (feature !== undefined)) return undefined;
  return { name, ...(variant !== undefined && { variant }), ...(feature !== undefined && { feature }) };
}

export function formatReference(reference: Reference): string {
  const variant = reference.variant === undefined ? '' : `@${reference.variant}`;
  const feature = reference.feature === undefined ? '' : `:${reference.feature}`;
  return `${reference.name}${variant}${feature}`;
}

/** For reading what has been checked at registration: anything else in there is a defect. */
export function pinnedReference(
  kind: ResourceKind,
  text: string,
): Required<Pick<Reference, 'name' | 'variant'>> & Reference {
  const reference = parseReference(kind, text);
  if (reference?.variant === undefined) throw new Failure('INTERNAL', `"${text}" is not a pinned ${kind} reference`);
  return { ...reference, variant: reference.variant };
}

/** The reference of a feature of a view, `view@variant` being the view's. */
export function featureReference(view: string, feature: string): string {
  return `${view}:${feature}`;
}

/** The view's part of a feature's reference. */
export function viewOfFeature(feature: string): string {
  return feature.slice(0, feature.lastIndexOf(':'));
}

/** The kinds of what holds features. No two of them have one name, so that a feature's reference means one feature. */
export const viewKinds = ['FEATURE_VIEW', 'ON_DEMAND_FEATURE_VIEW'] as const satisfies ResourceKind[];

/** Kinds as words in messages: `FEATURE_VIEW` is a "feature view". */
export function kindInWords(kind: ResourceKind): string {
  return kind.toLowerCase().replaceAll('_', ' ').replace('on demand', 'on-demand');
}
