import type { Issue } from '../../providers/contract/failure.ts';
import type { Interruptible } from '../turns.ts';
import { AvailableNames } from './available-names.ts';
import type { Catalog } from './catalog.ts';
import type { Definition, FeatureViewDefinition } from './definitions/definition.ts';
import { type Draft, pathOf } from './drafts.ts';
import { withDecidedFiles } from './files-relation.ts';
import { onlineStoreOf } from './online-store.ts';
import { pinReferences } from './pinning.ts';
import { type ProviderRole, roleInWords } from './provider-roles.ts';
import { parseReference, type ResourceKind } from './reference.ts';

/**
 * Pins every reference of a batch, against what is registered and the batch itself. An unpinned reference means
 * the latest variant as it will be after the batch; but in a variant that is already registered it keeps
 * meaning what it was pinned to then, so that registering it again changes nothing.
 */
export function* pinDrafts(
  catalog: Catalog,
  drafts: readonly Draft[],
  issues: Issue[],
  notes: PlanNote[] = [],
): Interruptible<Draft[]> {
  const names = new AvailableNames(catalog, drafts);
  const pinned: Draft[] = [];
  for (const draft of drafts) {
    yield;
    const registered = catalog.find(draft.definition.kind, `${draft.definition.name}@${draft.definition.variant}`);
    const before = registered === undefined ? undefined : (registered.definition as Definition);
    const complete = withDecidedFiles(withDefaultProviders(draft, before, names, issues), before);
    const kept = before === undefined ? [] : writtenReferences(before);
    let place = 0;
    const definition = pinReferences(complete, (kind, text, path) => {
      const earlier = pinnedBefore(kind, text, kept, place++);
      const latest = names.resolve(kind, text);
      if (earlier !== undefined && latest !== undefined && latest !== earlier)
        notes.push(staysNote(draft, path, earlier, latest));
      const found = earlier ?? latest;
      if (found !== undefined) return found;
      issues.push({ path: pathOf(draft.at, path), ...names.explainMissing(kind, text) });
      return text;
    });
    pinned.push({ at: draft.at, definition });
  }
  return pinned;
}

/** What is not wrong, but may not be what was meant. */
export type PlanNote = Issue & { at: number };

/** A name stands for the latest variant only until it is registered. */
function staysNote(
  { at, definition: { name, variant } }: Draft,
  path: string,
  earlier: string,
  latest: string,
): PlanNote {
  const fix = `Give ${name} another variant to move it, or apply with bump; write ${earlier} to keep it there.`;
  return {
    at,
    path: pathOf(at, path),
    message: `${name}@${variant} stays on ${earlier}; ${latest} is the latest.`,
    fix,
  };
}

type WrittenReference = { kind: ResourceKind; reference: string };

/** A definition's references in the order in which they are written, repeated as they are. */
function writtenReferences(definition: Definition): WrittenReference[] {
  const written: WrittenReference[] = [];
  pinReferences(definition, (kind, reference) => {
    written.push({ kind, reference });
    return reference;
  });
  return written;
}

/**
 * What an unpinned reference was pinned to when the variant was registered: in its own place, or where the definition
 * has changed so that another stands there, the only one of that name.
 */
function pinnedBefore(
  kind: ResourceKind,
  text: string,
  kept: readonly WrittenReference[],
  place: number,
): string | undefined {
  const written = parseReference(kind, text);
  if (written === undefined || written.variant !== undefined) return undefined;
  const names = (one: WrittenReference | undefined) => {
    const reference = one?.kind === kind ? parseReference(kind, one.reference) : undefined;
    return reference?.name === written.name && reference.feature === written.feature;
  };
  const same = kept[place];
  if (names(same)) return same?.reference;
  const others = new Set(kept.filter(names).map((one) => one.reference));
  return others.size === 1 ? [...others][0] : undefined;
}

/**
 * A provider that was left out is the only one that is made for its place. One that can serve there besides (a Postgres
 * as online store) is taken where there has to be one, and otherwise only when it is named.
 */
function withDefaultProviders(
  draft: Draft,
  before: Definition | undefined,
  names: AvailableNames,
  issues: Issue[],
): Definition {
  const { definition } = draft;
  const choose = (field: string, role: ProviderRole, kept: string | undefined, needed: boolean): string | undefined => {
    if (kept !== undefined || before !== undefined) return kept;
    const able = names.able(role, needed);
    if (able.length === 1 || (able.length === 0 && !needed)) return able[0];
    const message =
      able.length === 0
        ? `No provider can serve as ${roleInWords(role)}.`
        : `Several providers can serve as ${roleInWords(role)}.`;
    const fix = able.length === 0 ? 'Register one in the same batch.' : `Name one: ${able.join(', ')}.`;
    issues.push({ path: pathOf(draft.at, field), message, fix });
    return undefined;
  };
  if (definition.kind === 'SOURCE' && definition.provider === undefined) {
    const kept = before?.kind === 'SOURCE' ? before.provider : undefined;
    const provider = choose('provider', 'OFFLINE_STORE', kept, true);
    return provider === undefined ? definition : { ...definition, provider };
  }
  if (definition.kind !== 'FEATURE_VIEW') return definition;
  const kept = before?.kind === 'FEATURE_VIEW' ? before : undefined;
  const hasVectors = definition.features.some((feature) => feature.type.startsWith('VECTOR'));
  const { onlineStore: written, ...rest } = definition;
  const onlineStore = saysAsBefore(written, kept)
    ? kept?.onlineStore
    : written === undefined
      ? choose('onlineStore', 'ONLINE_STORE', undefined, false)
      : written;
  const vectorStore =
    definition.vectorStore ?? (hasVectors ? choose('vectorStore', 'VECTOR_STORE', kept?.vectorStore, true) : undefined);
  return {
    ...rest,
    ...(onlineStore !== undefined && { onlineStore }),
    ...(vectorStore !== undefined && { vectorStore }),
  };
}

/** What is left out of a registered variant stays as it was; and null, where there was no store, is what was meant. */
function saysAsBefore(
  written: FeatureViewDefinition['onlineStore'],
  before: FeatureViewDefinition | undefined,
): boolean {
  if (before === undefined) return false;
  return written === undefined || (written === null && onlineStoreOf(before) === undefined);
}
