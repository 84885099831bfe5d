import type { JsonValue } from '../generated/operations.ts';
import { isObject } from './definition-text.ts';

export type Difference = { path: string; before: string | undefined; after: string | undefined };

/** Where two definitions differ, field by field; entries of lists are told apart by what they name. */
export function differences(before: JsonValue, after: JsonValue): Difference[] {
  const [old, now] = [leaves(before), leaves(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  return paths
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((one) => one.before !== one.after);
}

function leaves(value: JsonValue, path = '', found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) leaves(one as JsonValue, `${path}[${labelOf(one, at)}]`, found);
  } else if (isObject(value)) {
    for (const [name, one] of Object.entries(value)) leaves(one, path === '' ? name : `${path}.${name}`, found);
  } else {
    found.set(path, JSON.stringify(value));
  }
  return found;
}

function labelOf(entry: JsonValue, at: number): string {
  if (!isObject(entry)) return String(at);
  const named = entry.alias ?? entry.name ?? entry.feature ?? entry.role ?? entry.key ?? entry.joinKey;
  return typeof named === 'string' ? named : String(at);
}
