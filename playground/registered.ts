import * as z from 'zod';

const providers = z.object({ ref: z.string(), roles: z.array(z.string()) });

const entity = z.object({
  ref: z.string(),
  graphqlType: z.string(),
  joinKeys: z.array(z.object({ name: z.string(), type: z.string(), graphqlField: z.string() })),
  /** Where the graph's field for a join key is of another type than the join key. */
  definition: z.object({
    entity: z.object({
      graphql: z
        .object({ keys: z.array(z.object({ joinKey: z.string(), type: z.string().optional() })).default([]) })
        .optional(),
    }),
  }),
});

const viewHead = z.object({
  ref: z.string(),
  graphqlField: z.string(),
  status: z.string(),
  onlineStore: z.object({ ref: z.string() }).nullable(),
  vectorStore: z.object({ ref: z.string() }).nullable(),
  entity,
  joinKeys: z.array(z.object({ joinKey: z.string(), column: z.string() })),
  source: z.object({ ref: z.string() }),
});

const feature = z.object({ name: z.string(), type: z.string(), graphqlField: z.string() });
const view = viewHead.extend({ features: z.array(feature) });
/** What is computed on demand is in no view that is stored: it is keyed as its inputs are, and asked with values. */
const onDemand = z.object({ request: z.array(z.object({ name: z.string(), type: z.string() })) });
const stored = z.object({ role: z.string(), feature: z.object({ view: viewHead.nullable() }) });
const selected = stored.extend({
  feature: stored.shape.feature.extend({ onDemandView: onDemand.nullable() }),
  inputs: z.array(stored),
});
const named = z.object({ ref: z.string() });

/** The nodes of a connection; none where the graph denies them. */
function listOf<T extends z.ZodObject>(node: T) {
  const connection = z.object({ edges: z.array(z.object({ node })) });
  return connection
    .nullish()
    .transform((list) => ((list?.edges ?? []) as { node: z.output<T> }[]).map((edge) => edge.node));
}

const registered = z.object({
  resources: z.object({ totalCount: z.int() }).nullish(),
  providers: listOf(providers),
  featureViews: listOf(view),
  featureServices: listOf(named.extend({ features: z.array(selected) })),
  trainingSets: listOf(named),
  models: listOf(named),
  sources: listOf(named),
});

export type Registered = z.output<typeof registered>;
export type View = z.output<typeof view>;
export type ViewHead = z.output<typeof viewHead>;
export type Service = Registered['featureServices'][number];

/** The views that a service reads, each in its role: of what it computes on demand, those of the inputs. */
export function viewsInRoles({ features }: Service): { role: string; view: ViewHead }[] {
  return features
    .flatMap((one) => [one, ...one.inputs])
    .flatMap(({ role, feature: { view } }) => (view === null ? [] : [{ role, view }]));
}

/** What tabs are made of: a few of each kind, for a registry may hold thousands. */
const document = `query Registered {
  resources(first: 1) { totalCount }
  providers(first: 20) { edges { node { ref roles } } }
  featureViews(first: 20) { edges { node { ...View features { name type graphqlField } } } }
  featureServices(first: 1) { edges { node { ref features { role feature { view { ...View } onDemandView { request { name type } } } inputs { role feature { view { ...View } } } } } } }
  trainingSets(first: 1) { edges { node { ref } } }
  models(first: 1) { edges { node { ref } } }
  sources(first: 1) { edges { node { ref } } }
}
fragment View on FeatureView {
  ref
  graphqlField
  status
  onlineStore { ref }
  vectorStore { ref }
  entity { ref graphqlType joinKeys { name type graphqlField } definition }
  joinKeys { joinKey column }
  source { ref }
}`;

/** Asks the graph; answers with its data, undefined where there is none. */
export type Ask = (query: string) => Promise<unknown>;

/** What this server has registered, as far as whoever asks may see it; undefined where he may see nothing. */
export async function readRegistered(ask: Ask): Promise<Registered | undefined> {
  return registered.safeParse(await ask(document)).data;
}
