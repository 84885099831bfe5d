import type { DocumentsSent } from './named-documents.ts';
import type { PrintDocument } from './typed-document.ts';

export type ConnectionOptions = {
  /** The server's address, as http://127.0.0.1:4000; a path is kept. */
  url: string;
  /** An API key or a JWT: who asks. */
  apiKey?: string | undefined;
  /** Sent with each request; a function is asked anew each time, for what expires. */
  headers?: HeadersOf | (() => HeadersOf | Promise<HeadersOf>);
  /** How long a call may take, with all that is tried again: 60,000 when left out. */
  timeoutMs?: number;
  /** How often a call is tried again where that is safe: 2 when left out. */
  retries?: number;
  /** Whether calls that are made in the same moment share one request: false when left out. */
  batch?: boolean;
  /** `ids` where the client's manifest, generated/documents.json, is published: for servers that run nothing else. */
  documents?: DocumentsSent;
  fetch?: typeof globalThis.fetch;
  /** A class of WebSockets, where the runtime has none or another is wanted. */
  webSocket?: unknown;
  /** Prints trees of GraphQL, for `query`: the `print` of the package `graphql`. */
  print?: PrintDocument;
};

type HeadersOf = Readonly<Record<string, string>>;

/** What can be said of one call. */
export type CallOptions = {
  /** Ends the call, which then fails with CANCELLED. */
  signal?: AbortSignal | undefined;
  /** How long it may take, instead of what the connection says. */
  timeoutMs?: number | undefined;
};
