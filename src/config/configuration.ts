import { resolve } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import { Hosts } from '../../providers/peers/hosts.ts';
import { issueOf } from '../registry/definitions/issue.ts';
import { hostsEnding, secretPrefix } from '../registry/definitions/provider-config.ts';
import { readSealingKeys } from '../stores/sealing.ts';
import { type Authentication, authenticationFrom, authenticationVariables } from './authentication.ts';
import { type FederationVersion, federationVersions } from './federation.ts';
import { type Limits, limitsFrom, limitVariables } from './limits.ts';
import { misspeltVariables } from './unknown-variables.ts';
import { type WebAccess, webAccessFrom, webVariables } from './web-access.ts';

const directories = z
  .string()
  .transform((text) => text.split(':').filter((part) => part !== ''))
  .refine((parts) => parts.length > 0, 'must name a directory, or be left out');

const hosts = z.string().transform((text, context) => {
  try {
    return new Hosts(text.split(/[\s,]+/).filter((rule) => rule !== ''));
  } catch (error) {
    context.addIssue(error instanceof RangeError ? error.message : 'must be a list of hosts');
    return z.NEVER;
  }
});

/** A number in digits: an empty text is none, not zero. */
const count = z.string().trim().regex(/^\d+$/, 'must be a whole number, or be left out').transform(Number);

const seconds = z
  .string()
  .trim()
  .regex(/^\d+(?:\.\d+)?$/, 'must be a number of seconds, or be left out')
  .transform(Number);

const documents = z.enum(['any', 'trusted']);

const sealingKeys = z.string().transform((text, context) => {
  const keys = readSealingKeys(text);
  if (!('problem' in keys)) return keys;
  context.addIssue(keys.problem);
  return z.NEVER;
});

/** What a deployment can be told, by environment variable. One deployment is one project. */
export const environment = z.object({
  /** The registry's Postgres. Without it, an embedded one in the data directory. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be a Postgres address, as postgres://user@host/database' })
    .optional(),
  /** How many connections each process has to it at most, besides the one on which it listens. */
  FEATUREGRAPH_DATABASE_CONNECTIONS: count.pipe(z.int().min(2).max(500)).default(10),
  FEATUREGRAPH_PROJECT: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,39}$/, 'must be lower-case letters, digits and underscores, 40 at most')
    .default('featuregraph'),
  FEATUREGRAPH_DATA_DIRECTORY: z.string().min(1).default('.featuregraph'),
  /** Where sources may read files: directories, separated by colons. */
  FEATUREGRAPH_DATA_ROOTS: directories.default(['data']),
  /** Where files that definitions name as secrets are: a directory of our own, for others hold what is not for providers. */
  FEATUREGRAPH_SECRETS_DIRECTORY: z.string().min(1).default('/etc/featuregraph/secrets'),
  /** Whether a secret is sent to a host though nobody has said for which hosts it is. */
  FEATUREGRAPH_UNBOUND_SECRETS: z.enum(['allowed', 'refused']).default('allowed'),
  /** What secrets are sealed with: the first key seals, all of them open. Separated by commas. */
  FEATUREGRAPH_SEALING_KEYS: sealingKeys.optional(),
  /** The hosts that providers may be at; any when left out. */
  FEATUREGRAPH_PROVIDER_HOSTS: hosts.optional(),
  /** Whether requests may bring documents of their own, or only name those that are published. */
  FEATUREGRAPH_DOCUMENTS: documents.default('any'),
  /** The same of the subgraph, whose documents are written by gateways; as the other when left out. */
  FEATUREGRAPH_SUBGRAPH_DOCUMENTS: documents.optional(),
  /** For how many days the audit log is kept. */
  FEATUREGRAPH_AUDIT_DAYS: count.pipe(z.int().min(1).max(36_500)).default(400),
  /** The version of federation that composers are given the graph for. */
  FEATUREGRAPH_FEDERATION: z.enum(federationVersions).default('2.3'),
  FEATUREGRAPH_HOST: z.string().min(1).default('127.0.0.1'),
  FEATUREGRAPH_PORT: count.pipe(z.int().max(65_535)).default(4000),
  FEATUREGRAPH_WORKER_CONCURRENCY: count.pipe(z.int().min(1).max(64)).default(2),
  /** How long a request waits for an online or a vector store before it answers without it. */
  FEATUREGRAPH_READ_DEADLINE_MS: count.pipe(z.int().min(10).max(600_000)).default(5_000),
  FEATUREGRAPH_SHUTDOWN_SECONDS: seconds.pipe(z.number().max(3_600)).default(20),
  ...authenticationVariables,
  ...limitVariables,
  ...webVariables,
  FEATUREGRAPH_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type DocumentsAllowed = z.output<typeof documents>;

