import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { ownDocuments } from '../../src/documents/own-documents.ts';
import { hostsEnding, secretPrefix } from '../../src/registry/definitions/provider-config.ts';
import { askPages, type ServerOptions } from './asked-server.ts';
import type { Finding } from './finding.ts';

const provider = z.object({ ref: z.string(), definition: z.json() });

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variables of secrets that are set here and that no provider names: mistyped, or left over. What a provider names and
 * its server lacks is told by that provider's health.
 */
export async function secretFindings(options: ServerOptions, variables: Variables): Promise<Finding[]> {
  const set = Object.keys(variables).filter((name) => name.startsWith(secretPrefix));
  if (set.length === 0) return [];
  const named = new Set<string>();
  for await (const { definition } of askPages(options, ownDocuments.namedSecrets, 'providers', provider))
    for (const name of namesIn(definition)) named.add(name);
  const unset = [...named].filter((name) => variables[name] === undefined);
  return set.map((variable) => {
    const name = variable.endsWith(hostsEnding.env) ? variable.slice(0, -hostsEnding.env.length) : variable;
    return { what: `variable ${variable}`, fine: true, message: named.has(name) ? '' : unnamed(name, unset) };
  });
}

/** It may be meant to be one that a provider names and that is not set. */
function unnamed(name: string, unset: readonly string[]): string {
  return `no provider names it${unset.length > 0 ? `; is it meant to be ${closest(name, unset)}?` : ''}`;
}

function namesIn(config: z.core.util.JSONType): string[] {
  if (config === null || typeof config !== 'object') return [];
  if (!Array.isArray(config) && typeof config.env === 'string') return [config.env];
  return Object.values(config).flatMap(namesIn);
}
