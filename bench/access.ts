import { driversWorld, writeDriversFiles } from '../test/servers/drivers-world.ts';
import { startTestServer, type TestServer } from '../test/servers/featuregraph.ts';
import { adminKey, ask, guarded } from '../test/servers/guarded.ts';

/** What access costs a request of one row: by a key that is bound to one feature service, against nobody asked at all. */
const query = `{ onlineFeatures(select: { service: "acceptance" }, keys: [{ joinKey: "driver_id", values: [1] }]) {
  columns { values } } }`;
const apply = 'mutation ($definitions: [DefinitionInput!]!) { apply(definitions: $definitions) { jobs { id } } }';
const create = `mutation { createApiKey(name: "model", roles: [
  { role: MODEL, on: { kind: FEATURE_SERVICE, ref: "acceptance" } }]) { secret } }`;
const rounds = 4_000;

async function begin(variables: Record<string, string>): Promise<TestServer> {
  const server = await startTestServer({ variables });
  await writeDriversFiles(server.dataRoot);
  await ask(server, adminKey, apply, { definitions: driversWorld });
  const unfinished = '{ jobs(filter: { states: [PENDING, RUNNING] }) { edges { node { id } } } }';
  for (let left = 1; left > 0; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const { data } = await ask(server, adminKey, unfinished);
    left = (data.jobs as { edges: unknown[] }).edges.length;
  }
  return server;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

const open = await begin({});
const keyed = await begin({ ...guarded, FEATUREGRAPH_SENSITIVE_TAGS: 'pii' });
const made = await ask(keyed, adminKey, create);
const { secret } = made.data.createApiKey as { secret: string };
const took = { open: [] as number[], keyed: [] as number[] };
// In turns, so that whatever else the machine does meets both alike.
for (let at = 0; at < rounds; at++) {
  for (const [name, server] of [['open', open] as const, ['keyed', keyed] as const]) {
    const began = performance.now();
    const { errors } = await ask(server, secret, query);
    if (errors) throw new Error(JSON.stringify(errors));
    if (at >= rounds / 4) took[name].push(performance.now() - began);
  }
}
const [without, withKey] = [median(took.open), median(took.keyed)];
process.stdout.write(
  `p50 at one row: ${without.toFixed(3)} ms open, ${withKey.toFixed(3)} ms keyed: ${((withKey / without - 1) * 100).toFixed(1)} %\n`,
);
await Promise.all([open.stop(), keyed.stop()]);
