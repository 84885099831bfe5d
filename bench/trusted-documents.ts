import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type DefinitionInput } from '@featuregraph/client';
import { documentIdOf } from '../src/documents/document.ts';
import { startDeploymentProcess } from '../test/servers/deployment-process.ts';
import { driver, providers, statsSource, statsView, writeDriversFiles } from '../test/servers/drivers-world.ts';
import { closeConnections, post, quantile } from './http-requests.ts';

/**
 * Small requests by the id of a trusted document against the same by text: one row of features from LMDB, from one server,
 * in turns of one run. Prints the median time of a request and the server's CPU for one, in milliseconds, and their ratios.
 */
const [rounds, requestsOfRound] = [12, 500];

const texts = {
  onlineFeatures: `query Serve($ids: KeyValues!) {
  onlineFeatures(select: { features: [{ feature: "driver_stats:trips" }, { feature: "driver_stats:rating" }, { feature: "driver_stats:city" }] }, keys: [{ joinKey: "driver_id", values: $ids }]) {
    size columns { ref values statuses eventTimestamps } failures { provider code message }
  }
}`,
  entity: `query Driver($id: BigInt!) {
  driver(driverId: $id) { driverStats { trips rating city _status _eventTimestamp } }
}`,
} as const;
const variables = { onlineFeatures: { ids: [1] }, entity: { id: 1 } };

const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
await writeDriversFiles(home);
const server = await startDeploymentProcess('--server-only', {
  FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state'),
  FEATUREGRAPH_DATA_ROOTS: home,
  FEATUREGRAPH_LOG_LEVEL: 'info',
});
const client = connect({ url: server.url });
const ticksPerSecond = 100;

/** What the server has used of the processors, in milliseconds. */
function cpuMs(): number {
  const fields = readFileSync(`/proc/${server.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}

type Measured = { times: number[]; cpu: number };

async function round(body: object, measured: Measured): Promise<void> {
  const before = cpuMs();
  for (let at = 0; at < requestsOfRound; at++) {
    const began = performance.now();
    const answer = await post(`${server.url}/graphql`, body);
    measured.times.push(performance.now() - began);
    if (at === 0 && (!answer.includes('Rome') || answer.includes('"errors"'))) throw new Error(answer.slice(0, 500));
  }
  measured.cpu += cpuMs() - before;
}

try {
  const source = { source: { ...statsSource.source, provider: 'warehouse' } } as DefinitionInput;
  await client.apply([...providers, driver, source, statsView]);
  const rows = [{ driver_id: 1, happened_at: '2024-06-01T00:00:00Z', trips: 5, rating: 4.5, city: 'Rome' }];
  const push = 'mutation ($rows: [JSONObject!]!) { pushFeatures(view: "driver_stats", rows: $rows) { written } }';
  await post(`${server.url}/graphql`, { query: push, variables: { rows } });
  const documents = Object.values(texts).map((text) => ({ id: documentIdOf(text), text }));
  const publish =
    'mutation ($documents: [DocumentInput!]!) { publishDocuments(documents: $documents) { published { name } } }';
  process.stdout.write(`${await post(`${server.url}/graphql`, { query: publish, variables: { documents } })}`);
  for (const [name, text] of Object.entries(texts)) {
    const own = variables[name as keyof typeof variables];
    const bodies = {
      text: { query: text, variables: own },
      id: { documentId: documentIdOf(text), variables: own },
    };
    const measured = { text: { times: [], cpu: 0 } as Measured, id: { times: [], cpu: 0 } as Measured };
    for (const kind of ['text', 'id'] as const) await round(bodies[kind], { times: [], cpu: 0 });
    for (let at = 0; at < rounds; at++)
      for (const kind of ['text', 'id'] as const) await round(bodies[kind], measured[kind]);
    const count = rounds * requestsOfRound;
    const [byText, byId] = [quantile(measured.text.times, 0.5), quantile(measured.id.times, 0.5)];
    const [cpuOfText, cpuOfId] = [measured.text.cpu / count, measured.id.cpu / count];
    process.stdout.write(
      `${name}: p50 ${byText.toFixed(3)} by text, ${byId.toFixed(3)} by id (×${(byId / byText).toFixed(2)}); CPU ${cpuOfText.toFixed(3)} and ${cpuOfId.toFixed(3)} (×${(cpuOfId / cpuOfText).toFixed(2)})\n`,
    );
  }
} finally {
  closeConnections();
  await client.close();
  await server.kill('SIGTERM');
  await rm(home, { recursive: true, force: true });
}
