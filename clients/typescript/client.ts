import { addressOf } from './address.ts';
import { type Audit, openAudit } from './audit.ts';
import { batching } from './batching.ts';
import type { CallOptions, ConnectionOptions } from './connection-options.ts';
import type { AnyService, RowOf } from './definitions/consumers.ts';
import type { Definition } from './definitions/definitions.ts';
import { referenceTo } from './definitions/described.ts';
import { entityQuery, type FieldRequests, type Fields, type Selected } from './entity-query.ts';
import { registered } from './errors.ts';
import {
  type ApplyMutation,
  type DefinitionInput,
  type FeatureSelector,
  type GrantsQuery,
  type JobStateFragment,
  type JsonValue,
  type LineageQuery,
  type NearestQuery,
  type NearestTarget,
  type Operations,
  operationTexts,
  type PlanQuery,
  type PushFeaturesMutation,
  type PushFeaturesMutationVariables,
  type Refresh,
  type ResourceFilter,
  type ResourceHeadFragment,
  type ResourceKind,
  type RetrieveHistoricalFeaturesMutationVariables,
  type VectorFilter,
} from './generated/operations.ts';
import { openHttp } from './http.ts';
import { type Jobs, openJobs } from './jobs.ts';
import { type GivenValue, jsonForm } from './json-form.ts';
import { type Keys, keyColumns, type OnlineFeatures, rowsOf } from './online-features.ts';
import { pagesOf } from './pages.ts';
import { openSocket } from './socket.ts';
import { type TrainingSetHandle, trainingSetHandle } from './training-sets.ts';
import { type TypedDocument, textOf } from './typed-document.ts';

/** `at`: as of which instant, in ISO 8601; now when left out. One that can't be told any more is refused. */
export type InstantOptions = CallOptions & { at?: string };
/** `request`: what on-demand features are computed from besides, by name one value a row. */
export type OnlineOptions = InstantOptions & { request?: { readonly [name: string]: readonly GivenValue[] } };
/** `request`: what on-demand features are computed from besides, by the field of their view. */
export type EntityOptions = InstantOptions & { request?: FieldRequests };
/** A vector may also be a `Float32Array`. */
export type GivenTarget = NearestTarget | { vector: Iterable<number>; entity?: never };
export type NearestOptions = CallOptions & { k?: number; filter?: VectorFilter; select?: FeatureSelector };
/** `bump`: what differs from what is registered gets the next variant, and with it what names it. */
export type ApplyOptions = CallOptions & { bump?: boolean };
export type GrantNode = GrantsQuery['grants']['edges'][number]['node'];
export type Lineage = NonNullable<LineageQuery['resource']>['lineage'];

