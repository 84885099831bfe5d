import type { Issue } from '../../providers/contract/failure.ts';
import { isStorable } from '../state/storable-text.ts';
import { writtenPath } from './definitions/issue.ts';

const unkept = {
  message: 'holds a NUL character or half of a surrogate pair, which the registry can not keep',
  fix: 'Take it out.',
};

/** Every text in a JSON value that PostgreSQL's JSON does not hold. */
export function unkeptTexts(value: unknown, start = ''): Issue[] {
  return placesOf(value, []).map((path) => ({ path: writtenPath(path, start), ...unkept }));
}

function placesOf(value: unknown, path: readonly PropertyKey[]): (readonly PropertyKey[])[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [path];
  if (Array.isArray(value)) return value.flatMap((one, at) => placesOf(one, [...path, at]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    return placesOf(key, []).length > 0 ? [path] : placesOf(inner, [...path, key]);
  });
}
