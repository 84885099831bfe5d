import { randomUUID } from 'node:crypto';
import { QdrantClient } from '@qdrant/js-client-rest';
import { openQdrantVectorStore } from '../../providers/qdrant/qdrant-vector-store.ts';
import type { VectorStorePlace } from '../conformance/vector-store-place.ts';
import { startQdrantStandIn } from './qdrant-stand-in.ts';

export type QdrantForTests = {
  address: { url: string; apiKey?: string };
  /** With what the name of each project begins that a test makes there; a project's name by itself, too. */
  run: string;
  dispose(): Promise<void>;
};

/**
 * The server at `QDRANT_URL`, whose key is `QDRANT_API_KEY`; what the tests made is deleted from it in the end. When
 * none is given, the stand-in.
 */
export async function qdrantForTests(): Promise<QdrantForTests> {
  const { QDRANT_URL: url, QDRANT_API_KEY: apiKey } = process.env;
  const run = `test_${randomUUID().replaceAll('-', '')}`;
  if (url === undefined) {
    const standIn = await startQdrantStandIn();
    return { address: { url: standIn.url }, run, dispose: () => standIn.stop() };
  }
  const address = { url, ...(apiKey !== undefined && { apiKey }) };
  return { address, run, dispose: () => deleteCollections(address, `featuregraph-${run}`) };
}

export async function openQdrantPlace(): Promise<VectorStorePlace> {
  const { address, run, dispose } = await qdrantForTests();
  return { open: (project) => openQdrantVectorStore({ ...address, project: `${run} ${project}` }), dispose };
}

async function deleteCollections(address: QdrantForTests['address'], prefix: string): Promise<void> {
  const client = new QdrantClient({ ...address, checkCompatibility: false });
  const { collections } = await client.getCollections();
  const ours = collections.filter(({ name }) => name.startsWith(prefix));
  for (const { name } of ours) await client.deleteCollection(name);
}