/** A featuregraph server, as typed functions. Each fails with `FeaturegraphError`. */
export type Featuregraph = {
  /** Says exactly what `apply` would do, and everything that is wrong. */
  plan(definitions: readonly Definition[], options?: ApplyOptions): Promise<PlanQuery['plan']>;
  /** Registers definitions, in any order, whole or not at all. */
  apply(definitions: readonly Definition[], options?: ApplyOptions): Promise<ApplyMutation['apply']>;
  /**
   * What is registered, as definitions, each after those that it is built on; without a filter, for administrators, also
   * the grants that there are.
   */
  export(filter?: ResourceFilter, options?: CallOptions): Promise<DefinitionInput[]>;
  /** Who has which role on what. For administrators. */
  grants(options?: CallOptions): AsyncGenerator<GrantNode>;
  /** The latest values of features: of a service by its name, or of those selected. */
  onlineFeatures(select: string | FeatureSelector, keys: Keys, options?: OnlineOptions): Promise<OnlineFeatures>;
  /** The same of a service as it is defined, one row a key, typed by the definition. */
  onlineRows<S extends AnyService>(service: S, keys: Keys, options?: OnlineOptions): Promise<RowOf<S>[]>;
  /** The nearest entities by an embedding, with their features where some are selected. */
  nearest(feature: string, to: GivenTarget, options?: NearestOptions): Promise<NonNullable<NearestQuery['nearest']>>;
  /** One entity of the entity graph, by the names that it, its key and its fields have there; null where there is none. */
  entity<F extends Fields>(
    field: string,
    key: Readonly<Record<string, GivenValue>>,
    fields: F,
    options?: EntityOptions,
  ): Promise<Selected<F> | null>;
  /** An operation of your own. */
  query<R, V>(document: TypedDocument<R, V>, variables?: V, options?: CallOptions): Promise<R>;
  trainingSet(ref: string): TrainingSetHandle;
  /** Joins features to rows, point-in-time; the job's rows are what it stored. */
  retrieve(retrieval: RetrieveHistoricalFeaturesMutationVariables, options?: CallOptions): Promise<JobStateFragment>;
  /** Writes rows to where a view is served from: once it answers, reads see them. */
  push(
    view: string,
    rows: readonly { readonly [name: string]: GivenValue | undefined }[],
    options?: CallOptions,
  ): Promise<PushFeaturesMutation['pushFeatures']>;
  /** Brings what views serve up to date. */
  materialize(
    views: readonly string[],
    options?: CallOptions & { from?: string; to?: string; refresh?: Refresh },
  ): Promise<JobStateFragment[]>;
  /** Resources that a text speaks of, the best match first. */
  search(text: string, filter?: ResourceFilter, options?: CallOptions): AsyncGenerator<ResourceHeadFragment>;
  /** Everything that is registered, the first registered first. */
  resources(filter?: ResourceFilter, options?: CallOptions): AsyncGenerator<ResourceHeadFragment>;
  /** What a resource was built on and what is built on it. Fails with NOT_FOUND. */
  lineage(
    kind: ResourceKind,
    ref: string,
    options?: CallOptions & { direction?: 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH'; depth?: number },
  ): Promise<Lineage>;
  jobs: Jobs;
  audit: Audit;
  /** Every operation of the client, typed, as generated. */
  operations: Operations<CallOptions>;
  /** Ends what is pending, which then fails with CANCELLED, and lets go of the connection. */
  close(): Promise<void>;
};

/** Connects to a server; nothing is sent before the first call. */
export function connect(options: ConnectionOptions): Featuregraph {
  const address = addressOf(options.url);
  const closing = new AbortController();
  const http = openHttp(address, options, closing.signal);
  const socket = openSocket(address, options, () => http.credentials(), closing.signal);
  const request = options.batch === true ? batching(http) : http.request;
  const calls = Object.entries(operationTexts).map(([name, text]) => [
    name,
    (variables: unknown, call?: CallOptions) =>
      text.startsWith('subscription') ? socket.subscribe(text, variables, call) : request(text, variables, call),
  ]);
  const operations = Object.fromEntries(calls) as Operations<CallOptions>;
  return {
    ...registration(operations),
    ...serving(operations),
    entity: async (field, key, fields, call) =>
      (await http.request<Record<string, never>>(entityQuery(field, key, fields, call), {}, call))[field] ?? null,
    query: async (document, variables, call) =>
      http.request(textOf(document, options.print), jsonForm(variables ?? {}, '', 0, 0), call),
    trainingSet: (ref) => trainingSetHandle(ref, operations, http),
    retrieve: async (retrieval, call) =>
      (await operations.RetrieveHistoricalFeatures(retrieval, call)).retrieveHistoricalFeatures,
    jobs: openJobs(operations, socket),
    audit: openAudit(operations, http),
    operations,
    async close() {
      closing.abort();
      await socket.close();
    },
  };
}

/** Whether who asks may see what is granted to others. */
async function isAdministrator(operations: Operations<CallOptions>, options?: CallOptions): Promise<boolean> {
  const { kind, grants } = (await operations.Viewer(undefined, options)).viewer;
  return kind === 'OPEN' || grants.some(({ role }) => role === 'ADMIN');
}

function registration(operations: Operations<CallOptions>) {
  const grants = (options?: CallOptions) =>
    pagesOf(async (after) => (await operations.Grants({ first: 100, after }, options)).grants);
  const found = (filter: ResourceFilter | undefined, search: string | undefined, options?: CallOptions) =>
    pagesOf(async (after) => {
      const page = { filter, search, first: 100, after };
      return (await operations.Resources(page, options)).resources;
    });
  return {
    plan: async (definitions, { bump, ...options } = {}) =>
      (await operations.Plan({ definitions: definitions as DefinitionInput[], bump }, options)).plan,
    apply: async (definitions, { bump, ...options } = {}) =>
      (await operations.Apply({ definitions: definitions as DefinitionInput[], bump }, options)).apply,
    async export(filter, options) {
      const page = async (after: string | null) =>
        (await operations.Definitions({ filter, first: 100, after }, options)).resources;
      const all: DefinitionInput[] = [];
      for await (const { definition } of pagesOf(page)) if (definition !== null) all.push(definition as never);
      if (filter === undefined && (await isAdministrator(operations, options)))
        for await (const { definition } of grants(options)) all.push(definition as never);
      return all;
    },
    grants,
    search: (text, filter, options) => found(filter, text, options),
    resources: (filter, options) => found(filter, undefined, options),
    async lineage(kind, ref, { direction, depth, ...options } = {}) {
      const { resource } = await operations.Lineage({ kind, ref, direction, depth }, options);
      return registered(resource, ref).lineage;
    },
  } satisfies Partial<Featuregraph>;
}

type PushedRows = PushFeaturesMutationVariables['rows'];

/** How many rows a server takes in one push. */
const mostPushed = 10_000;

function serving(operations: Operations<CallOptions>) {
  async function onlineFeatures(select: string | FeatureSelector, keys: Keys, options: OnlineOptions = {}) {
    const request = Object.entries(options.request ?? {}).map(([name, values]) => ({
      name,
      values: values as JsonValue[],
    }));
    const selector = typeof select === 'string' ? { service: select } : select;
    const asked = { select: selector, keys: keyColumns(keys), request, at: options.at };
    return (await operations.OnlineFeatures(asked, options)).onlineFeatures;
  }
  return {
    onlineFeatures,
    async onlineRows<S extends AnyService>({ featureService }: S, keys: Keys, options?: OnlineOptions) {
      return rowsOf(await onlineFeatures(referenceTo(featureService), keys, options)) as RowOf<S>[];
    },
    async nearest(feature, to, { k, filter, select, ...options } = {}) {
      const withFeatures = select !== undefined;
      const { vector } = to;
      // Floats of the graph are numbers of JSON, which has one zero.
      const near = vector === undefined ? to : { vector: Array.from(vector, (one) => (one === 0 ? 0 : one)) };
      const asked = { feature, to: near, k, filter, select: select ?? { features: [] }, withFeatures };
      return registered((await operations.Nearest(asked, options)).nearest, feature);
    },
    async push(view, rows, options) {
      const done = { written: 0, stale: 0 };
      for (let at = 0; at === 0 || at < rows.length; at += mostPushed) {
        const part = { view, rows: rows.slice(at, at + mostPushed) as PushedRows };
        const { written, stale } = (await operations.PushFeatures(part, options)).pushFeatures;
        done.written += written;
        done.stale += stale;
      }
      return done;
    },
    async materialize(views, { from, to, refresh, ...options } = {}) {
      const asked = { views: [...views], from, to, refresh };
      return (await operations.Materialize(asked, options)).materialize;
    },
  } satisfies Partial<Featuregraph>;
}
