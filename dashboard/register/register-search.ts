import * as z from 'zod/mini';
import type { ResourceKind } from '../generated/operations.ts';
import { kinds } from '../graph/kinds.ts';

const known = kinds.map(({ kind }) => kind).filter((kind) => kind !== 'FEATURE');

/** What is registered: a kind to begin with, or what an earlier definition says. */
const search = z.object({
  kind: z.catch(z.optional(z.enum(known as [ResourceKind, ...ResourceKind[]])), undefined),
  from: z.catch(z.optional(z.string()), undefined),
});

export type RegisterSearch = z.output<typeof search>;

export function readRegisterSearch(given: Record<string, unknown>): RegisterSearch {
  return z.parse(search, given);
}

export const registrable = known;

/** What a kind is called as a property of a definition: FEATURE_VIEW is `featureView`. */
export function nounOf(kind: ResourceKind): string {
  return kind.toLowerCase().replaceAll(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
}
