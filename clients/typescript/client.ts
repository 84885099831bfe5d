import { type DocumentNode, Kind, print } from 'graphql';
import { FeaturegraphError } from './errors.ts';
import {
  type ApplyMutation,
  type DefinitionInput,
  type FeatureSelector,
  getSdk,
  type JobFilter,
  type JobStateFragment,
  type KeyColumnInput,
  type LineageQuery,
  type NearestQuery,
  type NearestTarget,
  type OnlineFeaturesQuery,
  type PlanQuery,
  type Refresh,
  type ResourceKind,
  type Sdk,
  type SplitPart,
  type TrainingSetQuery,
  type VectorFilter,
} from './generated/operations.ts';
import { type ConnectionOptions, openTransport } from './transport.ts';

export type NearestOptions = { k?: number; filter?: VectorFilter; select?: FeatureSelector };

/** A featuregraph server, as typed functions. */
export type Featuregraph = {
  /** Says exactly what `apply` would do, and everything that is wrong. */
  plan(definitions: readonly DefinitionInput[]): Promise<PlanQuery['plan']>;
  /** Registers definitions, in any order, whole or not at all. */
  apply(definitions: readonly DefinitionInput[]): Promise<ApplyMutation['apply']>;
  /** The latest values of features: of a service by its name, or of those selected. Keys are columnar. */
  onlineFeatures(
    select: string | FeatureSelector,
    keys: readonly KeyColumnInput[],
  ): Promise<OnlineFeaturesQuery['onlineFeatures']>;
  /** The nearest entities by an embedding, with their features where some are selected. */
  nearest(feature: string, to: NearestTarget, options?: NearestOptions): Promise<NonNullable<NearestQuery['nearest']>>;
  /** A training set with a page of its rows. Fails with NOT_FOUND. */
  trainingSet(
    ref: string,
    page?: { first?: number; after?: string; split?: SplitPart },
  ): Promise<NonNullable<TrainingSetQuery['trainingSet']>>;
  /** Starts a new run of a training set, of the data of now; its rows are the job's `run`. */
  buildTrainingSet(ref: string, options?: { refresh?: Refresh }): Promise<JobStateFragment>;
  /** What a resource was built on and what is built on it. Fails with NOT_FOUND. */
  lineage(
    kind: ResourceKind,
    ref: string,
    options?: { direction?: 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH'; depth?: number },
  ): Promise<Lineage>;
  jobs: {
    /** Every unfinished job as it is now, and those named, then each change. */
    watch(filter?: JobFilter): AsyncIterableIterator<JobStateFragment>;
  };
  /** Every operation of the client, typed, as generated. */
  operations: Sdk;
  /** Ends subscriptions and lets go of the connection. */
  close(): Promise<void>;
};

export type Lineage = NonNullable<LineageQuery['resource']>['lineage'];

/** Connects to a server; nothing is sent before the first call. Calls fail with `FeaturegraphError`. */
export function connect(options: ConnectionOptions): Featuregraph {
  const transport = openTransport(options);
  const operations = getSdk(<R, V>(document: DocumentNode, variables?: V) =>
    isSubscription(document)
      ? transport.subscribe<R>(print(document), variables)
      : transport.request<R>(print(document), variables),
  );
  return {
    operations,
    plan: async (definitions) => (await operations.Plan({ definitions: [...definitions] })).plan,
    apply: async (definitions) => (await operations.Apply({ definitions: [...definitions] })).apply,
    onlineFeatures: async (select, keys) => {
      const selector = typeof select === 'string' ? { service: select } : select;
      return (await operations.OnlineFeatures({ select: selector, keys: [...keys] })).onlineFeatures;
    },
    nearest: async (feature, to, { k = 10, filter, select } = {}) => {
      const answer = await operations.Nearest({
        feature,
        to,
        k,
        filter: filter ?? null,
        select: select ?? { features: [] },
        withFeatures: select !== undefined,
      });
      return found(answer.nearest, feature);
    },
    trainingSet: async (ref, page = {}) => found((await operations.TrainingSet({ ...page, ref })).trainingSet, ref),
    buildTrainingSet: async (ref, { refresh = 'STALE' } = {}) =>
      (await operations.BuildTrainingSet({ ref, refresh })).buildTrainingSet,
    lineage: async (kind, ref, { direction = 'BOTH', depth } = {}) =>
      found((await operations.Lineage({ kind, ref, direction, depth: depth ?? null })).resource, ref).lineage,
    jobs: {
      async *watch(filter) {
        for await (const { jobUpdates } of operations.JobUpdates({ filter: filter ?? null })) yield jobUpdates;
      },
    },
    close: () => transport.close(),
  };
}

function isSubscription({ definitions }: DocumentNode): boolean {
  return definitions.some(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'subscription',
  );
}

function found<T>(value: T | null | undefined, ref: string): T {
  if (value === null || value === undefined) throw new FeaturegraphError('NOT_FOUND', `"${ref}" is not registered.`);
  return value;
}
