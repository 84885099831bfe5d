import {
  QdrantClientResourceExhaustedError,
  QdrantClientTimeoutError,
  QdrantClientUnexpectedResponseError,
} from '@qdrant/js-client-rest';
import { z } from 'zod';
import { connectionErrors } from '../contract/connection-errors.ts';
import { Failure } from '../contract/failure.ts';
import { RefusedHost } from '../peers/hosts.ts';
import { peerWords } from '../peers/peer-words.ts';
import { QdrantPeerError } from './qdrant-dispatcher.ts';

/** What the client throws when the server answers with another status than success. */
const refusal = z.object({ status: z.number(), data: z.unknown() });
const explained = z.object({ status: z.object({ error: z.string() }) });
const withCode = z.object({ code: z.string() });

const useHttp = "is it the address of Qdrant's HTTP API, whose port is 6333 unless set otherwise?";

/**
 * What the client or the server said, as a failure for the user: neither the server's address nor the API key is
 * told. A collection that is not there, and a vector that the collection has under no such name, are NOT_FOUND;
 * a name that is taken is CONFLICT.
 */
export function qdrantFailure(error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const because = (code: 'UNAVAILABLE' | 'TIMEOUT', words: string) =>
    new Failure(code, `Qdrant ${words}`, { cause: error });
  if (error instanceof QdrantClientTimeoutError) {
    return because('TIMEOUT', "did not answer in time: is it overloaded, or the provider's timeout too short?");
  }
  if (error instanceof QdrantClientResourceExhaustedError) return because('UNAVAILABLE', tooMany);
  if (error instanceof QdrantClientUnexpectedResponseError)
    return because('UNAVAILABLE', `answers strangely: ${useHttp}`);
  const peer = [error, error.cause].find((one) => one instanceof QdrantPeerError || one instanceof RefusedHost);
  if (peer instanceof Error) return because('UNAVAILABLE', `can't be asked: ${peer.message}`);
  if (isRedirect(error)) return because('UNAVAILABLE', `answers with a redirect, which is not followed: ${useHttp}`);
  const answer = refusal.safeParse(error);
  if (answer.success) return refused(answer.data, error);
  if (error instanceof TypeError && error.cause !== undefined) {
    return because('UNAVAILABLE', `can't be reached: ${connectionWords(error.cause)}`);
  }
  // What is left is thrown by those who read an answer that is not what they expect.
  return because('UNAVAILABLE', `answers strangely: ${useHttp}`);
}

function isRedirect({ cause }: Error): boolean {
  return cause instanceof Error && cause.message === 'unexpected redirect';
}

const tooMany = 'is asked too much of: raise its rate limits, or ask it for less';

function refused({ status, data }: z.infer<typeof refusal>, cause: Error): Failure {
  const explanation = explained.safeParse(data).data?.status.error;
  const said = peerWords(explanation ?? (typeof data === 'string' ? data : ''));
  const failure = (code: ConstructorParameters<typeof Failure>[0], words: string) =>
    new Failure(code, `Qdrant ${words}`, { cause });
  switch (status) {
    case 401:
      return failure('UNAVAILABLE', 'refused the API key, or asks for one: check the apiKey of the provider');
    case 403:
      return failure('QUERY_REFUSED', "does not let this key do so: check that the provider's apiKey may write, too");
    case 404:
      return explanation === undefined
        ? failure('UNAVAILABLE', `has nothing there: ${useHttp}`)
        : failure('NOT_FOUND', `says: ${said}`);
    case 409:
      return failure('CONFLICT', `says: ${said}`);
    case 413:
      return failure('LIMIT_EXCEEDED', 'takes no request as big as this: raise its max_request_size_mb');
    case 429:
      return failure('UNAVAILABLE', tooMany);
    case 507:
      return failure('UNAVAILABLE', `has no room left: ${said}`);
  }
  if (status >= 500) return failure('UNAVAILABLE', `failed with status ${status}: look at its log, then try again`);
  if (/Not existing vector name/.test(said)) return failure('NOT_FOUND', `says: ${said}`);
  return failure('QUERY_FAILED', `refused the request: ${said === '' ? `status ${status}` : said}`);
}

function connectionWords(cause: unknown): string {
  const code = withCode.safeParse(cause).data?.code ?? '';
  const known = connectionErrors[code];
  if (known !== undefined) return known;
  if (code.startsWith('UND_ERR_CONNECT_TIMEOUT')) return 'it did not answer in time';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'it does not speak TLS, which https asks for';
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code)) return `its certificate is not trusted (${code})`;
  return 'the connection was lost';
}
