import { openUsearchVectorStore } from '../../providers/usearch/usearch-vector-store.ts';
import { noise, point } from '../conformance/vector-points.ts';

/**
 * Writes point after point of noise to the index `i` of the directory and project of its arguments, in batches of
 * 250, and says how many the store has promised to keep. It runs until it is killed.
 */
const [directory = '', project = ''] = process.argv.slice(2);
const store = await openUsearchVectorStore({ directory, project });
await store.ensure({ id: 'i', dimensions: 8, metric: 'L2', payload: [] });
for (let written = 0; ; ) {
  const points = noise(250, 8, written).map((vector, at) => point(`${written + at}`, vector));
  written += (await store.upsert('i', points)).written;
  process.stdout.write(`${written}\n`);
}
