import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const preflight = 'A GET without a header of its own could come from any page: Apollo Server refuses it.';
const status = 'Who asks for application/json gets 400 for what was never executed, as Apollo Server has it.';

/** What is recommended, or may be, and is otherwise here, by the audits' ids: none is a MUST. */
const explained: Readonly<Record<string, string>> = {
  '5A70': preflight,
  '6A70': preflight,
  D6D5: preflight,
  '572B': status,
  '7B9B': status,
  FDE2: status,
};

describe('GraphQL over HTTP', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ worker: false });
  });
  after(() => server.stop());

  for (const path of ['/graphql', '/subgraph']) {
    test(`${path}: no audit fails, and each notice and warning is explained`, async () => {
      const results = [];
      for (const audit of serverAudits({ url: () => `${server.url}${path}`, fetchFn: fetch })) {
        results.push(await audit.fn());
      }
      assert.ok(results.length > 50);
      assert.deepEqual(
        results.filter((one) => one.status === 'error'),
        [],
      );
      const told = results.filter((one) => one.status !== 'ok').map(({ id }) => id);
      assert.deepEqual(told.toSorted(), Object.keys(explained).toSorted());
    });
  }
});
