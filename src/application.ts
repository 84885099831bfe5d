import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Access } from './access/access.ts';
import { Authenticator } from './access/authenticator.ts';
import { DownloadTickets } from './access/download-tickets.ts';
import { TokenVerifier } from './access/token-verifier.ts';
import { AuditLog } from './audit/audit-log.ts';
import type { Configuration } from './config/configuration.ts';
import { TrustedDocuments } from './documents/trusted-documents.ts';
import { Jobs } from './jobs/jobs.ts';
import { jobHandlers } from './orchestration/job-handlers.ts';
import type { NeededJob } from './orchestration/needed-jobs.ts';
import { registryFollowUp, statusFollowing } from './orchestration/registry-follow-up.ts';
import { ScheduleKeeper } from './orchestration/schedule-keeper.ts';
import type { ReservedNames } from './registry/graph-names.ts';
import { Registry } from './registry/registry.ts';
import { keptColumnNames } from './registry/source-columns.ts';
import { SearchIndex } from './search/search-index.ts';
import { ValueChanges } from './serving/value-changes.ts';
import { ChangeFeed } from './state/change-feed.ts';
import { type Database, openDatabase } from './state/database.ts';
import { providerRefusals } from './stores/provider-refusals.ts';
import type { Sealing } from './stores/sealing.ts';
import { openSealing } from './stores/sealing-keys.ts';
import { StorePool } from './stores/store-pool.ts';

/** Everything that one process of a deployment is made of, without the API in front of it. */
export type Application = {
  configuration: Configuration;
  logger: Logger;
  database: Database;
  feed: ChangeFeed;
  registry: Registry<NeededJob>;
  access: Access;
  authenticator: Authenticator;
  tickets: DownloadTickets;
  jobs: Jobs;
  stores: StorePool;
  valueChanges: ValueChanges;
  search: SearchIndex;
  documents: TrustedDocuments;
  sealing: Sealing;
  audit: AuditLog;
  /** Lets running jobs finish for as long as the configuration allows, then lets go of everything. */
  close(): Promise<void>;
};

export type ApplicationOptions = {
  configuration: Configuration;
  logger: Logger;
  /** Whether this process runs jobs. */
  worker: boolean;
  /** What nothing that is registered can be called in the graph. */
  reservedNames: ReservedNames;
};

/** Opens the registry's database, follows its changes, and starts working off jobs. */
export async function openApplication({
  configuration,
  logger,
  worker,
  reservedNames,
}: ApplicationOptions): Promise<Application> {
  const sealing = await openSealing(configuration.project, configuration.secrets);
  await mkdir(configuration.dataDirectory, { recursive: true });
  const database = await openDatabase({
    url: configuration.databaseUrl,
    connections: configuration.databaseConnections,
    directory: join(configuration.dataDirectory, 'registry'),
    schema: configuration.project,
    logger,
  });
  const feed = new ChangeFeed(database, { logger });
  const { dataDirectory, dataRoots, project, readDeadlineMs, providerHosts: hosts } = configuration;
  const secrets = { ...configuration.secrets, sealing };
  const valueChanges = new ValueChanges(database, feed, { logger });
  const report = (words: string) => logger.warn(words);
  const settings = { dataDirectory, dataRoots, project, secrets, hosts, readDeadlineMs, report };
  const stores = new StorePool(settings, ({ view }, keys) => valueChanges.announce(view, keys));
  const { required, tokens, adminKey, sensitiveTags } = configuration.authentication;
  const access = new Access({ database, feed, logger, sensitiveTags, adminKey });
  const tickets = new DownloadTickets(database, access);
  const authenticator = new Authenticator(required, access, tokens && new TokenVerifier(tokens, logger), tickets);
  const followUp = registryFollowUp(() => jobs, stores, logger);
  const openOfflineStore = (...provider: Parameters<StorePool['offline']>) => stores.offline(...provider);
  const registry = new Registry<NeededJob>({
    database,
    feed,
    openOfflineStore,
    followUp,
    reservedNames,
    sealing,
    providerRefusals: (config) => providerRefusals(config, settings),
  });
  const jobs = new Jobs({
    database,
    feed,
    logger,
    concurrency: configuration.workerConcurrency,
    onState: async (trx, job) => {
      if (job.resource === null) return;
      const status = statusFollowing(job, registry.catalog.byId(job.resource.id));
      if (status !== undefined) await registry.setStatus(trx, job.resource.id, ...status);
    },
  });
  for (const [kind, handler] of Object.entries(jobHandlers({ registry, stores, database, valueChanges }))) {
    jobs.handle(kind as Parameters<Jobs['handle']>[0], handler);
  }
  const audit = new AuditLog({ database, days: configuration.auditDays, logger });
  const search = new SearchIndex((sourceIds) => keptColumnNames(database, sourceIds));
  const documents = new TrustedDocuments({ database, feed, limits: configuration.limits });
  const schedules = new ScheduleKeeper(registry, jobs, logger);

  await feed.start();
  await registry.start();
  await documents.start();
  await access.start();
  audit.start();
  await jobs.start({ worker });
  await schedules.start();

  const close = async () => {
    schedules.stop();
    await jobs.stop({ timeoutMs: configuration.shutdownMs });
    await valueChanges.close();
    registry.stop();
    documents.stop();
    await access.stop();
    await audit.stop();
    await feed.stop();
    await stores.close();
    await database.close();
  };
  return {
    configuration,
    logger,
    database,
    feed,
    registry,
    access,
    authenticator,
    tickets,
    jobs,
    stores,
    valueChanges,
    search,
    documents,
    sealing,
    audit,
    close,
  };
}
