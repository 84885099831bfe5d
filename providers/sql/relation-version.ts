import { createHash } from 'node:crypto';
import type { Relation } from '../contract/relation.ts';
import { mayChangeByItself } from './changing-answers.ts';

type Query = Extract<Relation, { kind: 'QUERY' }>;
type VersionOf = (relation: Relation) => Promise<string | undefined>;

/** The version of a query's rows: that of its text and of all its inputs, where all of these can be told. */
export async function versionOfQuery({ sql, inputs }: Query, versionOf: VersionOf): Promise<string | undefined> {
  if (mayChangeByItself(sql)) return undefined;
  const parts = [sql];
  for (const [name, input] of Object.entries(inputs).toSorted()) {
    const version = await versionOf(input);
    if (version === undefined) return undefined;
    parts.push(name, version);
  }
  return digest(parts);
}

/** A short text that is equal for equal parts only. */
export function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
