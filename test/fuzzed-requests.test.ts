import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fuzz } from './fuzz/fuzz-run.ts';
import { startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';

const seed = Number(process.env.FEATUREGRAPH_SEED ?? Math.floor(Math.random() * 1_000_000_000));
const requests = 2_000;

describe(`requests drawn at random, from seed ${seed}`, () => {
  let server: TestServer;
  before(async () => {
    server = await startDriversServer();
  });
  after(() => server.stop());

  test('each is answered, with a code of the list, and none with a defect', async () => {
    const { faults, codes, requests: answered } = await fuzz(server, seed, requests);
    assert.equal(answered, requests);
    assert.deepEqual(faults.slice(0, 3), [], `${faults.length} faults; FEATUREGRAPH_SEED=${seed} draws them again`);
    // Not everything was refused at the door.
    for (const code of ['INVALID_INPUT', 'NOT_FOUND', 'BAD_USER_INPUT']) assert.ok(codes.has(code), code);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  });
});
