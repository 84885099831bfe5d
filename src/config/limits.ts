import { z } from 'zod';

/** A number in digits: an empty text is none, not zero. */
const count = z.string().trim().regex(/^\d+$/, 'must be a whole number, or be left out').transform(Number);

const upTo = (most: number) => count.pipe(z.int().min(1).max(most));

const seconds = z
  .string()
  .trim()
  .regex(/^\d+(?:\.\d+)?$/, 'must be a number of seconds, or be left out')
  .transform(Number)
  .pipe(z.number().positive().max(86_400));

const mebibyte = 1024 * 1024;

/** What one request may cost, by environment variable. `docs/security.md` says what each is for. */
export const limitVariables = {
  FEATUREGRAPH_LIMIT_BODY_BYTES: upTo(64 * mebibyte).default(mebibyte),
  FEATUREGRAPH_LIMIT_BULK_BODY_BYTES: upTo(256 * mebibyte).default(16 * mebibyte),
  FEATUREGRAPH_LIMIT_DOCUMENT_BYTES: upTo(mebibyte).default(128 * 1024),
  FEATUREGRAPH_LIMIT_DOCUMENT_TOKENS: upTo(100_000).default(10_000),
  FEATUREGRAPH_LIMIT_DEPTH: upTo(100).default(20),
  FEATUREGRAPH_LIMIT_ALIASES: upTo(10_000).default(100),
  FEATUREGRAPH_LIMIT_ROOT_FIELDS: upTo(10_000).default(50),
  FEATUREGRAPH_LIMIT_DIRECTIVES: upTo(10_000).default(100),
  FEATUREGRAPH_LIMIT_FRAGMENTS: upTo(1_000).default(100),
  FEATUREGRAPH_LIMIT_REPEATED_FIELDS: upTo(10_000).default(500),
  FEATUREGRAPH_LIMIT_COST: upTo(100_000_000).default(250_000),
  FEATUREGRAPH_LIMIT_CELLS: upTo(100_000_000).default(1_000_000),
  FEATUREGRAPH_LIMIT_LIST_ITEMS: upTo(1_000_000).default(10_000),
  FEATUREGRAPH_LIMIT_NESTING: upTo(200).default(32),
  FEATUREGRAPH_LIMIT_IDS: upTo(100_000).default(1_000),
  FEATUREGRAPH_LIMIT_DOCUMENTS: upTo(100_000).default(10_000),
  FEATUREGRAPH_LIMIT_DOCUMENTS_BYTES: upTo(1024 * mebibyte).default(32 * mebibyte),
  FEATUREGRAPH_LIMIT_DEFINITIONS: upTo(100_000).default(2_000),
  FEATUREGRAPH_LIMIT_RESOURCES: upTo(1_000_000).default(20_000),
  FEATUREGRAPH_LIMIT_SEARCH_CHARACTERS: upTo(10_000).default(256),
  FEATUREGRAPH_LIMIT_REQUEST_SECONDS: seconds.default(60),
  FEATUREGRAPH_LIMIT_BODY_SECONDS: seconds.default(30),
  /** 0 for any number. */
  FEATUREGRAPH_LIMIT_REQUESTS_PER_SECOND: count.pipe(z.int().max(1_000_000)).default(0),
  FEATUREGRAPH_LIMIT_FAILED_AUTHENTICATIONS: upTo(1_000_000).default(60),
  FEATUREGRAPH_LIMIT_SOCKETS: upTo(100_000).default(1_000),
  FEATUREGRAPH_LIMIT_SOCKETS_PER_PRINCIPAL: upTo(100_000).default(100),
  FEATUREGRAPH_LIMIT_SOCKET_OPERATIONS: upTo(10_000).default(100),
  FEATUREGRAPH_LIMIT_SOCKET_BYTES: upTo(64 * mebibyte).default(mebibyte),
  FEATUREGRAPH_LIMIT_SOCKET_IDLE_SECONDS: seconds.default(600),
  FEATUREGRAPH_LIMIT_SLOW_READER_SECONDS: seconds.default(30),
} as const;

const variables = z.object(limitVariables);

