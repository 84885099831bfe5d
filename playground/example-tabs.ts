import { beginningTabs, keylessTabs } from './first-tabs.ts';
import { type Registered, type Service, type View, viewsInRoles } from './registered.ts';
import type { SampleKeys } from './sample-keys.ts';
import { sampleValue } from './sample-values.ts';

type Keys = ReadonlyMap<string, SampleKeys>;

/** The queries that a playground opens with, of what its server has: each answers as it stands. */
export function exampleTabs(registered: Registered | undefined, keys: Keys): string[] {
  if (registered === undefined) return keylessTabs;
  const { featureViews, featureServices, trainingSets } = registered;
  if (isEmpty(registered)) return [...beginningTabs(registered.providers), list, jobs, jobUpdates];
  const [service] = featureServices;
  const [trainingSet] = trainingSets;
  const served = featureViews.filter(({ onlineStore }) => onlineStore !== null);
  const embedding = embeddingOf(featureViews);
  return [
    list,
    lineage(registered),
    service && onlineFeatures(service, keys),
    served.length > 0 && entity(served, keys),
    embedding && nearest(embedding, keys),
    trainingSet && rowsOf(trainingSet.ref),
    jobs,
    jobUpdates,
  ].filter((tab) => typeof tab === 'string');
}

/** Stores alone are where one begins. */
function isEmpty({ resources, providers }: Registered): boolean {
  return (resources?.totalCount ?? 0) <= providers.length;
}

const list = `# What is registered here. Words of any resource can be given as search: "…".
query Registered {
  resources(first: 50) {
    totalCount
    edges {
      node {
        kind
        ref
        status
        description
        owner
      }
    }
  }
}
`;

const jobs = `# The latest jobs, the newest first.
query Jobs {
  jobs(first: 10) {
    edges {
      node {
        kind
        ref
        state
        stage
        rowsDone
        error {
          code
          message
        }
      }
    }
  }
}
`;

const jobUpdates = `# Jobs as they change. Leave it running, and register or materialize something in another tab.
subscription JobUpdates {
  jobUpdates {
    kind
    ref
    state
    stage
    rowsDone
    rowsExpected
  }
}
`;

function lineage({ models, featureServices, trainingSets, featureViews, sources }: Registered): string | undefined {
  const ends = [
    ['model', models],
    ['featureService', featureServices],
    ['trainingSet', trainingSets],
    ['featureView', featureViews],
    ['source', sources],
  ] as const;
  const [field, [end] = []] = ends.find(([, found]) => found.length > 0) ?? [];
  if (field === undefined || end === undefined) return undefined;
  return `# What was it built on, down to the files and tables?
query Lineage {
  ${field}(ref: ${JSON.stringify(end.ref)}) {
    lineage(direction: UPSTREAM) {
      nodes {
        kind
        ref
      }
      edges {
        from {
          ref
        }
        to {
          ref
        }
      }
    }
  }
}
`;
}

function onlineFeatures(service: Service, keys: Keys): string {
  const { ref } = service;
  const roles = new Map(viewsInRoles(service).map(({ role, view }) => [role, view]));
  const columns = [...roles].flatMap(([role, view]) =>
    [...(keys.get(view.ref) ?? [])].map(
      ([joinKey, value]) => `      { role: "${role}", joinKey: "${joinKey}", values: [${value}] }`,
    ),
  );
  return `# What a model reads: the latest values of a feature service, for one row of keys.
query OnlineFeatures {
  onlineFeatures(
    select: { service: ${JSON.stringify(ref)} }
    keys: [
${columns.join('\n')}
    ]${requestOf(service)}
  ) {
    columns {
      name
      values
      statuses
      eventTimestamps
    }
    failures {
      provider
      message
    }
  }
}
`;
}

/** What on-demand features are computed of besides. */
function requestOf({ features }: Service): string {
  const values = features.flatMap(({ feature }) => feature.onDemandView?.request ?? []);
  const named = new Map(values.map(({ name, type }) => [name, sampleValue(type)]));
  if (named.size === 0) return '';
  const lines = [...named].map(([name, value]) => `      { name: "${name}", values: [${value}] }`);
  return `\n    request: [\n${lines.join('\n')}\n    ]`;
}

/** The first entity that is served, with a few of its views and features. */
function entity(served: readonly View[], keys: Keys): string | undefined {
  const [first] = served;
  if (first === undefined) return undefined;
  const { entity: described } = first;
  const own = served.filter((view) => view.entity.ref === described.ref).slice(0, 3);
  const views = own.map((view) => {
    const fields = view.features.filter(({ type }) => !type.startsWith('VECTOR')).slice(0, 5);
    const lines = [...fields.map(({ graphqlField }) => graphqlField), '_status', '_eventTimestamp'];
    return `    ${view.graphqlField} {\n${lines.map((line) => `      ${line}`).join('\n')}\n    }`;
  });
  return `# An entity is a type of the graph, and its views are fields of it.
query Entity {
  ${rootField(described.graphqlType)}(${keyArguments(first, keys)}) {
${[...new Map(own.map((view, at) => [view.graphqlField, views[at]])).values()].join('\n')}
  }
}
`;
}

/** What the graph calls one of a type: `Driver` is asked of `driver`. */
function rootField(type: string): string {
  return type.charAt(0).toLowerCase() + type.slice(1);
}

function keyArguments({ ref, entity: described }: View, keys: Keys): string {
  const forms = described.definition.entity.graphql?.keys ?? [];
  const given = described.joinKeys.map(({ name, graphqlField }) => {
    const value = keys.get(ref)?.get(name) ?? '1';
    const form = forms.find(({ joinKey }) => joinKey === name)?.type;
    const isText = (form === 'ID' || form === 'String') && !value.startsWith('"');
    return `${graphqlField}: ${isText ? JSON.stringify(value) : value}`;
  });
  return given.join(', ');
}

type Embedding = { view: View; feature: string };

function embeddingOf(views: readonly View[]): Embedding | undefined {
  for (const view of views) {
    const feature = view.features.find(({ type }) => type.startsWith('VECTOR'));
    if (feature !== undefined && view.vectorStore !== null && view.status === 'READY')
      return { view, feature: feature.name };
  }
  return undefined;
}

function nearest({ view, feature }: Embedding, keys: Keys): string {
  const columns = [...(keys.get(view.ref) ?? [])].map(
    ([joinKey, value]) => `{ joinKey: "${joinKey}", values: [${value}] }`,
  );
  return `# The nearest neighbours of one by an embedding.
query Nearest {
  nearest(feature: ${JSON.stringify(`${view.ref}:${feature}`)}, to: { entity: [${columns.join(', ')}] }, k: 5) {
    score
    keys {
      joinKey
      value
    }
  }
}
`;
}

function rowsOf(ref: string): string {
  return `# The first rows of a training set, and where to download all of them. Each saw only what was known at its moment.
query TrainingSet {
  trainingSet(ref: ${JSON.stringify(ref)}) {
    status
    rows(first: 3) {
      totalCount
      columns {
        name
        type
      }
      edges {
        node
      }
    }
    download(format: CSV)
  }
}
`;
}