export type Configuration = {
  databaseUrl: string | undefined;
  databaseConnections: number;
  project: string;
  dataDirectory: string;
  dataRoots: string[];
  /** The variables that definitions can name as secrets, and the directory of the files. */
  secrets: {
    variables: Readonly<Record<string, string | undefined>>;
    directory: string;
    unbound: 'ALLOWED' | 'REFUSED';
    /** What secrets are sealed with, the first, and opened with; a file of the directory has them when undefined. */
    sealingKeys: readonly Buffer[] | undefined;
  };
  /** The hosts that providers may be at; any when undefined. */
  providerHosts: Hosts | undefined;
  /** Which documents run at each address. */
  documents: { graph: DocumentsAllowed; subgraph: DocumentsAllowed };
  auditDays: number;
  federation: FederationVersion;
  host: string;
  /** 0 for any free one. */
  port: number;
  workerConcurrency: number;
  readDeadlineMs: number;
  shutdownMs: number;
  authentication: Authentication;
  limits: Limits;
  web: WebAccess;
  logLevel: z.output<typeof environment>['FEATUREGRAPH_LOG_LEVEL'];
};

/** Reads and checks the configuration; fails with INVALID_INPUT and every variable that is wrong. */
export function readConfiguration(variables: Readonly<Record<string, string | undefined>>): Configuration {
  const read = environment.safeParse(variables);
  const misspelt = misspeltVariables(Object.keys(variables), Object.keys(environment.shape));
  if (!read.success || misspelt.length > 0) {
    const wrong = (read.error?.issues ?? []).map((found) => issueOf(found));
    const issues = [...wrong, ...misspelt];
    const words = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new Failure('INVALID_INPUT', `The configuration is not valid: ${words}${words.endsWith('?') ? '' : '.'}`, {
      issues,
    });
  }
  const given = read.data;
  refuseWrongHosts(variables);
  return {
    databaseUrl: given.DATABASE_URL,
    databaseConnections: given.FEATUREGRAPH_DATABASE_CONNECTIONS,
    project: given.FEATUREGRAPH_PROJECT,
    dataDirectory: resolve(given.FEATUREGRAPH_DATA_DIRECTORY),
    dataRoots: given.FEATUREGRAPH_DATA_ROOTS.map((directory) => resolve(directory)),
    secrets: {
      variables: Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith(secretPrefix))),
      directory: resolve(given.FEATUREGRAPH_SECRETS_DIRECTORY),
      unbound: given.FEATUREGRAPH_UNBOUND_SECRETS === 'refused' ? 'REFUSED' : 'ALLOWED',
      sealingKeys: given.FEATUREGRAPH_SEALING_KEYS,
    },
    providerHosts: given.FEATUREGRAPH_PROVIDER_HOSTS,
    documents: {
      graph: given.FEATUREGRAPH_DOCUMENTS,
      subgraph: given.FEATUREGRAPH_SUBGRAPH_DOCUMENTS ?? given.FEATUREGRAPH_DOCUMENTS,
    },
    auditDays: given.FEATUREGRAPH_AUDIT_DAYS,
    federation: given.FEATUREGRAPH_FEDERATION,
    host: given.FEATUREGRAPH_HOST,
    port: given.FEATUREGRAPH_PORT,
    workerConcurrency: given.FEATUREGRAPH_WORKER_CONCURRENCY,
    readDeadlineMs: given.FEATUREGRAPH_READ_DEADLINE_MS,
    shutdownMs: given.FEATUREGRAPH_SHUTDOWN_SECONDS * 1_000,
    authentication: authenticationFrom(given),
    limits: limitsFrom(given),
    web: webAccessFrom(given),
    logLevel: given.FEATUREGRAPH_LOG_LEVEL,
  };
}

/** What a secret's hosts are is read when it is used: too late to learn that they are none. */
function refuseWrongHosts(variables: Readonly<Record<string, string | undefined>>): void {
  const issues = Object.entries(variables).flatMap(([path, written = '']) => {
    if (!path.startsWith(secretPrefix) || !path.endsWith(hostsEnding.env)) return [];
    const read = hosts.safeParse(written);
    return read.success ? [] : read.error.issues.map(({ message }) => ({ path, message }));
  });
  const words = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  if (issues.length > 0) throw new Failure('INVALID_INPUT', `The configuration is not valid: ${words}.`, { issues });
}
