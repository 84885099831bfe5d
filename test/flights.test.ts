import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { describeNotebooks } from './flights/notebooks.ts';
import { describeProduction } from './flights/production.ts';
import { describeSupergraph } from './flights/supergraph.ts';
import { describeTour } from './flights/tour.ts';
import { postgresForTests } from './servers/postgres.ts';
import { missingPython } from './servers/python.ts';
import { redisForTests } from './servers/redis.ts';

/** The flights are made into features once, by the tour: each suite goes on with what those before it left. */
const home = mkdtempSync(join(tmpdir(), 'featuregraph-flights-'));
const redis = await redisForTests();
// A server that is already up would outlive a test that is skipped.
const postgres = 'skip' in redis ? redis : await postgresForTests();
process.env.FEATUREGRAPH_PORT = '0';

after(async () => {
  if ('startServer' in redis) await redis.stop();
  if ('stop' in postgres) await postgres.stop();
  await rm(home, { recursive: true, force: true });
});

describeTour(home);
describeSupergraph(home);
describeProduction(home, postgres, redis);
describeNotebooks(home, await missingPython());
