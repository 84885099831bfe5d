import { z } from 'zod';
import { nouns } from '../../src/registry/definitions/definition.ts';
import { namedInputs } from '../../src/registry/definitions/named-inputs.ts';

export const nounNames = Object.keys(nouns) as (keyof typeof nouns)[];

/** How a definition of a noun is written in the graph, as JSON Schema: with all that is said of each field. */
export function definitionFormat(noun: keyof typeof nouns): object {
  const written = z.toJSONSchema(nouns[noun], { io: 'input', unrepresentable: 'any', override: asInTheGraph });
  return { type: 'object', required: [noun], additionalProperties: false, properties: { [noun]: written } };
}

type Override = NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override'];

const property = {
  type: 'object',
  properties: { key: { type: 'string' }, value: { type: 'string' } },
  required: ['key', 'value'],
  additionalProperties: false,
};

/** The graph has no maps, which are lists of entries there, and the noun says the kind. */
const asInTheGraph: Override = ({ zodSchema, jsonSchema }) => {
  const { description, oneOf } = namedInputs.get(zodSchema as z.core.$ZodType as z.ZodType) ?? {};
  if (description !== undefined) jsonSchema.description ??= description;
  if (oneOf) Object.assign(jsonSchema, { minProperties: 1, maxProperties: 1 });
  if (zodSchema._zod.def.type === 'record') {
    for (const name of Object.keys(jsonSchema)) if (name !== 'description') delete jsonSchema[name];
    Object.assign(jsonSchema, { type: 'array', items: property });
  }
  if (jsonSchema.properties === undefined) return;
  jsonSchema.additionalProperties = false;
  delete jsonSchema.properties.kind;
  if (jsonSchema.required?.includes('kind'))
    jsonSchema.required = jsonSchema.required.filter((name) => name !== 'kind');
};
