import { type Cache, cacheExchange, type DataFields, type Resolver, type Scalar } from '@urql/exchange-graphcache';
import { possibleTypes, typesWithoutId } from '../generated/schema-facts.ts';
import { JobNews, type News } from './job-news.ts';

/** What the registry has no part in: all else may be otherwise once a resource is. */
const besideTheRegistry = new Set(['apiKeys', 'audit', 'grants', 'job', 'jobs', 'viewer']);

const isOfRegistry = (name: string) => !besideTheRegistry.has(name);
const isJobs = (name: string) => name === 'jobs';
/** What a job says of itself its news bring too, but not what it has made. */
const isOfJobs = (name: string) => name === 'jobs' || name === 'job';

/** What a resource has more of when a job of it has ended. */
const grown = ['materializations', 'latestRun', 'runs', 'rows', 'retrievals', 'download', 'preview'];

type Change = { action?: string; resource?: { __typename?: string; id?: string } | null };

/** What a job says of itself while it goes on. */
const changing = [
  'state',
  'stage',
  'rowsDone',
  'rowsExpected',
  'attempts',
  'error',
  'reason',
  'startedAt',
  'finishedAt',
  'revision',
];

/**
 * What is kept of answers, by the ids of what they speak of; subscriptions change it as the registry and jobs change.
 * `onChange` is told which fields of the root that concerns, for the answers that are still to come.
 */
export function cache(onChange: (isConcerned: (field: string) => boolean) => void) {
  const newest = new JobNews();
  return cacheExchange({
    possibleTypes,
    keys: Object.fromEntries(typesWithoutId.map((name) => [name, () => null])),
    // An answer may have been on its way for longer than the news that came meanwhile.
    resolvers: { Job: Object.fromEntries(changing.map((field) => [field, newer(field, newest)])) },
    updates: {
      Subscription: {
        resourceChanges: (data, _args, kept) => {
          onChange(isOfRegistry);
          changed(data.resourceChanges as Change, kept);
        },
        jobUpdates: (data, _args, kept) => {
          const news = data.jobUpdates as News;
          const isAsBefore = newest.of(news.id)?.state === news.state;
          newest.take(news);
          if (isAsBefore) return;
          onChange(isOfJobs);
          forget(kept, 'Query', isJobs);
        },
      },
      Mutation: {
        createApiKey: (_data, _args, kept) => forget(kept, 'Query', (name) => name === 'apiKeys'),
        revokeApiKey: (_data, _args, kept) => forget(kept, 'Query', (name) => name === 'apiKeys'),
        grantRole: (_data, _args, kept) => forget(kept, 'Query', (name) => name === 'grants'),
        revokeRole: (_data, _args, kept) => forget(kept, 'Query', (name) => name === 'grants'),
        retrieveHistoricalFeatures: (_data, _args, kept) => forget(kept, 'Query', isJobs),
      },
    },
  });
}

function newer(field: string, newest: JobNews): Resolver {
  return (parent, _args, kept) => {
    const id = String(parent.id);
    const news = newest.of(id);
    const job = { __typename: 'Job', id };
    const known = kept.resolve(job, 'revision');
    const isNewer = news !== undefined && typeof known === 'number' && news.revision > known;
    return isNewer ? (news[field] ?? null) : (parent[field] ?? (kept.resolve(job, field) as Scalar));
  };
}

function changed({ action, resource }: Change, kept: Cache): void {
  forget(kept, 'Query', isOfRegistry);
  if (action === 'CREATED' || resource == null) return;
  forget(kept, resource as DataFields as { __typename: string; id: string }, (name) => grown.includes(name));
}

function forget(kept: Cache, of: 'Query' | { __typename: string; id: string }, isStale: (name: string) => boolean) {
  for (const { fieldName, arguments: args } of kept.inspectFields(of))
    if (isStale(fieldName)) kept.invalidate(of, fieldName, args);
}
