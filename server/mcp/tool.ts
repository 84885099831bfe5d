import type { DefinitionInput, Featuregraph } from '@featuregraph/client';
import { z } from 'zod';
import { resourceKinds } from '../../src/registry/reference.ts';

/** What an agent can be told to use: its input is checked before it runs, and what it answers with is JSON. */
export type Tool = {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  effect: Effect;
  run(client: Featuregraph, input: unknown, signal: AbortSignal): Promise<object>;
};

/** READ changes nothing, ADD takes nothing away, CHANGE can replace what was there. */
export type Effect = 'READ' | 'ADD' | 'CHANGE';

type Written<S extends z.ZodObject> = Omit<Tool, 'input' | 'run'> & {
  input: S;
  run(client: Featuregraph, input: z.output<S>, signal: AbortSignal): Promise<object>;
};

export function tool<S extends z.ZodObject>({ input, run, ...said }: Written<S>): Tool {
  return { ...said, input, run: (client, given, signal) => run(client, input.parse(given), signal) };
}

export const kind = z.enum(resourceKinds).describe('What kind of resource.');
export const ref = z
  .string()
  .min(1)
  .describe('name for the latest variant, or name@variant; a feature is view:feature.');

/** How many of a list to answer with. */
export function limit(most: number, usual: number) {
  return z.int().min(1).max(most).default(usual).describe(`How many at most; ${usual} when left out.`);
}

const written = z
  .array(z.record(z.string(), z.json()))
  .min(1)
  .max(5_000)
  .describe('What to register: each an object with one field, the noun. definition_format says what each noun takes.');

/** Any objects: the server says best what is wrong with them. */
export const definitions = written as unknown as z.ZodType<DefinitionInput[]>;

export const bump = z
  .boolean()
  .default(false)
  .describe('Whether what differs from what is registered gets the next variant; otherwise it is a conflict.');

/** The first of what comes, and whether there is more. */
export async function firstOf<T>(all: AsyncIterable<T>, most: number): Promise<{ found: T[]; more: boolean }> {
  const found: T[] = [];
  for await (const one of all) {
    if (found.length === most) return { found, more: true };
    found.push(one);
  }
  return { found, more: false };
}
