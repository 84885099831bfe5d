import { z } from 'zod';
import { Failure, type FailureCode, failureCodes, type Issue } from '../../providers/contract/failure.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { documentIdOf } from '../../src/documents/document.ts';

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
  const told = [error.message, ...issues.map(toldIssue)].join('\n');
  throw new Failure(code in failureCodes ? (code as FailureCode) : 'INVALID_INPUT', told, {
    issues: issues as Issue[],
  });
}

async function ask({ url, apiKey }: ServerOptions, body: object) {
  const key = apiKey ?? process.env.FEATUREGRAPH_API_KEY;
  const address = url ?? process.env.FEATUREGRAPH_URL ?? `http://127.0.0.1:${readConfiguration(process.env).port}`;
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

function toldIssue({ path, message, fix }: { path: string; message: string; fix?: string | undefined }): string {
  return `  ${path}: ${message}${fix === undefined ? '' : ` ${fix}`}`;
}
