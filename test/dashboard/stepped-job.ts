import type { JobContext, JobHandler } from '../../src/jobs/job.ts';
import type { TestServer } from '../servers/featuregraph.ts';

/** Transformations that run as far as a test lets them. */
export class SteppedJobs {
  #running = Promise.withResolvers<JobContext>();
  #end = Promise.withResolvers<Error | undefined>();

  constructor(server: TestServer) {
    const handler: JobHandler = async (context) => {
      this.#running.resolve(context);
      const stopped = new Promise<Error>((resolve) => {
        context.signal.addEventListener('abort', () => resolve(new Error('stopped')), { once: true });
      });
      const error = await Promise.race([this.#end.promise, stopped]);
      this.#running = Promise.withResolvers();
      this.#end = Promise.withResolvers();
      if (error !== undefined) throw error;
      return null;
    };
    server.process.application.jobs.handle('TRANSFORM', handler);
  }

  get running(): Promise<JobContext> {
    return this.#running.promise;
  }

  end(error?: Error): void {
    this.#end.resolve(error);
  }
}
