import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JobNews } from '../dashboard/graph/job-news.ts';

const news = (id: string, revision = 1) => ({ id, revision, state: 'RUNNING' });

describe('the news of jobs that the dashboard keeps', () => {
  test('are the newest of each job, and no more than there is use for, however long it is open', () => {
    const kept = new JobNews();
    for (let job = 0; job < 10_000; job++) {
      kept.take(news(`job ${job}`));
      kept.take(news('a long one', job));
    }
    const ids = Array.from({ length: 10_000 }, (_one, job) => `job ${job}`);
    assert.equal(ids.filter((id) => kept.of(id) !== undefined).length, 499);
    assert.deepEqual(kept.of('job 9999'), news('job 9999'));
    assert.deepEqual(kept.of('a long one'), news('a long one', 9_999));
    assert.equal(kept.of('job 0'), undefined);
  });
});
