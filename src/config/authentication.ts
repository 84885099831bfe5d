import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import { readKey } from '../access/api-key.ts';
import type { TokenSettings } from '../access/token-verifier.ts';

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

/** Who is let in, by environment variable. */
export const authenticationVariables = {
  /** `none` lets everybody who reaches the server do everything. */
  FEATUREGRAPH_AUTHENTICATION: z.enum(['required', 'none']).default('required'),
  /** An administrator's API key, or the file that holds it. */
  FEATUREGRAPH_ADMIN_KEY: z.string().optional(),
  FEATUREGRAPH_ADMIN_KEY_FILE: z.string().min(1).optional(),
  FEATUREGRAPH_OIDC_ISSUER: address.optional(),
  FEATUREGRAPH_OIDC_AUDIENCE: z.string().min(1).optional(),
  FEATUREGRAPH_OIDC_JWKS_URL: address.optional(),
  FEATUREGRAPH_OIDC_USER_CLAIM: z.string().min(1).default('sub'),
  FEATUREGRAPH_OIDC_GROUPS_CLAIM: z.string().min(1).default('groups'),
  FEATUREGRAPH_OIDC_ROLES_CLAIM: z.string().min(1).optional(),
  FEATUREGRAPH_OIDC_CLOCK_TOLERANCE_SECONDS: z
    .string()
    .trim()
    .regex(/^\d+$/, 'must be a whole number of seconds, or be left out')
    .transform(Number)
    .pipe(z.int().max(600))
    .default(30),
  /** Tags of what holds values that need a grant of their own, separated by commas. */
  FEATUREGRAPH_SENSITIVE_TAGS: z.string().optional(),
} as const;

const variables = z.object(authenticationVariables);
type Given = z.output<typeof variables>;

export type Authentication = {
  /** Whether nobody is let in without a credential. */
  required: boolean;
  adminKey: string | undefined;
  tokens: TokenSettings | undefined;
  sensitiveTags: readonly string[];
};

/** Fails with INVALID_INPUT, naming the variable. */
export function authenticationFrom(given: Given): Authentication {
  const words = (given.FEATUREGRAPH_SENSITIVE_TAGS ?? '').split(',').map((tag) => tag.trim());
  return {
    required: given.FEATUREGRAPH_AUTHENTICATION === 'required',
    adminKey: adminKey(given),
    tokens: tokenSettings(given),
    sensitiveTags: words.filter((tag) => tag !== ''),
  };
}

function adminKey({ FEATUREGRAPH_ADMIN_KEY: written, FEATUREGRAPH_ADMIN_KEY_FILE: file }: Given): string | undefined {
  if (written === undefined && file === undefined) return undefined;
  const path = file === undefined ? 'FEATUREGRAPH_ADMIN_KEY' : 'FEATUREGRAPH_ADMIN_KEY_FILE';
  if (written !== undefined && file !== undefined) throw wrong(path, 'is given beside FEATUREGRAPH_ADMIN_KEY');
  const key = (written ?? contentOf(path, file ?? '')).trim();
  if (readKey(key) === undefined) throw wrong(path, 'is no API key: `featuregraph keys generate` prints one');
  return key;
}

function contentOf(path: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw wrong(path, 'names no file that can be read');
  }
}

function tokenSettings(given: Given): TokenSettings | undefined {
  const { FEATUREGRAPH_OIDC_ISSUER: issuer, FEATUREGRAPH_OIDC_AUDIENCE: audience } = given;
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer === undefined) throw wrong('FEATUREGRAPH_OIDC_ISSUER', 'is needed beside FEATUREGRAPH_OIDC_AUDIENCE');
  if (audience === undefined) throw wrong('FEATUREGRAPH_OIDC_AUDIENCE', 'is needed: a token for others is not for us');
  return {
    issuer,
    audience,
    jwksUrl: given.FEATUREGRAPH_OIDC_JWKS_URL,
    userClaim: given.FEATUREGRAPH_OIDC_USER_CLAIM,
    groupsClaim: given.FEATUREGRAPH_OIDC_GROUPS_CLAIM,
    rolesClaim: given.FEATUREGRAPH_OIDC_ROLES_CLAIM,
    clockToleranceSeconds: given.FEATUREGRAPH_OIDC_CLOCK_TOLERANCE_SECONDS,
  };
}

function wrong(path: string, message: string): Failure {
  return new Failure('INVALID_INPUT', `The configuration is not valid: ${path} ${message}.`, {
    issues: [{ path, message }],
  });
}
