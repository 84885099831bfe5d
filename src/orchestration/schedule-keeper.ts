import type { Jobs } from '../jobs/jobs.ts';
import type { Catalog } from '../registry/catalog.ts';
import type { Registry } from '../registry/registry.ts';
import type { NeededJob } from './needed-jobs.ts';
import type { FollowUpLogger } from './registry-follow-up.ts';

/**
 * Keeps the job queue's schedules equal to those of the registered views. Setting one again is harmless, so every
 * process does it, and one that died in between is made up for by the next.
 */
export class ScheduleKeeper {
  readonly #registry: Registry<NeededJob>;
  readonly #jobs: Jobs;
  readonly #logger: FollowUpLogger;
  readonly #set = new Map<string, string>();
  #running: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => {};

  constructor(registry: Registry<NeededJob>, jobs: Jobs, logger: FollowUpLogger) {
    this.#registry = registry;
    this.#jobs = jobs;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#registry.onChange((catalog) => this.#follow(catalog));
    this.#follow(this.#registry.catalog);
    await this.#running;
  }

  stop(): void {
    this.#unsubscribe();
  }

  #follow(catalog: Catalog): void {
    this.#running = this.#running
      .then(() => this.#keep(catalog))
      .catch((error: unknown) =>
        this.#logger.warn({ error }, 'schedules could not be kept; trying again at the next change'),
      );
  }

  async #keep(catalog: Catalog): Promise<void> {
    const views = catalog.ofKind('FEATURE_VIEW').filter((view) => view.definition.schedule !== undefined);
    for (const { id, kind, ref, definition } of views) {
      const cron = definition.schedule ?? '';
      if (this.#set.get(id) === cron) continue;
      // Yes is ALL, and what an older process understands, too: schedules catch up with what versions don't tell.
      const input = { refresh: true };
      await this.#jobs.setSchedule(id, cron, {
        kind: 'MATERIALIZE',
        resource: { id, kind, ref },
        input,
        startedBy: 'schedule',
      });
      this.#set.set(id, cron);
    }
    const scheduled = new Set(views.map((view) => view.id));
    for (const id of [...this.#set.keys()].filter((known) => !scheduled.has(known))) {
      await this.#jobs.removeSchedule(id);
      this.#set.delete(id);
    }
  }
}
