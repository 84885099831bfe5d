import assert from 'node:assert/strict';
import { availableParallelism, loadavg } from 'node:os';

/**
 * Holds the product to a time that it promises. On a machine whose cores others use as well everything takes longer, by
 * as much as there is more to do than cores; what is judged is a wait that should not be there, not the machine.
 */
export function assertWithin(promisedMs: number, tookMs: number, what = 'it'): void {
  const busy = (loadavg()[0] ?? 0) / availableParallelism();
  const limit = promisedMs * (2 + busy);
  assert.ok(tookMs < limit, `${what} took ${tookMs} ms; promised are ${promisedMs}, allowed ${limit} on this machine`);
}
