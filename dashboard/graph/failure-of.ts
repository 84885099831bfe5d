import type { CombinedError } from '@urql/core';
import * as z from 'zod/mini';

export type Issue = { path: string; message: string; fix?: string | null | undefined };

/** What went wrong, in the words of the graph: its code, and what to do about each thing. */
export type Failed = { code: string; message: string; issues: readonly Issue[] };

const extensions = z.object({
  code: z.string(),
  issues: z.optional(
    z.array(z.object({ path: z.string(), message: z.string(), fix: z.optional(z.nullable(z.string())) })),
  ),
});

/** A server that runs trusted documents alone knows those of its own dashboard. */
const otherVersion =
  'This page is of another version than its server, which runs trusted documents only. Load it anew.';

export function failureOf(error: CombinedError): Failed {
  const [first] = error.graphQLErrors;
  if (first === undefined) {
    const message = 'The server does not answer. What is shown may be out of date; it is asked again as you go on.';
    return { code: 'UNAVAILABLE', message, issues: [] };
  }
  const { data } = z.safeParse(extensions, first.extensions);
  if (data?.code === 'DOCUMENT_NOT_FOUND') return { code: data.code, message: otherVersion, issues: [] };
  return { code: data?.code ?? 'INTERNAL', message: first.message, issues: data?.issues ?? [] };
}
