import { newSecret } from '../../src/access/api-key.ts';
import type { Answer, TestServer } from './featuregraph.ts';

/** The administrator's key that a server is configured with. */
export const adminKey = newSecret().written;

/** What makes a test server ask who it is that asks. */
export const guarded = { FEATUREGRAPH_AUTHENTICATION: 'required', FEATUREGRAPH_ADMIN_KEY: adminKey };

/** Sends a request with a credential, and answers with HTTP's status too. */
export async function ask(
  { url }: Pick<TestServer, 'url'>,
  credential: string | undefined,
  query: string,
  variables: Record<string, unknown> = {},
  { path = '/graphql', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<Answer & { status: number; headers: Headers }> {
  const authorization: Record<string, string> =
    credential === undefined ? {} : { authorization: `Bearer ${credential}` };
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, ...rest } = (await answer.json()) as Partial<Answer>;
  return { ...rest, data: data ?? {}, status: answer.status, headers: answer.headers };
}
