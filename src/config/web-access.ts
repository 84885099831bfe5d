import { z } from 'zod';

const parts = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const origins = z
  .string()
  .transform(parts)
  .pipe(
    z.array(
      z.string().refine((text) => text === originOf(text), {
        error: ({ input }) => `"${input}" must be an origin, as https://console.example.com`,
      }),
    ),
  );

const hostForm = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$/i;

const hosts = z
  .string()
  .transform((text) => parts(text).map((host) => host.toLowerCase()))
  .pipe(
    z.array(
      z.string().refine((text) => text === '*' || hostForm.test(text), {
        error: ({ input }) => `"${input}" must be a host without its port, as features.example.com`,
      }),
    ),
  );

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** From where a browser may reach a server, by environment variable. */
export const webVariables = {
  /** Pages of other origins that may ask, separated by commas. */
  FEATUREGRAPH_ALLOWED_ORIGINS: origins.default([]),
  /** Names under which the server is reached besides those of this machine, separated by commas; * for any. */
  FEATUREGRAPH_PUBLIC_HOSTS: hosts.default([]),
  FEATUREGRAPH_INTROSPECTION: z.enum(['true', 'false']).default('true'),
  /** How long a stopping server says that it isn't ready before it takes nothing new. */
  FEATUREGRAPH_DRAIN_SECONDS: z
    .string()
    .trim()
    .regex(/^\d+(?:\.\d+)?$/, 'must be a number of seconds, or be left out')
    .transform(Number)
    .pipe(z.number().max(600))
    .default(0),
  /** Where a process without an API says that it lives; 0 for any free port, left out for none. */
  FEATUREGRAPH_HEALTH_PORT: z
    .string()
    .trim()
    .regex(/^\d+$/, 'must be a whole number, or be left out')
    .transform(Number)
    .pipe(z.int().max(65_535))
    .optional(),
} as const;

const variables = z.object(webVariables);

export type WebAccess = {
  allowedOrigins: readonly string[];
  publicHosts: readonly string[];
  introspection: boolean;
  drainMs: number;
  healthPort: number | undefined;
};

export function webAccessFrom(given: z.output<typeof variables>): WebAccess {
  return {
    allowedOrigins: given.FEATUREGRAPH_ALLOWED_ORIGINS,
    publicHosts: given.FEATUREGRAPH_PUBLIC_HOSTS,
    introspection: given.FEATUREGRAPH_INTROSPECTION === 'true',
    drainMs: given.FEATUREGRAPH_DRAIN_SECONDS * 1_000,
    healthPort: given.FEATUREGRAPH_HEALTH_PORT,
  };
}
