import type {
  AccessRole,
  GranteeInput,
  GrantInput,
  GrantSelectorInput,
  ResourceKind,
} from '../generated/operations.ts';
import type { Definition } from './definitions.ts';
import { referenceTo } from './described.ts';
import { callOf, requireObject, requireText } from './misuse.ts';

export type GrantOf = { readonly grant: GrantInput };

export type GrantOptions = {
  /** Who is to have the role: `{ group: 'analysts' }`. */
  to: GranteeInput;
  /** What it is bound to: what matches all of this, or just one definition; everything when left out. */
  on?: GrantSelectorInput | Definition;
  /** Whether it is for the values of what has a sensitive tag, too. */
  sensitive?: boolean;
};

/** A role for somebody: `grant('MODEL', { to: { apiKey: 'eta-model' }, on: eta })`. */
export function grant(role: AccessRole, options: GrantOptions): GrantOf {
  const [call, fix] = [callOf('grant', role), "Write grant('READER', { to: { group: 'analysts' }, on: stats })."];
  requireText(call, 'the role', role, fix);
  requireObject(call, 'what comes second', options, fix);
  const { to, on, sensitive } = options;
  requireObject(call, 'to', to, fix);
  if (on !== undefined) requireObject(call, 'on', on, fix);
  return { grant: { role, to, ...(on && { on: selectorFrom(on) }), ...(sensitive !== undefined && { sensitive }) } };
}

const kinds = {
  provider: 'PROVIDER',
  entity: 'ENTITY',
  source: 'SOURCE',
  featureView: 'FEATURE_VIEW',
  onDemandFeatureView: 'ON_DEMAND_FEATURE_VIEW',
  label: 'LABEL',
  trainingSet: 'TRAINING_SET',
  featureService: 'FEATURE_SERVICE',
  model: 'MODEL',
} as const satisfies Record<string, ResourceKind>;

/** A definition stands for all its variants, unless it names its own. */
function selectorFrom(on: GrantSelectorInput | Definition): GrantSelectorInput {
  for (const [noun, kind] of Object.entries(kinds)) {
    const body = (on as { readonly [noun: string]: unknown })[noun];
    if (typeof body === 'object' && body !== null)
      return { kind, ref: referenceTo(body as { name: string; variant?: string }) };
  }
  return on as GrantSelectorInput;
}
