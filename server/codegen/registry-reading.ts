import { type Featuregraph, pagesOf } from '@featuregraph/client';
import { z } from 'zod';

const typed = z.object({ name: z.string(), type: z.string(), description: z.string().default('') });
const joinKey = typed.extend({ graphqlField: z.string() });
const entity = z.object({ name: z.string(), joinKeys: z.array(joinKey) });

const service = z.object({
  ref: z.string(),
  name: z.string(),
  description: z.string(),
  features: z.array(
    z.object({
      name: z.string(),
      role: z.string(),
      feature: z.object({
        type: z.string(),
        description: z.string(),
        view: z.object({ entity }).nullable(),
        onDemandView: z.object({ request: z.array(typed.extend({ optional: z.boolean() })) }).nullable(),
      }),
      /** What an on-demand feature is computed from. */
      inputs: z.array(z.object({ role: z.string(), feature: z.object({ view: z.object({ entity }).nullable() }) })),
    }),
  ),
});

const graphEntity = entity.extend({
  description: z.string(),
  graphqlType: z.string(),
  featureViews: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      graphqlField: z.string(),
      onlineStore: z.object({ ref: z.string() }).nullable(),
      features: z.array(typed.extend({ graphqlField: z.string() })),
    }),
  ),
});

const onDemandView = z.object({
  name: z.string(),
  description: z.string(),
  graphqlField: z.string(),
  entity: z.object({ name: z.string() }).nullable(),
  request: z.array(typed.extend({ optional: z.boolean() })),
  features: z.array(typed.extend({ graphqlField: z.string() })),
  inputs: z.array(
    z.object({ feature: z.object({ view: z.object({ onlineStore: z.object({ ref: z.string() }).nullable() }) }) }),
  ),
});

const trainingSet = z.object({
  ref: z.string(),
  name: z.string(),
  description: z.string(),
  latestRun: z.object({ columns: z.array(z.object({ name: z.string(), type: z.string().nullable() })) }).nullable(),
});

/** What a module of types is made of. Of several variants of a name it has the latest. */
export type ReadRegistry = {
  services: z.output<typeof service>[];
  entities: z.output<typeof graphEntity>[];
  onDemandFeatureViews: z.output<typeof onDemandView>[];
  trainingSets: z.output<typeof trainingSet>[];
};

const keys = 'entity { name joinKeys { name type description graphqlField } }';

const selections = {
  featureServices: `ref name description features {
      name role
      feature { type description view { ${keys} } onDemandView { request { name type description optional } } }
      inputs { role feature { view { ${keys} } } }
    }`,
  entities: `name description graphqlType joinKeys { name type description graphqlField }
    featureViews { name description graphqlField onlineStore { ref } features { name type description graphqlField } }`,
  onDemandFeatureViews: `name description graphqlField entity { name } request { name type description optional }
    features { name type description graphqlField } inputs { feature { view { onlineStore { ref } } } }`,
  trainingSets: 'ref name description latestRun { columns { name type } }',
} as const;

/** Each page is one request, and no request asks for more than a server allows. */
const pageSize = 25;

export async function readRegistry(client: Featuregraph): Promise<ReadRegistry> {
  const [services, entities, onDemandFeatureViews, trainingSets] = await Promise.all([
    latest(client, 'featureServices', service),
    latest(client, 'entities', graphEntity),
    latest(client, 'onDemandFeatureViews', onDemandView),
    latest(client, 'trainingSets', trainingSet),
  ]);
  return { services, entities, onDemandFeatureViews, trainingSets };
}

async function latest<T extends { name: string }>(
  client: Featuregraph,
  list: keyof typeof selections,
  schema: z.ZodType<T>,
): Promise<T[]> {
  const page = z.object({
    [list]: z.object({
      edges: z.array(z.object({ node: schema })),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  });
  const query = `query ($after: String) {
    ${list}(first: ${pageSize}, after: $after) { edges { node { ${selections[list]} } } pageInfo { hasNextPage endCursor } }
  }`;
  const byName = new Map<string, T>();
  const all = pagesOf(
    async (after) =>
      page.parse(await client.query(query, { after }))[list] as {
        edges: { node: T }[];
        pageInfo: { hasNextPage: boolean; endCursor: string | null };
      },
  );
  // What was registered later comes later.
  for await (const one of all) byName.set(one.name, one);
  return [...byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
