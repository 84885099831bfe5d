import { randomUUID } from 'node:crypto';
import { QdrantClient } from '@qdrant/js-client-rest';
import { openQdrantVectorStore } from '../../providers/qdrant/qdrant-vector-store.ts';
import type { VectorStorePlace } from '../conformance/vector-store-place.ts';
import { type QdrantStandIn, startQdrantStandIn } from './qdrant-stand-in.ts';

/**
 * The server at `QDRANT_URL`, whose key is `QDRANT_API_KEY`; what the tests made is deleted from it in the end. When
 * none is given, the stand-in.
 */
export async function openQdrantPlace(): Promise<VectorStorePlace> {
  const { QDRANT_URL: url, QDRANT_API_KEY: apiKey } = process.env;
  if (url === undefined) return placeOf(await startQdrantStandIn());
  const run = `test_${randomUUID().replaceAll('-', '')}`;
  const address = { url, ...(apiKey !== undefined && { apiKey }) };
  return {
    open: (project) => openQdrantVectorStore({ ...address, project: `${run} ${project}` }),
    async dispose() {
      const client = new QdrantClient({ ...address, checkCompatibility: false });
      const { collections } = await client.getCollections();
      const ours = collections.filter(({ name }) => name.startsWith(`featuregraph-${run}`));
      for (const { name } of ours) await client.deleteCollection(name);
    },
  };
}

function placeOf(standIn: QdrantStandIn): VectorStorePlace {
  return {
    open: (project) => openQdrantVectorStore({ url: standIn.url, project }),
    dispose: () => standIn.stop(),
  };
}
