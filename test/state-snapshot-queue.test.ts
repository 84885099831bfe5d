import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SnapshotQueue } from '../src/state/snapshot-queue.ts';

type Snapshot = { subject: string; at: number };

async function all<T>(queue: SnapshotQueue<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const snapshot of queue) got.push(snapshot);
  return got;
}

test('a reader that keeps up gets every snapshot, in order', async () => {
  const queue = new SnapshotQueue<number>(2);
  const read = all(queue);
  for (let i = 0; i < 50; i++) {
    queue.push('one', i);
    await new Promise(setImmediate);
  }
  queue.end();
  assert.deepEqual(
    await read,
    Array.from({ length: 50 }, (_, i) => i),
  );
});

test('however slow the reader, the last of each subject arrives, in order, and memory is bounded', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'd') },
    { weight: 1, arbitrary: fc.constant('READ' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), async (steps, limit) => {
      const queue = new SnapshotQueue<Snapshot>(limit);
      const last = new Map<string, number>();
      const got: Snapshot[] = [];
      const reads: Promise<void>[] = [];
      let asked = 0;
      for (const [at, subject] of steps.entries()) {
        if (subject === 'READ') {
          asked++;
          reads.push(queue.next().then(({ value }) => void (value === undefined || got.push(value))));
        } else {
          queue.push(subject, { subject, at });
          last.set(subject, at);
        }
      }
      queue.end();
      await Promise.all(reads);
      const rest = await all(queue);
      assert.ok(rest.length <= Math.max(limit, 2 * 4), `${rest.length} waited`);
      assert.ok(asked >= got.length);
      const arrived = [...got, ...rest];
      for (const [subject, at] of last) assert.equal(arrived.findLast((one) => one.subject === subject)?.at, at);
      const order = arrived.map(({ at }) => at);
      assert.deepEqual(
        order,
        order.toSorted((left, right) => left - right),
      );
    }),
  );
});

test('a reader that leaves ends its pending read, and the queue, once', async () => {
  let ends = 0;
  const queue = new SnapshotQueue<number>(10, () => ends++);
  const pending = queue.next();
  await queue.return();
  queue.end();
  queue.push('one', 1);
  assert.deepEqual(await pending, { value: undefined, done: true });
  assert.deepEqual(await queue.next(), { value: undefined, done: true });
  assert.equal(ends, 1);
});

test('a failure reaches the reader after what came before it', async () => {
  const queue = new SnapshotQueue<number>();
  queue.push('one', 1);
  queue.end({ error: new Error('lost') });
  assert.deepEqual(await queue.next(), { value: 1, done: false });
  await assert.rejects(queue.next(), /lost/);
  assert.equal((await queue.next()).done, true);
});
