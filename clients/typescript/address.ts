import { FeaturegraphError } from './errors.ts';
import { base64 } from './json-form.ts';

/** Where a server is. None of it holds a password, so that all of it may be shown. */
export type Address = {
  /** For messages. */
  shown: string;
  graphql: string;
  socket: string;
  /** Where a path is that the server names, as `/runs/…`. */
  below(path: string): string;
  /** What user and password in the URL come to. */
  authorization: string | undefined;
};

/** The path of a URL is kept: `https://example.com/features` is served at `https://example.com/features/graphql`. */
export function addressOf(written: string): Address {
  const url = readUrl(written);
  const root = url.pathname.replace(/\/(graphql\/?)?$/, '');
  const shown = `${url.origin}${root}`;
  const graphql = `${shown}/graphql${url.search}`;
  return {
    shown,
    graphql,
    socket: graphql.replace(/^http/, 'ws'),
    below: (path) => `${shown}${path}`,
    authorization: authorizationOf(url),
  };
}

function authorizationOf({ username, password }: URL): string | undefined {
  // A per cent sign that begins no character stands for itself.
  const written = `${username}:${password}`.replace(/%(?![\da-f]{2})/gi, '%25');
  return written === ':' ? undefined : `Basic ${base64(new TextEncoder().encode(decodeURIComponent(written)))}`;
}

function readUrl(written: string): URL {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  const message = `"${written.replace(/\/\/[^/]*@/, '//…@')}" is no address of a server.`;
  throw new FeaturegraphError('INVALID_INPUT', message, {
    issues: [
      { path: 'url', message: 'must begin with http:// or https://', fix: 'Write it as http://127.0.0.1:4000.' },
    ],
  });
}
