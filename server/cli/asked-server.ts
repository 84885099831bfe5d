import { pagesOf } from '@featuregraph/client';
import { z } from 'zod';
import { Failure, type FailureCode, failureCodes, type Issue } from '../../providers/contract/failure.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { documentIdOf } from '../../src/documents/document.ts';
import { requireKey } from './required-key.ts';
import { issueText } from './told-errors.ts';

export type ServerOptions = { url?: string; apiKey?: string };

const timeoutMs = 70_000;

const answered = z.object({
  data: z.unknown(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z
          .object({
            code: z.string().optional(),
            issues: z.array(z.object({ path: z.string(), message: z.string(), fix: z.string().optional() })).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

/**
 * What a server's graph answers to one of our own documents: asked by its id, which every server of this version knows,
 * whatever else it runs, and of another version by its text.
 */
export async function askServer(options: ServerOptions, text: string, variables: object): Promise<unknown> {
  const byId = await ask(options, { documentId: documentIdOf(text), variables });
  const isUnknown = byId.errors?.[0]?.extensions?.code === 'DOCUMENT_NOT_FOUND';
  const { data, errors: [error] = [] } = isUnknown ? await ask(options, { query: text, variables }) : byId;
  if (error === undefined) return data;
  const { code = '', issues = [] } = error.extensions ?? {};
  const told = [error.message, ...issues.map((issue) => issueText(issue))].join('\n');
  throw new Failure(code in failureCodes ? (code as FailureCode) : 'INVALID_INPUT', told, {
    issues: issues as Issue[],
  });
}

const connection = z.object({
  edges: z.array(z.object({ node: z.unknown() })),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});

/** All nodes of a connection, page after page; the document takes `first` and `after`, and has it as `field`. */
export async function* askPages<T>(
  options: ServerOptions,
  text: string,
  field: string,
  node: z.ZodType<T>,
): AsyncGenerator<T, void, undefined> {
  const answer = z.record(z.string(), z.unknown()).transform((data) => connection.parse(data[field]));
  const pages = pagesOf(async (after) => answer.parse(await askServer(options, text, { first: 100, after })));
  for await (const one of pages) yield node.parse(one);
}

async function ask({ url, apiKey }: ServerOptions, body: object) {
  const key = apiKey ?? process.env.FEATUREGRAPH_API_KEY;
  const address = url ?? process.env.FEATUREGRAPH_URL ?? `http://127.0.0.1:${readConfiguration(process.env).port}`;
  if (key !== undefined) requireKey(key);
  const answer = await fetch(new URL('graphql', address.endsWith('/') ? address : `${address}/`), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const read = answered.safeParse(await answer.json().catch(() => undefined));
  if (read.success) return read.data;
  throw new Failure('UNAVAILABLE', `${address} answers, but is no featuregraph server (HTTP status ${answer.status}).`);
}
