import type { DataFields, Scalar } from '@urql/exchange-graphcache';

export type News = { [field: string]: Scalar | DataFields | null } & { id: string; state: string; revision: number };

/** Of how many jobs the news is kept. */
const most = 500;

/**
 * What jobs have last said of themselves, for the jobs that have said anything of late: news is held against answers that were on
 * their way when it came, and none is on its way for as long as so many others take to change.
 */
export class JobNews {
  readonly #newest = new Map<string, News>();

  take(news: News): void {
    this.#newest.delete(news.id);
    this.#newest.set(news.id, news);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > most && oldest !== undefined) this.#newest.delete(oldest);
  }

  of(id: string): News | undefined {
    return this.#newest.get(id);
  }
}