/** What one request, one socket and one client may cost at most. */
export type Limits = {
  bodyBytes: number;
  /** Of a request that carries rows or definitions. */
  bulkBodyBytes: number;
  documentBytes: number;
  documentTokens: number;
  depth: number;
  aliases: number;
  rootFields: number;
  directives: number;
  fragments: number;
  /** Fields that a selection names again: validation compares each with each. */
  repeatedFields: number;
  /** Values that an answer may have, as reckoned before it is begun. */
  cost: number;
  /** Values in the columns of an answer. */
  cells: number;
  listItems: number;
  /** How deep lists and objects may lie in one another, in variables and in documents. */
  nesting: number;
  ids: number;
  /** Trusted documents that are published at a time, and the bytes of their texts. */
  documents: number;
  documentsBytes: number;
  definitions: number;
  /** Resources that lineage and other edges of the registry may lead to in one answer. */
  resources: number;
  searchCharacters: number;
  requestMs: number;
  /** How long a client may take to send a request. */
  bodyMs: number;
  requestsPerSecond: number;
  /** Credentials of one address that are refused in a minute. */
  failedAuthentications: number;
  sockets: number;
  socketsPerPrincipal: number;
  socketOperations: number;
  socketBytes: number;
  socketIdleMs: number;
  slowReaderMs: number;
};

export function limitsFrom(given: z.output<typeof variables>): Limits {
  return {
    bodyBytes: given.FEATUREGRAPH_LIMIT_BODY_BYTES,
    bulkBodyBytes: Math.max(given.FEATUREGRAPH_LIMIT_BULK_BODY_BYTES, given.FEATUREGRAPH_LIMIT_BODY_BYTES),
    documentBytes: given.FEATUREGRAPH_LIMIT_DOCUMENT_BYTES,
    documentTokens: given.FEATUREGRAPH_LIMIT_DOCUMENT_TOKENS,
    depth: given.FEATUREGRAPH_LIMIT_DEPTH,
    aliases: given.FEATUREGRAPH_LIMIT_ALIASES,
    rootFields: given.FEATUREGRAPH_LIMIT_ROOT_FIELDS,
    directives: given.FEATUREGRAPH_LIMIT_DIRECTIVES,
    fragments: given.FEATUREGRAPH_LIMIT_FRAGMENTS,
    repeatedFields: given.FEATUREGRAPH_LIMIT_REPEATED_FIELDS,
    cost: given.FEATUREGRAPH_LIMIT_COST,
    cells: given.FEATUREGRAPH_LIMIT_CELLS,
    listItems: given.FEATUREGRAPH_LIMIT_LIST_ITEMS,
    nesting: given.FEATUREGRAPH_LIMIT_NESTING,
    ids: given.FEATUREGRAPH_LIMIT_IDS,
    documents: given.FEATUREGRAPH_LIMIT_DOCUMENTS,
    documentsBytes: given.FEATUREGRAPH_LIMIT_DOCUMENTS_BYTES,
    definitions: given.FEATUREGRAPH_LIMIT_DEFINITIONS,
    resources: given.FEATUREGRAPH_LIMIT_RESOURCES,
    searchCharacters: given.FEATUREGRAPH_LIMIT_SEARCH_CHARACTERS,
    requestMs: given.FEATUREGRAPH_LIMIT_REQUEST_SECONDS * 1_000,
    bodyMs: given.FEATUREGRAPH_LIMIT_BODY_SECONDS * 1_000,
    requestsPerSecond: given.FEATUREGRAPH_LIMIT_REQUESTS_PER_SECOND,
    failedAuthentications: given.FEATUREGRAPH_LIMIT_FAILED_AUTHENTICATIONS,
    sockets: given.FEATUREGRAPH_LIMIT_SOCKETS,
    socketsPerPrincipal: given.FEATUREGRAPH_LIMIT_SOCKETS_PER_PRINCIPAL,
    socketOperations: given.FEATUREGRAPH_LIMIT_SOCKET_OPERATIONS,
    socketBytes: given.FEATUREGRAPH_LIMIT_SOCKET_BYTES,
    socketIdleMs: given.FEATUREGRAPH_LIMIT_SOCKET_IDLE_SECONDS * 1_000,
    slowReaderMs: given.FEATUREGRAPH_LIMIT_SLOW_READER_SECONDS * 1_000,
  };
}
