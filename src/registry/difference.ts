import { isDeepStrictEqual } from 'node:util';
import type { Definition } from './definitions/definition.ts';

/** A field that differs, by its path; `null` stands for a field that isn't there and means nothing by that. Values are JSON. */
export type FieldChange = { path: string; before: unknown; after: unknown; inPlace: boolean };

/** Fields that can't change any value, so that they may change under an immutable variant. */
const anywhereInPlace = ['description', 'owner', 'tags', 'properties', 'deprecated', 'inaccessible'];

const inPlaceByKind: Partial<Record<Definition['kind'], readonly string[]>> = {
  PROVIDER: ['config'],
  FEATURE_VIEW: ['schedule'],
};

/** What a field means that isn't there, where that is a value of its own. */
const meaningOfNone: Readonly<Record<string, unknown>> = { 'transformation.as': 'TABLE' };

/**
 * What differs between a registered definition and a new one under the same variant, field by field. Elements of
 * a list that have names are compared by name, so that moving a feature is not a change of all after it; the
 * order itself is one change, as columns come in it.
 */
export function differences(before: Definition, after: Definition): FieldChange[] {
  const found: FieldChange[] = [];
  compare(before, after, '', (path, one, other) => {
    found.push({
      path,
      before: shown(path, one ?? meaningOfNone[path] ?? null),
      after: shown(path, other ?? meaningOfNone[path] ?? null),
      inPlace: mayChangeInPlace(after.kind, path),
    });
  });
  return found;
}

/** What is sealed differs, or not: that is all that is told of it. */
function shown(path: string, value: unknown): unknown {
  if (path.endsWith('.sealed')) return value === null ? null : '…';
  if (Array.isArray(value) || !isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      path.startsWith('config') ? shown(`${path}.${key}`, inner) : inner,
    ]),
  );
}

type Report = (path: string, before: unknown, after: unknown) => void;

function compare(before: unknown, after: unknown, path: string, report: Report): void {
  if (isDeepStrictEqual(before, after)) return;
  if (isNamedList(before) && isNamedList(after)) compareNamed(before, after, path, report);
  else if (isRecord(before) && isRecord(after)) compareRecords(before, after, path, report);
  else report(path, before, after);
}

function compareRecords(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path: string,
  report: Report,
): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(before[key], after[key], path === '' ? key : `${path}.${key}`, report);
  }
}

function compareNamed(before: NamedList, after: NamedList, path: string, report: Report): void {
  const byName = new Map(before.map((element) => [element.name, element]));
  const afterNames = after.map((element) => element.name);
  for (const element of after) {
    compare(byName.get(element.name), element, `${path}[${element.name}]`, report);
  }
  for (const element of before) {
    if (!afterNames.includes(element.name)) report(`${path}[${element.name}]`, element, undefined);
  }
  const kept = before.map((element) => element.name).filter((name) => afterNames.includes(name));
  const moved = afterNames.filter((name) => byName.has(name));
  if (!isDeepStrictEqual(kept, moved)) report(`${path} order`, kept, moved);
}

type NamedList = { name: string }[];

function isNamedList(value: unknown): value is NamedList {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((element) => isRecord(element) && typeof element.name === 'string')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mayChangeInPlace(kind: Definition['kind'], path: string): boolean {
  const steps = path.split('.');
  const last = steps.findLast((step) => anywhereInPlace.includes(step));
  const ofFeature = /^features\[[^\]]+\]$/.test(steps[0] ?? '') && steps.length >= 2 && last === steps[1];
  return ofFeature || (last !== undefined && last === steps[0]) || (inPlaceByKind[kind] ?? []).includes(steps[0] ?? '');
}
