import { rm } from 'node:fs/promises';
import { fuzz } from './fuzz/fuzz-run.ts';
import { driversWorld, settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer } from './servers/featuregraph.ts';

/**
 * Asks a server 100,000 requests drawn at random, or `FEATUREGRAPH_FUZZ_REQUESTS`, from the seed that is printed, or
 * `FEATUREGRAPH_SEED`. Ends with 1 where one was not answered, or answered with a defect. The world is made anew every
 * few thousand requests, for they delete it.
 */
const wanted = Number(process.env.FEATUREGRAPH_FUZZ_REQUESTS ?? 100_000);
const firstSeed = Number(process.env.FEATUREGRAPH_SEED ?? Math.floor(Math.random() * 1_000_000_000));
const ofWorld = 5_000;

let [asked, faults] = [0, 0];
const codes = new Map<string, number>();
process.stdout.write(`from seed ${firstSeed}\n`);
while (asked < wanted) {
  const server = await startTestServer({ variables: { FEATUREGRAPH_LOG_LEVEL: 'silent' } });
  try {
    await writeDriversFiles(server.dataRoot);
    await server.client.apply(driversWorld);
    await settleJobs(server);
    const outcome = await fuzz(server, firstSeed + asked, Math.min(ofWorld, wanted - asked));
    for (const fault of outcome.faults) process.stdout.write(`${JSON.stringify(fault)}\n`);
    for (const [code, count] of outcome.codes) codes.set(code, (codes.get(code) ?? 0) + count);
    asked += outcome.requests;
    faults += outcome.faults.length;
  } finally {
    await server.stop();
    await rm(server.dataRoot, { recursive: true, force: true });
  }
  process.stdout.write(`${asked} requests, ${faults} faults\n`);
}
process.stdout.write(`${JSON.stringify(Object.fromEntries(codes))}\n`);
process.exit(faults === 0 ? 0 : 1);
